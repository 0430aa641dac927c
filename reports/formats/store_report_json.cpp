// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/formats/change_json.hpp"
#include "reports/formats/store_json.hpp"
#include "reports/formats/store_report.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

template <class Items, class Make>
Json list(const Items& items, Make make) {
    Json all = Json::array();
    for (const auto& item : items) all.push_back(make(item));
    return all;
}

Json probe_json(const ProbeReport& probe) {
    return {{"name", probe.name},
            {"counts", cell_counts_json(probe.counts)},
            {"cells", list(probe.cells, matrix_cell_json)},
            {"timeline", list(probe.timeline, [](const TimelineStep& step) {
                 return Json{{"at", rfc3339(step.at)}, {"counts", cell_counts_json(step.counts)}};
             })}};
}

Json episode_json(const Episode& episode) {
    return {{"probe", episode.probe},
            {"from", rfc3339(episode.from)},
            {"until", rfc3339(episode.until)},
            {"failed", episode.failed},
            {"judged", episode.judged}};
}

Json alert_json(const ReportedAlert& alert) {
    const bool mute = alert.kind == ReportedAlert::Kind::mute;
    return {{"kind", mute ? "mute" : "incident"},
            {"id", alert.id},
            {"service", alert.service},
            {"failure_class", alert.failure_class},
            {"state", alert.state},
            {"text", alert.text},
            {"owner", alert.owner},
            {"at", rfc3339(alert.at)},
            {"until", alert.until ? Json(rfc3339(*alert.until)) : Json(nullptr)}};
}

}  // namespace

std::string store_report_json(const StoreReport& report) {
    const StoreFilter& filter = report.filter;
    const Json document{{"schema", "serin.report/1"},
                        {"made_at", rfc3339(report.made_at)},
                        {"from", rfc3339(report.from)},
                        {"until", rfc3339(report.until)},
                        {"step_ms", std::chrono::duration_cast<std::chrono::milliseconds>(report.step).count()},
                        {"filter",
                         {{"probe", filter.probe},
                          {"vantage", filter.vantage},
                          {"target", filter.target},
                          {"profile", filter.profile},
                          {"cell", filter.cell}}},
                        {"nothing_ran", report.nothing_ran()},
                        {"counts", cell_counts_json(report.counts)},
                        {"probes", list(report.probes, probe_json)},
                        {"episodes", list(episodes_of(report), episode_json)},
                        {"failures", list(report.failures, run_detail_json)},
                        {"failed", report.failed()},
                        {"deliveries",
                         {{"counts", report.deliveries},
                          {"undelivered", list(report.undelivered, delivery_row_json)},
                          {"more", report.more_undelivered}}},
                        {"changes", list(report.changes, change_json)},
                        {"more_changes", report.more_changes},
                        {"alerts", list(report.alerts, alert_json)}};
    return json_text(document, 2) + "\n";
}

}  // namespace serin
