// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// Markdown: what users could not do, figures (time to detect, acknowledge, recover), timeline, affected cells,
/// suspects with their fate, mitigations, reconciled message counts, open questions to fill in. Texts of targets and
/// people are escaped.
[[nodiscard]] std::string post_mortem(const Incident& incident, const std::vector<TimelineEntry>& timeline, Wall now);

}  // namespace serin
