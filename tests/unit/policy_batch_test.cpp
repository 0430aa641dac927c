// SPDX-License-Identifier: Apache-2.0
// Many runs at once, and what a tick must look at.
#include <catch2/catch.hpp>
#include <deque>

#include "reports/alerts/policy/cell_state.hpp"
#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

CellKey at(const std::string& vantage, const std::string& target = "us-east", const std::string& probe = "chat") {
    return {.probe = probe, .vantage = vantage, .target = target};
}

}  // namespace

TEST_CASE("policy batch: a storm is one change a fault") {
    Policy policy({.probes = {plain_rules("chat")}, .now = policy_epoch});
    std::vector<CellFeed> feeds;
    for (int target = 0; target < 50; ++target) {
        for (const char* vantage : {"berlin", "oslo"}) feeds.emplace_back(at(vantage, std::to_string(target)));
    }
    Wall now = policy_epoch;
    const auto round = [&](Verdict verdict) {
        std::vector<const Record*> records;
        for (std::size_t place = 0; place < feeds.size(); ++place)
            records.push_back(&feeds[place].run(verdict, now, 200ms, place % 4 < 2 ? "timeout" : "lost_login"));
        now += 1min;
        return policy.observe_all(records);
    };
    CHECK(round(Verdict::fail).empty());
    const auto raised = round(Verdict::fail);
    REQUIRE(raised.size() == 2);
    for (const FaultChange& change : raised) {
        CHECK(told(change).starts_with("raised chat "));
        CHECK(change.fault.conditions.size() == 50);
        CHECK(change.fault.confirmed);
        CHECK(change.at == policy_epoch + 1min);
    }
    CHECK(round(Verdict::pass).empty());
    CHECK(round(Verdict::pass).empty());
    const auto cleared = round(Verdict::pass);
    REQUIRE(cleared.size() == 2);
    CHECK(cleared[0].kind == FaultChange::Kind::cleared);
    CHECK(cleared[0].fault.conditions.size() == 50);
    CHECK(policy.faults().empty());
}

TEST_CASE("policy batch: a failure that is over within it is told") {
    Policy policy({.probes = {plain_rules("chat")}, .now = policy_epoch});
    std::deque<CellFeed> feeds;
    std::vector<const Record*> records;
    for (const char letter : std::string("PFFPPPP")) {
        feeds.emplace_back(at("berlin"), std::to_string(records.size()) + "-");
        records.push_back(&feeds.back().run(verdict_of(letter), policy_epoch + (records.size() + 1) * 1min));
    }
    const Record nothing;
    records.push_back(&nothing);
    Texts kinds;
    for (const std::string& text : told(policy.observe_all(records))) kinds.push_back(text.substr(0, text.find(' ')));
    CHECK(kinds == Texts{"raised", "cleared"});
    CHECK(policy.observe_all({}).empty());
}

TEST_CASE("policy tick: vantages that fall silent leave the word to the others") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris")};
    PolicyPlay play(plain_rules("chat"));
    CHECK(told(play.rounds(cells, "PPP FPP FPP")) == Texts{"raised chat expectation_failed warning cell"});
    Texts changes;
    for (int minute = 0; minute < 8; ++minute) {
        CHECK(play.rounds(cells, "F..").empty());
        for (const FaultChange& change : play.tick()) {
            if (change.fault.failure_class != "stale") changes.push_back(told(change));
        }
    }
    CHECK(changes == Texts{"changed chat expectation_failed critical global"});
    CHECK(play.policy.faults().at(0).conditions.at(0).run_id == "r11");  // the newest
}

TEST_CASE("policy tick: a control target that falls silent vouches for nobody") {
    ProbeRules control = plain_rules("echo");
    control.service = "reference";
    control.control = true;
    PolicyPlay play(Policy::Options{.probes = {plain_rules("chat"), control}, .now = policy_epoch});
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"), at("berlin")};
    play.rounds(cells, "PP PF PF");
    REQUIRE(play.policy.faults().at(0).vouched);
    for (int minute = 0; minute < 7; ++minute) {
        play.rounds(cells, ".F");
        play.tick();
    }
    CHECK_FALSE(play.policy.faults().at(0).vouched);
}

TEST_CASE("policy: a lasting minority of two is a page with the run that makes it so") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris"), at("rome"), at("wien")};
    PolicyPlay play(plain_rules("chat"));
    play.rounds(cells, "FFPPP FFPPP");
    CHECK(told(play.rounds(cells, "FFPPP")) == Texts{"changed chat expectation_failed critical cell"});
}

TEST_CASE("policy: a condition that comes back from its rest is a change") {
    const ProbeRules rules = plain_rules("chat");
    const CellKey key = at("berlin");
    CellState state(std::make_shared<const CellKey>(key), rules, policy_epoch);
    CellRow row{.cells = {&state}};
    state.join(row);
    CellFeed feed(key);
    Wall now = policy_epoch;
    const auto run = [&](char letter) { return state.observe(feed.run(verdict_of(letter), now += 1min)); };
    for (int wave = 0; wave < 8; ++wave) {
        for (const char letter : std::string("FFPPP")) run(letter);
    }
    REQUIRE(state.flapping());
    REQUIRE(state.held().at(0).resting);
    CHECK(run('F') == CellState::Seen::quiet);
    CHECK(run('F') == CellState::Seen::changed);
    CHECK_FALSE(state.held().at(0).resting);
}

}  // namespace serin::test
