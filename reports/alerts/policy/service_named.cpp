// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/service_named.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace serin {
namespace {

constexpr int most_samples = 120;  ///< pairwise slopes: 7000 of them a sample
constexpr int quiet_samples = 3;
constexpr std::size_t most_teeth = 8;
constexpr double refill_share = 0.2;  ///< of the window's range, in one step away from the limit

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

Condition named(RuleKind rule, const std::string& name, std::string failure_class, AlertSeverity severity, Wall since,
                Wall at) {
    Condition condition;
    condition.rule = rule;
    condition.cell.probe = name;
    condition.failure_class = std::move(failure_class);
    condition.severity = severity;
    condition.since = since;
    condition.decided_at = at;
    return condition;
}

std::vector<Condition> all_of(const std::optional<Condition>& first, const std::optional<Condition>& second) {
    std::vector<Condition> conditions;
    if (first) conditions.push_back(*first);
    if (second) conditions.push_back(*second);
    return conditions;
}

bool drop(std::optional<Condition>& condition) {
    return std::exchange(condition, std::nullopt).has_value();
}

}  // namespace

void GaugeState::note_refill(const Sample& sample) {
    if (samples_.empty()) {
        tooth_began_at_ = sample.at;
        return;
    }
    const auto [low, high] = std::ranges::minmax(samples_, {}, &Sample::value);
    const double left = std::abs(samples_.back().value - rules_.exhausted_at);
    const double range = std::max(high.value, sample.value) - std::min(low.value, sample.value);
    if (std::abs(sample.value - rules_.exhausted_at) - left <= refill_share * range) return;
    if (teeth_.size() == most_teeth) teeth_.erase(teeth_.begin());
    teeth_.push_back({.left = left, .lasted = samples_.back().at - tooth_began_at_});
    tooth_began_at_ = sample.at;
}

bool GaugeState::usual_tooth(Wall at) const {
    if (teeth_.empty()) return false;
    const double lowest = std::ranges::min(teeth_, {}, &Tooth::left).left;
    const Duration longest = std::ranges::max(teeth_, {}, &Tooth::lasted).lasted;
    return std::abs(samples_.back().value - rules_.exhausted_at) >= lowest * 0.9 &&
           at - tooth_began_at_ <= longest + longest / 4;
}

void GaugeState::keep(const Sample& sample) {
    std::erase_if(samples_, [&](const Sample& old) { return old.at < sample.at - rules_.window; });
    const std::size_t count = samples_.size();
    if (count >= 2 && sample.at - samples_[count - 2].at < rules_.window / most_samples)
        samples_.back() = sample;
    else
        samples_.push_back(sample);
}

bool GaugeState::observe(const GaugeSample& sample) {
    if (!std::isfinite(sample.value) || (!samples_.empty() && sample.at <= samples_.back().at)) return false;
    if (side_ == HealthySide::guessed && sample.value != rules_.exhausted_at)
        side_ = sample.value > rules_.exhausted_at ? HealthySide::above : HealthySide::below;
    note_refill({.at = sample.at, .value = sample.value});
    keep({.at = sample.at, .value = sample.value});
    heard_at_ = std::max(heard_at_, sample.at);
    if (unproven_ > 0 && forecast_ && clearly_later(sample.at, forecast_->since)) --unproven_;
    const bool heard = stale_ && clearly_later(sample.at, stale_->since) && drop(stale_);
    return foresee(sample.at) || heard;
}

bool GaugeState::foresee(Wall at) {
    const auto left = time_to_exhaustion(samples_, rules_.exhausted_at, rules_.least, side_);
    const Duration limit = forecast_ ? rules_.within + rules_.within / 4 : rules_.within;
    if (!left || *left > limit || usual_tooth(at)) {
        if (!forecast_ || unproven_ > 0 || ++quiet_ < quiet_samples) return false;
        return drop(forecast_);
    }
    quiet_ = 0;
    const bool exhausted = *left <= Duration::zero();
    const AlertSeverity severity = exhausted ? AlertSeverity::critical : rules_.severity;
    const bool changed = !forecast_ || forecast_->severity != severity;
    const double value = samples_.back().value;
    if (!forecast_) {
        forecast_ = named(RuleKind::forecast, rules_.gauge, "exhaustion", severity, at, at);
        unproven_ = 0;
    }
    forecast_->severity = severity;
    forecast_->value = seconds(*left);
    forecast_->limit = seconds(rules_.within);
    forecast_->message = exhausted ? fmt::format("{} is exhausted", rules_.gauge)
                                   : fmt::format("{} will be exhausted in {}", rules_.gauge, human_duration(*left));
    forecast_->because = fmt::format("{:.6g} moves towards {:.6g}, by the slope of {} samples", value,
                                     rules_.exhausted_at, samples_.size());
    return changed;
}

bool GaugeState::tick(Wall now) {
    if (!rules_.stale_after || stale_ || now - heard_at_ <= *rules_.stale_after) return false;
    stale_ = named(RuleKind::stale, rules_.gauge, "stale", std::min(AlertSeverity::warning, rules_.severity), heard_at_,
                   now);
    stale_->value = seconds(now - heard_at_);
    stale_->limit = seconds(*rules_.stale_after);
    stale_->message = fmt::format("{} has had no sample since {}", rules_.gauge, rfc3339(heard_at_));
    stale_->because = fmt::format("no sample for {}", human_duration(*rules_.stale_after));
    return true;
}

void GaugeState::replace_rules(GaugeRules rules) {
    rules_ = std::move(rules);
    if (!rules_.stale_after) stale_.reset();
}

std::vector<Condition> GaugeState::conditions() const {
    return all_of(forecast_, stale_);
}

bool HeartbeatState::observe(const Heartbeat& heartbeat) {
    if (heard_at_ && heartbeat.at < *heard_at_) return false;
    heard_at_ = heartbeat.at;
    const bool heard = silent_ && clearly_later(heartbeat.at, silent_->since - rules_.every) && drop(silent_);
    if (!heartbeat.failed) return (failed_ && heartbeat.at >= failed_->since && drop(failed_)) || heard;
    const bool came = !failed_;
    if (came)
        failed_ =
            named(RuleKind::heartbeat, rules_.heartbeat, "job_failed", rules_.severity, heartbeat.at, heartbeat.at);
    failed_->message = heartbeat.note.empty() ? fmt::format("{} failed", rules_.heartbeat)
                                              : fmt::format("{} failed: {}", rules_.heartbeat, heartbeat.note);
    failed_->because = "it said so itself";
    return came || heard;
}

bool HeartbeatState::tick(Wall now) {
    const Wall last = heard_at_.value_or(since_);
    if (silent_ || now - last <= rules_.every + rules_.grace) return false;
    silent_ = named(RuleKind::heartbeat, rules_.heartbeat, "silent", rules_.severity, last + rules_.every, now);
    silent_->value = seconds(now - last);
    silent_->limit = seconds(rules_.every + rules_.grace);
    silent_->message = rules_.heartbeat + " does not report any more";
    silent_->because =
        fmt::format("nothing for {}, expected every {}", human_duration(now - last), human_duration(rules_.every));
    return true;
}

std::vector<Condition> HeartbeatState::conditions() const {
    return all_of(failed_, silent_);
}

}  // namespace serin
