// SPDX-License-Identifier: Apache-2.0
// What held when an earlier process ended: only its own rule of recovery ends it.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

CellKey at(const std::string& vantage) {
    return {.probe = "chat", .vantage = vantage, .target = "us-east"};
}

Condition held(RuleKind rule, const CellKey& cell, const std::string& failure_class, Wall since = policy_epoch) {
    Condition condition;
    condition.rule = rule;
    condition.cell = cell;
    condition.failure_class = failure_class;
    condition.severity = AlertSeverity::critical;
    condition.since = since;
    condition.message = "it did not work";
    condition.run_id = "before";
    condition.because = "2 of 3 runs";
    return condition;
}

/// A process that starts an hour after what it takes up began.
struct Restarted : PolicyPlay {
    Restarted(ProbeRules rules, const std::vector<Condition>& conditions)
        : PolicyPlay(Policy::Options{.probes = {std::move(rules)}, .now = policy_epoch + 1h}) {
        now = policy_epoch + 1h;
        policy.hold(conditions);
    }
    Texts take(Duration took, int runs) {
        Texts texts;
        for (int run = 0; run < runs; ++run, now += 1min) {
            for (const std::string& text : told(policy.observe(feed(at("berlin")).run(Verdict::pass, now, took))))
                texts.push_back(text);
        }
        return texts;
    }
};

ProbeRules chat() {
    return plain_rules("chat");
}

}  // namespace

TEST_CASE("policy hold: a failure stands and one change clears it") {
    Restarted play(chat(), {held(RuleKind::hard, at("berlin"), "timeout")});
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].failure_class == "timeout");
    CHECK(faults[0].severity == AlertSeverity::critical);
    CHECK(faults[0].since == policy_epoch);
    CHECK(faults[0].vantages == Texts{"berlin"});
    CHECK(faults[0].conditions.at(0).run_id == "before");
    CHECK(play.tick().empty());
    CHECK(play.play(at("berlin"), "PP").empty());
    CHECK(told(play.play(at("berlin"), "P")) == Texts{"cleared chat timeout critical global"});
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy hold: a failure that goes on is no second one") {
    Restarted play(chat(), {held(RuleKind::hard, at("berlin"), "expectation_failed")});
    CHECK(play.play(at("berlin"), "FFFPPF").empty());
    CHECK(play.policy.faults().at(0).since == policy_epoch);
    CHECK(play.policy.faults().at(0).conditions.at(0).run_id == "r6");
    CHECK(play.play(at("berlin"), "PPP").size() == 1);
}

TEST_CASE("policy hold: runs from before a condition neither end it nor become its evidence") {
    Restarted play(chat(), {held(RuleKind::hard, at("berlin"), "expectation_failed")});
    play.now = policy_epoch - 20min;
    CHECK(play.play(at("berlin"), "FFPPPPPPPP").empty());
    REQUIRE(play.policy.faults().size() == 1);
    CHECK(play.policy.faults()[0].conditions.at(0).run_id == "before");
    play.now = policy_epoch + 1min;
    CHECK(play.play(at("berlin"), "PP").empty());
    CHECK(play.play(at("berlin"), "P").size() == 1);
}

TEST_CASE("policy hold: the other vantages were well and must agree") {
    ProbeRules rules = chat();
    rules.cells = {at("berlin"), at("oslo"), at("paris")};
    Restarted play(rules, {held(RuleKind::hard, at("berlin"), "timeout")});
    REQUIRE(play.policy.faults().size() == 1);
    CHECK(play.policy.faults()[0].severity == AlertSeverity::warning);  // a minority, as it was
    CHECK(play.policy.faults()[0].vantages_reporting == 3);
    CHECK(play.play(at("berlin"), "PPP").empty());
    CHECK(told(play.play(at("oslo"), "P")) == Texts{"cleared chat timeout warning cell"});
}

TEST_CASE("policy hold: what no rule is about is ignored") {
    ProbeRules rules = chat();
    rules.cells = {at("berlin")};
    CellKey other = at("berlin");
    other.probe = "gone";
    const CellKey name{.probe = "nobody's"};
    Restarted play(rules,
                   {held(RuleKind::hard, at("oslo"), "timeout"), held(RuleKind::hard, other, "timeout"),
                    held(RuleKind::soft, at("berlin"), "timeout"), held(RuleKind::drill, at("berlin"), "old"),
                    held(RuleKind::forecast, name, "exhaustion"), held(RuleKind::stale, name, "stale"),
                    held(RuleKind::heartbeat, name, "silent"), held(RuleKind::burn, {.probe = "chat"}, "budget_burn")});
    CHECK(play.policy.faults().empty());
    CHECK(play.play(at("berlin"), "PPP").empty());
}

