// SPDX-License-Identifier: Apache-2.0
// Who is to blame: vantages, targets, control targets, and what is not known.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

CellKey at(const std::string& vantage, const std::string& target = "us-east", const std::string& probe = "chat") {
    return {.probe = probe, .vantage = vantage, .target = target};
}

ProbeRules chat() {
    return plain_rules("chat");
}

Policy::Options with_control() {
    ProbeRules control = plain_rules("echo");
    control.service = "reference";
    control.control = true;
    return {.probes = {chat(), control}, .now = policy_epoch};
}

}  // namespace

TEST_CASE("policy: a minority of the vantages is a warning however long it lasts") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris")};
    PolicyPlay play(chat());
    const auto changes = play.rounds(cells, "PPP FPP FPP FPP FPP FPP FPP FPP");
    CHECK(told(changes) == Texts{"raised chat expectation_failed warning cell"});
    CHECK(changes[0].fault.vantages == Texts{"berlin"});
    CHECK(changes[0].fault.vantages_failing == 1);
    CHECK(changes[0].fault.vantages_reporting == 3);
}

TEST_CASE("policy: a strict majority confirms and half of them holds it") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris"), at("rome")};
    PolicyPlay play(chat());
    CHECK(told(play.rounds(cells, "FFPP FFPP")).back() == "changed chat expectation_failed warning cell");
    PolicyPlay three(chat());
    three.rounds(cells, "FFFP FFFP");
    CHECK(three.policy.faults().at(0).severity == AlertSeverity::critical);
    CHECK(three.policy.faults().at(0).confirmed);
    three.rounds(cells, "FFPP FFPP FFPP FFPP");  // paris is well again
    CHECK(three.policy.faults().at(0).vantages_failing == 2);
    CHECK(three.policy.faults().at(0).severity == AlertSeverity::critical);
    three.rounds(cells, "FPPP FPPP FPPP FPPP");
    CHECK(three.policy.faults().at(0).severity == AlertSeverity::warning);
}

TEST_CASE("policy: a minority of two that lasts is a page") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris"), at("rome"), at("wien")};
    PolicyPlay play(chat());
    play.rounds(cells, "FFPPP FFPPP");
    CHECK(play.policy.faults().at(0).severity == AlertSeverity::warning);
    play.rounds(cells, "FFPPP");
    play.tick();
    CHECK(play.policy.faults().at(0).severity == AlertSeverity::critical);
    CHECK_FALSE(play.policy.faults().at(0).confirmed);
    CHECK(play.policy.faults().at(0).vantages == Texts{"berlin", "oslo"});
}

TEST_CASE("policy: one target of two is a target fault and both are global") {
    const std::vector<CellKey> cells{at("berlin", "us-east"), at("oslo", "us-east"), at("berlin", "us-west"),
                                     at("oslo", "us-west")};
    PolicyPlay play(chat());
    play.rounds(cells, "PPPP FFPP FFPP");
    REQUIRE(play.policy.faults().size() == 1);
    CHECK(play.policy.faults()[0].scope == FaultScope::target);
    CHECK(play.policy.faults()[0].targets == Texts{"us-east"});
    CHECK(told(play.rounds(cells, "FFFF FFFF")).back() == "changed chat expectation_failed critical global confirmed");
    CHECK(play.policy.faults()[0].targets == Texts{"us-east", "us-west"});
    CHECK(play.policy.faults()[0].conditions.size() == 4);
}

TEST_CASE("policy: a vantage whose control target fails too is to blame itself") {
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"), at("oslo", "echo", "echo"), at("berlin"), at("oslo"),
                                     at("paris")};
    PolicyPlay play(with_control());
    const auto changes = play.rounds(cells, "PPPPP FPFPP FPFPP FPFPP");
    for (const FaultChange& change : changes) CHECK(change.fault.severity == AlertSeverity::warning);
    REQUIRE(play.policy.faults().size() == 2);
    for (const Fault& fault : play.policy.faults()) {
        CHECK(fault.scope == FaultScope::vantage);
        CHECK(fault.vantages == Texts{"berlin"});
        CHECK_FALSE(fault.confirmed);
    }
}

TEST_CASE("policy: the only vantage is blamed when its control target fails") {
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"), at("berlin")};
    PolicyPlay play(with_control());
    for (const FaultChange& change : play.rounds(cells, "PP FF FF FF")) {
        CHECK(change.fault.scope == FaultScope::vantage);
        CHECK(change.fault.severity == AlertSeverity::warning);
    }
    play.rounds(cells, "PF PF");  // the network is back, perhaps
    CHECK(play.policy.faults().size() == 2);
    CHECK(told(play.rounds(cells, "PF")) == Texts{"changed chat expectation_failed critical global",
                                                  "cleared reference expectation_failed warning vantage"});
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].service == "chat");
    CHECK(faults[0].severity == AlertSeverity::critical);
    CHECK(faults[0].scope == FaultScope::global);
}

