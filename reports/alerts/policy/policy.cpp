// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/policy.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "reports/alerts/policy/policy_state.hpp"

namespace serin {

Policy::Policy(Options options) : impl_(std::make_unique<Impl>()) {
    impl_->replace(std::move(options));
}
Policy::~Policy() = default;
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;

std::vector<FaultChange> Policy::replace_rules(Options options) {
    const Wall now = options.now;
    impl_->replace(std::move(options));
    return impl_->settle(now);
}

void Policy::hold(const std::vector<Condition>& conditions) {
    impl_->hold(conditions);
}

std::optional<Wall> Policy::Impl::take(PolicyCell& place, const Record& record) {
    const Outcome& outcome = *record.outcome;
    const ProbeRules& rules = *place.probe->rules;
    const Wall ended_at = outcome.started_at + outcome.took;
    CellState& cell = place.state;
    const bool suspicious = cell.suspicious();
    const auto seen = cell.observe(record);
    if (seen == CellState::Seen::before) return std::nullopt;
    heard(ended_at);
    bool changed = seen == CellState::Seen::changed;
    if (outcome.verdict == Verdict::pass && cell.row().holding > 0) {  // what the others may have waited for
        for (CellState* other : cell.row().cells) changed = (other != &cell && other->recover(ended_at)) || changed;
    }
    if (place.probe->burn && counts_against_budget(outcome.verdict) &&
        place.probe->burn->add(rules, outcome.started_at, ended_at, outcome.verdict == Verdict::fail))
        changed = refresh_named(rules.service);
    if (changed) touch(rules.service);
    if (rules.control && (changed || suspicious != cell.suspicious())) touch_raised();
    return ended_at;
}

std::vector<FaultChange> Policy::observe(const Record& record) {
    return observe_all({&record});
}

std::vector<FaultChange> Policy::observe_all(const std::vector<const Record*>& records) {
    std::vector<FaultChange> all;
    std::unordered_set<const PolicyCell*> turned;  // conditions came or went
    std::optional<Wall> at;
    const auto settle = [&] {
        if (!at) return;
        std::vector<FaultChange> changes = impl_->settle(*at);
        std::ranges::move(changes, std::back_inserter(all));
        turned.clear();
    };
    for (const Record* record : records) {
        if (!record->key || !record->outcome) continue;
        PolicyCell* place = impl_->find(record->key, record->outcome->started_at + record->outcome->took);
        if (place == nullptr) continue;
        if (turned.contains(place)) settle();
        const bool held = !place->state.held().empty();
        const std::optional<Wall> ended_at = impl_->take(*place, *record);
        if (ended_at) at = at ? std::max(*at, *ended_at) : *ended_at;
        if (held == place->state.held().empty()) turned.insert(place);
    }
    settle();
    return all;
}

std::vector<FaultChange> Policy::observe(const Gap& gap) {
    if (!gap.key) return {};
    PolicyCell* place = impl_->find(gap.key, gap.first_scheduled_at);
    if (place == nullptr) return {};
    impl_->heard(gap.last_scheduled_at);
    if (!place->state.observe(gap)) return {};
    impl_->touch(place->probe->rules->service);
    return impl_->settle(gap.last_scheduled_at);
}

std::vector<FaultChange> Policy::observe(const GaugeSample& sample) {
    const auto gauge = impl_->gauges.find(sample.gauge);
    if (gauge == impl_->gauges.end()) return {};
    impl_->heard(sample.at);
    if (!gauge->second.observe(sample)) return {};
    impl_->refresh_named(gauge->second.rules().service);
    return impl_->settle(sample.at);
}

std::vector<FaultChange> Policy::observe(const Heartbeat& heartbeat) {
    const auto job = impl_->heartbeats.find(heartbeat.heartbeat);
    if (job == impl_->heartbeats.end()) return {};
    impl_->heard(heartbeat.at);
    if (!job->second.observe(heartbeat)) return {};
    impl_->refresh_named(job->second.rules().service);
    return impl_->settle(heartbeat.at);
}

std::vector<FaultChange> Policy::tick(Wall now) {
    impl_->tick(now);
    return impl_->settle(now);
}

std::vector<Fault> Policy::faults() const {
    return faults_of(impl_->services);
}

std::optional<double> Policy::baseline(const CellKey& cell, Wall before) const {
    const auto found = impl_->cells.find(cell);
    return found == impl_->cells.end() ? std::nullopt : found->second->state.baseline(before);
}

std::optional<double> Policy::latest_latency(const CellKey& cell) const {
    const auto found = impl_->cells.find(cell);
    return found == impl_->cells.end() ? std::nullopt : found->second->state.latest_latency();
}

std::vector<Policy::CellStanding> Policy::standings() const {
    std::vector<CellStanding> standings;
    for (const auto& [key, place] : impl_->cells)
        standings.push_back(
            {.cell = key, .failing = place->state.failing(), .last_judged_at = place->state.last_judged_at()});
    std::ranges::sort(standings, {}, &CellStanding::cell);
    return standings;
}

}  // namespace serin
