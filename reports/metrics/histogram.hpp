// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/time.hpp"

namespace serin {

/// Upper bound of a bucket, inclusive, and how it is written: the canonical numbers of OpenMetrics ("1.0", not "1"), in
/// both formats, so that a series is the same whichever is scraped.
struct HistogramBound {
    Duration upper{};
    std::string_view more;  ///< `,le="0.01"`
};
using HistogramBounds = std::span<const HistogramBound>;

namespace histogram_bounds {
using namespace std::chrono_literals;

/// Of runs and deliveries: from one cached HTTP answer to a mail that takes minutes.
inline constexpr std::array<HistogramBound, 12> run{{{10ms, ",le=\"0.01\""},
                                                     {25ms, ",le=\"0.025\""},
                                                     {50ms, ",le=\"0.05\""},
                                                     {100ms, ",le=\"0.1\""},
                                                     {250ms, ",le=\"0.25\""},
                                                     {500ms, ",le=\"0.5\""},
                                                     {1s, ",le=\"1.0\""},
                                                     {2500ms, ",le=\"2.5\""},
                                                     {5s, ",le=\"5.0\""},
                                                     {15s, ",le=\"15.0\""},
                                                     {60s, ",le=\"60.0\""},
                                                     {300s, ",le=\"300.0\""}}};
/// Of starts: from "nobody would notice" to "the slot is lost".
inline constexpr std::array<HistogramBound, 14> lateness{{{500us, ",le=\"0.0005\""},
                                                          {1ms, ",le=\"0.001\""},
                                                          {2500us, ",le=\"0.0025\""},
                                                          {5ms, ",le=\"0.005\""},
                                                          {10ms, ",le=\"0.01\""},
                                                          {25ms, ",le=\"0.025\""},
                                                          {50ms, ",le=\"0.05\""},
                                                          {100ms, ",le=\"0.1\""},
                                                          {250ms, ",le=\"0.25\""},
                                                          {500ms, ",le=\"0.5\""},
                                                          {1s, ",le=\"1.0\""},
                                                          {2500ms, ",le=\"2.5\""},
                                                          {5s, ",le=\"5.0\""},
                                                          {10s, ",le=\"10.0\""}}};
}  // namespace histogram_bounds

/// The run that an observation came from (OpenMetrics exemplar): the way from a graph to the evidence.
struct Exemplar {
    std::array<char, 40> run_id{};
    std::uint8_t size = 0;  ///< of run_id; 0: there is none
    Duration value{};       ///< unset for counters
    bool counter = false;
    std::int64_t unix_milliseconds = 0;
};

/// Counts by bucket, not cumulated; the last one is +Inf.
template <std::size_t Bounds>
struct Histogram {
    std::array<std::uint64_t, Bounds + 1> buckets{};
    Duration sum{};

    /// Counts `value` and gives its bucket.
    std::size_t add(Duration value, const std::array<HistogramBound, Bounds>& bounds) {
        const auto* at = std::ranges::lower_bound(bounds, value, {}, &HistogramBound::upper);
        const auto bucket = static_cast<std::size_t>(at - bounds.begin());
        ++buckets[bucket];
        sum += value;
        return bucket;
    }
};

}  // namespace serin
