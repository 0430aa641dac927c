// SPDX-License-Identifier: Apache-2.0
// Conditions of an earlier process.
#include "reports/alerts/policy/policy_state.hpp"

namespace serin {

void Policy::Impl::hold(const std::vector<Condition>& conditions) {
    std::set<std::string> changed;
    for (const Condition& condition : conditions) take_up(condition, changed);
    for (auto& [key, cell] : cells) {
        if (changed.contains(cell->probe->rules->service)) cell->state.presume_reporting(started_at);
    }
    for (const std::string& service : changed) refresh_named(service);
    static_cast<void>(settle(started_at));  // it was told before
}

void Policy::Impl::take_up(const Condition& condition, std::set<std::string>& changed) {
    const std::string& name = condition.cell.probe;
    if (condition.rule == RuleKind::heartbeat) {
        const auto job = heartbeats.find(name);
        if (job == heartbeats.end()) return;
        job->second.take_up(condition, started_at);
        changed.insert(job->second.rules().service);
        return;
    }
    const bool named = condition.cell == CellKey{.probe = name};
    const auto probe = probes.find(name);
    const bool never_ran = probe != probes.end() && !probe->second.heard_of;
    if (condition.rule == RuleKind::forecast || (condition.rule == RuleKind::stale && named && !never_ran)) {
        const auto gauge = gauges.find(name);
        if (gauge != gauges.end() && gauge->second.take_up(condition, started_at))
            changed.insert(gauge->second.rules().service);
        return;
    }
    if (probe == probes.end()) return;
    if (condition.rule == RuleKind::burn) {
        if (!probe->second.burn) return;
        probe->second.burn->take_up(condition, started_at);
    } else if (condition.rule == RuleKind::stale && named) {
        probe->second.stale = condition;
    } else {
        if (!probe->second.listed.empty() && !probe->second.listed.contains(condition.cell)) return;
        if (!keeps_rule(*probe->second.rules, condition.rule)) return;
        PolicyCell* cell = find(std::make_shared<const CellKey>(condition.cell), started_at);
        if (cell == nullptr || !cell->state.take_up(condition, started_at)) return;
    }
    changed.insert(probe->second.rules->service);
}

}  // namespace serin
