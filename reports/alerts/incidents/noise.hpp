// SPDX-License-Identifier: Apache-2.0
// What the pages of each rule were worth. Pure; it never mutes anything.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/policy/arithmetic.hpp"

namespace serin {

struct RuleNoise {
    std::string service{}, rule{};
    int pages = 0;  ///< incidents that paged somebody (not notices)
    int acknowledged = 0, actioned = 0, no_action = 0, false_alarms = 0;
    int auto_closed = 0;                ///< recovered within 5 min, nobody acted
    std::optional<double> precision{};  ///< actioned / judged pages; unset without pages
    Interval interval{};                ///< Wilson, 95 %
    std::optional<Duration> mean_time_to_acknowledge{}, mean_time_to_detect{};
};

struct Review {
    std::string service{}, rule{}, owner{};
    std::string text{};
    Wall due_at{};
};

struct NoiseReport {
    std::vector<RuleNoise> rules{};     ///< by service, then rule
    int declared = 0, found_first = 0;  ///< incidents known; of these, those that a rule found
    std::optional<double> recall{};     ///< found_first / (found_first + declared misses)
    Interval recall_interval{};
    std::vector<Review> reviews{};  ///< rules with a precision below 0.5 over at least 10 pages
};

/// Over incidents (drills are left out) that opened in from <= t < until.
[[nodiscard]] NoiseReport noise_of(const std::vector<Incident>& incidents, Wall from, Wall until);

}  // namespace serin
