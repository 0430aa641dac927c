// SPDX-License-Identifier: Apache-2.0
// What a cell takes over from an earlier process, and what it does when the clock goes back.
#include <algorithm>

#include "reports/alerts/policy/cell_run.hpp"

namespace serin {

bool CellState::take_up(Condition condition, Wall now) {
    if (!keeps_rule(*rules_, condition.rule)) return false;
    condition.since = std::min(condition.since, now);
    condition.decided_at = std::clamp(condition.decided_at, condition.since, now);
    Standing& here = standing(condition.rule);
    here.bad_at = std::max(here.bad_at, condition.decided_at);
    here.taken_up_at = now;
    hold(std::move(condition));
    presume_reporting(now);
    return true;
}

void CellState::presume_reporting(Wall now) {
    if (holds(RuleKind::stale)) {
        judged_ = heard_ = false;
        return;
    }
    judged_ = heard_ = true;
    last_judged_at_ = std::max(last_judged_at_, now);
}

void CellState::turn_back(Wall now) {
    const auto clamp = [&](Wall& at) { at = std::min(at, now); };
    clamp(last_judged_at_);
    clamp(last_gap_at_);
    for (Standing& each : standings_) {
        clamp(each.bad_at);
        clamp(each.clean_at);
        clamp(each.taken_up_at);
    }
    for (HeldCondition& each : held_) {
        clamp(each.condition.since);
        clamp(each.condition.decided_at);
    }
    messages_.turn_back(now);
    baseline_.turn_back(now);
}

}  // namespace serin
