// SPDX-License-Identifier: Apache-2.0
// Words that timeline, headline and post-mortem share. headline() and scope_in_words() are declared by incident.hpp.
#pragma once
#include <string>
#include <vector>

#include "core/change.hpp"
#include "core/time.hpp"
#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// "a", "a and b", "a, b and c"; of more than `most` "a, b and 4 more". Empty names are left out.
[[nodiscard]] std::string names_in_words(const std::vector<std::string>& names, std::size_t most);
/// "11:42 UTC"; with its day when that is not the day of `now`.
[[nodiscard]] std::string moment_in_words(Wall at, Wall now);
/// "chat-delivery us-east-1 from fra"
[[nodiscard]] std::string cell_in_words(const CellKey& cell);
/// Its id, or "deploy of api" when the id was made by a machine.
[[nodiscard]] std::string change_in_words(const Change& change);
/// "deploy-4711 (4 min before)"
[[nodiscard]] std::string suspect_in_words(const Suspect& suspect, Wall began_at);
/// The first that is not rejected; nullptr: none.
[[nodiscard]] const Suspect* likely_suspect(const Incident& incident);
/// What users cannot do, or the failure class when nobody has words for it; bounded.
[[nodiscard]] std::string effect_in_words(const Incident& incident);

}  // namespace serin