TEST_CASE("policy hold: a stale cell is so until a newer run") {
    ProbeRules rules = chat();
    rules.cells = {at("berlin")};
    Restarted play(rules, {held(RuleKind::stale, at("berlin"), "stale")});
    play.now = policy_epoch;
    CHECK(play.play(at("berlin"), "P").empty());  // the one that it was counted from
    REQUIRE(play.policy.faults().size() == 1);
    play.now = policy_epoch + 1h;
    CHECK(told(play.play(at("berlin"), "P")) == Texts{"cleared chat stale critical schedule"});
}

TEST_CASE("policy hold: a stale cell that also fails keeps its failure") {
    ProbeRules rules = chat();
    rules.cells = {at("berlin"), at("oslo")};
    Restarted play(rules, {held(RuleKind::hard, at("berlin"), "timeout"), held(RuleKind::stale, at("berlin"), "stale"),
                           held(RuleKind::stale, at("oslo"), "stale")});
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[1].failure_class == "timeout");
    CHECK(faults[1].targets == Texts{"us-east"});
    CHECK(faults[1].vantages == Texts{"berlin"});
}

TEST_CASE("policy hold: a probe that never ran is stale until it does") {
    Restarted play(chat(), {held(RuleKind::stale, {.probe = "chat"}, "stale")});
    CHECK(play.policy.faults().size() == 1);
    CHECK(play.tick().empty());
    CHECK(told(play.play(at("berlin"), "P")) == Texts{"cleared chat stale critical named"});
}

TEST_CASE("policy hold: errors and missed slots end with judged runs") {
    Restarted play(chat(), {held(RuleKind::prober, at("berlin"), "internal_error"),
                            held(RuleKind::missed, at("berlin"), "missed_runs")});
    CHECK(play.policy.faults().size() == 2);
    CHECK(play.play(at("berlin"), "PP").empty());
    CHECK(play.play(at("berlin"), "P").size() == 2);
}

TEST_CASE("policy hold: lost messages stand though the window is new") {
    ProbeRules rules = chat();
    rules.lost = RateRule{};
    Restarted play(rules, {held(RuleKind::lost, at("berlin"), "lost")});
    const auto send = [&](int delivered, int lost) {
        play.now += 1min;
        return play.policy.observe(
            play.feed(at("berlin")).messages(Verdict::pass, play.now, {{"delivered", delivered}, {"lost", lost}}));
    };
    CHECK(send(200, 0).empty());
    CHECK(send(200, 1).empty());
    CHECK(send(200, 0).empty());
    CHECK(send(200, 0).empty());
    CHECK(told(send(200, 0)) == Texts{"cleared chat lost critical global"});
    Restarted share(rules, {held(RuleKind::lost, at("berlin"), "lost")});
    int minutes = 0;
    while (!share.policy.faults().empty() && minutes < 60) {  // never clean, but well below the share
        ++minutes;
        share.now += 1min;
        share.policy.observe(
            share.feed(at("berlin")).messages(Verdict::pass, share.now, {{"delivered", 199}, {"lost", 1}}));
    }
    CHECK(minutes == 10);  // the whole window
}

TEST_CASE("policy hold: a slow cell is slow until it is as fast as before") {
    ProbeRules rules = chat();
    rules.hard.reset();
    rules.latency = LatencyRule{};
    Condition slow = held(RuleKind::latency, at("berlin"), "slow");
    slow.severity = AlertSeverity::warning;
    Restarted play(rules, {slow});
    play.now = policy_epoch - 5h;
    CHECK(play.take(200ms, 5 * 60).empty());  // history
    play.now = policy_epoch + 1h;
    CHECK(play.take(900ms, 120).empty());
    CHECK(play.policy.faults().size() == 1);
    CHECK(play.take(200ms, 2).empty());
    CHECK(play.take(200ms, 1) == Texts{"cleared chat slow warning global"});
}

