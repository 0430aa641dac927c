// SPDX-License-Identifier: Apache-2.0
// The rules of a cell that measure: messages and latency.
#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/policy/cell_run.hpp"

namespace serin {
namespace {

constexpr std::array<RuleKind, MessageCounts::kinds> message_rules{RuleKind::lost, RuleKind::late,
                                                                   RuleKind::duplicated};

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

bool CellState::messages(const Run& run) {
    const MessageCounts counts = count_messages(run.outcome.deliveries);
    if (counts.judged == 0) return false;
    const std::array<const std::optional<RateRule>*, MessageCounts::kinds> rules{&rules_->lost, &rules_->late,
                                                                                 &rules_->duplicated};
    Duration longest{};
    for (const auto* rule : rules) {
        if (*rule) longest = std::max(longest, (*rule)->window);
    }
    messages_.add(counts, run.outcome.started_at, run.ended_at, longest);
    bool changed = false;
    for (std::size_t kind = 0; kind < rules.size(); ++kind) {
        if (*rules[kind]) changed |= message_rule(kind, **rules[kind], counts, run);
    }
    return changed;
}

bool CellState::message_rule(std::size_t kind, const RateRule& rule, const MessageCounts& counts, const Run& run) {
    const RuleKind which = message_rules[kind];
    Standing& here = standing(which);
    if (counts.bad[kind] > 0)
        here.bad(run.ended_at);
    else if (run.outcome.verdict == Verdict::pass)
        here.clean(run.ended_at);
    else
        here.clean_in_row = 0;
    const MessageWindow::Sum sum = messages_.sum(kind, run.ended_at - rule.window);
    if (sum.bad == 0 && !holds(which)) return false;
    const Interval share = wilson(sum.bad, sum.judged);
    if (share.high < rule.share && run.ended_at - here.taken_up_at >= rule.window) {
        if (!lift(which)) return false;
        messages_.forget(kind, run.ended_at);
        return true;
    }
    const bool fires = sum.judged >= rule.least && share.low > rule.share;
    if (counts.bad[kind] == 0 || (!fires && !holds(which))) return false;
    Condition condition = condition_of(which, run);
    if (run.outcome.failure_class.empty()) condition.failure_class = name_of(which);
    if (holds(which)) {  // its class is the one that it began with
        const auto held =
            std::ranges::find(held_, which, [](const HeldCondition& each) { return each.condition.rule; });
        condition.failure_class = held->condition.failure_class;
    }
    condition.since = sum.first_bad_began_at;
    condition.value = static_cast<double>(sum.bad) / static_cast<double>(std::max<std::int64_t>(sum.judged, 1));
    condition.limit = rule.share;
    condition.because = fmt::format("{} {:.2f} ({:.2f} … {:.2f}) of {} messages", name_of(which), *condition.value,
                                    share.low, share.high, sum.judged);
    if (condition.message.empty()) condition.message = fmt::format("messages are {}", name_of(which));
    return hold(std::move(condition));
}

bool CellState::usual(Wall at) const {
    return std::ranges::all_of(held_, [&](const HeldCondition& each) { return at <= each.condition.since; });
}

/// While the condition holds it is held against the limit that it broke; one of an earlier process against what was
/// usual before it.
void CellState::refresh_limit(const LatencyRule& rule, Wall at) {
    const Condition* held = held_by(RuleKind::latency);
    const std::int64_t hour = Baseline::hour_of(at);
    if (hour == limit_hour_ || (held != nullptr && limit_)) return;
    limit_hour_ = hour;
    std::optional<double> median;
    if (held != nullptr) median = baseline_.median(held->since, rule.baseline, rule.least);
    if (!median) median = baseline_.median(at, rule.baseline, rule.least);
    limit_.reset();
    if (!median) return;
    usual_ = *median;
    limit_ = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*median * rule.factor));
}

bool CellState::latency(const Run& run) {
    const Duration took = run.outcome.took;
    latest_[latest_count_ % latest_.size()] = took;
    latest_count_ =
        static_cast<std::uint8_t>(latest_count_ + 1U < 2 * latest_.size() ? latest_count_ + 1U : latest_.size());
    const Duration length = rules_->latency.value_or(LatencyRule{}).baseline;
    if (!rules_->latency) {
        if (usual(run.ended_at)) baseline_.add(took, run.ended_at, length);
        return false;
    }
    const LatencyRule& rule = *rules_->latency;
    const bool holding = holds(RuleKind::latency);
    refresh_limit(rule, run.ended_at);
    if (!limit_ && holding) {  // of an earlier process: what is usual must be learnt first
        baseline_.add(took, run.ended_at, length);
        return false;
    }
    if (!limit_ || took <= *limit_) {
        Standing& here = standing(RuleKind::latency);
        here.window.good(rule.of);
        here.clean(run.ended_at);
        if (usual(run.ended_at)) baseline_.add(took, run.ended_at, length);
        return false;
    }
    Standing& here = standing(RuleKind::latency);
    here.bad(run.ended_at);
    here.window.bad(rule.of,
                    {.number = 0, .began_at = run.outcome.started_at, .failure_class = "slow", .failed = false});
    if (usual(run.ended_at) && !here.window.fires(rule.of)) baseline_.add(took, run.ended_at, length);
    if (!holding && !here.window.fires(rule.of)) return false;
    Condition condition = condition_of(RuleKind::latency, run);
    condition.failure_class = "slow";
    condition.since = here.window.runs().front().began_at;
    condition.value = seconds(took) / usual_;
    condition.limit = rule.factor;
    const auto usual = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(usual_));
    condition.message =
        fmt::format("{} takes {}, usually {}", key_->text(), human_duration(took), human_duration(usual));
    condition.because = fmt::format("{} of {} runs took more than {} times the usual {}", here.window.runs().size(),
                                    rule.of.runs, rule.factor, human_duration(usual));
    return hold(std::move(condition));
}

std::optional<double> CellState::baseline(Wall before) const {
    const LatencyRule rule = rules_->latency.value_or(LatencyRule{});
    return baseline_.median(before, rule.baseline, rule.least);
}

std::optional<double> CellState::latest_latency() const {
    const std::size_t count = std::min<std::size_t>(latest_count_, latest_.size());
    if (count == 0) return std::nullopt;
    std::array<Duration, 5> sorted = latest_;
    std::ranges::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return seconds(sorted[(count - 1) / 2]);
}

}  // namespace serin
