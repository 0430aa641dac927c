// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/desk_parts.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace serin {
namespace {

using namespace std::chrono_literals;

constexpr int looked_back = 12;  // intervals: more than any default rule's `runs`
constexpr int most_runs = 20'000;
constexpr int page_size = 1000;
constexpr std::size_t most_accounted = 100;  // cells of one incident

Wall before(Wall now, Duration d) {
    return now - std::chrono::duration_cast<Wall::duration>(d);
}

Record record_of(const RunRow& row, std::map<CellKey, std::shared_ptr<const CellKey>>& keys) {
    auto& key = keys[row.key];
    if (key == nullptr) key = std::make_shared<const CellKey>(row.key);
    auto outcome = std::make_shared<Outcome>();
    outcome->run_id = row.run_id;
    outcome->vantage = row.key.vantage;
    outcome->failure_class = row.failure_class;
    outcome->message = row.message;
    outcome->started_at = row.started_at;
    outcome->took = row.took;
    for (const Verdict each :
         {Verdict::pass, Verdict::skipped, Verdict::degraded, Verdict::error, Verdict::fail, Verdict::aborted}) {
        if (row.verdict == name_of(each)) outcome->verdict = each;
    }
    return {.key = key,
            .scheduled_at = row.scheduled_at,
            .start_lateness = row.start_lateness,
            .maintenance = row.maintenance,
            .on_request = row.on_request,
            .outcome = std::move(outcome)};
}

bool plays(const ProbeConfig& probe, const std::string& vantage) {
    return probe.enabled &&
           (probe.vantages.empty() || std::ranges::find(probe.vantages, vantage) != probe.vantages.end());
}

/// A value: keeps a copy of the windows.
std::function<bool(const CellKey&, const std::string&, Wall)> maintenance_of(const Config& config) {
    return [windows = config.maintenance](const CellKey& cell, const std::string& failure_class, Wall now) {
        return std::ranges::any_of(windows, [&](const MaintenanceWindow& window) {
            return in_scope(window, cell.probe, cell.target, cell.vantage, failure_class) && covers(window, now);
        });
    };
}

}  // namespace

DeskRules desk_rules_of(const Config& config, const CellPlans& plans) {
    const AlertsConfig& alerts = config.alerts;
    DeskRules rules{.book = alerts.book,
                    .sending = alerts.sending,
                    .channels = alerts.channels,
                    .drill_every = alerts.drill_every,
                    .drill_channels = alerts.drill_channels,
                    .status_folder = alerts.status.folder,
                    .status_title = alerts.status.title,
                    .status_url = alerts.status.url,
                    .components = alerts.status.components,
                    .external_url = alerts.external_url,
                    .in_maintenance = maintenance_of(config)};
    std::map<std::string_view, std::vector<CellKey>> cells;
    for (const auto& plan : plans) cells[plan->key->probe].push_back(*plan->key);
    for (const ProbeConfig& probe : config.probes) {
        if (!plays(probe, config.vantage)) continue;
        rules.policy.probes.push_back(probe.rules);
        rules.policy.probes.back().cells = std::move(cells[probe.name]);
    }
    rules.policy.gauges = alerts.gauges;
    rules.policy.heartbeats = alerts.heartbeats;
    return rules;
}

std::vector<Record> recent_runs(StoreReader& reader, const Config& config, Wall now) {
    std::vector<Record> records;
    std::map<CellKey, std::shared_ptr<const CellKey>> keys;
    for (const ProbeConfig& probe : config.probes) {
        if (!plays(probe, config.vantage)) continue;
        StoreFilter filter;
        filter.probe = probe.name;
        filter.from = before(now, probe.every * looked_back);
        PageRequest request{.limit = page_size, .cursor = {}};
        for (int read = 0; read < most_runs; read += page_size) {
            auto page = reader.runs(filter, request);
            if (!page) break;
            for (const RunRow& row : page->rows) records.push_back(record_of(row, keys));
            request.cursor = page->next_cursor;
            if (request.cursor.empty()) break;
        }
    }
    std::ranges::sort(records, {}, [](const Record& record) {
        return std::pair(record.outcome->started_at + record.outcome->took, record.outcome->run_id);
    });
    return records;
}

std::vector<Change> recent_changes(StoreReader& reader, Duration within, Wall now) {
    std::vector<Change> changes;
    StoreFilter filter;
    filter.from = before(now, within);
    PageRequest request{.limit = page_size, .cursor = {}};
    do {
        auto page = reader.changes(filter, request);
        if (!page) break;
        std::ranges::move(page->rows, std::back_inserter(changes));
        request.cursor = page->next_cursor;
    } while (!request.cursor.empty() && changes.size() < static_cast<std::size_t>(most_runs));
    return changes;
}

std::optional<Account> account_of(StoreReader& reader, const Incident& incident) {
    Account account;
    std::set<CellKey> cells;
    for (const AffectedCell& cell : incident.cells) {
        if (cells.size() < most_accounted) cells.insert(cell.cell);
    }
    for (const CellKey& cell : cells) {
        StoreFilter filter;
        filter.probe = cell.probe;
        filter.vantage = cell.vantage;
        filter.target = cell.target;
        filter.profile = cell.profile;
        filter.cell = cell.cell;
        filter.from = incident.began_at;
        filter.until = incident.recovered_at;
        const auto counts = reader.delivery_counts(filter);
        if (!counts) return std::nullopt;
        for (const auto& [state, count] : *counts) account.counts[state] += count;
    }
    // Nobody will ever say more of `unknown` than that: it does not keep an incident open.
    if (const auto open = account.counts.find("outstanding"); open != account.counts.end())
        account.outstanding = open->second;
    return account;
}

}  // namespace serin
