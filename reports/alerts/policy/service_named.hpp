// SPDX-License-Identifier: Apache-2.0
// What reports to us under a name and has no matrix: gauges and heartbeats.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reports/alerts/policy/arithmetic.hpp"
#include "reports/alerts/policy/condition.hpp"
#include "reports/alerts/policy/policy.hpp"
#include "reports/alerts/policy/rules.hpp"

namespace serin {

/// Forecast: comes when the limit will be reached within the rule's time; goes after three samples in a row that do not
/// foresee it within 1.25 times that. A saw-tooth is known by its refills: nothing is foreseen while its value is not
/// below where it was refilled before and the tooth lasts no longer than others did. Stale: no sample for too long.
class GaugeState {
public:
    GaugeState(GaugeRules rules, Wall now) : rules_(std::move(rules)), heard_at_(now) {}
    /// True when a condition came, went or changed in severity. Samples that are not newer than the last are passed
    /// over.
    bool observe(const GaugeSample& sample);
    bool tick(Wall now);
    /// Held when an earlier process ended. A forecast goes only once as many samples as a slope is taken from have
    /// come. True when a rule has it.
    bool take_up(Condition condition, Wall now);
    /// The clock went back: samples from later than `now` are forgotten.
    void turn_back(Wall now);
    void replace_rules(GaugeRules rules);
    [[nodiscard]] const GaugeRules& rules() const { return rules_; }
    [[nodiscard]] std::vector<Condition> conditions() const;

private:
    bool foresee(Wall at);
    void keep(const Sample& sample);
    void note_refill(const Sample& sample);
    /// As it always does before somebody refills it.
    [[nodiscard]] bool usual_tooth(Wall at) const;

    struct Tooth {
        double left = 0;  ///< between the value and the limit when it was refilled
        Duration lasted{};
    };
    GaugeRules rules_;
    Wall heard_at_;
    std::vector<Sample> samples_;  ///< at most some hundred, by time
    std::vector<Tooth> teeth_;     ///< at most eight, newest last
    Wall tooth_began_at_{};
    HealthySide side_ = HealthySide::guessed;  ///< where its first sample was
    int quiet_ = 0;
    int unproven_ = 0;  ///< samples until one may foresee nothing
    std::optional<Condition> forecast_, stale_;
};

/// Silent: nothing came for longer than every + grace, counted from the last that came, of an earlier process too.
/// Failed: the job said so; over with its next success.
class HeartbeatState {
public:
    HeartbeatState(HeartbeatRules rules, Wall now) : rules_(std::move(rules)), since_(now) {}
    /// One that is older than the last is passed over.
    bool observe(const Heartbeat& heartbeat);
    bool tick(Wall now);
    /// Held when an earlier process ended. Over with the next heartbeat that is newer.
    void take_up(Condition condition, Wall now);
    void turn_back(Wall now);
    void replace_rules(HeartbeatRules rules) { rules_ = std::move(rules); }
    [[nodiscard]] const HeartbeatRules& rules() const { return rules_; }
    [[nodiscard]] std::vector<Condition> conditions() const;

private:
    HeartbeatRules rules_;
    Wall since_;  ///< when it was first expected
    std::optional<Wall> heard_at_;
    std::optional<Condition> silent_, failed_;
};

}  // namespace serin
