// SPDX-License-Identifier: Apache-2.0
// How long a cell's passes usually take.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// Run times by hour, each hour a sparse histogram with 16 buckets an octave: a median is right within 3.2 %. A few
/// hundred bytes an hour, kept for the baseline's length and a day more, so that it can be asked for afterwards.
class Baseline {
public:
    /// Runs in the order of their ends; one that is older than the newest hour counts as of that hour.
    void add(Duration took, Wall at, Duration length);
    /// The clock went back: hours that have not come yet are forgotten.
    void turn_back(Wall now);
    /// Median in seconds over the whole hours of `length` that ended an hour before `before` or earlier; nullopt with
    /// fewer than `least` runs.
    [[nodiscard]] std::optional<double> median(Wall before, Duration length, int least) const;
    /// A median `before` some time is the same for the whole hour: for caching.
    [[nodiscard]] static std::int64_t hour_of(Wall at);

private:
    struct Bucket {
        std::uint16_t index = 0, count = 0;
    };
    struct Hour {
        std::int64_t hour = 0;
        std::vector<Bucket> buckets{};  ///< by index
    };
    std::vector<Hour> hours_;  ///< oldest first
};

}  // namespace serin
