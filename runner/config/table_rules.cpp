// SPDX-License-Identifier: Apache-2.0
// When something is wrong: rules of probes, gauges, heartbeats.
#include <chrono>

#include "core/time.hpp"
#include "runner/config/table_parts.hpp"

namespace serin {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t ns(Duration duration) {
    return duration.count();
}

Key severity(std::string_view fallback, std::string_view meaning) {
    return {.name = "severity",
            .shape = Shape::choice,
            .fallback = fallback,
            .meaning = meaning,
            .example = "warning",
            .choices = {"critical", "warning", "info"}};
}
Key service(std::string_view fallback) {
    return {.name = "service",
            .shape = Shape::label,
            .fallback = fallback,
            .meaning = "what its incidents are about; several may name one",
            .example = "chat"};
}
Key owner() {
    return {.name = "owner", .shape = Shape::words, .meaning = "who is told", .example = "team-chat"};
}
Key runbook() {
    return {.name = "runbook",
            .shape = Shape::words,
            .meaning = "link that an alert carries",
            .example = "https://wiki.example/chat"};
}

Key of_last(std::string_view name, std::string_view fallback, std::string_view meaning) {
    return {.name = name,
            .shape = Shape::of_last,
            .fallback = fallback,
            .meaning = meaning,
            .example = "2 of 3",
            .choices = {"off"}};
}
Key rule(std::string_view name, std::string_view of, std::string_view fallback, std::string_view meaning,
         std::string_view example) {
    return {.name = name,
            .shape = Shape::choice_or_mapping,
            .fallback = fallback,
            .meaning = meaning,
            .example = example,
            .of = of,
            .choices = {"off"}};
}
Key count(std::string_view name, std::string_view fallback, std::string_view meaning, std::string_view example,
          std::int64_t least, std::int64_t most) {
    return {.name = name,
            .shape = Shape::count,
            .fallback = fallback,
            .meaning = meaning,
            .example = example,
            .least = least,
            .most = most};
}

MappingType alert_block() {
    return {.name = "alert block",
            .meaning = "The rules of a probe. What is left out is as in `alerts.defaults`.",
            .keys = {
                service("the probe's name"),
                severity("critical", "of failed runs and messages when confirmed"),
                of_last("hard", "2 of 3", "so many of a cell's last runs failed"),
                of_last("soft", "3 of 5", "so many of a cell's last runs were degraded or worse"),
                count("recover", "3", "clean runs in a row", "3", 1, 100),
                count("recover_vantages", "2", "from so many vantages, where so many report", "1", 1, 100),
                rule("lost", "rate rule", "{ share: 5% }", "messages that never came", "{ share: 1%, least: 50 }"),
                rule("late", "rate rule", "{ share: 20% }", "messages that came late", "{ share: 10% }"),
                rule("duplicated", "rate rule", "{ share: 20% }", "messages that came twice", "off"),
                rule("latency", "latency rule", "{ factor: 3 }", "slower than its own baseline", "{ factor: 2 }"),
                rule("burn", "burn rule", "off", "the error budget burns in two windows", "{ objective: 99.5% }"),
                count("stale_after", "5", "intervals without a run that was judged", "5", 1, 1000),
                of_last("missed", "3 of 10", "so many of a cell's last slots did not become runs"),
                {.name = "depends_on",
                 .shape = Shape::label_list,
                 .fallback = "nothing",
                 .meaning = "services: while one of them fails, this one's failure is its symptom",
                 .example = "[login]"},
                {.name = "control",
                 .shape = Shape::flag,
                 .fallback = "false",
                 .meaning = "true: asks something that does not fail; when it does, the vantage is to blame",
                 .example = "true"},
            }};
}

MappingType rate_rule() {
    return {.name = "rate rule",
            .meaning = "A share of messages: counts when the lower bound of its 95 % interval is above it.",
            .keys = {{.name = "share",
                      .shape = Shape::share,
                      .fallback = "5% lost, 20% late or duplicated",
                      .meaning = "of the messages in the window",
                      .example = "5%",
                      .least = 0,
                      .most = whole_share - 1},
                     count("least", "20", "messages that must have been judged", "20", 1, 1'000'000),
                     {.name = "window",
                      .shape = Shape::duration,
                      .fallback = "10m",
                      .meaning = "that is looked at",
                      .example = "10m",
                      .least = ns(1s),
                      .most = ns(24h)}}};
}

MappingType latency_rule() {
    return {.name = "latency rule",
            .meaning = "A cell against its own past.",
            .keys = {{.name = "factor",
                      .shape = Shape::number,
                      .fallback = "3",
                      .meaning = "times the median of the baseline",
                      .example = "2.5",
                      .least = 1,
                      .most = 1000},
                     {.name = "of",
                      .shape = Shape::of_last,
                      .fallback = "3 of 5",
                      .meaning = "so many of its last runs",
                      .example = "3 of 5"},
                     {.name = "baseline",
                      .shape = Shape::duration,
                      .fallback = "24h",
                      .meaning = "its passes of so long, the last hour left out",
                      .example = "24h",
                      .least = ns(2h),
                      .most = ns(24h * 7)},
                     count("least", "30", "runs that a baseline must have", "30", 5, 100'000)}};
}

MappingType burn_rule() {
    return {.name = "burn rule",
            .meaning = "Multi-window burn rate of 30 days' budget.",
            .keys = {{.name = "objective",
                      .shape = Shape::share,
                      .required = true,
                      .meaning = "share of good runs",
                      .example = "99.5%",
                      .least = 1,
                      .most = whole_share - 1},
                     count("least_long", "3", "failures in the long window", "3", 1, 1000),
                     count("least_short", "2", "failures in the short window", "2", 1, 1000),
                     severity("warning", "of its incidents")}};
}

MappingType gauge() {
    return {.name = "gauge",
            .meaning = "A number that must not run out; `POST /api/v1/gauges/NAME` tells it.",
            .keys = {service("the gauge's name"),
                     {.name = "exhausted_at",
                      .shape = Shape::number,
                      .fallback = "0",
                      .meaning = "the value that it must not reach",
                      .example = "0",
                      .least = INT64_MIN},
                     {.name = "within",
                      .shape = Shape::duration,
                      .fallback = "1h",
                      .meaning = "alert when it will be there sooner",
                      .example = "1h",
                      .least = ns(1min),
                      .most = ns(24h * 365)},
                     {.name = "window",
                      .shape = Shape::duration,
                      .fallback = "30m",
                      .meaning = "samples that its slope is taken from",
                      .example = "30m",
                      .least = ns(10s),
                      .most = ns(24h)},
                     count("least", "8", "samples that a slope needs", "8", 3, 10'000),
                     severity("warning", "critical when it is exhausted"),
                     {.name = "stale_after",
                      .shape = Shape::duration,
                      .fallback = "never",
                      .meaning = "no sample for so long is told",
                      .example = "10m",
                      .least = ns(10s),
                      .most = ns(24h * 31)},
                     owner(),
                     runbook()}};
}

MappingType heartbeat() {
    return {.name = "heartbeat",
            .meaning = "A job that reports to us by `POST /api/v1/heartbeats/NAME`.",
            .keys = {{.name = "every",
                      .shape = Shape::duration,
                      .required = true,
                      .meaning = "how often it reports",
                      .example = "1h",
                      .least = ns(1s),
                      .most = ns(24h * 366)},
                     {.name = "grace",
                      .shape = Shape::duration,
                      .fallback = "1m",
                      .meaning = "silent for longer than `every` and this: told",
                      .example = "10m",
                      .most = ns(24h * 31)},
                     service("the heartbeat's name"),
                     severity("critical", "of its silence"),
                     owner(),
                     runbook()}};
}

}  // namespace

std::vector<MappingType> rule_types() {
    return {alert_block(), rate_rule(), latency_rule(), burn_rule(), gauge(), heartbeat()};
}

}  // namespace serin
