// SPDX-License-Identifier: Apache-2.0
// How the conditions of a cell begin, last and end.
#include <algorithm>
#include <tuple>

#include "reports/alerts/policy/cell_run.hpp"

namespace serin {
namespace {

constexpr int flap_states = 21;  ///< after so many equal states another one changes nothing in Flapping

}  // namespace

bool about_target(RuleKind rule) {
    switch (rule) {
        case RuleKind::hard:
        case RuleKind::soft:
        case RuleKind::lost:
        case RuleKind::late:
        case RuleKind::duplicated:
        case RuleKind::latency:
            return true;
        default:
            return false;
    }
}

bool keeps_rule(const ProbeRules& rules, RuleKind rule) {
    switch (rule) {
        case RuleKind::hard:
            return rules.hard.has_value();
        case RuleKind::soft:
            return rules.soft.has_value();
        case RuleKind::lost:
            return rules.lost.has_value();
        case RuleKind::late:
            return rules.late.has_value();
        case RuleKind::duplicated:
            return rules.duplicated.has_value();
        case RuleKind::latency:
            return rules.latency.has_value();
        case RuleKind::missed:
            return rules.missed.has_value();
        case RuleKind::stale:
        case RuleKind::prober:
            return true;
        default:
            return false;
    }
}

bool CellState::holds(RuleKind rule, const std::string* failure_class) const {
    return std::ranges::any_of(held_, [&](const HeldCondition& each) {
        return each.condition.rule == rule && !each.resting &&
               (failure_class == nullptr || each.condition.failure_class == *failure_class);
    });
}

const Condition* CellState::held_by(RuleKind rule) const {
    const auto held = std::ranges::find_if(
        held_, [&](const HeldCondition& each) { return each.condition.rule == rule && !each.resting; });
    return held == held_.end() ? nullptr : &held->condition;
}

bool CellState::failing(const std::string* failure_class) const {
    return std::ranges::any_of(held_, [&](const HeldCondition& each) {
        return about_target(each.condition.rule) &&
               (failure_class == nullptr || each.condition.failure_class == *failure_class);
    });
}

bool CellState::hold(Condition condition) {
    const auto order = [](const HeldCondition& each) {
        return std::tie(each.condition.rule, each.condition.failure_class);
    };
    HeldCondition fresh{.condition = std::move(condition), .resting = false};
    const auto place = std::ranges::lower_bound(held_, order(fresh), {}, order);
    if (place == held_.end() || order(*place) != order(fresh)) {
        if (held_.empty()) ++row_->holding;
        held_.insert(place, std::move(fresh));
        return true;
    }
    if (fresh.condition.decided_at < place->condition.since) return false;  // it is history
    const bool changed = place->resting || place->condition.severity != fresh.condition.severity;
    fresh.condition.since = place->condition.since;
    if (fresh.condition.because.empty()) fresh.condition.because = place->condition.because;
    fresh.condition.decided_at = place->condition.decided_at;
    *place = std::move(fresh);
    return changed;
}

/// A rule's condition ends: it goes, or rests while the cell flaps. Its window begins anew.
bool CellState::lift(RuleKind rule) {
    if (held_.empty() || !holds(rule)) return false;
    standing(rule).window.clear();
    for (HeldCondition& each : held_) {
        if (each.condition.rule == rule) each.resting = true;
    }
    if (about_target(rule)) return true;  // flap() decides
    std::erase_if(held_, [&](const HeldCondition& each) { return each.condition.rule == rule; });
    if (held_.empty()) --row_->holding;
    return true;
}

bool CellState::recovered(RuleKind rule, Wall now) const {
    const Standing& here = standing(rule);
    if (here.clean_in_row < rules_->recover) return false;
    if (!about_target(rule)) return true;
    int reporting = 0, clean = 0;
    for (const CellState* cell : row_->cells) {
        if (!cell->reports(now)) continue;
        ++reporting;
        if (cell->standing(rule).clean_at > here.bad_at) ++clean;
    }
    return reporting < rules_->recover_vantages || clean >= rules_->recover_vantages;
}

bool CellState::recover(Wall now) {
    if (held_.empty()) return false;
    const bool rested = rest(now);
    return settle() || rested;
}

bool CellState::rest(Wall now) {
    bool lifted = false;
    for (const RuleKind rule : {RuleKind::hard, RuleKind::soft, RuleKind::lost, RuleKind::late, RuleKind::duplicated,
                                RuleKind::latency, RuleKind::prober}) {
        if (!holds(rule) || !recovered(rule, now)) continue;
        lifted = lift(rule) || lifted;
        if (rule == RuleKind::lost) messages_.forget(0, now);
        if (rule == RuleKind::late) messages_.forget(1, now);
        if (rule == RuleKind::duplicated) messages_.forget(2, now);
    }
    return lifted;
}

bool CellState::holds_about_target() const {
    return std::ranges::any_of(
        held_, [](const HeldCondition& each) { return about_target(each.condition.rule) && !each.resting; });
}

bool CellState::flap() {
    if (rules_->drill) return settle();
    const bool bad = holds_about_target();
    if (bad != steady_state_) steady_ = 0;
    steady_state_ = bad;
    if (steady_ < flap_states) {
        ++steady_;
        flapping_.record(bad);
    }
    return settle();
}

/// What rests goes once the cell no longer flaps.
bool CellState::settle() {
    if (held_.empty() || flapping()) return false;
    const bool gone = std::erase_if(held_, [](const HeldCondition& each) { return each.resting; }) > 0;
    if (gone && held_.empty()) --row_->holding;
    return gone;
}

bool CellState::replace_rules(const ProbeRules& rules) {
    const auto lacks = [&](RuleKind rule) {
        return !keeps_rule(rules, rule) || (rule == RuleKind::latency && rules.latency != rules_->latency);
    };
    if (rules.latency != rules_->latency) {
        limit_.reset();
        limit_hour_ = 0;
        standing(RuleKind::latency).window.clear();
    }
    rules_ = &rules;
    const bool gone = std::erase_if(held_, [&](const HeldCondition& each) { return lacks(each.condition.rule); }) > 0;
    if (gone && held_.empty()) --row_->holding;
    return gone;
}

}  // namespace serin
