// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/views_json.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

/// Milliseconds, exact to the microsecond.
double ms(Duration d) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(d).count()) / 1000;
}

Json time_json(const std::optional<Wall>& t) {
    return t ? Json(rfc3339(*t)) : Json(nullptr);
}
/// A Wall that was never set is not known.
Json time_json(Wall t) {
    return t == Wall() ? Json(nullptr) : Json(rfc3339(t));
}

void add_key(Json& row, const CellKey& key) {
    row["probe"] = key.probe;
    row["vantage"] = key.vantage;
    row["target"] = key.target;
    row["profile"] = key.profile;
    row["cell"] = key.cell;
}

Json cell_json(const ProbeView::CellView& cell) {
    Json json{{"next_at", time_json(cell.next_at)},
              {"in_flight", cell.in_flight},
              {"verdict", cell.verdict},
              {"failure_class", cell.failure_class},
              {"last_run_at", time_json(cell.last_run_at)}};
    add_key(json, cell.key);
    return json;
}

Json store_status_json(const StoreStatus& store) {
    return {{"writing", store.writing},
            {"fault", store.fault},
            {"queued", store.queued},
            {"dropped", store.dropped},
            {"committed", store.committed},
            {"faults", store.faults},
            {"bytes", store.bytes},
            {"last_commit_took_ms", ms(store.last_commit_took)},
            {"last_commit_at", time_json(store.last_commit_at)}};
}

}  // namespace

Json probe_json(const ProbeView& probe) {
    Json cells = Json::array();
    for (const auto& cell : probe.cells) cells.push_back(cell_json(cell));
    Json labels = Json::object();
    for (const auto& [name, value] : probe.labels) labels[name] = value;
    return {{"name", probe.name},          {"scenario", probe.scenario},      {"about", probe.about},
            {"owner", probe.owner},        {"runbook", probe.runbook},        {"labels", std::move(labels)},
            {"every_ms", ms(probe.every)}, {"timeout_ms", ms(probe.timeout)}, {"maintenance", probe.maintenance},
            {"cells", std::move(cells)}};
}

Json status_json(const DaemonStatus& status) {
    return {{"vantage", status.vantage},
            {"version", status.version},
            {"started_at", time_json(status.started_at)},
            {"ready", status.ready},
            {"not_ready", status.not_ready},
            {"stopping", status.stopping},
            {"probes", status.probes},
            {"cells", status.cells},
            {"in_flight", status.in_flight},
            {"worst_lateness_ms", ms(status.worst_lateness)},
            {"store", store_status_json(status.store)},
            {"config_ok", status.config_ok},
            {"config_fault", status.config_fault},
            {"config_loaded_at", time_json(status.config_loaded_at)}};
}

Json record_json(const Record& record) {
    const Outcome& outcome = *record.outcome;
    RunRow row;
    row.run_id = outcome.run_id;
    row.key = *record.key;
    row.scheduled_at = record.scheduled_at;
    row.started_at = outcome.started_at;
    row.start_lateness = record.start_lateness;
    row.took = outcome.took;
    row.verdict = name_of(outcome.verdict);
    row.failure_class = outcome.failure_class;
    row.message = outcome.message;
    row.maintenance = record.maintenance;
    row.on_request = record.on_request;
    row.cleanup_failed = outcome.cleanup_failed;
    row.attempts = std::max(1, static_cast<int>(outcome.attempts.size()));
    row.has_evidence = outcome.verdict != Verdict::pass || outcome.cleanup_failed;  // as the store keeps it
    return run_row_json(row);
}

Json gap_json(const Gap& gap) {
    Json json{{"reason", name_of(gap.reason)},
              {"first_scheduled_at", time_json(gap.first_scheduled_at)},
              {"last_scheduled_at", time_json(gap.last_scheduled_at)},
              {"count", gap.count}};
    add_key(json, *gap.key);
    return json;
}

}  // namespace serin
