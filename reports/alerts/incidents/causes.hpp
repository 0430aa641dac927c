// SPDX-License-Identifier: Apache-2.0
// Which change is the likely cause: time, overlap of scope, dormant code that a flip armed; old ones are not ranked
// away. Pure.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// At most ten suspects of what began at `began_at`, by rank. `mitigations` reject: the rollback of a change (or the
/// change that names it) without effect demotes it below all that are not rejected.
[[nodiscard]] std::vector<Suspect> rank_suspects(const std::vector<Change>& changes, const Incident& incident,
                                                 Duration within);
/// The written rule: a change less than 24 h old, not rejected, in the failing service's or targets' scope, and users
/// have confirmedly failed for longer than `after`. Empty: no advice.
[[nodiscard]] std::string advice(const Incident& incident, Wall now, Duration after);

}  // namespace serin
