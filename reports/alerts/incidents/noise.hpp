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
    int pages = 0;    ///< incidents that paged somebody (not notices) = pending + actioned + no_action + false_alarms
    int pending = 0;  ///< of these, still open and younger than a day: it is too early to say
    int acknowledged = 0;  ///< of all pages
    int actioned = 0, no_action = 0, false_alarms = 0;
    int auto_closed = 0;                ///< of no_action: recovered within 5 min, nobody acknowledged or acted
    std::optional<double> precision{};  ///< actioned / (pages - pending); unset when these are none
    Interval interval{};                ///< Wilson, 95 %
    std::optional<Duration> mean_time_to_acknowledge{}, mean_time_to_detect{};
};

struct Review {
    std::string service{}, rule{};
    std::string owner{};  ///< never empty: without one, how to name one
    std::string text{};
    Wall due_at{};
};

struct NoiseReport {
    std::vector<RuleNoise> rules{};     ///< by service, then rule
    int declared = 0, found_first = 0;  ///< incidents that only a person told of; those that a rule found
    std::optional<double> recall{};     ///< found_first / (found_first + declared); unset without incidents
    Interval recall_interval{};
    std::vector<Review> reviews{};  ///< rules with a precision below 0.5 over at least 10 pages that are not pending
};

/// Over incidents (drills are left out) that opened in from <= t < until.
///
/// What a page was worth is what people said of it (`usefulness`). Of what they said nothing, it was acted upon when it
/// was acknowledged and lasted longer than 5 min; everything else is no action: nobody reacted, or it was over before
/// anybody could. A page that everybody ignores is noise, however long it lasts.
/// What has not recovered lasts until `until`. Recall counts what paged, is not explained by another incident, is not
/// the prober's own fault, and neither closed by itself nor was a false alarm.
/// A review is due 14 days after `until`, its owner that of the rule's newest incident that has one.
[[nodiscard]] NoiseReport noise_of(const std::vector<Incident>& incidents, Wall from, Wall until);

}  // namespace serin
