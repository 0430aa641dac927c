// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin::test {

/// An incident with every member filled: two waves, a rejected suspect, a mitigation, symptoms, counts.
[[nodiscard]] Incident example_incident();
[[nodiscard]] std::vector<TimelineEntry> example_timeline();
/// Any incident at all; its times have no more than microseconds.
[[nodiscard]] Incident random_incident(std::mt19937& random);

}  // namespace serin::test
