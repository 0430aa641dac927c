// SPDX-License-Identifier: Apache-2.0
// What the passing of time decides, and what happens when the clock goes back.
#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/policy/policy_state.hpp"

namespace serin {

void Policy::Impl::tick(Wall now) {
    if (newest > now + std::chrono::minutes(1)) turn_back(now);
    newest = std::max(newest, now);
    ticked_at = now;
    tick_cells(now);
    std::set<std::string> changed;
    for (auto& [name, probe] : probes) {
        const bool unheard = tick_unheard(probe, now);
        if ((probe.burn && probe.burn->tick(*probe.rules, now)) || unheard) changed.insert(probe.rules->service);
    }
    for (auto& [name, gauge] : gauges) {
        if (gauge.tick(now)) changed.insert(gauge.rules().service);
    }
    for (auto& [name, job] : heartbeats) {
        if (job.tick(now)) changed.insert(job.rules().service);
    }
    for (const std::string& name : changed) refresh_named(name);
}

/// Runs only push it back when a cell may be stale at the earliest, so most ticks need not look.
void Policy::Impl::tick_cells(Wall now) {
    if (now < next_stale_check) return;
    Wall next = Wall::max();
    for (auto& [key, cell] : cells) {
        const bool silent = cell->state.fell_silent(now);
        if (cell->state.tick(now) || silent) touch(cell->probe->rules->service);
        if (silent && cell->probe->rules->control) touch_raised();
        if (cell->state.stale_at() >= now) next = std::min(next, cell->state.stale_at());
    }
    next_stale_check = next;
}

bool Policy::Impl::tick_unheard(PolicyProbe& probe, Wall now) {
    const ProbeRules& rules = *probe.rules;
    if (probe.heard_of || probe.stale || now - probe.known_since <= rules.every * rules.stale_after) return false;
    Condition& condition = probe.stale.emplace();
    condition.rule = RuleKind::stale;
    condition.cell.probe = rules.probe;
    condition.failure_class = "stale";
    condition.severity = std::min(AlertSeverity::warning, rules.severity);
    condition.since = probe.known_since;
    condition.decided_at = now;
    condition.message = fmt::format("nothing is known of {}: it has never run", rules.probe);
    condition.because = fmt::format("no run for {} intervals", rules.stale_after);
    return true;
}

/// What was observed while the clock was ahead would make the policy deaf until then.
void Policy::Impl::turn_back(Wall now) {
    for (auto& [key, cell] : cells) cell->state.turn_back(now);
    for (auto& [name, probe] : probes) {
        probe.known_since = std::min(probe.known_since, now);
        if (probe.burn) probe.burn->turn_back(now);
    }
    for (auto& [name, gauge] : gauges) gauge.turn_back(now);
    for (auto& [name, job] : heartbeats) job.turn_back(now);
    newest = now;
    next_stale_check = {};
}

}  // namespace serin