TEST_CASE("policy hold: a slow cell without its baseline is slow until there is one") {
    ProbeRules rules = chat();
    rules.hard.reset();
    rules.latency = LatencyRule{};
    Restarted play(rules, {held(RuleKind::latency, at("berlin"), "slow")});
    CHECK(play.take(900ms, 60).empty());
    CHECK(play.policy.faults().size() == 1);
    CHECK(play.take(900ms, 240) == Texts{"cleared chat slow critical global"});  // that is what is usual
}

TEST_CASE("policy hold: a budget burns until its short window is quiet again") {
    ProbeRules rules = chat();
    rules.hard.reset();
    rules.burn = BurnRule{.objective = 0.99};
    Condition fast = held(RuleKind::burn, {.probe = "chat"}, "budget_burn");
    fast.limit = 14.4;
    Restarted play(rules, {fast});
    CHECK(play.play(at("berlin"), "PPPPP").empty());
    CHECK(play.policy.faults().size() == 1);
    CHECK(told(play.play(at("berlin"), "P")) == Texts{"cleared chat budget_burn critical named"});
    fast.limit.reset();
    Restarted unknown(rules, {fast});
    CHECK(unknown.play(at("berlin"), std::string(6 * 60, 'P')).empty());
    CHECK(unknown.play(at("berlin"), "P").size() == 1);
}

TEST_CASE("policy hold: a job is silent until a newer heartbeat and failed until it succeeds") {
    HeartbeatRules rules;
    rules.heartbeat = "backup";
    rules.service = "backup";
    Policy policy({.heartbeats = {rules}, .now = policy_epoch + 1h});
    policy.hold({held(RuleKind::heartbeat, {.probe = "backup"}, "silent", policy_epoch + 5min),
                 held(RuleKind::heartbeat, {.probe = "backup"}, "job_failed", policy_epoch)});
    CHECK(policy.faults().size() == 2);
    CHECK(policy.observe({.heartbeat = "backup", .failed = true, .at = policy_epoch}).empty());  // as it is stored
    CHECK(policy.tick(policy_epoch + 1h).empty());
    CHECK(policy.observe({.heartbeat = "backup", .failed = true, .at = policy_epoch + 1h}).size() == 1);
    CHECK(policy.observe({.heartbeat = "backup", .at = policy_epoch + 65min}).size() == 1);
    CHECK(policy.faults().empty());
}

TEST_CASE("policy hold: a forecast stands until enough samples foresee nothing") {
    GaugeRules rules;
    rules.gauge = "queue";
    rules.service = "mail";
    rules.exhausted_at = 1000;
    Condition forecast = held(RuleKind::forecast, {.probe = "queue"}, "exhaustion");
    forecast.message = "queue is exhausted";
    forecast.because = "1200 moves towards 1000, by the slope of 9 samples";
    Policy policy({.gauges = {rules}, .now = policy_epoch + 1h});
    policy.hold({forecast});
    CHECK(policy.faults().size() == 1);
    Wall now = policy_epoch + 1h;
    const auto sample = [&](double value) {
        now += 1min;
        return policy.observe(GaugeSample{.gauge = "queue", .value = value, .at = now});
    };
    for (int minute = 0; minute < 40; ++minute) CHECK(sample(1200).empty());  // still beyond its limit
    CHECK(sample(10).empty());
    CHECK(sample(10).empty());
    CHECK(sample(10).size() == 1);
    Policy fresh({.gauges = {rules}, .now = policy_epoch + 1h});
    fresh.hold({forecast});
    for (int times = 1; times < 10; ++times) {
        now += 1min;
        CHECK(fresh.observe(GaugeSample{.gauge = "queue", .value = 10, .at = now}).empty());
    }
    CHECK(fresh.observe(GaugeSample{.gauge = "queue", .value = 10, .at = now + 1min}).size() == 1);
}

TEST_CASE("policy hold: a gauge without samples is stale until a newer one") {
    GaugeRules rules;
    rules.gauge = "queue";
    rules.service = "mail";
    rules.stale_after = 10min;
    Policy policy({.gauges = {rules}, .now = policy_epoch + 1h});
    policy.hold({held(RuleKind::stale, {.probe = "queue"}, "stale")});
    CHECK(policy.observe(GaugeSample{.gauge = "queue", .value = 5, .at = policy_epoch}).empty());
    CHECK(policy.faults().size() == 1);
    CHECK(policy.observe(GaugeSample{.gauge = "queue", .value = 5, .at = policy_epoch + 1h}).size() == 1);
}

}  // namespace serin::test
