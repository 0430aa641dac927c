// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/alert_views.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/alerts/incidents/incident_json.hpp"

namespace serin {

using Json = nlohmann::json;

namespace {

Json time_json(const std::optional<Wall>& t) {
    return t && *t != Wall() ? Json(rfc3339(*t)) : Json(nullptr);
}

/// Exact to the microsecond.
Json ms_json(const std::optional<Duration>& d) {
    if (!d) return nullptr;
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(*d).count()) / 1000;
}

}  // namespace

Json outbox_row_json(const OutboxRow& row) {
    return {{"notice_id", row.notice.id},
            {"kind", name_of(row.notice.kind)},
            {"channel", row.channel},
            {"page", row.notice.page},
            {"level", row.notice.level},
            {"failover", row.order},
            {"state", name_of(row.state)},
            {"attempts", row.attempts},
            {"made_at", time_json(row.notice.made_at)},
            {"due_at", row.settled_at ? Json(nullptr) : time_json(row.due_at)},
            {"first_attempt_at", time_json(row.first_attempt_at)},
            {"settled_at", time_json(row.settled_at)},
            {"said", row.said},
            {"reference", row.reference}};
}

Json drill_row_json(const DrillRow& row) {
    return {{"channel", row.channel},
            {"at", time_json(row.at)},
            {"good", row.good},
            {"delivered_after_ms", ms_json(row.delivered_after)},
            {"resolved_after_ms", ms_json(row.resolved_after)},
            {"said", row.said}};
}

Json incident_detail_json(const IncidentDetail& detail) {
    Json timeline = Json::array();
    for (const TimelineEntry& entry : detail.timeline) timeline.push_back(timeline_json(entry));
    Json notices = Json::array();
    for (const OutboxRow& row : detail.rows) notices.push_back(outbox_row_json(row));
    return {{"incident", incident_json(detail.incident)},
            {"timeline", std::move(timeline)},
            {"notices", std::move(notices)}};
}

Result<std::optional<IncidentDetail>> read_incident(AlertReader& reader, const std::string& id) {
    auto incident = reader.incident(id);
    if (!incident) return std::unexpected(incident.error());
    if (!*incident) return std::optional<IncidentDetail>();
    auto timeline = reader.timeline(id);
    if (!timeline) return std::unexpected(timeline.error());
    auto rows = reader.rows(id);
    if (!rows) return std::unexpected(rows.error());
    return std::optional(
        IncidentDetail{.incident = std::move(**incident), .timeline = *std::move(timeline), .rows = *std::move(rows)});
}

Result<std::vector<Incident>> read_incidents(AlertReader& reader, AlertReader::Filter filter, int most) {
    constexpr int page = 500;
    std::vector<Incident> all;
    while (std::ssize(all) < most) {
        filter.limit = std::min(page, most - static_cast<int>(all.size()));
        auto some = reader.incidents(filter);
        if (!some) return std::unexpected(some.error());
        for (Incident& incident : *some) all.push_back(std::move(incident));
        if (std::ssize(*some) < filter.limit) break;
        filter.before_id = all.back().id;
    }
    return all;
}

}  // namespace serin