TEST_CASE("policy: a control target that the only vantage sees well vouches for it and confirms nothing") {
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"), at("berlin")};
    PolicyPlay play(with_control());
    play.rounds(cells, "PP PF PF");
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].vouched);
    CHECK_FALSE(faults[0].confirmed);
    CHECK(faults[0].vantages_reporting == 1);
    PolicyPlay alone({.probes = {chat()}, .now = policy_epoch});
    alone.rounds({at("berlin")}, "P F F");
    REQUIRE(alone.policy.faults().size() == 1);
    CHECK_FALSE(alone.policy.faults()[0].vouched);
}

TEST_CASE("policy: a real fault stays one while a vantage is blamed") {
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"),
                                     at("oslo", "echo", "echo"),
                                     at("paris", "echo", "echo"),
                                     at("berlin"),
                                     at("oslo"),
                                     at("paris")};
    PolicyPlay play(with_control());
    play.rounds(cells, "PPPPPP FPPFFF FPPFFF");
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].service == "chat");
    CHECK(faults[0].severity == AlertSeverity::critical);
    CHECK(faults[0].confirmed);
    CHECK(faults[0].vantages == Texts{"oslo", "paris"});
}

TEST_CASE("policy: a control target that is down itself clears nobody") {
    const std::vector<CellKey> cells{at("berlin", "echo", "echo"), at("oslo", "echo", "echo"), at("berlin"),
                                     at("oslo")};
    PolicyPlay play(with_control());
    play.rounds(cells, "PPPP FFFF FFFF");
    for (const Fault& fault : play.policy.faults()) {
        CHECK(fault.scope == FaultScope::global);
        CHECK(fault.severity == AlertSeverity::critical);
    }
    CHECK(play.policy.faults().size() == 2);
}

TEST_CASE("policy: vantages that do not report are neither good nor bad") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris")};
    PolicyPlay play(chat());
    play.rounds(cells, "PPP P.. P.. P.. P.. P.. P..");  // oslo and paris are silent
    CHECK(told(play.rounds(cells, "F.. F..")) == Texts{"raised chat expectation_failed critical global"});
    CHECK(play.policy.faults()[0].vantages_reporting == 1);
    // They report again, and they are well: berlin is a minority.
    CHECK(told(play.rounds(cells, "FPP")).back() == "changed chat expectation_failed warning cell");
}

TEST_CASE("policy: a fault that nobody looks at any more stays as it was") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("paris")};
    PolicyPlay play(chat());
    play.rounds(cells, "FFP FFP");
    const Fault before = play.policy.faults().at(0);
    CHECK(before.severity == AlertSeverity::critical);
    play.now += 1h;
    for (const FaultChange& change : play.tick()) CHECK(change.fault.failure_class == "stale");
    const Fault after = play.policy.faults().at(0);
    CHECK(after.severity == AlertSeverity::critical);
    CHECK(after.vantages == before.vantages);
    CHECK(after.confirmed);
}

TEST_CASE("policy: vantages that fail for different reasons confirm each other") {
    const std::vector<CellKey> cells{at("berlin"), at("oslo")};
    PolicyPlay play(chat());
    for (int round = 0; round < 2; ++round) {
        play.run(cells[0], 'F', "timeout");
        play.run(cells[1], 'F', "connection_reset");
        play.now += 1min;
    }
    play.tick();
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    for (const Fault& fault : faults) {
        CHECK(fault.confirmed);
        CHECK(fault.severity == AlertSeverity::critical);
        CHECK(fault.conditions.size() == 1);
    }
}

TEST_CASE("policy: another target's other failure is no part of this one") {
    const std::vector<CellKey> cells{at("berlin", "us-east"), at("oslo", "us-east"), at("berlin", "us-west"),
                                     at("oslo", "us-west")};
    PolicyPlay play(chat());
    for (int round = 0; round < 2; ++round) {
        for (const CellKey& cell : cells) play.run(cell, 'F', cell.target == "us-east" ? "timeout" : "lost");
        play.now += 1min;
    }
    play.tick();
    REQUIRE(play.policy.faults().size() == 2);
    for (const Fault& fault : play.policy.faults()) {
        CHECK(fault.scope == FaultScope::target);
        CHECK(fault.targets == Texts{fault.failure_class == "timeout" ? "us-east" : "us-west"});
    }
}

TEST_CASE("policy: one cell of a scenario's matrix seen from one vantage is a path fault") {
    CellKey there = at("berlin", ""), back = at("berlin", "");
    there.cell = "sender=a receiver=b";
    back.cell = "sender=b receiver=a";
    PolicyPlay play(chat());
    CHECK(told(play.rounds({there, back}, "PP FP FP")) == Texts{"raised chat expectation_failed critical cell"});
}

TEST_CASE("policy: two probes of one service make one fault") {
    PolicyPlay play(Policy::Options{.probes = {chat(), plain_rules("login")}, .now = policy_epoch});
    const std::vector<CellKey> cells{at("berlin"), at("oslo"), at("berlin", "us-east", "login"),
                                     at("oslo", "us-east", "login")};
    play.rounds(cells, "FFFF FFFF");
    REQUIRE(play.policy.faults().size() == 1);
    CHECK(play.policy.faults()[0].conditions.size() == 4);
    CHECK(play.policy.faults()[0].conditions[0].cell == cells[0]);
    CHECK(play.policy.faults()[0].conditions[3].cell == cells[3]);
}

}  // namespace serin::test
