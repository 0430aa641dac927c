// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/store_json.hpp"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

namespace serin {
namespace {

using Json = nlohmann::json;

/// Milliseconds, exact to the microsecond.
double ms(Duration d) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(d).count()) / 1000;
}
template <class Value, class Make>
Json or_null(const std::optional<Value>& value, Make make) {
    return value ? Json(make(*value)) : Json(nullptr);
}
Json ms(const std::optional<Duration>& d) {
    return or_null(d, [](Duration known) { return ms(known); });
}
Json time_json(const std::optional<Wall>& t) {
    return or_null(t, rfc3339);
}

void add_key(Json& row, const CellKey& key) {
    row["probe"] = key.probe;
    row["vantage"] = key.vantage;
    row["target"] = key.target;
    row["profile"] = key.profile;
    row["cell"] = key.cell;
}

/// Seconds as milliseconds, rounded to the microsecond: a sketch knows one per cent, not seventeen digits.
double rounded_ms(double seconds) {
    return std::round(seconds * 1e6) / 1000;
}

Json sketch_json(const Sketch& sketch) {
    const auto quantile = [&](double q) { return or_null(sketch.quantile(q), rounded_ms); };
    return {{"count", sketch.count()},
            {"p50_ms", quantile(0.5)},
            {"p95_ms", quantile(0.95)},
            {"p99_ms", quantile(0.99)},
            {"max_ms", sketch.count() > 0 ? Json(rounded_ms(sketch.max())) : Json(nullptr)}};
}

}  // namespace

Json run_row_json(const RunRow& row) {
    Json json{{"run_id", row.run_id},
              {"scheduled_at", rfc3339(row.scheduled_at)},
              {"started_at", rfc3339(row.started_at)},
              {"start_lateness_ms", ms(row.start_lateness)},
              {"took_ms", ms(row.took)},
              {"verdict", row.verdict},
              {"failure_class", row.failure_class},
              {"message", row.message},
              {"maintenance", row.maintenance},
              {"on_request", row.on_request},
              {"cleanup_failed", row.cleanup_failed},
              {"attempts", row.attempts},
              {"has_evidence", row.has_evidence}};
    add_key(json, row.key);
    return json;
}

Json run_detail_json(const RunDetail& detail) {
    Json json = run_row_json(detail.row);
    constexpr bool throwing = false;
    Json outcome = Json::parse(detail.outcome_json, nullptr, throwing);
    json["outcome"] = outcome.is_discarded() ? Json(nullptr) : std::move(outcome);
    return json;
}

Json delivery_row_json(const DeliveryRow& row) {
    Json json{{"nonce", row.nonce},
              {"run_id", row.run_id},
              {"scenario", row.scenario},
              {"step", row.step},
              {"sender", row.sender},
              {"receiver", row.receiver},
              {"sent_at", time_json(row.sent_at)},
              {"state", row.state},
              {"first_state", row.first_state},
              {"copies", row.copies},
              {"send_to_receive_ms", ms(row.send_to_receive)},
              {"ack_to_receive_ms", ms(row.ack_to_receive)},
              {"reclassified_at", time_json(row.reclassified_at)}};
    if (row.key) {
        add_key(json, *row.key);
    } else {
        for (const char* name : {"probe", "vantage", "target", "profile", "cell"}) json[name] = nullptr;
    }
    return json;
}

Json cell_counts_json(const CellCounts& counts) {
    const auto share = [](double value) { return value; };
    return {{"pass", counts.pass},
            {"degraded", counts.degraded},
            {"fail", counts.fail},
            {"error", counts.error},
            {"skipped", counts.skipped},
            {"aborted", counts.aborted},
            {"missed", counts.missed},
            {"shed", counts.shed},
            {"overlap", counts.overlap},
            {"failure_classes", counts.failure_classes},
            {"judged", counts.judged()},
            {"slots", counts.slots()},
            {"availability", or_null(counts.availability(), share)},
            {"coverage", or_null(counts.coverage(), share)},
            {"took", sketch_json(counts.took)},
            {"lateness", sketch_json(counts.lateness)}};
}

Json matrix_cell_json(const MatrixCell& cell) {
    Json json{{"verdict", cell.verdict},
              {"failure_class", cell.failure_class},
              {"message", cell.message},
              {"run_id", cell.run_id},
              {"last_run_at", cell.run_id.empty() ? Json(nullptr) : Json(rfc3339(cell.last_run_at))},
              {"last_pass_at", time_json(cell.last_pass_at)},
              {"failing_since", time_json(cell.failing_since)},
              {"counts", cell_counts_json(cell.counts)}};
    add_key(json, cell.key);
    return json;
}

Json rollup_row_json(const RollupRow& row) {
    Json json{{"minute", rfc3339(row.minute)}, {"counts", cell_counts_json(row.counts)}};
    add_key(json, row.key);
    return json;
}

std::string json_text(const Json& json, int indent) {
    constexpr bool ascii_only = true;
    return json.dump(indent, ' ', ascii_only, Json::error_handler_t::replace);
}

}  // namespace serin
