// SPDX-License-Identifier: Apache-2.0
// Incidents for a terminal. Every text is made printable.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/noise.hpp"
#include "reports/dashboard/alert_views.hpp"

namespace serin {

[[nodiscard]] std::string incidents_table(const std::vector<Incident>& incidents, bool colours_on);
[[nodiscard]] std::string incident_text(const IncidentDetail& detail, Wall now, bool colours_on);
/// Empty without any.
[[nodiscard]] std::string mutes_table(const std::vector<Mute>& mutes, bool colours_on);
[[nodiscard]] std::string noise_text(const NoiseReport& report, bool colours_on);
[[nodiscard]] std::string drills_table(const std::vector<DrillRow>& rows, bool colours_on);

}  // namespace serin
