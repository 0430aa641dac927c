// SPDX-License-Identifier: Apache-2.0
// A clock that was years ahead for a moment.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr Duration ahead = 24h * 365 * 3;
const CellKey cell{.probe = "chat", .vantage = "berlin", .target = "us-east"};

}  // namespace

TEST_CASE("policy clock: a heartbeat from the future does not deafen later ones") {
    for (const bool ticked_there : {false, true}) {
        CAPTURE(ticked_there);
        HeartbeatRules rules;
        rules.heartbeat = rules.service = "backup";
        Policy policy({.heartbeats = {rules}, .now = policy_epoch});
        CHECK(policy.observe({.heartbeat = "backup", .at = policy_epoch + ahead}).empty());
        if (ticked_there) CHECK(policy.tick(policy_epoch + ahead).empty());
        CHECK(policy.tick(policy_epoch + 1s).empty());
        CHECK(policy.observe({.heartbeat = "backup", .failed = true, .at = policy_epoch + 1min}).size() == 1);
        CHECK(policy.observe({.heartbeat = "backup", .at = policy_epoch + 2min}).size() == 1);
        CHECK(policy.tick(policy_epoch + 8min).empty());
        CHECK(told(policy.tick(policy_epoch + 9min)) == Texts{"raised backup silent critical named"});
    }
}

TEST_CASE("policy clock: a silence that only a clock saw ends with the next heartbeat") {
    HeartbeatRules rules;
    rules.heartbeat = rules.service = "backup";
    Policy policy({.heartbeats = {rules}, .now = policy_epoch});
    CHECK(policy.observe({.heartbeat = "backup", .at = policy_epoch}).empty());
    CHECK(policy.tick(policy_epoch + ahead).size() == 1);
    CHECK(policy.tick(policy_epoch + 1min).empty());
    CHECK(policy.observe({.heartbeat = "backup", .at = policy_epoch + 3min}).size() == 1);
    CHECK(policy.faults().empty());
}

TEST_CASE("policy clock: a run from the future does not keep a cell from being stale") {
    PolicyPlay play(plain_rules("chat"));
    play.now += ahead;
    play.play(cell, "P");
    play.tick();
    play.now = policy_epoch;
    play.play(cell, "P");
    CHECK(play.tick().empty());
    play.now += 6min;
    CHECK(told(play.tick()) == Texts{"raised chat stale warning schedule"});
    CHECK(told(play.play(cell, "P")) == Texts{"cleared chat stale warning schedule"});
}

TEST_CASE("policy clock: a failure from the future recovers and a gap from there hides none") {
    PolicyPlay play(plain_rules("chat"));
    play.now += ahead;
    play.play(cell, "FF");
    Gap gap{.key = play.feed(cell).key(), .first_scheduled_at = play.now, .last_scheduled_at = play.now, .count = 1};
    play.policy.observe(gap);
    REQUIRE(play.policy.faults().size() == 1);
    play.now = policy_epoch;
    play.tick();
    play.now += 1min;
    CHECK(play.play(cell, "PPP").size() == 1);
    gap.first_scheduled_at = gap.last_scheduled_at = play.now;
    gap.count = 10;
    CHECK(told(play.policy.observe(gap)) == Texts{"raised chat missed_runs warning schedule"});
}

TEST_CASE("policy clock: a gauge with a sample from the future is foretold and stale again") {
    GaugeRules rules;
    rules.gauge = rules.service = "disk";
    rules.stale_after = 10min;
    Policy policy({.gauges = {rules}, .now = policy_epoch});
    policy.observe(GaugeSample{.gauge = "disk", .value = 90, .at = policy_epoch + ahead});
    CHECK(policy.tick(policy_epoch).empty());
    Texts changes;
    Wall now = policy_epoch;
    for (int value = 90; value >= 40; --value) {
        now += 1min;
        for (const FaultChange& change : policy.observe(GaugeSample{.gauge = "disk", .value = 1.0 * value, .at = now}))
            changes.push_back(told(change));
    }
    CHECK(changes == Texts{"raised disk exhaustion warning named"});
    CHECK(told(policy.tick(now + 11min)).at(0) == "raised disk stale warning named");
}

TEST_CASE("policy clock: baselines messages and budgets count again") {
    ProbeRules rules = plain_rules("chat");
    rules.hard.reset();
    rules.latency = LatencyRule{};
    rules.lost = RateRule{};
    rules.burn = BurnRule{};
    PolicyPlay play(rules);
    play.now += ahead;
    for (int minute = 0; minute < 400; ++minute, play.now += 1min)  // every minute of the ring
        play.policy.observe(play.feed(cell).messages(Verdict::pass, play.now, {{"delivered", 1000}}));
    play.now = policy_epoch;
    play.tick();
    play.now += 10h;  // what was to come is as old as that
    play.play(cell, std::string(180, 'P'));
    CHECK(play.policy.baseline(cell, play.now));
    const auto lost = play.policy.observe(play.feed(cell).messages(Verdict::pass, play.now, {{"lost", 20}}));
    CHECK(told(lost) == Texts{"raised chat lost critical global"});
    play.play(cell, "PPP");
    CHECK(told(play.play(cell, std::string(20, 'F'))) == Texts{"raised chat budget_burn warning named"});
}

TEST_CASE("policy clock: a vantage that is two minutes ahead is judged as any other") {
    ProbeRules rules = plain_rules("chat");
    rules.lost = RateRule{};
    PolicyPlay play(rules);
    Texts changes;
    for (int minute = 0; minute < 8; ++minute, play.now += 1min) {
        for (const FaultChange& change : play.policy.observe(
                 play.feed(cell).messages(Verdict::pass, play.now + 2min, {{"delivered", 4}, {"lost", 1}})))
            changes.push_back(told(change));
        play.tick();
    }
    CHECK(changes == Texts{"raised chat lost critical global"});
}

}  // namespace serin::test
