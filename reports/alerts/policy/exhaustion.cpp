// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "reports/alerts/policy/arithmetic.hpp"

namespace serin {
namespace {

/// What is left until exhaustion, in the gauge's unit; `at` in seconds, the last sample's is zero.
struct Left {
    double at = 0, left = 0;
};

constexpr std::size_t most_samples = 60;

/// 1: well above its limit, -1: well below.
double direction(std::span<const Sample> samples, double limit, HealthySide side) {
    if (side != HealthySide::guessed) return side == HealthySide::above ? 1 : -1;
    std::ptrdiff_t above = 0;
    for (const Sample& each : samples) above += each.value > limit ? 1 : each.value < limit ? -1 : 0;
    if (above != 0) return above > 0 ? 1 : -1;
    for (const Sample& each : samples) {
        if (each.value != limit) return each.value > limit ? 1 : -1;
    }
    return 1;
}

/// Without single outliers: the median of each sample and its neighbours. Steps stay as they are.
std::vector<double> smoothed(std::span<const Left> samples) {
    std::vector<double> values;
    values.reserve(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double here = samples[i].left;
        const bool end = i == 0 || i + 1 == samples.size();
        const double before = end ? here : samples[i - 1].left;
        const double after = end ? here : samples[i + 1].left;
        values.push_back(std::max(std::min(before, after), std::min(std::max(before, after), here)));
    }
    return values;
}

/// The value below which `share` of them lie. `values` is not empty, and comes out in another order.
double quantile(std::vector<double>& values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
    std::ranges::nth_element(values, values.begin() + at);
    return values[static_cast<std::size_t>(at)];
}

struct Tooth {
    std::size_t begin = 0;
    double refilled_at = std::numeric_limits<double>::infinity();  ///< the least that was left at a refill; none
    double range = 0;
};

/// How far the gauge mostly moves from one sample to the next, by its course or by trembling.
double step_of(std::span<const Left> samples) {
    std::vector<double> steps;
    steps.reserve(samples.size());
    for (std::size_t i = 1; i < samples.size(); ++i) steps.push_back(std::abs(samples[i].left - samples[i - 1].left));
    return steps.empty() ? 0 : quantile(steps, 0.5);
}

Tooth last_tooth(const std::vector<double>& left, double step) {
    const auto [least, most] = std::ranges::minmax(left);
    Tooth tooth{.begin = 0, .range = most - least};
    const double refill = std::max(tooth.range / 5, 3 * step);
    double low = left.front();
    for (std::size_t i = 1; i < left.size(); ++i) {
        if (left[i] - low > refill) {
            tooth.refilled_at = std::min(tooth.refilled_at, low);
            tooth.begin = i;
            low = left[i];
        }
        low = std::min(low, left[i]);
    }
    if (tooth.begin > 0) {
        const auto begin = left.begin() + static_cast<std::ptrdiff_t>(tooth.begin);
        tooth.begin = static_cast<std::size_t>(std::max_element(begin, left.end()) - left.begin());
    }
    return tooth;
}

/// At most `most_samples` of them, evenly, the first and the last among them.
std::vector<Left> thinned(std::span<const Left> samples) {
    if (samples.size() <= most_samples) return {samples.begin(), samples.end()};
    std::vector<Left> kept;
    kept.reserve(most_samples);
    for (std::size_t i = 0; i < most_samples; ++i) {
        kept.push_back(samples[i * (samples.size() - 1) / (most_samples - 1)]);
    }
    return kept;
}

/// Seconds until nothing is left on the line through the samples, counted from the last; nullopt when it does not
/// clearly fall, which `falling` (a share) of the slopes must do.
std::optional<double> line_ends(const std::vector<Left>& samples, double step, double falling) {
    std::vector<double> slopes;
    slopes.reserve(samples.size() * (samples.size() - 1) / 2);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        for (std::size_t j = i + 1; j < samples.size(); ++j) {
            const double apart = samples[j].at - samples[i].at;
            if (apart > 0) slopes.push_back((samples[j].left - samples[i].left) / apart);
        }
    }
    if (slopes.empty() || quantile(slopes, falling) >= 0) return std::nullopt;
    const double slope = quantile(slopes, 0.5);
    if (slope * samples.front().at <= 4 * step) return std::nullopt;
    std::vector<double> at_last;
    at_last.reserve(samples.size());
    for (const Left& each : samples) at_last.push_back(each.left - slope * each.at);
    return quantile(at_last, 0.5) / -slope;
}

}  // namespace

std::optional<Duration> time_to_exhaustion(std::span<const Sample> samples, double exhausted_at, int least,
                                           HealthySide side) {
    const double sign = direction(samples, exhausted_at, side);
    std::vector<Left> all;
    all.reserve(samples.size());
    for (const Sample& each : samples) {
        if (!std::isfinite(each.value)) continue;
        const std::chrono::duration<double> before_last = samples.back().at - each.at;
        all.push_back({.at = -before_last.count(), .left = sign * (each.value - exhausted_at)});
    }
    if (all.empty()) return std::nullopt;
    if (all.back().left <= 0) return Duration::zero();
    const double step = step_of(all);
    const Tooth tooth = last_tooth(smoothed(all), step);
    const double clearly_below = std::max(tooth.refilled_at - tooth.range / 4, tooth.refilled_at / 2);
    if (tooth.begin > 0 && all.back().left > clearly_below) return std::nullopt;
    const std::span<const Left> counted = std::span<const Left>(all).subspan(tooth.begin);
    if (counted.size() < static_cast<std::size_t>(std::max(least, 2))) return std::nullopt;
    const std::optional<double> seconds = line_ends(thinned(counted), step, tooth.begin > 0 ? 0.9 : 0.75);
    if (!seconds || *seconds > 1e9) return std::nullopt;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::max(*seconds, 1.0)));
}

}  // namespace serin
