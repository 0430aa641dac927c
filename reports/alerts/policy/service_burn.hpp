// SPDX-License-Identifier: Apache-2.0
// The error budget of one probe, over all its cells: what users have lost of it, wherever they are.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "reports/alerts/policy/condition.hpp"
#include "reports/alerts/policy/rules.hpp"

namespace serin {

/// Runs by slices of time in a ring of fixed size.
class SliceCounts {
public:
    struct Sum {
        std::int64_t judged = 0, bad = 0;
    };
    SliceCounts(Duration slice, std::size_t slices) : slice_(slice), ring_(slices) {}
    void add(Wall at, bool bad);
    /// The clock went back: what is later than `now` is of now.
    void turn_back(Wall now);
    /// Over the slices that end after `now - window`; the one of `now` is the last.
    [[nodiscard]] Sum sum(Wall now, Duration window) const;

private:
    struct Slice {
        std::int64_t number = -1;
        std::uint32_t judged = 0, bad = 0;
    };
    Duration slice_;
    std::vector<Slice> ring_;
};

/// Fires when both windows of a pair burn and hold enough failures; over once no pair burns and the short window of the
/// pair that fired has runs again: no data is no recovery. 12 KiB a probe.
class BurnState {
public:
    /// True when the condition came or went.
    bool add(const ProbeRules& rules, Wall began_at, Wall ended_at, bool bad);
    bool tick(const ProbeRules& rules, Wall now);
    /// Held when an earlier process ended: over no sooner than the short window after `now`; of which pair its limit
    /// says, without one it is the longest.
    void take_up(Condition condition, Wall now);
    void turn_back(Wall now);
    [[nodiscard]] const std::optional<Condition>& condition() const { return condition_; }

private:
    [[nodiscard]] SliceCounts::Sum sum(Wall now, Duration window) const;
    bool judge(const ProbeRules& rules, Wall now);

    SliceCounts minutes_{std::chrono::minutes(1), 6 * 60 + 2};
    SliceCounts quarters_{std::chrono::minutes(15), 3 * 24 * 4 + 2};
    Wall last_bad_at_{}, last_bad_began_at_{};
    std::optional<Condition> condition_;
    Duration short_window_{};  ///< of the pair that fired
    Wall taken_up_at_{};       ///< when the condition of an earlier process was; else long ago
};

}  // namespace serin
