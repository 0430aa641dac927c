// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/cell_baseline.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>

namespace serin {
namespace {

constexpr int sub_bits = 4;  ///< 16 buckets an octave

std::uint16_t index_of(Duration took) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - sub_bits - 1);
    return static_cast<std::uint16_t>((shift << sub_bits) + static_cast<int>(value >> shift));
}

/// Middle of the bucket, in seconds.
double value_of(std::uint16_t index) {
    if (index < 2U << sub_bits) return index * 1e-9;
    const int shift = (index >> sub_bits) - 1;
    const auto low = static_cast<double>(((index & ((1U << sub_bits) - 1)) + (1U << sub_bits)));
    return (low + 0.5) * static_cast<double>(std::uint64_t{1} << shift) * 1e-9;
}

std::int64_t hours_in(Duration length) {
    return std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::hours>(length).count());
}

}  // namespace

std::int64_t Baseline::hour_of(Wall at) {
    return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
}

void Baseline::add(Duration took, Wall at, Duration length) {
    const std::int64_t hour = hour_of(at);
    if (hours_.empty() || hours_.back().hour < hour) {
        std::erase_if(hours_, [&](const Hour& old) { return old.hour < hour - hours_in(length) - 26; });
        hours_.push_back({.hour = hour, .buckets = {}});
    }
    auto& buckets = hours_.back().buckets;
    const std::uint16_t index = index_of(took);
    const auto place = std::ranges::lower_bound(buckets, index, {}, &Bucket::index);
    if (place == buckets.end() || place->index != index)
        buckets.insert(place, {.index = index, .count = 1});
    else if (place->count < std::numeric_limits<std::uint16_t>::max())
        ++place->count;
}

void Baseline::turn_back(Wall now) {
    std::erase_if(hours_, [&](const Hour& later) { return later.hour > hour_of(now); });
}

std::optional<double> Baseline::median(Wall before, Duration length, int least) const {
    const std::int64_t end = hour_of(before) - 1;  // the hour in which the left-out one begins does not count
    std::map<std::uint16_t, std::int64_t> counts;
    std::int64_t total = 0;
    for (const Hour& hour : hours_) {
        if (hour.hour >= end || hour.hour < end - hours_in(length)) continue;
        for (const Bucket& bucket : hour.buckets) {
            counts[bucket.index] += bucket.count;
            total += bucket.count;
        }
    }
    if (total == 0 || total < least) return std::nullopt;
    std::int64_t left = (total - 1) / 2;
    for (const auto& [index, count] : counts) {
        if (left < count) return value_of(index);
        left -= count;
    }
    return std::nullopt;
}

}  // namespace serin
