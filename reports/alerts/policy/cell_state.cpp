// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/cell_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "reports/alerts/policy/cell_run.hpp"

namespace serin {
namespace {

constexpr OfLast prober_rule{.failures = 2, .runs = 3};

AlertSeverity severity_of(RuleKind rule, const ProbeRules& rules) {
    switch (rule) {
        case RuleKind::hard:
        case RuleKind::soft:
        case RuleKind::lost:
        case RuleKind::late:
        case RuleKind::duplicated:
            return rules.severity;
        default:
            return std::min(AlertSeverity::warning, rules.severity);
    }
}

}  // namespace

CellState::CellState(std::shared_ptr<const CellKey> key, const ProbeRules& rules, Wall now)
    : key_(std::move(key)), rules_(&rules), last_judged_at_(now) {}

void CellState::join(CellRow& row) {
    row_ = &row;
    if (!held_.empty()) ++row.holding;
}

CellState::Seen CellState::observe(const Record& record) {
    const Outcome& outcome = *record.outcome;
    if (seen(outcome.run_id)) return Seen::before;
    const Run run{.outcome = outcome, .ended_at = outcome.started_at + outcome.took};
    const bool kept = !record.on_request && slot_kept(run.ended_at);
    return judged(run) || kept ? Seen::changed : Seen::quiet;
}

bool CellState::judged(const Run& run) {
    switch (run.outcome.verdict) {
        case Verdict::error:
            return bad_run(RuleKind::prober, prober_rule, run, class_of(run.outcome));
        case Verdict::skipped:
        case Verdict::blocked:
        case Verdict::aborted:
            return false;
        case Verdict::pass:
        case Verdict::degraded:
        case Verdict::fail:
            break;
    }
    bool changed = !reports(run.ended_at) || !heard_;
    judged_ = heard_ = true;
    last_judged_at_ = std::max(last_judged_at_, run.ended_at);
    if (const Condition* stale = held_by(RuleKind::stale);
        stale != nullptr && clearly_later(run.ended_at, stale->since))
        changed |= lift(RuleKind::stale);
    const bool lastingly = fails_lastingly();
    return judge(run) || changed || lastingly != fails_lastingly();
}

bool CellState::seen(const std::string& run_id) {
    if (run_id.empty()) return false;
    const std::uint64_t hash = std::hash<std::string>{}(run_id) | 1U;  // 0: no run yet
    if (std::ranges::find(run_ids_, hash) != run_ids_.end()) return true;
    run_ids_[next_id_] = hash;
    next_id_ = static_cast<std::uint8_t>((next_id_ + 1U) % run_ids_.size());
    return false;
}

bool CellState::judge(const Run& run) {
    const Verdict verdict = run.outcome.verdict;
    Standing& prober = standing(RuleKind::prober);
    prober.window.good(prober_rule);
    prober.clean(run.ended_at);
    last_runs_ = static_cast<std::uint8_t>((unsigned{last_runs_} << 1U) | (verdict == Verdict::fail ? 1U : 0U));
    const bool flapped = flapping();
    bool changed = false;
    const auto by_runs = [&](RuleKind rule, const std::optional<OfLast>& of, bool bad) {
        if (!of) return;
        if (bad) {
            changed |= bad_run(rule, *of, run, class_of(run.outcome));
            return;
        }
        Standing& here = standing(rule);
        here.window.good(*of);
        if (verdict == Verdict::pass)
            here.clean(run.ended_at);
        else
            here.clean_in_row = 0;
    };
    by_runs(RuleKind::hard, rules_->hard, verdict == Verdict::fail);
    by_runs(RuleKind::soft, rules_->soft, verdict != Verdict::pass);
    if (!run.outcome.deliveries.empty()) changed |= messages(run);
    if (verdict == Verdict::pass) changed |= latency(run);
    if (!held_.empty()) changed |= rest(run.ended_at);
    changed |= flap();
    return changed || flapped != flapping();
}

bool CellState::bad_run(RuleKind rule, const OfLast& of, const Run& run, const std::string& failure_class) {
    Standing& here = standing(rule);
    here.bad(run.ended_at);
    here.window.bad(of, {.number = 0,
                         .began_at = run.outcome.started_at,
                         .failure_class = failure_class,
                         .failed = run.outcome.verdict == Verdict::fail});
    const bool same = holds(rule, &failure_class);
    if (!same && (holds(rule) ? here.window.count(failure_class) < of.failures : !here.window.fires(of))) return false;
    Condition condition = condition_of(rule, run);
    condition.failure_class = same || holds(rule) ? failure_class : here.window.usual_class();
    condition.since = here.window.runs().front().began_at;
    if (here.window.fires(of)) condition.because = fmt::format("{} of {} runs", here.window.runs().size(), of.runs);
    if (rule == RuleKind::soft && here.window.count_failed() < of.failures)
        condition.severity = std::min(condition.severity, AlertSeverity::warning);
    return hold(std::move(condition));
}

Condition CellState::condition_of(RuleKind rule, const Run& run) const {
    const StepEvidence step = first_bad_step(run.outcome);
    Condition condition;
    condition.rule = rule;
    condition.cell = *key_;
    condition.failure_class = class_of(run.outcome);
    condition.severity = severity_of(rule, *rules_);
    condition.since = run.outcome.started_at;
    condition.decided_at = run.ended_at;
    condition.message = run.outcome.message;
    condition.run_id = run.outcome.run_id;
    condition.step = step.step;
    condition.step_number = step.number;
    return condition;
}

bool CellState::observe(const Gap& gap) {
    if (gap.last_scheduled_at <= last_gap_at_ || !rules_->missed) return false;
    last_gap_at_ = gap.last_scheduled_at;
    Standing& here = standing(RuleKind::missed);
    here.bad(gap.last_scheduled_at);
    const OfLast& of = *rules_->missed;
    const auto slots = std::clamp<std::int64_t>(gap.count, 1, of.runs);
    for (std::int64_t slot = 0; slot < slots; ++slot)
        here.window.bad(
            of, {.number = 0, .began_at = gap.first_scheduled_at, .failure_class = "missed_runs", .failed = false});
    if (!holds(RuleKind::missed) && !here.window.fires(of)) return false;
    Condition condition;
    condition.rule = RuleKind::missed;
    condition.cell = *key_;
    condition.failure_class = "missed_runs";
    condition.severity = severity_of(RuleKind::missed, *rules_);
    condition.since = here.window.runs().front().began_at;
    condition.decided_at = gap.last_scheduled_at;
    condition.value = static_cast<double>(here.window.runs().size());
    condition.limit = of.failures;
    condition.because = fmt::format("{} of {} slots", here.window.runs().size(), of.runs);
    condition.message = fmt::format("{} did not run when it was due ({})", key_->text(), name_of(gap.reason));
    return hold(std::move(condition));
}

bool CellState::slot_kept(Wall at) {
    if (!rules_->missed) return false;
    Standing& here = standing(RuleKind::missed);
    here.window.good(*rules_->missed);
    here.clean(at);
    return here.clean_in_row >= rules_->recover && lift(RuleKind::missed);
}

bool CellState::tick(Wall now) {
    if (may_be_silent_ || reports(now) || now <= stale_at() || holds(RuleKind::stale)) return false;
    Condition condition;
    condition.rule = RuleKind::stale;
    condition.cell = *key_;
    condition.failure_class = "stale";
    condition.severity = severity_of(RuleKind::stale, *rules_);
    condition.since = last_judged_at_;
    condition.decided_at = now;
    condition.value = std::chrono::duration<double>(now - last_judged_at_).count();
    condition.limit = std::chrono::duration<double>(rules_->every * rules_->stale_after).count();
    condition.because = fmt::format("no judged run for {} intervals", rules_->stale_after);
    condition.message =
        fmt::format("nothing is known of {}: no run was judged since {}", key_->text(), rfc3339(last_judged_at_));
    return hold(std::move(condition));
}

bool CellState::fell_silent(Wall now) {
    return !reports(now) && std::exchange(heard_, false);
}

int CellState::bad_of_five() const {
    return std::popcount(static_cast<unsigned>(last_runs_ & 31U));
}

}  // namespace serin
