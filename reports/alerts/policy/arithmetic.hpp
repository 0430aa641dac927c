// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the rules, each a pure function with its source.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/time.hpp"

namespace serin {

/// By more than a millisecond: stored times are less exact than those that were just measured.
[[nodiscard]] inline bool clearly_later(Wall at, Wall than) {
    return at > than + std::chrono::milliseconds(1);
}

struct Interval {
    double low = 0, high = 1;
};
/// Wilson score interval of `bad` of `all` (E. B. Wilson, JASA 22 (1927) 209–212) at the two-sided normal quantile `z`.
/// 0 <= bad <= all; all == 0: [0, 1].
[[nodiscard]] Interval wilson(std::int64_t bad, std::int64_t all, double z = 1.959963984540054);

/// Flap detection by Nagios' arithmetic (base/flapping.c): 21 states, 20 transitions, a change at position i (0 the
/// oldest, 19 the newest) weighs 0.75 + 0.5·i/19; starts at >= 20 %, stops at <= 5 %, in between nothing changes. What
/// was before the first state is taken to be like it.
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
/// On which side of its limit a gauge is well. `guessed`: where most of the samples are, so what has been beyond its
/// limit for longer than half the window looks well; a caller that remembers should say so.
enum class HealthySide { guessed, above, below };

/// Time from the last sample until the line through `samples` reaches `exhausted_at`, by the Theil–Sen slope (median
/// of pairwise slopes; P. K. Sen, JASA 63 (1968) 1379–1389) of at most 60 of them. Zero: the last sample is there or
/// beyond; otherwise at least a second. nullopt:
/// - it moves away or stands still, the slopes' sign is not clear (their quartiles straddle zero; after a refill: fewer
///   than nine tenths of them fall), or all of the fall
///   may be trembling (no more than four times the median step between samples);
/// - fewer than `least` samples count. What rose from its lowest by more than a fifth of the window's range, and by
///   more than three such steps, was refilled, and only the samples since its peak count; one outlier is no refill;
/// - it was refilled within the window, and is not clearly below where that happened (by a quarter of the range, or
///   half of what was left then): a saw-tooth. A window without a refill cannot know of one: it should be longer than a
///   tooth.
/// `samples` by time; those that are not finite are passed over.
[[nodiscard]] std::optional<Duration> time_to_exhaustion(std::span<const Sample> samples, double exhausted_at,
                                                         int least, HealthySide side = HealthySide::guessed);

/// Burn rates of the SRE workbook, chapter 5, table 5-8 (objective over 30 days): both windows of a pair
/// must burn at more than `rate` times what the objective allows.
struct BurnWindow {
    Duration long_window{}, short_window{};
    double rate = 0;
};
/// Fastest first; the first two page, the others are tickets.
[[nodiscard]] std::span<const BurnWindow> burn_windows();

/// Root order of failure classes, the smaller the nearer to the root: the prober's own fault (and what it did not
/// run), DNS, network, TLS, authentication (a scenario's own class that speaks of it), then all that the order of steps
/// must tell apart, and last what only follows from others (slow, budget_burn, flaky).
[[nodiscard]] int root_order(std::string_view failure_class);

}  // namespace serin
