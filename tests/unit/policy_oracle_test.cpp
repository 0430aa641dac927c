// SPDX-License-Identifier: Apache-2.0
// The policy detects as fast, and raises as many false alarms, as the exact Markov chains of its rules say.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const CellKey cell{.probe = "chat-delivery", .vantage = "berlin", .target = "us-east"};

ProbeRules rule(int failures, int runs) {
    ProbeRules rules = plain_rules();
    rules.hard = OfLast{.failures = failures, .runs = runs};
    return rules;
}

/// Runs until a fault is raised when each fails with probability `p`.
int runs_to_detect(const ProbeRules& rules, double p, std::mt19937_64& random) {
    Policy policy({.probes = {rules}, .now = policy_epoch});
    CellFeed feed(cell);
    std::bernoulli_distribution fails(p);
    Wall now = policy_epoch;
    for (int run = 1;; ++run, now += 1min) {
        if (!policy.observe(feed.run(fails(random) ? Verdict::fail : Verdict::pass, now)).empty()) return run;
    }
}

struct Expected {
    double mean = 0, half_unit = 0;  ///< half of the last digit that the mean is given in
    int p99 = 0;
};
struct Row {
    int failures, runs;
    std::array<Expected, 4> by_p;  ///< p = 1, 0.66, 0.33, 0.10
};
const std::array<double, 4> shares{1, 0.66, 0.33, 0.10};
const std::vector<Row> rows{
    {1, 1, {{{1, 0, 1}, {1.5, .05, 5}, {3, .5, 12}, {10, .5, 44}}}},
    {2, 2, {{{2, 0, 2}, {3.8, .05, 13}, {12, .5, 51}, {110, .5, 501}}}},
    {2, 3, {{{2, 0, 2}, {3.2, .05, 10}, {8.5, .05, 34}, {63, .5, 282}}}},
    {3, 3, {{{3, 0, 3}, {7.3, .05, 26}, {40, .5, 177}, {1110, .5, 5103}}}},
    {3, 5, {{{3, 0, 3}, {4.8, .05, 13}, {15, .5, 60}, {243, .5, 1108}}}},
    {4, 10, {{{4, 0, 4}, {6.1, .05, 12}, {15.5, .05, 54}, {291, .5, 1315}}}},
};

void check(const Row& row, std::size_t column, int simulations) {
    CAPTURE(row.failures, row.runs, shares[column], simulations);
    const Expected& expected = row.by_p[column];
    std::mt19937_64 random(static_cast<std::uint64_t>(row.failures * 1000 + row.runs * 10) + column);
    const ProbeRules rules = rule(row.failures, row.runs);
    double sum = 0, squares = 0;
    int within = 0, before = 0;  // runs up to the p99, and below it
    for (int simulation = 0; simulation < simulations; ++simulation) {
        const int runs = runs_to_detect(rules, shares[column], random);
        sum += runs;
        squares += static_cast<double>(runs) * runs;
        if (runs <= expected.p99) ++within;
        if (runs < expected.p99) ++before;
    }
    const double count = simulations, mean = sum / count;
    const double deviation = std::sqrt(std::max(0.0, squares / count - mean * mean) / count);
    CHECK(std::abs(mean - expected.mean) <= 4 * deviation + expected.half_unit + 1e-9);
    const double error = 4 * std::sqrt(0.99 * 0.01 / count);
    CHECK(within / count >= 0.99 - error);
    if (shares[column] < 1) CHECK(before / count < 0.99 + error);
}

/// So many passes in a row, and the state of a cell is as if it had never failed: after a false alarm they must fill
/// the memory of its flapping, else only its window and the rule of recovery.
constexpr int passes_after_alarm = 30, passes_else = 10;

/// False alarms in `months` of thirty days at one run a minute. Of long rows of passes only the first are played.
int false_alarms(const ProbeRules& rules, double noise, int months, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::geometric_distribution<int> until_failure(noise);
    Policy policy({.probes = {rules}, .now = policy_epoch});
    CellFeed feed(cell);
    Wall now = policy_epoch;
    int alarms = 0, change_ago = passes_after_alarm;
    const auto play = [&](Verdict verdict) {
        ++change_ago;
        for (const FaultChange& change : policy.observe(feed.run(verdict, now))) {
            alarms += change.kind == FaultChange::Kind::raised ? 1 : 0;
            change_ago = 0;
        }
        now += 1min;
    };
    const std::int64_t all = std::int64_t{30} * 24 * 60 * months;
    for (std::int64_t run = 0; run < all;) {
        const int good = until_failure(random);
        for (int pass = 0; pass < good && (pass < passes_else || change_ago < passes_after_alarm); ++pass)
            play(Verdict::pass);
        play(Verdict::fail);
        run += good + 1;
    }
    return alarms;
}

}  // namespace

TEST_CASE("policy oracle: runs to detect a fault that always fails") {
    for (const Row& row : rows) check(row, 0, 3);
}
TEST_CASE("policy oracle: runs to detect a fault that fails two of three") {
    for (const Row& row : rows) check(row, 1, 500);
}
TEST_CASE("policy oracle: runs to detect a fault that fails one of three") {
    for (const Row& row : rows) check(row, 2, 300);
}
TEST_CASE("policy oracle: runs to detect a fault that fails one of ten") {
    for (const Row& row : rows) check(row, 3, row.failures == 3 && row.runs == 3 ? 40 : 120);
}

TEST_CASE("policy oracle: false alarms in thirty days") {
    struct Case {
        int failures, runs;
        double noise, in_thirty_days, half_unit;
        int months;
    };
    for (const Case& each : {Case{2, 2, .01, 4.3, .05, 10}, Case{2, 3, .005, 2.1, .05, 10},
                             Case{2, 3, .01, 8.4, .05, 20}, Case{3, 5, .01, .25, .005, 60}}) {
        CAPTURE(each.failures, each.runs, each.noise);
        const double expected = each.in_thirty_days * each.months;
        REQUIRE(expected >= 10);
        const int alarms = false_alarms(rule(each.failures, each.runs), each.noise, each.months, 20261122);
        // An alarm that lasts takes failures in that would be others.
        const double lasting = 4 * each.noise * expected;
        CAPTURE(alarms, expected);
        CHECK(alarms >= expected - 4 * std::sqrt(expected) - each.half_unit * each.months - lasting);
        CHECK(alarms <= expected + 4 * std::sqrt(expected) + each.half_unit * each.months);
    }
}

}  // namespace serin::test
