// SPDX-License-Identifier: Apache-2.0
// Rules that measure: messages, latency against its own baseline, and the error budget.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using States = std::vector<std::pair<std::string, int>>;

const CellKey cell{.probe = "chat-delivery", .vantage = "berlin", .target = "us-east"};

ProbeRules only_lost() {
    ProbeRules rules = plain_rules();
    rules.hard.reset();
    rules.lost = RateRule{};
    return rules;
}

std::vector<FaultChange> send(PolicyPlay& play, Verdict verdict, const States& states, int runs = 1) {
    std::vector<FaultChange> all;
    for (int run = 0; run < runs; ++run) {
        for (FaultChange& change : play.policy.observe(play.feed(cell).messages(verdict, play.now, states)))
            all.push_back(std::move(change));
        play.now += 1min;
    }
    return all;
}

ProbeRules only_latency() {
    ProbeRules rules = plain_rules();
    rules.hard.reset();
    rules.latency = LatencyRule{};
    return rules;
}

std::vector<FaultChange> take(PolicyPlay& play, Duration took, int runs) {
    std::vector<FaultChange> all;
    for (int run = 0; run < runs; ++run) {
        for (FaultChange& change : play.policy.observe(play.feed(cell).run(Verdict::pass, play.now, took)))
            all.push_back(std::move(change));
        play.now += 1min;
    }
    return all;
}

ProbeRules only_burn(double objective) {
    ProbeRules rules = plain_rules();
    rules.hard.reset();
    rules.burn = BurnRule{.objective = objective};
    return rules;
}

}  // namespace

TEST_CASE("policy: lost messages count once the Wilson interval is above the share") {
    PolicyPlay play(only_lost());
    CHECK(send(play, Verdict::fail, {{"lost", 19}}).empty());  // fewer than 20 judged
    const auto changes = send(play, Verdict::fail, {{"lost", 1}});
    CHECK(told(changes) == Texts{"raised chat stored_not_pushed critical global"});
    const Condition& condition = changes.at(0).fault.conditions.at(0);
    CHECK(condition.rule == RuleKind::lost);
    CHECK(condition.value == Approx(1));
    CHECK(condition.limit == Approx(0.05));
    CHECK(condition.because == "lost 1.00 (0.84 … 1.00) of 20 messages");
}

TEST_CASE("policy: a share that may be chance does not count") {
    PolicyPlay play(only_lost());
    CHECK(send(play, Verdict::pass, {{"delivered", 97}, {"lost", 3}}).empty());  // low bound 0.010
    PolicyPlay worse(only_lost());
    CHECK(send(worse, Verdict::pass, {{"delivered", 90}, {"lost", 10}}).size() == 1);  // low bound 0.055
    PolicyPlay nearly(only_lost());
    CHECK(send(nearly, Verdict::pass, {{"delivered", 91}, {"lost", 9}}).empty());  // low bound 0.048
}

TEST_CASE("policy: messages nobody can judge are not judged") {
    PolicyPlay play(only_lost());
    CHECK(send(play, Verdict::fail, {{"unknown", 50}, {"outstanding", 50}, {"lost", 10}}).empty());
    CHECK(send(play, Verdict::error, {{"lost", 50}}).empty());
    CHECK(send(play, Verdict::fail, {{"lost", 10}}).size() == 1);
}

TEST_CASE("policy: messages older than the window do not count") {
    PolicyPlay play(only_lost());
    send(play, Verdict::fail, {{"lost", 10}});
    play.now += 10min;
    CHECK(send(play, Verdict::fail, {{"lost", 10}}).empty());
}

TEST_CASE("policy: loss of runs that pass has a class of its own") {
    PolicyPlay play(only_lost());
    CHECK(told(send(play, Verdict::pass, {{"delivered", 5}, {"lost", 20}})) ==
          Texts{"raised chat lost critical global"});
    ProbeRules rules = only_lost();
    rules.late = RateRule{.share = 0.2};
    rules.duplicated = RateRule{.share = 0.2};
    PolicyPlay three(rules);
    const auto changes = send(three, Verdict::pass, {{"late", 30}, {"lost", 20}, {"duplicated", 30}});
    CHECK(changes.size() == 3);
    for (const Fault& fault : three.policy.faults()) CHECK_FALSE(fault.key().ends_with("pass"));
}

TEST_CASE("policy: loss is over after clean runs or when the interval is below the share") {
    PolicyPlay play(only_lost());
    send(play, Verdict::pass, {{"lost", 20}});
    CHECK(send(play, Verdict::pass, {{"delivered", 5}}, 2).empty());
    CHECK(send(play, Verdict::pass, {{"delivered", 5}}).at(0).kind == FaultChange::Kind::cleared);
    CHECK(send(play, Verdict::pass, {{"lost", 19}}).empty());  // the window began anew
    CHECK(send(play, Verdict::pass, {{"lost", 1}}).size() == 1);
    // One of a hundred is still lost in every run: never clean, but well below the share.
    std::vector<FaultChange> changes = send(play, Verdict::pass, {{"delivered", 99}, {"lost", 1}}, 20);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].kind == FaultChange::Kind::cleared);
}

