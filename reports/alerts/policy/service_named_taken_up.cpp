// SPDX-License-Identifier: Apache-2.0
// What gauges and heartbeats take over from an earlier process, and what they do when the clock goes back.
#include <algorithm>
#include <charconv>
#include <utility>

#include "reports/alerts/policy/service_named.hpp"

namespace serin {
namespace {

void not_after(Wall now, std::optional<Condition>& condition) {
    if (!condition) return;
    condition->since = std::min(condition->since, now);
    condition->decided_at = std::min(condition->decided_at, now);
}

Condition started(Condition condition, Wall now) {
    condition.since = std::min(condition.since, now);
    condition.decided_at = std::clamp(condition.decided_at, condition.since, now);
    return condition;
}

/// The value that a forecast was made of, by its `because`.
std::optional<double> value_of(const Condition& forecast) {
    double value = 0;
    const char* end = forecast.because.data() + forecast.because.size();
    const auto [rest, error] = std::from_chars(forecast.because.data(), end, value);
    return error == std::errc() && rest != end && *rest == ' ' ? std::optional(value) : std::nullopt;
}

}  // namespace

bool GaugeState::take_up(Condition condition, Wall now) {
    if (condition.rule == RuleKind::stale) {
        if (rules_.stale_after) stale_ = started(std::move(condition), now);
        return stale_.has_value();
    }
    if (condition.rule != RuleKind::forecast) return false;
    forecast_ = started(std::move(condition), now);
    quiet_ = 0;
    unproven_ = rules_.least;
    const std::optional<double> value = value_of(*forecast_);
    if (!value || *value == rules_.exhausted_at) return true;
    const bool exhausted = forecast_->message.ends_with(" is exhausted");
    side_ = (*value > rules_.exhausted_at) != exhausted ? HealthySide::above : HealthySide::below;
    return true;
}

void GaugeState::turn_back(Wall now) {
    if (std::erase_if(samples_, [&](const Sample& each) { return each.at > now; }) > 0) unproven_ = rules_.least;
    heard_at_ = std::min(heard_at_, now);
    tooth_began_at_ = std::min(tooth_began_at_, now);
    not_after(now, forecast_);
    not_after(now, stale_);
}

void HeartbeatState::take_up(Condition condition, Wall now) {
    std::optional<Condition>& held = condition.failure_class == "silent" ? silent_ : failed_;
    held = started(std::move(condition), now);
}

void HeartbeatState::turn_back(Wall now) {
    since_ = std::min(since_, now);
    if (heard_at_) heard_at_ = std::min(*heard_at_, now);
    not_after(now, silent_);
    not_after(now, failed_);
}

}  // namespace serin
