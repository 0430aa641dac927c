// SPDX-License-Identifier: Apache-2.0
// What alerting keeps, as JSON for the API and the commands: durations as `*_ms`, times in RFC 3339, null for what is
// not known. The incident itself: reports/alerts/incidents/incident_json.hpp.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "reports/alerts/outbox/alert_store.hpp"

namespace serin {

/// One notice on its way to one channel.
[[nodiscard]] nlohmann::json outbox_row_json(const OutboxRow& row);
[[nodiscard]] nlohmann::json drill_row_json(const DrillRow& row);

/// An incident with what happened and who was told.
struct IncidentDetail {
    Incident incident{};
    std::vector<TimelineEntry> timeline{};
    std::vector<OutboxRow> rows{};
};
[[nodiscard]] nlohmann::json incident_detail_json(const IncidentDetail& detail);
/// nullopt: there is no such incident.
[[nodiscard]] Result<std::optional<IncidentDetail>> read_incident(AlertReader& reader, const std::string& id);
/// All that opened in from <= t < until, page by page.
[[nodiscard]] Result<std::vector<Incident>> read_incidents(AlertReader& reader, AlertReader::Filter filter, int most);

}  // namespace serin
