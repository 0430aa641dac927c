// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the rules, each a pure function with its source.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace serin {

struct Interval {
    double low = 0, high = 1;
};
/// Wilson score interval of `bad` of `all` (E. B. Wilson, JASA 22 (1927) 209–212) at the two-sided normal quantile `z`.
/// 0 <= bad <= all; all == 0: [0, 1].
[[nodiscard]] Interval wilson(std::int64_t bad, std::int64_t all, double z = 1.959963984540054);

/// Flap detection by Nagios' arithmetic: 21 states, 20 transitions, a change at position i (0 the oldest) weighs
/// 0.75 + 0.5·i/19; start at 20 %, stop at 5 %.
class Flapping {
public:
    static constexpr double high = 20, low = 5;  ///< percent
    /// True when `flapping()` changed.
    bool record(bool bad);
    [[nodiscard]] double percent() const;
    [[nodiscard]] bool flapping() const { return flapping_; }

private:
    std::uint32_t changes_ = 0;  ///< bit i: transition at position i
    int states_ = 0;
    bool last_ = false;
    bool flapping_ = false;
};

struct Sample {
    Wall at{};
    double value = 0;
};
/// Time from the last sample until the line through `samples` reaches `exhausted_at`, by the Theil–Sen slope (median
/// of pairwise slopes). nullopt: it moves away or stands still, there are fewer than `least`, a sample in the window
/// jumped back from the limit by more than a fifth of the window's range (a saw-tooth is refilled: only the samples
/// since count), or the slopes' sign is not clear (the quartiles straddle zero). Zero: already there. `samples` by
/// time.
[[nodiscard]] std::optional<Duration> time_to_exhaustion(std::span<const Sample> samples, double exhausted_at,
                                                         int least);

/// Burn rates of the SRE workbook, chapter 5, table 5-8: both windows of a pair must burn.
struct BurnWindow {
    Duration long_window{}, short_window{};
    double rate = 0;
};
[[nodiscard]] std::span<const BurnWindow> burn_windows();

/// Root order of failure classes, the smaller the nearer to the root: the prober's own fault, network, DNS and TLS,
/// authentication, then the order of steps.
[[nodiscard]] int root_order(std::string_view failure_class);

}  // namespace serin
