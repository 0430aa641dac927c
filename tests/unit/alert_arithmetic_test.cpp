// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "core/failure_classes.hpp"
#include "reports/alerts/policy/arithmetic.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// 'B': bad, anything else: good.
Flapping after(std::string_view states) {
    Flapping flapping;
    for (const char state : states) flapping.record(state == 'B');
    return flapping;
}

/// A gauge that is read every `every`, from `value(t)` with t in seconds since the first sample.
std::vector<Sample> readings(int count, Duration every, const std::function<double(double)>& value) {
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        const Duration at = every * i;
        samples.push_back({.at = Wall(hours(1000)) + at, .value = value(std::chrono::duration<double>(at).count())});
    }
    return samples;
}

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// Reads a gauge as the policy does, a window at a time. The first time that exhaustion within `within` was foretold
/// though nothing was exhausted by then (true: it is well); nullopt: never.
std::optional<std::size_t> false_forecast(const std::vector<Sample>& samples, double limit, std::size_t window,
                                          Duration within) {
    for (std::size_t end = window; end <= samples.size(); ++end) {
        const std::span<const Sample> seen = std::span(samples).subspan(end - window, window);
        const std::optional<Duration> left = time_to_exhaustion(seen, limit, 8);
        if (left && *left <= within) return end - 1;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("the Wilson interval holds the textbook values") {
    const Interval half = wilson(5, 10);
    CHECK(half.low == Approx(0.2366).margin(0.0001));
    CHECK(half.high == Approx(0.7634).margin(0.0001));
    const Interval few = wilson(1, 10);
    CHECK(few.low == Approx(0.0179).margin(0.0001));
    CHECK(few.high == Approx(0.4042).margin(0.0001));
}

TEST_CASE("the Wilson interval of nothing says nothing") {
    CHECK(wilson(0, 0).low == 0);
    CHECK(wilson(0, 0).high == 1);
}

TEST_CASE("the Wilson interval ends exactly at none and at all") {
    for (const std::int64_t all : {1, 2, 10, 1000, 1000000000}) {
        INFO(all);
        const Interval none = wilson(0, all), every = wilson(all, all);
        CHECK(none.low == 0);
        CHECK(none.high > 0);
        CHECK(none.high < 1);
        CHECK(every.high == 1);
        CHECK(every.low == Approx(1 - none.high));
    }
    CHECK(wilson(0, 10).high == Approx(0.2775).margin(0.0001));
}

TEST_CASE("the Wilson interval holds the share and narrows with the count") {
    double width = 2;
    for (std::int64_t all = 4; all <= 4096; all *= 4) {
        const Interval here = wilson(all / 4, all);
        CHECK(here.low < 0.25);
        CHECK(here.high > 0.25);
        CHECK(here.high - here.low < width);
        width = here.high - here.low;
    }
}

TEST_CASE("one change weighs 6.25 percent when newest and 3.75 percent when oldest") {
    CHECK(after("GB").percent() == Approx(6.25));
    CHECK(after("GBBBBBBBBBBBBBBBBBBBB").percent() == Approx(3.75));  // 21 states
    CHECK(after("GBBBBBBBBBBBBBBBBBBBBB").percent() == 0);            // 22: the good one is forgotten
}

TEST_CASE("one outage that is just over comes to 12.1 percent and does not flap") {
    const Flapping flapping = after("GGGGGGGGBBBG");
    CHECK(flapping.percent() == Approx(12.105).margin(0.001));
    CHECK_FALSE(flapping.flapping());
}

TEST_CASE("two outages in the last ten states come to 22.8 percent and flap") {
    const Flapping flapping = after("GGGGGGGGGGGGBBGGGBBBG");
    CHECK(flapping.percent() == Approx(22.763).margin(0.001));
    CHECK(flapping.flapping());
}

TEST_CASE("alternation flaps at its fourth change with 24.2 percent") {
    CHECK_FALSE(after("GBGB").flapping());
    CHECK(after("GBGB").percent() == Approx(18.355).margin(0.001));
    CHECK(after("GBGBG").percent() == Approx(24.211).margin(0.001));
    CHECK(after("GBGBG").flapping());
    CHECK(after("BGBGB").flapping());
}

TEST_CASE("alternation for ever is 100 percent") {
    CHECK(after("GBGBGBGBGBGBGBGBGBGBGBGBGBGBGBGB").percent() == Approx(100));
}

TEST_CASE("flapping goes on until 5 percent and tells each turn once") {
    Flapping flapping = after("GBGBG");
    REQUIRE(flapping.flapping());
    int turns = 0, steps = 0;
    while (flapping.flapping() && steps < 30) {
        CHECK(flapping.percent() > Flapping::low);
        turns += flapping.record(false) ? 1 : 0;
        ++steps;
    }
    CHECK(turns == 1);
    CHECK(flapping.percent() <= Flapping::low);
    CHECK(steps == 19);  // until the newest of the four changes is the oldest transition
    CHECK_FALSE(flapping.record(false));
}

TEST_CASE("the burn windows are those of the SRE workbook") {
    const std::span<const BurnWindow> windows = burn_windows();
    REQUIRE(windows.size() == 4);
    for (const BurnWindow& each : windows) CHECK(each.long_window == each.short_window * 12);
    CHECK(windows[0].long_window == hours(1));
    CHECK(windows[0].rate == 14.4);
    CHECK(windows[1].long_window == hours(6));
    CHECK(windows[1].rate == 6);
    CHECK(windows[2].long_window == hours(24));
    CHECK(windows[2].rate == 3);
    CHECK(windows[3].long_window == hours(72));
    CHECK(windows[3].rate == 1);
    // What each spends of a budget of 30 days: 2, 5, 10, 10 %.
    CHECK(windows[0].rate * 1 / 720 == Approx(0.02));
    CHECK(windows[1].rate * 6 / 720 == Approx(0.05));
    CHECK(windows[2].rate * 24 / 720 == Approx(0.10));
    CHECK(windows[3].rate * 72 / 720 == Approx(0.10));
}

TEST_CASE("root order goes from the prober over network and TLS and authentication to the steps") {
    CHECK(root_order("resolver_failure") < root_order("dns_failure"));
    CHECK(root_order("missed_runs") == root_order("internal_error"));
    CHECK(root_order("dns_failure") < root_order("connection_refused"));
    CHECK(root_order("connect_timeout") < root_order("tls_expired"));
    CHECK(root_order("tls_failure") < root_order("login_failed"));
    CHECK(root_order("login_failed") == root_order("unauthorized"));
    CHECK(root_order("login_failed") < root_order("expectation_failed"));
    CHECK(root_order("expectation_failed") == root_order("anything_of_a_scenario"));
    CHECK(root_order("author_missing") == root_order("expectation_failed"));
    CHECK(root_order("not_in_time") < root_order("slow"));
    CHECK(root_order("") == root_order("expectation_failed"));
    for (const FailureClass& each : failure_classes) {
        INFO(each.name);
        CHECK((root_order(each.name) == 0) == each.own_fault);
    }
}

TEST_CASE("a straight line is exhausted when it gets there") {
    const auto falling = readings(30, minutes(1), [](double t) { return 100 - t / 60; });
    REQUIRE(time_to_exhaustion(falling, 0, 8));
    CHECK(in_seconds(*time_to_exhaustion(falling, 0, 8)) == Approx(71 * 60));
    const auto rising = readings(30, minutes(1), [](double t) { return 40 + t / 60; });
    REQUIRE(time_to_exhaustion(rising, 100, 8));
    CHECK(in_seconds(*time_to_exhaustion(rising, 100, 8)) == Approx(31 * 60));
}

TEST_CASE("what stands still or moves away or is too little is not foretold") {
    CHECK_FALSE(time_to_exhaustion({}, 0, 1));
    CHECK_FALSE(time_to_exhaustion(readings(30, minutes(1), [](double) { return 50; }), 0, 8));
    CHECK_FALSE(time_to_exhaustion(readings(30, minutes(1), [](double t) { return 50 + t; }), 0, 8));
    CHECK_FALSE(time_to_exhaustion(readings(30, minutes(1), [](double t) { return 50 - t / 60; }), 100, 8));
    const auto seven = readings(7, minutes(1), [](double t) { return 100 - t / 60; });
    CHECK_FALSE(time_to_exhaustion(seven, 0, 8));
    CHECK(time_to_exhaustion(seven, 0, 7));
    CHECK_FALSE(time_to_exhaustion(readings(1, minutes(1), [](double) { return 5; }), 0, 0));
    CHECK_FALSE(time_to_exhaustion(readings(9, minutes(0), [](double) { return 5; }), 0, 2));  // all at one time
}

TEST_CASE("what is there or beyond has no time left") {
    CHECK(time_to_exhaustion(readings(1, minutes(1), [](double) { return 0; }), 0, 8) == Duration::zero());
    CHECK(time_to_exhaustion(readings(9, minutes(1), [](double t) { return 7 - t / 60; }), 0, 8) == Duration::zero());
    const auto beyond = readings(9, minutes(1), [](double) { return 5; });
    CHECK(time_to_exhaustion(beyond, 7, 8, HealthySide::above) == Duration::zero());
    CHECK_FALSE(time_to_exhaustion(beyond, 7, 8, HealthySide::below));
    CHECK_FALSE(time_to_exhaustion(beyond, 7, 8));
}

TEST_CASE("values that are no numbers are passed over") {
    auto samples = readings(30, minutes(1), [](double t) { return 100 - t / 60; });
    samples[3].value = std::numeric_limits<double>::quiet_NaN();
    samples[9].value = -std::numeric_limits<double>::infinity();
    samples[29].value = std::numeric_limits<double>::quiet_NaN();
    REQUIRE(time_to_exhaustion(samples, 0, 8));
    CHECK(in_seconds(*time_to_exhaustion(samples, 0, 8)) == Approx(71 * 60));
    for (Sample& each : samples) each.value = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(time_to_exhaustion(samples, 0, 1));
}

TEST_CASE("outliers do not move the forecast") {
    auto samples = readings(30, minutes(1), [](double t) { return 100 - t / 60; });
    samples[5].value = 0;
    samples[14].value = 1e6;
    samples[22].value = -1e6;
    REQUIRE(time_to_exhaustion(samples, 0, 8));
    CHECK(in_seconds(*time_to_exhaustion(samples, 0, 8)) == Approx(71 * 60).epsilon(0.02));
}

TEST_CASE("half way down a noisy line the forecast is at most 15 percent off") {
    for (unsigned seed = 0; seed < 80; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        std::normal_distribution<double> noise(0, 1.5);  // of 100
        const auto samples = readings(60, minutes(1), [&](double t) { return 100 - 50 * t / 3540 + noise(random); });
        const std::optional<Duration> left = time_to_exhaustion(samples, 0, 8);
        REQUIRE(left);
        CHECK(std::abs(in_seconds(*left) - 3540) <= 0.15 * 3540);
    }
}

TEST_CASE("a saw-tooth of burst credits is quiet whatever the horizon") {
    for (unsigned seed = 0; seed < 25; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> low(45, 55), top(90, 100), rate(2.5, 3.5);
        std::normal_distribution<double> noise(0, 0.5);
        double credits = 100, refill = low(random), fall = rate(random);
        const auto samples = readings(400, minutes(1), [&](double) {
            credits -= fall;
            if (credits < refill) credits = top(random), refill = low(random), fall = rate(random);
            return credits + noise(random);
        });
        CHECK(false_forecast(samples, 0, 60, hours(24 * 365)) == std::nullopt);
    }
}

TEST_CASE("a disk whose logs are rotated is quiet whatever the horizon") {
    for (unsigned seed = 0; seed < 25; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> top(70, 78), growth(0.8, 1.6);
        double used = 40, rotate = top(random);
        const auto samples = readings(400, minutes(1), [&](double) {
            used += growth(random);
            if (used > rotate) used = 40, rotate = top(random);
            return used;
        });
        CHECK(false_forecast(samples, 100, 90, hours(24 * 365)) == std::nullopt);
    }
}

TEST_CASE("credits that are earned back slowly are quiet once a tooth is known") {
    for (unsigned seed = 0; seed < 25; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> noise(-1, 1);
        const auto samples = readings(400, minutes(1), [&](double t) {
            const double phase = std::fmod(t / 60, 40);  // 20 min down, 20 min up, between 100 and 50
            return (phase < 20 ? 100 - 2.5 * phase : 50 + 2.5 * (phase - 20)) + noise(random);
        });
        CHECK(false_forecast(samples, 0, 90, hours(24 * 365)) == std::nullopt);
    }
}

TEST_CASE("a gauge that only trembles is quiet") {
    for (unsigned seed = 0; seed < 100; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        std::normal_distribution<double> noise(60, 5);
        const auto samples = readings(200, minutes(1), [&](double) { return noise(random); });
        CHECK(false_forecast(samples, 0, 30, hours(1)) == std::nullopt);
    }
}

TEST_CASE("a saw-tooth whose refill fails is foretold before it ends") {
    // Down to 50 and refilled twice, then not refilled any more.
    const auto samples = readings(200, minutes(1), [](double t) {
        const double minute = t / 60;
        return minute < 40 ? 100 - 2.5 * std::fmod(minute, 20) : 100 - 2.5 * (minute - 40);
    });
    std::optional<int> first;
    for (int end = 41; end < 80 && !first; ++end) {
        const auto left = time_to_exhaustion(std::span(samples).first(static_cast<std::size_t>(end)), 0, 8);
        if (!left) continue;
        first = end - 1;
        CHECK(in_seconds(*left) == Approx((80 - *first) * 60).epsilon(0.05));
    }
    REQUIRE(first);
    CHECK(*first > 60);  // it had been refilled at this point before
    CHECK(*first <= 67);
}

TEST_CASE("the line of a gauge with many samples is that of a few") {
    const auto samples = readings(20000, seconds(1), [](double t) { return 30000 - t; });
    REQUIRE(time_to_exhaustion(samples, 0, 8));
    CHECK(in_seconds(*time_to_exhaustion(samples, 0, 8)) == Approx(10001));
}

}  // namespace serin::test
