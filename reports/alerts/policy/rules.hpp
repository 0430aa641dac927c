// SPDX-License-Identifier: Apache-2.0
// The rules of a probe, a gauge and a heartbeat as values. Defaults and where they come from: docs/alerts.md.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "core/time.hpp"
#include "reports/alerts/policy/condition.hpp"

namespace serin {

/// `failures` of the last `runs` of a cell. 1 <= failures <= runs <= 100.
struct OfLast {
    int failures = 2, runs = 3;
    auto operator<=>(const OfLast&) const = default;
};

/// A share of messages: it counts when the lower bound of its Wilson interval (95 %) over `window` is above `share`,
/// and at least `least` messages were judged.
struct RateRule {
    double share = 0.05;  ///< 0 … 1
    int least = 20;
    Duration window = std::chrono::minutes(10);
    auto operator<=>(const RateRule&) const = default;
};

/// A cell's run took more than `factor` times the median of its baseline (its passes of the last `baseline`, the last
/// hour left out), in so many of its last runs.
struct LatencyRule {
    double factor = 3;
    OfLast of{.failures = 3, .runs = 5};
    Duration baseline = std::chrono::hours(24);
    int least = 30;  ///< runs that a baseline must have
    auto operator<=>(const LatencyRule&) const = default;
};

/// Multi-window burn rate (SRE workbook, chapter 5), with the guard that one failed run of a slow probe may not page.
struct BurnRule {
    double objective = 0.99;                          ///< share of good runs, 0 < objective < 1
    int least_long = 3, least_short = 2;              ///< failures in each window
    AlertSeverity severity = AlertSeverity::warning;  ///< budget is a ticket; pages come from hard and soft
    auto operator<=>(const BurnRule&) const = default;
};

struct ProbeRules {
    std::string probe{};
    std::string service{};  ///< what its incidents are about; several probes may name one
    std::string owner{}, runbook{};
    Duration every = std::chrono::minutes(1);
    AlertSeverity severity = AlertSeverity::critical;  ///< of hard and message rules when confirmed
    std::optional<OfLast> hard = OfLast{.failures = 2, .runs = 3};
    std::optional<OfLast> soft = OfLast{.failures = 3, .runs = 5};
    int recover = 3;           ///< clean runs in a row
    int recover_vantages = 2;  ///< from so many vantages, where so many report
    std::optional<RateRule> lost = RateRule{}, late = RateRule{.share = 0.2}, duplicated = RateRule{.share = 0.2};
    std::optional<LatencyRule> latency = LatencyRule{};
    std::optional<BurnRule> burn{};
    int stale_after = 5;                                               ///< intervals without a judged run
    std::optional<OfLast> missed = OfLast{.failures = 3, .runs = 10};  ///< slots that did not become runs
    std::vector<std::string> depends_on{};  ///< services: while one of them fails, this one's failure is its symptom
    bool control = false;                   ///< a control target: when it fails too, the vantage is to blame
    bool drill = false;
    /// The cells that this prober plays it in: the silence of each is noticed, one that a reload no longer lists is
    /// forgotten, and others may fall silent. Empty: those that were heard of, each may not fall silent.
    std::vector<CellKey> cells{};
};

/// A number that must not reach `exhausted_at`.
struct GaugeRules {
    std::string gauge{};
    std::string service{};
    std::string owner{}, runbook{};
    double exhausted_at = 0;
    Duration within = std::chrono::hours(1);          ///< alert when it will be exhausted sooner than this
    Duration window = std::chrono::minutes(30);       ///< samples that the slope is taken from
    int least = 8;                                    ///< samples
    AlertSeverity severity = AlertSeverity::warning;  ///< critical when exhausted
    std::optional<Duration> stale_after{};            ///< no sample for so long: stale
};

/// A job that reports to us. Silent for longer than every + grace: a condition.
struct HeartbeatRules {
    std::string heartbeat{};
    std::string service{};
    std::string owner{}, runbook{};
    Duration every = std::chrono::minutes(5), grace = std::chrono::minutes(1);
    AlertSeverity severity = AlertSeverity::critical;
};

}  // namespace serin
