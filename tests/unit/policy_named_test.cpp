// SPDX-License-Identifier: Apache-2.0
// Gauges and heartbeats.
#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

GaugeRules credits() {
    GaugeRules rules;
    rules.gauge = "burst_balance";
    rules.service = "database";
    rules.stale_after = 10min;
    return rules;
}

struct GaugePlay {
    explicit GaugePlay(GaugeRules rules) : policy({.gauges = {std::move(rules)}, .now = policy_epoch}) {}
    Texts sample(double value) {
        now += 1min;
        return told(policy.observe(GaugeSample{.gauge = "burst_balance", .value = value, .at = now}));
    }
    Policy policy;
    Wall now = policy_epoch;
};

Policy job_policy() {
    HeartbeatRules rules;
    rules.heartbeat = "nightly-backup";
    rules.service = "backup";
    return Policy({.heartbeats = {rules}, .now = policy_epoch});
}

Heartbeat beat(Duration after, bool failed = false, std::string note = {}) {
    return {.heartbeat = "nightly-backup", .failed = failed, .note = std::move(note), .at = policy_epoch + after};
}

}  // namespace

TEST_CASE("policy: a gauge that runs out is foretold and critical when it has") {
    GaugePlay play(credits());
    Texts changes;
    int foretold_at = -1;
    for (int value = 100; value >= 0; --value) {
        for (const std::string& text : play.sample(value)) {
            if (foretold_at < 0) foretold_at = value;
            changes.push_back(text);
        }
    }
    CHECK(foretold_at == 60);  // an hour before
    CHECK(changes == Texts{"raised database exhaustion warning named", "changed database exhaustion critical named"});
    const Condition condition = play.policy.faults().at(0).conditions.at(0);
    CHECK(condition.rule == RuleKind::forecast);
    CHECK(condition.cell == CellKey{.probe = "burst_balance"});
    CHECK(condition.message == "burst_balance is exhausted");
}

TEST_CASE("policy: a saw-tooth that has been refilled before is not foretold") {
    GaugePlay play(credits());
    const auto tooth = [&](int minutes) {
        Texts changes;
        for (int minute = 0; minute < minutes; ++minute) {
            for (const std::string& text : play.sample(100 - minute * 4)) changes.push_back(text);
        }
        return changes;
    };
    CHECK(tooth(20).size() == 1);  // who sees it for the first time cannot know
    CHECK(tooth(20).size() == 1);  // that is over
    for (int times = 0; times < 30; ++times) CHECK(tooth(20).empty());
    CHECK(tooth(20).empty());
    CHECK(tooth(26) == Texts{"raised database exhaustion warning named",
                             "changed database exhaustion critical named"});  // this time nobody refills it
}

TEST_CASE("policy: a slow saw-tooth is never foretold") {
    GaugePlay play(credits());
    for (int minute = 0; minute < 2000; ++minute) CHECK(play.sample(100 - minute % 60 * 0.5).empty());
}

TEST_CASE("policy: a gauge that recovers is no longer foretold") {
    GaugePlay play(credits());
    for (int value = 60; value >= 30; --value) play.sample(value);
    REQUIRE(play.policy.faults().size() == 1);
    Texts changes;
    for (int minute = 0; minute < 60; ++minute) {
        for (const std::string& text : play.sample(100)) changes.push_back(text);
    }
    CHECK(changes == Texts{"cleared database exhaustion warning named"});
}

TEST_CASE("policy: samples that are no numbers or not newer are passed over") {
    GaugePlay play(credits());
    for (int value = 90; value >= 61; --value) CHECK(play.sample(value).empty());
    CHECK(play.sample(std::numeric_limits<double>::quiet_NaN()).empty());
    CHECK(play.sample(-std::numeric_limits<double>::infinity()).empty());
    CHECK(play.policy.observe(GaugeSample{.gauge = "burst_balance", .value = 0, .at = play.now - 10min}).empty());
    CHECK(play.policy.observe(GaugeSample{.gauge = "nobody's", .value = 0, .at = play.now}).empty());
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy: a gauge without samples is stale and a forecast outlives its silence") {
    GaugePlay play(credits());
    CHECK(play.policy.tick(policy_epoch + 10min).empty());
    CHECK(told(play.policy.tick(policy_epoch + 10min + 1s)) == Texts{"raised database stale warning named"});
    CHECK(play.sample(60) == Texts{"cleared database stale warning named"});
    for (int value = 59; value >= 30; --value) play.sample(value);
    play.policy.tick(play.now + 1h);
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].failure_class == "exhaustion");
    CHECK(faults[1].failure_class == "stale");
}

