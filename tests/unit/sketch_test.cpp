// SPDX-License-Identifier: Apache-2.0
#include "reports/store/sketch.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace serin::test {
namespace {

/// The value of rank floor(q (n - 1)).
double exact(std::vector<double> values, double q) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(std::floor(q * static_cast<double>(values.size() - 1)))];
}

std::vector<double> latencies(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::lognormal_distribution<double> seconds(-3, 1.2);
    std::vector<double> values(count);
    for (double& value : values) value = seconds(random);
    return values;
}

Sketch sketch_of(const std::vector<double>& values) {
    Sketch sketch;
    for (const double value : values) sketch.add(value);
    return sketch;
}

}  // namespace

TEST_CASE("quantiles of a sketch are within one percent of the exact ones") {
    const std::vector<double> values = latencies(20'000, 1);
    const Sketch sketch = sketch_of(values);
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const double right = exact(values, q);
        CHECK(std::abs(*sketch.quantile(q) - right) <= 0.0101 * right);
    }
    CHECK(sketch.count() == 20'000);
    CHECK(sketch.min() == exact(values, 0));
    CHECK(sketch.max() == exact(values, 1));
}

TEST_CASE("an empty sketch has no quantile and a single value is its own") {
    Sketch sketch;
    CHECK_FALSE(sketch.quantile(0.5));
    sketch.add(0.02);
    for (const double q : {-1.0, 0.0, 0.5, 1.0, 2.0}) CHECK(*sketch.quantile(q) == 0.02);
    CHECK_FALSE(sketch.quantile(std::nan("")));
}

TEST_CASE("merging sketches gives the sketch of all values") {
    const std::vector<double> first = latencies(3000, 2), second = latencies(500, 3);
    std::vector<double> all = first;
    all.insert(all.end(), second.begin(), second.end());
    Sketch merged = sketch_of(first);
    merged.merge(sketch_of(second));
    const Sketch whole = sketch_of(all);
    CHECK(merged.count() == whole.count());
    CHECK(merged.min() == whole.min());
    CHECK(merged.max() == whole.max());
    CHECK(merged.sum() == Approx(whole.sum()));
    for (const double q : {0.0, 0.1, 0.5, 0.99, 1.0}) CHECK(*merged.quantile(q) == *whole.quantile(q));
    Sketch into_empty;
    into_empty.merge(whole);
    CHECK(into_empty == whole);
    into_empty.merge(Sketch{});
    CHECK(into_empty == whole);
}

TEST_CASE("values below a microsecond count as zero and what is no number does not count") {
    Sketch sketch;
    sketch.add(0);
    sketch.add(-5);
    sketch.add(9e-7);
    sketch.add(1.0);
    sketch.add(std::nan(""));
    sketch.add(std::numeric_limits<double>::infinity());
    sketch.add(1.0, 0);
    sketch.add(1.0, -3);
    CHECK(sketch.count() == 4);
    CHECK(*sketch.quantile(0.5) == 0);
    CHECK(*sketch.quantile(1) == 1.0);
}

TEST_CASE("a sketch of a very wide range keeps its highest quantiles and its size") {
    Sketch sketch;
    std::vector<double> values;
    for (double value = 1e-6; value < 1e12; value *= 1.005) values.push_back(value);
    for (const double value : values) sketch.add(value);
    CHECK(sketch.count() == std::ssize(values));
    CHECK(sketch.encode().size() < 4 * Sketch::max_buckets);
    for (const double q : {0.9, 0.99, 1.0}) {
        CHECK(std::abs(*sketch.quantile(q) - exact(values, q)) <= 0.0101 * exact(values, q));
    }
    CHECK(Sketch::decode(sketch.encode()) == sketch);
}

TEST_CASE("counts near their limit stay there instead of overflowing") {
    Sketch sketch;
    const std::int64_t much = std::numeric_limits<std::int64_t>::max();
    sketch.add(1, much);
    sketch.add(2, much);
    sketch.add(0, much);
    CHECK(sketch.count() > 0);
    Sketch twice = sketch;
    twice.merge(sketch);
    CHECK(twice.count() == sketch.count());
    CHECK(Sketch::decode(twice.encode()) == twice);
    sketch.add(std::numeric_limits<double>::max());
    CHECK(std::isfinite(sketch.sum()));
}

TEST_CASE("what encode made is what decode gives") {
    for (const std::size_t count : {0U, 1U, 2U, 100U, 5000U}) {
        const Sketch sketch = sketch_of(latencies(count, 4));
        CHECK(Sketch::decode(sketch.encode()) == sketch);
    }
    Sketch zeros;
    zeros.add(0, 7);
    CHECK(Sketch::decode(zeros.encode()) == zeros);
}

TEST_CASE("decode refuses bytes that encode did not make") {
    const std::string good = sketch_of(latencies(50, 5)).encode();
    REQUIRE(Sketch::decode(good));
    CHECK_FALSE(Sketch::decode(""));
    CHECK_FALSE(Sketch::decode(good + '\0'));
    CHECK_FALSE(Sketch::decode('\2' + good.substr(1)));
    for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(Sketch::decode(good.substr(0, length)));
    // Whatever else is in a damaged column: it is refused or a sketch that can be used, and never more than it holds.
    std::mt19937 random(6);
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = good;
        for (int flips = 0; flips < 3; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto sketch = Sketch::decode(bytes);
        if (!sketch) continue;
        CHECK(sketch->encode() == bytes);
        CHECK(*sketch->quantile(0) <= *sketch->quantile(1));
    }
}

}  // namespace serin::test
