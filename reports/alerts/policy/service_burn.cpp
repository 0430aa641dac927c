// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/service_burn.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/policy/arithmetic.hpp"

namespace serin {
namespace {

constexpr Duration finest_reach = std::chrono::hours(6);  ///< windows up to this are counted in minutes

double share(const SliceCounts::Sum& sum) {
    return sum.judged == 0 ? 0 : static_cast<double>(sum.bad) / static_cast<double>(sum.judged);
}

}  // namespace

void SliceCounts::add(Wall at, bool bad) {
    const std::int64_t number = at.time_since_epoch() / slice_;
    if (number < 0) return;
    Slice& slice = ring_[static_cast<std::size_t>(number) % ring_.size()];
    if (slice.number > number) return;  // older than the ring reaches
    if (slice.number != number) slice = {.number = number, .judged = 0, .bad = 0};
    ++slice.judged;
    if (bad) ++slice.bad;
}

void SliceCounts::turn_back(Wall now) {
    const std::int64_t number = now.time_since_epoch() / slice_;
    Slice later{.number = number, .judged = 0, .bad = 0};
    for (Slice& each : ring_) {
        if (each.number <= number) continue;
        later.judged += each.judged;
        later.bad += each.bad;
        each = {};
    }
    if (later.judged == 0 || number < 0) return;
    Slice& here = ring_[static_cast<std::size_t>(number) % ring_.size()];
    if (here.number == number) {
        later.judged += here.judged;
        later.bad += here.bad;
    }
    here = later;
}

SliceCounts::Sum SliceCounts::sum(Wall now, Duration window) const {
    const std::int64_t last = now.time_since_epoch() / slice_;
    Sum sum;
    for (std::int64_t number = last - window / slice_ + 1; number <= last; ++number) {
        if (number < 0) continue;
        const Slice& slice = ring_[static_cast<std::size_t>(number) % ring_.size()];
        if (slice.number != number) continue;
        sum.judged += slice.judged;
        sum.bad += slice.bad;
    }
    return sum;
}

SliceCounts::Sum BurnState::sum(Wall now, Duration window) const {
    return window <= finest_reach ? minutes_.sum(now, window) : quarters_.sum(now, window);
}

bool BurnState::add(const ProbeRules& rules, Wall began_at, Wall ended_at, bool bad) {
    minutes_.add(ended_at, bad);
    quarters_.add(ended_at, bad);
    if (bad) {
        last_bad_at_ = ended_at;
        last_bad_began_at_ = began_at;
    }
    return (bad || condition_) && judge(rules, ended_at);  // only a failure can make it burn
}

bool BurnState::tick(const ProbeRules& rules, Wall now) {
    return condition_ && judge(rules, now);
}

void BurnState::take_up(Condition condition, Wall now) {
    condition.since = std::min(condition.since, now);
    condition.decided_at = std::clamp(condition.decided_at, condition.since, now);
    const auto pair = std::ranges::find_if(
        burn_windows(), [&](const BurnWindow& each) { return condition.limit && each.rate <= *condition.limit; });
    short_window_ = (pair == burn_windows().end() ? burn_windows().back() : *pair).short_window;
    taken_up_at_ = now;
    condition_ = std::move(condition);
}

void BurnState::turn_back(Wall now) {
    minutes_.turn_back(now);
    quarters_.turn_back(now);
    for (Wall* at : {&last_bad_at_, &last_bad_began_at_, &taken_up_at_}) *at = std::min(*at, now);
    if (condition_) condition_->since = std::min(condition_->since, now);
}

bool BurnState::judge(const ProbeRules& rules, Wall now) {
    if (!rules.burn) return std::exchange(condition_, std::nullopt).has_value();
    for (const BurnWindow& pair : burn_windows()) {
        const SliceCounts::Sum in_long = sum(now, pair.long_window), in_short = sum(now, pair.short_window);
        const double limit = pair.rate * (1 - rules.burn->objective);
        if (in_long.bad < rules.burn->least_long || in_short.bad < rules.burn->least_short) continue;
        if (share(in_long) <= limit || share(in_short) <= limit) continue;
        const bool came = !condition_;
        if (came) {
            condition_.emplace();
            condition_->since = last_bad_began_at_;
            condition_->decided_at = now;
        }
        short_window_ = pair.short_window;
        condition_->rule = RuleKind::burn;
        condition_->cell.probe = rules.probe;
        condition_->failure_class = "budget_burn";
        condition_->severity = rules.burn->severity;
        condition_->value = share(in_long) / (1 - rules.burn->objective);
        condition_->limit = pair.rate;
        condition_->message =
            fmt::format("{} uses up its error budget {:.1f} times as fast as it may", rules.probe, *condition_->value);
        condition_->because =
            fmt::format("{} of {} runs in {}, {} of {} in {}: above {:.3g} times the budget of {:.3g}", in_long.bad,
                        in_long.judged, human_duration(pair.long_window), in_short.bad, in_short.judged,
                        human_duration(pair.short_window), pair.rate, 1 - rules.burn->objective);
        return came;
    }
    if (!condition_ || now - taken_up_at_ < short_window_ || sum(now, short_window_).judged == 0) return false;
    condition_.reset();
    return true;
}

}  // namespace serin