TEST_CASE("policy: silence does not end a loss") {
    PolicyPlay play(only_lost());
    send(play, Verdict::pass, {{"lost", 20}});
    play.now += 24h;
    play.tick();
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].failure_class == "lost");
}

TEST_CASE("policy: slow is slower than the cell itself was") {
    PolicyPlay play(only_latency());
    CHECK(take(play, 200ms, 180).empty());
    CHECK(take(play, 590ms, 20).empty());  // 2.95 times
    CHECK(take(play, 700ms, 2).empty());
    const auto changes = take(play, 700ms, 1);
    CHECK(told(changes) == Texts{"raised chat slow warning global"});
    const Condition& condition = changes[0].fault.conditions.at(0);
    CHECK(*condition.value == Approx(3.5).epsilon(0.05));
    CHECK(condition.limit == Approx(3));
    CHECK(*play.policy.baseline(cell, play.now) == Approx(0.2).epsilon(0.05));
    CHECK(*play.policy.latest_latency(cell) == Approx(0.7));
    // The limit stays what it was, and slow runs do not become the usual ones.
    CHECK(take(play, 700ms, 600).empty());
    CHECK(*play.policy.baseline(cell, play.now) == Approx(0.2).epsilon(0.05));
    CHECK(take(play, 200ms, 3).back().kind == FaultChange::Kind::cleared);
}

TEST_CASE("policy: without enough runs there is no baseline and nothing is slow") {
    PolicyPlay play(only_latency());
    take(play, 10ms, 50);
    CHECK_FALSE(play.policy.baseline(cell, play.now));  // all of them within the hour that is left out
    CHECK(take(play, 60s, 9).empty());
    CHECK_FALSE(play.policy.baseline({.probe = "other"}, play.now));
    CHECK_FALSE(play.policy.latest_latency({.probe = "other"}));
}

TEST_CASE("policy: a baseline is as old as it was asked for") {
    PolicyPlay play(only_latency());
    take(play, 100ms, 24 * 60);
    const Wall incident = play.now;
    take(play, 200ms, 24 * 60);
    CHECK(*play.policy.baseline(cell, incident) == Approx(0.1).epsilon(0.05));
    CHECK(*play.policy.baseline(cell, play.now + 1h) == Approx(0.2).epsilon(0.05));
}

TEST_CASE("policy: median of run times over nine octaves within its promise") {
    for (const Duration took : std::vector<Duration>{1us, 137us, 1ms, 33ms, 250ms, 1s, 59s, 600s}) {
        PolicyPlay play(only_latency());
        for (int run = 0; run < 130; ++run) {
            play.policy.observe(play.feed(cell).run(Verdict::pass, play.now, took));
            play.now += 1min;
        }
        CHECK(*play.policy.baseline(cell, play.now + 1h) ==
              Approx(std::chrono::duration<double>(took).count()).epsilon(0.033));
    }
}

TEST_CASE("policy: latest latency is the median of the newest clean runs") {
    PolicyPlay play(only_latency());
    for (const Duration took : std::vector<Duration>{9s, 8s, 1s, 5s, 2s, 4s, 3s}) take(play, took, 1);
    CHECK(play.policy.latest_latency(cell) == Approx(3));
    play.play(cell, "FFFFF");
    CHECK(play.policy.latest_latency(cell) == Approx(3));
}

TEST_CASE("policy: one failed run of sixty burns no budget") {
    for (const double objective : {0.99, 0.995, 0.999, 0.9999}) {
        CAPTURE(objective);
        PolicyPlay play(only_burn(objective));
        CHECK(play.play(cell, std::string(30, 'P') + "F" + std::string(29, 'P')).empty());
        CHECK(play.play(cell, "F").empty());  // nor do two, which is all that the guard asks of the short window
        CHECK(play.play(cell, "F").size() == 1);
    }
}

TEST_CASE("policy: a budget burns when both windows do") {
    PolicyPlay play(only_burn(0.9));  // only the slowest pair can burn here: one tenth of the runs
    play.play(cell, std::string(50, 'P'));
    CHECK(play.play(cell, "FFFFF").empty());  // 5 of 55
    const auto changes = play.play(cell, "F");
    CHECK(told(changes) == Texts{"raised chat budget_burn warning named"});
    const Condition& condition = changes.at(0).fault.conditions.at(0);
    CHECK(condition.value == Approx(6.0 / 56 / 0.1));
    CHECK(condition.limit == Approx(1));
    PolicyPlay quiet(only_burn(0.9));
    quiet.play(cell, std::string(50, 'P') + "FFFFF" + std::string(350, 'P'));
    CHECK(quiet.play(cell, "FFFFF").empty());  // enough in the last minutes, too few in six hours
}

TEST_CASE("policy: a budget no longer burns once the short window is good") {
    PolicyPlay play(only_burn(0.99));
    play.play(cell, std::string(50, 'P') + "FFFFFFFFFF");
    REQUIRE(play.policy.faults().size() == 1);
    play.now += 1h;  // no runs are no recovery
    play.tick();
    CHECK(play.policy.faults().at(0).failure_class == "budget_burn");
    play.now -= 1h;
    int runs = 0;
    while (!play.policy.faults().empty() && runs < 2000) {
        play.play(cell, "P");
        ++runs;
    }
    CHECK(runs > 5);
    CHECK(runs < 1500);
}

}  // namespace serin::test
