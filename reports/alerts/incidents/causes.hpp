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
///
/// A suspect began before the incident and ended no longer than `within` before it; what began later is a mitigation.
/// Its score is the product of what its kind is worth, how near it was (falling with age to a floor, for a deploy
/// within hours, for a migration within days), whether its component speaks of the service, the probe or the step, and
/// whether it touched the failing targets. A flag or config change may arm code that was dormant: it lifts the newest
/// older deploy or migration of its component, whatever its age.
///
/// A rollback without effect ("none", "worse") rejects the changes that its component, title, link or plan names by id,
/// and when it names none, the newest deploy of its component (a second rollback: the one before). Any other mitigation
/// rejects only what it names: more capacity that did not help says nothing about the deploy that needs it. One that
/// helped puts what it undid first.
[[nodiscard]] std::vector<Suspect> rank_suspects(const std::vector<Change>& changes, const Incident& incident,
                                                 Duration within);
/// The written rule: a change less than 24 h old when it began, not rejected, in the failing service's or targets'
/// scope, and users have confirmedly failed for longer than `after` (in this wave). It names the change, what was seen
/// and the rollback plan; one line, the same for as long as these are. Empty: no advice, also while a mitigation that
/// undoes the change is at work. A change of everything (no shards) is in scope by its component alone.
[[nodiscard]] std::string advice(const Incident& incident, Wall now, Duration after);

}  // namespace serin
