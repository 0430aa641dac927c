// SPDX-License-Identifier: Apache-2.0
// From outcomes to faults. Pure: no clock, no I/O; the same records in the same order give the same faults, so that an
// incident can be replayed from the store. One thread at a time.
//
// Flapping is decided for each cell, over its judged runs; the error budget for each probe, over all its cells.
// Recovery asks the vantages that play the same probe, target, profile and cell. A latency condition is held against
// the limit that it broke, until the cell is as fast again or the rule changes.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "reports/alerts/policy/condition.hpp"
#include "reports/alerts/policy/rules.hpp"

namespace serin {

struct GaugeSample {
    std::string gauge{};
    double value = 0;
    Wall at{};
};

struct Heartbeat {
    std::string heartbeat{};
    bool failed = false;  ///< the job itself says that it failed
    std::string note{};   ///< bounded, redacted
    Wall at{};
};

class Policy {
public:
    struct Options {
        std::vector<ProbeRules> probes{};
        std::vector<GaugeRules> gauges{};
        std::vector<HeartbeatRules> heartbeats{};
        Wall now{};  ///< silence is counted from here for what has never been heard of
    };
    explicit Policy(Options options);
    ~Policy();
    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;

    /// A reload: what is known of probes, gauges and heartbeats that stay is kept; faults of those that are gone are
    /// cleared.
    std::vector<FaultChange> replace_rules(Options options);

    /// Conditions that held when an earlier process ended, after construction and before its history is played. They
    /// stand as if it went on, and only their own rule of recovery ends them: clean runs, a newer heartbeat, samples
    /// that foresee nothing, a quiet budget once its short window has passed again; what ended before their `since`
    /// says nothing of them. A slow cell whose baseline is lost is slow until there is one again. Set must be rule,
    /// cell, failure_class, severity and since. Those without a rule here, or of a cell that is not among the probe's,
    /// are ignored. Cells of a service with such conditions count as reporting for a start, but for the stale.
    void hold(const std::vector<Condition>& conditions);

    /// Runs of one cell in the order of their ends; cells in any order. A run that was already observed (same run_id
    /// as the cell's last ones) changes nothing. Records of probes without rules are ignored. Maintenance makes no
    /// difference here. About a microsecond for a pass of a healthy cell.
    std::vector<FaultChange> observe(const Record& record);
    /// The same for many at once: one change a fault, and the work of one. Only when a cell in which a condition came
    /// or went has another run among them, what came of it is told on its own. None is null.
    std::vector<FaultChange> observe_all(const std::vector<const Record*>& records);
    std::vector<FaultChange> observe(const Gap& gap);
    std::vector<FaultChange> observe(const GaugeSample& sample);
    std::vector<FaultChange> observe(const Heartbeat& heartbeat);
    /// For what the passing of time decides: stale, silent, quiet windows. At least every few seconds. When what was
    /// observed is later than `now` by more than a minute, the clock went back: it counts as of `now`.
    std::vector<FaultChange> tick(Wall now);

    /// All that are raised.
    [[nodiscard]] std::vector<Fault> faults() const;
    /// Median of a cell's run time before `before`, in seconds; nullopt without a baseline. For fix verification.
    [[nodiscard]] std::optional<double> baseline(const CellKey& cell, Wall before) const;
    /// Median of its newest clean runs (at most five), in seconds.
    [[nodiscard]] std::optional<double> latest_latency(const CellKey& cell) const;
    /// Cells that the policy knows of, with whether each is judged good now; for status pages and reports.
    struct CellStanding {
        CellKey cell{};
        bool failing = false;
        Wall last_judged_at{};
    };
    [[nodiscard]] std::vector<CellStanding> standings() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
