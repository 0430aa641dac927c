// SPDX-License-Identifier: Apache-2.0
// Escalation, drills, gauges, heartbeats and the status page.
#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/outbox/alert_store.hpp"
#include "runner/config/channel_checks.hpp"
#include "runner/config/reading.hpp"
#include "runner/config/service_checks.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

void take(std::optional<Duration> given, Duration& into) {
    if (given) into = *given;
}

/// A URL that others are appended to.
std::string base_url(const Fields& fields, std::string_view key, ConfigReading& reading) {
    const YamlNode* node = fields.find(key);
    if (node == nullptr || !check_url(*node, key, {"https", "http"}, reading)) return {};
    std::string url = node->text;
    while (url.ends_with('/')) url.pop_back();
    return url;
}

/// Names of channels under `key`, each of which must be declared.
std::vector<std::string> channels_in(const Fields& fields, std::string_view key, const AlertsConfig& config,
                                     const Fields& alerts, ConfigReading& reading) {
    const YamlNode* list = fields.find(key);
    if (list == nullptr) return {};
    std::vector<std::string> known;
    for (const ChannelConfig& channel : config.channels) known.push_back(channel.name);
    // A channel that could not be read is declared all the same.
    if (const YamlNode* declared = alerts.find("channels")) {
        for (const YamlEntry& entry : declared->entries) {
            if (std::ranges::find(known, entry.key) == known.end()) known.push_back(entry.key);
        }
    }
    return names_of(*list, "channel", known, "alerts.channels", reading);
}

void read_levels(const Fields& alerts, AlertsConfig& config, ConfigReading& reading) {
    const YamlNode* levels = alerts.find("levels");
    if (levels == nullptr) return;
    for (const YamlNode& item : levels->items) {
        const Fields fields(item, config_type("escalation level"), alerts.key_place("levels"), reading.complaints);
        const bool first = &item == &levels->items.front();
        EscalationLevel level;
        level.after = fields.duration("after").value_or(first ? Duration::zero() : level.after);
        if (first && fields.find("after") != nullptr)
            reading.complaints.error(fields.key_place("after"), "the first level is told at once", "",
                                     "remove `after`; `gather` holds the first page to collect siblings");
        level.channels = channels_in(fields, "channels", config, alerts, reading);
        level.failover = channels_in(fields, "failover", config, alerts, reading);
        config.book.levels.push_back(std::move(level));
    }
}

void read_path(const Fields& alerts, Config& config, ConfigReading& reading) {
    const YamlNode* path = alerts.find("store");
    if (path == nullptr) return;
    config.alerts.path = reading.beside(path->text);
    if (path->text.ends_with('/'))
        reading.complaints.error(path->place, "`store` must name a file, not a folder", "",
                                 fmt::format("write `store: {}alerts.db`", path->text));
    if (config.alerts.path == config.store.path)
        reading.complaints.error(path->place, "alerts and results cannot share one file", "it is `store.path`, too",
                                 "name another, so that a damaged one never delays a page");
}

void read_block(const Fields& alerts, Config& whole, ConfigReading& reading) {
    AlertsConfig& config = whole.alerts;
    config.external_url = base_url(alerts, "external_url", reading);
    config.channels = read_channels(alerts, reading);
    read_levels(alerts, config, reading);
    BookRules& book = config.book;
    take(alerts.duration("repeat"), book.repeat);
    book.warning_channels = channels_in(alerts, "warnings", config, alerts, reading);
    book.info_channels = channels_in(alerts, "info", config, alerts, reading);
    take(alerts.duration("failover_after"), config.sending.failover_after);
    take(alerts.duration("acknowledge_for"), book.ack_for);
    take(alerts.duration("watch"), book.watch);
    take(alerts.duration("gather"), book.gather);
    take(alerts.duration("suspect_within"), book.suspect_within);
    if (const std::optional<Fields> drills = block_of(alerts, "drills", "drills block", reading)) {
        take(drills->duration("every"), config.drill_every);
        config.drill_channels = channels_in(*drills, "channels", config, alerts, reading);
    }
    read_path(alerts, whole, reading);
    check_uses(config, alerts, reading);
}

/// Calls `read(entry, fields)` for each of the named things under `key`.
template <class Read>
void each_named(const Fields& file, std::string_view key, std::string_view type, ConfigReading& reading, Read read) {
    const YamlNode* all = file.find(key);
    if (all == nullptr) return;
    for (const YamlEntry& entry : all->entries)
        read(entry, Fields(entry.value, config_type(type), entry.key_place, reading.complaints));
}