TEST_CASE("policy: a thousand samples a window cost no more than a hundred") {
    GaugePlay play(credits());
    Texts changes;
    for (int sample = 0; sample < 3600; ++sample) {
        const Wall at = policy_epoch + sample * 1s;
        for (const FaultChange& change :
             play.policy.observe(GaugeSample{.gauge = "burst_balance", .value = 100 - sample / 60.0, .at = at}))
            changes.push_back(told(change));
    }
    CHECK(changes == Texts{"raised database exhaustion warning named"});
}

TEST_CASE("policy: a job is silent after its interval and its grace") {
    Policy policy = job_policy();
    CHECK(policy.tick(policy_epoch + 6min).empty());
    const auto changes = policy.tick(policy_epoch + 6min + 1ms);
    CHECK(told(changes) == Texts{"raised backup silent critical named"});
    CHECK(changes[0].fault.since == policy_epoch + 5min);
    CHECK(changes[0].fault.conditions.at(0).message == "nightly-backup does not report any more");
    CHECK(policy.tick(policy_epoch + 7min).empty());
    CHECK(told(policy.observe(beat(8min))) == Texts{"cleared backup silent critical named"});
    CHECK(policy.tick(policy_epoch + 14min).empty());
    CHECK(policy.tick(policy_epoch + 14min + 1ms).size() == 1);
}

TEST_CASE("policy: a job that reports a failure is one until it reports success") {
    Policy policy = job_policy();
    const auto changes = policy.observe(beat(1min, true, "disk full"));
    CHECK(told(changes) == Texts{"raised backup job_failed critical named"});
    CHECK(changes[0].fault.conditions.at(0).message == "nightly-backup failed: disk full");
    CHECK(policy.observe(beat(2min, true)).empty());
    CHECK(told(policy.tick(policy_epoch + 9min)) ==
          Texts{"raised backup silent critical named root=backup/job_failed"});
    CHECK(policy.observe(beat(30s)).empty());  // late, and older than what is known
    CHECK(policy.observe(beat(10min)).size() == 2);
    CHECK(policy.faults().empty());
    CHECK(policy.observe({.heartbeat = "nobody's", .failed = true, .at = policy_epoch}).empty());
}

TEST_CASE("policy: after a restart silence is counted from the last heartbeat of before") {
    HeartbeatRules rules;
    rules.heartbeat = "nightly-backup";
    rules.service = "backup";
    Policy restarted({.heartbeats = {rules}, .now = policy_epoch + 4min});
    CHECK(restarted.observe(beat(1min)).empty());
    CHECK(restarted.tick(policy_epoch + 7min).empty());
    const auto changes = restarted.tick(policy_epoch + 7min + 1ms);
    CHECK(told(changes) == Texts{"raised backup silent critical named"});
    CHECK(changes.at(0).fault.since == policy_epoch + 6min);
    Policy never({.heartbeats = {rules}, .now = policy_epoch + 4min});
    CHECK(never.tick(policy_epoch + 10min).empty());
    CHECK(never.tick(policy_epoch + 10min + 1ms).size() == 1);
}

TEST_CASE("policy: after a restart a job that had failed still has") {
    HeartbeatRules rules;
    rules.heartbeat = "nightly-backup";
    rules.service = "backup";
    Policy restarted({.heartbeats = {rules}, .now = policy_epoch + 4min});
    CHECK(told(restarted.observe(beat(1min, true))) == Texts{"raised backup job_failed critical named"});
    CHECK(restarted.observe(beat(5min)).size() == 1);
    CHECK(restarted.faults().empty());
}

TEST_CASE("policy: gauges and heartbeats that a reload drops are cleared") {
    GaugePlay play(credits());
    for (int value = 60; value >= 30; --value) play.sample(value);
    CHECK(play.policy.replace_rules({.gauges = {credits()}, .now = play.now}).empty());
    CHECK(told(play.policy.replace_rules({.now = play.now})) == Texts{"cleared database exhaustion warning named"});
    CHECK(play.sample(0).empty());
}

}  // namespace serin::test
