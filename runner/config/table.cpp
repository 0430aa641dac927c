// SPDX-License-Identifier: Apache-2.0
#include "runner/config/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "core/time.hpp"
#include "runner/config/table_parts.hpp"

namespace serin {
namespace {

MappingType file_type() {
    return {.name = "configuration",
            .meaning = "The file that `serin serve` reads: what is probed, when and from where.",
            .keys = {
                {.name = "version",
                 .shape = Shape::version,
                 .required = true,
                 .meaning = "of the language",
                 .example = "1"},
                {.name = "vantage",
                 .shape = Shape::label,
                 .meaning = "where this prober stands: a label of all its results; required unless `serin serve "
                            "--vantage` gives it",
                 .example = "eu-west-2"},
                {.name = "vantages",
                 .shape = Shape::mappings_by_name,
                 .fallback = "only `vantage`",
                 .meaning = "every vantage that reads this file, by name",
                 .example = "{ eu-west-2: { labels: { cloud: aws } } }",
                 .of = "vantage"},
                {.name = "store",
                 .shape = Shape::mapping,
                 .meaning = "where results are kept, and how long",
                 .example = "{ path: /var/lib/serin/serin.db }",
                 .of = "store block"},
                {.name = "listen",
                 .shape = Shape::mapping,
                 .meaning = "metrics, API and page",
                 .example = "{ port: 9464 }",
                 .of = "listen block"},
                {.name = "limits",
                 .shape = Shape::mapping,
                 .meaning = "what the prober never exceeds",
                 .example = "{ max_in_flight: 500 }",
                 .of = "limits block"},
                {.name = "log",
                 .shape = Shape::mapping,
                 .meaning = "the daemon's own log, on standard error",
                 .example = "{ format: json }",
                 .of = "log block"},
                {.name = "targets",
                 .shape = Shape::mappings_by_name,
                 .meaning = "the shards that there are, by name",
                 .example = "{ us-east-1: { api: https://us-east-1.api.example, region: us } }",
                 .of = "target"},
                {.name = "discovery",
                 .shape = Shape::mapping,
                 .meaning = "further targets, from files that others write",
                 .example = "{ files: [targets.d/*.yaml] }",
                 .of = "discovery block"},
                {.name = "profiles",
                 .shape = Shape::mappings_by_name,
                 .meaning = "canary accounts that differ in their data, by name",
                 .example = "{ heavy: { vars: { user: canary-heavy } } }",
                 .of = "profile"},
                {.name = "probes",
                 .shape = Shape::mappings_by_name,
                 .required = true,
                 .meaning = "scenarios with their schedule, by name; at least one",
                 .example = "{ chat-delivery: { scenario: chat-delivery.yaml, every: 10s } }",
                 .of = "probe"},
                {.name = "maintenance",
                 .shape = Shape::mappings,
                 .meaning = "when probing goes on but nobody is told",
                 .example = "[{ name: patch-night, weekdays: [sun], at: \"02:00\", lasts: 2h }]",
                 .of = "maintenance window"},
                {.name = "alerts",
                 .shape = Shape::mapping,
                 .fallback = "nobody is told",
                 .meaning = "who is told of what the probes find",
                 .example = "{ channels: { hook: { webhook: { url: https://hooks.example } } }, levels: "
                            "[{ channels: [hook] }] }",
                 .of = "alerts block"},
                {.name = "gauges",
                 .shape = Shape::mappings_by_name,
                 .meaning = "numbers that must not run out, by name",
                 .example = "{ burst-credits: { exhausted_at: 0, within: 1h } }",
                 .of = "gauge"},
                {.name = "heartbeats",
                 .shape = Shape::mappings_by_name,
                 .meaning = "jobs that report to us, by name",
                 .example = "{ nightly-import: { every: 24h, grace: 1h } }",
                 .of = "heartbeat"},
                {.name = "status_page",
                 .shape = Shape::mapping,
                 .meaning = "what the public is shown",
                 .example = "{ folder: status, components: { Chat: { services: [chat] } } }",
                 .of = "status page"},
            }};
}

}  // namespace

const std::vector<MappingType>& config_types() {
    static const std::vector<MappingType> types = [] {
        std::vector<MappingType> all{file_type()};
        for (const auto& part : {daemon_types(), probe_types(), alert_types(), rule_types(), channel_types()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return types;
}

const MappingType& config_type(std::string_view name) {
    const auto found = std::ranges::find(config_types(), name, &MappingType::name);
    if (found == config_types().end()) throw std::logic_error(fmt::format("no mapping type {}", name));
    return *found;
}

}  // namespace serin