void read_gauges(const Fields& file, AlertsConfig& config, ConfigReading& reading) {
    each_named(file, "gauges", "gauge", reading, [&](const YamlEntry& entry, const Fields& fields) {
        GaugeRules gauge;
        gauge.gauge = entry.key;
        gauge.service = fields.find("service") == nullptr ? entry.key : fields.text("service");
        gauge.owner = fields.text("owner");
        gauge.runbook = fields.text("runbook");
        gauge.exhausted_at = fields.number("exhausted_at").value_or(gauge.exhausted_at);
        take(fields.duration("within"), gauge.within);
        take(fields.duration("window"), gauge.window);
        gauge.least = static_cast<int>(fields.count("least").value_or(gauge.least));
        gauge.severity = severity_of(fields, gauge.severity);
        gauge.stale_after = fields.duration("stale_after");
        config.gauges.push_back(std::move(gauge));
    });
}

void read_heartbeats(const Fields& file, AlertsConfig& config, ConfigReading& reading) {
    each_named(file, "heartbeats", "heartbeat", reading, [&](const YamlEntry& entry, const Fields& fields) {
        HeartbeatRules heartbeat;
        heartbeat.heartbeat = entry.key;
        heartbeat.service = fields.find("service") == nullptr ? entry.key : fields.text("service");
        heartbeat.owner = fields.text("owner");
        heartbeat.runbook = fields.text("runbook");
        take(fields.duration("every"), heartbeat.every);
        take(fields.duration("grace"), heartbeat.grace);
        heartbeat.severity = severity_of(fields, heartbeat.severity);
        config.heartbeats.push_back(std::move(heartbeat));
    });
}

void read_status_page(const Fields& file, StatusPageConfig& status, ConfigReading& reading) {
    const std::optional<Fields> page = block_of(file, "status_page", "status page", reading);
    if (!page) return;
    status.folder = reading.beside(page->text("folder"));
    if (page->find("title") != nullptr) status.title = page->text("title");
    status.url = base_url(*page, "url", reading);
    if (const YamlNode* all = page->find("components"); all != nullptr && all->entries.empty())
        reading.complaints.error(page->key_place("components"), "`components` is empty", "the page would show nothing",
                                 "add one, as `Chat: { services: [chat] }`");
    each_named(*page, "components", "component", reading, [&](const YamlEntry& entry, const Fields& fields) {
        status.components.push_back({.name = entry.key,
                                     .about = fields.text("about"),
                                     .services = fields.texts("services"),
                                     .statuspage_id = fields.text("statuspage_id")});
    });
}

/// Owner and runbook of each service: of the first that has one.
void fill_people(Config& config) {
    const auto add = [&](const std::string& service, const std::string& owner, const std::string& runbook) {
        auto& [known_owner, known_runbook] = config.alerts.book.people[service];
        if (known_owner.empty()) known_owner = owner;
        if (known_runbook.empty()) known_runbook = runbook;
    };
    for (const ProbeConfig& probe : config.probes) add(probe.rules.service, probe.rules.owner, probe.rules.runbook);
    for (const GaugeRules& gauge : config.alerts.gauges) add(gauge.service, gauge.owner, gauge.runbook);
    for (const HeartbeatRules& job : config.alerts.heartbeats) add(job.service, job.owner, job.runbook);
}

/// Services with the ids of their components; none: states would be published nowhere.
void fill_statuspage(AlertsConfig& alerts, ConfigReading& reading) {
    for (ChannelConfig& channel : alerts.channels) {
        if (channel.kind != ChannelKind::statuspage) continue;
        for (const Component& component : alerts.status.components) {
            if (component.statuspage_id.empty()) continue;
            for (const std::string& service : component.services)
                channel.components.emplace_back(service, component.statuspage_id);
        }
        if (channel.components.empty() && reading.complaints.errors() == 0)
            reading.complaints.warning(channel.place, fmt::format("channel `{}` has nothing to publish", channel.name),
                                       "no component has a `statuspage_id`",
                                       "give it to components of `status_page`, or remove the channel");
    }
}

}  // namespace

void read_alerts(const std::optional<Fields>& alerts, const Fields& file, Config& config, ConfigReading& reading) {
    config.alerts.path = alert_path_of(config.store.path);
    if (alerts) read_block(*alerts, config, reading);
    read_gauges(file, config.alerts, reading);
    read_heartbeats(file, config.alerts, reading);
    read_status_page(file, config.alerts.status, reading);
    check_services(file, alerts, config, reading);
    fill_people(config);
    fill_statuspage(config.alerts, reading);
}

}  // namespace serin
