// SPDX-License-Identifier: Apache-2.0
// x of y runs, recovery, prober errors, staleness, missed slots.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

const CellKey cell{.probe = "chat-delivery", .vantage = "berlin", .target = "us-east"};

CellKey seen_from(const std::string& vantage) {
    return {.probe = "chat-delivery", .vantage = vantage, .target = "us-east"};
}

/// Places of the letters at which a fault was raised (R) and cleared (C); '.' else.
std::string story(const ProbeRules& rules, std::string_view letters) {
    PolicyPlay play(rules);
    std::string story;
    for (const char letter : letters) {
        char what = '.';
        for (const FaultChange& change : play.play(cell, std::string(1, letter))) {
            if (change.kind == FaultChange::Kind::raised) what = 'R';
            if (change.kind == FaultChange::Kind::cleared) what = 'C';
        }
        story += what;
    }
    return story;
}

ProbeRules hard(int failures, int runs) {
    ProbeRules rules = plain_rules();
    rules.hard = OfLast{.failures = failures, .runs = runs};
    return rules;
}

}  // namespace

TEST_CASE("policy: x of y failures raise at exactly the run that completes them") {
    struct Row {
        int failures, runs;
        std::string letters, story;
    };
    const std::vector<Row> rows{
        {1, 1, "PFPPP", ".R..C"},
        {2, 3, "PFPPF", "....."},
        {2, 3, "PFPFP", "...R."},
        {2, 3, "FF", ".R"},
        {2, 3, "PFPPFPPFPPFP", "............"},
        {2, 3, "FFFFF", ".R..."},
        {2, 3, "FPPF", "...."},
        {2, 2, "FPFPFF", ".....R"},
        {3, 3, "FFPFFPFFF", "........R"},
        {3, 5, "FPFPF", "....R"},
        {3, 5, "FPFPPF", "......"},
        {4, 10, "FPPFPPFPPF", ".........R"},
        {4, 10, "FPPFPPFPPPF", "..........."},
        {100, 100, std::string(100, 'F'), std::string(99, '.') + "R"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.failures, row.runs, row.letters);
        CHECK(story(hard(row.failures, row.runs), row.letters) == row.story);
    }
}

TEST_CASE("policy: a fault clears after three clean runs in a row and its window begins anew") {
    CHECK(story(hard(2, 3), "FFPPP") == ".R..C");
    CHECK(story(hard(2, 3), "FFPPFPPP") == ".R.....C");
    CHECK(story(hard(4, 10), "FFFFPPPF") == "...R..C.");        // not again: the window was emptied
    CHECK(story(hard(4, 10), "FFFFPPPFFFF") == "...R..C...R");  // four more
    CHECK(story(hard(2, 3), "FFPPSP") == ".R...C");             // skipped is nothing
    CHECK(story(hard(2, 3), "FFPPDPPP") == ".R.....C");         // degraded is not clean
    CHECK(story(hard(2, 3), "FFSSSAAA") == ".R......");         // nor is silence
}

TEST_CASE("policy: neither errors nor skipped runs push a failure out of the window") {
    CHECK(story(hard(2, 3), "FSSSSF") == ".....R");
    CHECK(story(hard(2, 3), "FAAAAF") == ".....R");
    ProbeRules rules = hard(2, 3);
    PolicyPlay play(rules);
    play.play(cell, "FE");
    CHECK(told(play.play(cell, "F")) == Texts{"raised chat expectation_failed critical global"});
}

TEST_CASE("policy: degraded runs fill the soft window and only failures make it critical") {
    ProbeRules rules = plain_rules();
    rules.soft = OfLast{.failures = 3, .runs = 5};
    PolicyPlay degraded(rules);
    CHECK(told(degraded.play(cell, "DPDPD")) == Texts{"raised chat expectation_failed warning global"});
    PolicyPlay failing(rules);
    CHECK(told(failing.play(cell, "FPPFPP")).empty());
    CHECK(told(failing.play(cell, "FDPF")) == Texts{"raised chat expectation_failed warning global"});
    PolicyPlay bare(rules);
    rules.hard.reset();
    bare.policy.replace_rules({.probes = {rules}, .now = policy_epoch});
    CHECK(told(bare.play(cell, "FPFPF")) == Texts{"raised chat expectation_failed critical global"});
}

TEST_CASE("policy: a condition says its rule in figures and its evidence") {
    PolicyPlay play(hard(2, 3));
    CellFeed& feed = play.feed(cell);
    play.play(cell, "PF");
    StepResult good, bad;
    good.number = 1;
    bad.number = 2;
    bad.id = "deliver";
    bad.title = "bob receives";
    bad.verdict = Verdict::fail;
    feed.outcome().steps = {good, bad};
    const auto changes = play.play(cell, "F");
    REQUIRE(changes.size() == 1);
    REQUIRE(changes[0].fault.conditions.size() == 1);
    const Condition& condition = changes[0].fault.conditions[0];
    CHECK(condition.because == "2 of 3 runs");
    CHECK(condition.message == "it does not work");
    CHECK(condition.run_id == "r3");
    CHECK(condition.step == "bob receives");
    CHECK(condition.step_number == 2);
    CHECK(condition.since == policy_epoch + 1min - 200ms);
    CHECK(condition.decided_at == policy_epoch + 2min);
    CHECK(changes[0].at == condition.decided_at);
    CHECK(changes[0].fault.since == condition.since);
    CHECK_FALSE(changes[0].fault.confirmed);
}

TEST_CASE("policy: recovery waits for clean runs from two vantages where two report") {
    const std::vector<CellKey> cells{seen_from("berlin"), seen_from("oslo")};
    PolicyPlay play(hard(2, 3));
    CHECK(told(play.rounds(cells, "FF FF")) == Texts{"raised chat expectation_failed warning cell",
                                                     "changed chat expectation_failed critical global confirmed"});
    CHECK(told(play.rounds(cells, "PF PF PF")).empty());  // berlin is clean three times, but alone
    CHECK(told(play.rounds(cells, "PP PP PP")).back() == "cleared chat expectation_failed critical global confirmed");
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy: a vantage that fell silent is not waited for") {
    const std::vector<CellKey> cells{seen_from("berlin"), seen_from("oslo")};
    PolicyPlay play(hard(2, 3));
    play.rounds(cells, "FP FP");
    play.rounds(cells, "F. F. F. F. F. F. F. P. P.");
    REQUIRE(play.policy.faults().size() == 1);
    play.rounds(cells, "P.");
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy: errors of the prober are a warning of their own and never the target's") {
    PolicyPlay play(hard(2, 3));
    CHECK(play.play(cell, "PEP").empty());
    const auto changes = play.play(cell, "E");
    CHECK(told(changes) == Texts{"raised chat expectation_failed warning schedule"});
    CHECK(changes[0].fault.conditions[0].rule == RuleKind::prober);
    CHECK(told(play.play(cell, "PFP")) == Texts{"cleared chat expectation_failed warning schedule"});
    const auto [standing] = std::array{play.policy.standings().at(0)};
    CHECK_FALSE(standing.failing);
}

TEST_CASE("policy: errors at one of several vantages blame that vantage") {
    const std::vector<CellKey> cells{seen_from("berlin"), seen_from("oslo")};
    PolicyPlay play(hard(2, 3));
    const auto changes = play.rounds(cells, "PP EP EP");
    CHECK(told(changes) == Texts{"raised chat expectation_failed warning vantage"});
    CHECK(changes[0].fault.vantages == std::vector<std::string>{"berlin"});
}

TEST_CASE("policy: no data is never a pass") {
    PolicyPlay play(hard(2, 3));
    play.play(cell, "PPFF");
    for (int minute = 0; minute < 600; ++minute) {
        play.now += 1min;
        play.tick();
    }
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].failure_class == "expectation_failed");
    CHECK(faults[0].severity == AlertSeverity::critical);
    CHECK(faults[1].failure_class == "stale");
}

TEST_CASE("policy: a cell is stale after five intervals without a judged run") {
    PolicyPlay play(hard(2, 3));
    play.play(cell, "P");
    const Wall last = play.now - 1min;
    play.now = last + 5min;
    CHECK(play.tick().empty());
    play.now += 1ns;
    const auto changes = play.tick();
    CHECK(told(changes) == Texts{"raised chat stale warning schedule"});
    CHECK(changes[0].fault.since == last);
    CHECK(play.tick().empty());
    CHECK(play.play(cell, "S").empty());  // skipped tells nothing
    CHECK(told(play.play(cell, "P")) == Texts{"cleared chat stale warning schedule"});
}

TEST_CASE("policy: a probe that never ran is stale") {
    PolicyPlay play(hard(2, 3));
    play.now += 5min;
    CHECK(play.tick().empty());
    play.now += 1s;
    CHECK(told(play.tick()) == Texts{"raised chat stale warning named"});
    CHECK(told(play.play(cell, "P")) == Texts{"cleared chat stale warning named"});
}

TEST_CASE("policy: a listed cell is stale though others of its probe run") {
    ProbeRules rules = hard(2, 3);
    rules.cells = {seen_from("berlin"), seen_from("oslo")};
    PolicyPlay play(rules);
    for (int minute = 0; minute < 7; ++minute) {
        play.play(seen_from("berlin"), "P");
        play.tick();
    }
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].failure_class == "stale");
    CHECK(faults[0].vantages == std::vector<std::string>{"oslo"});
    rules.cells = {seen_from("berlin")};
    CHECK(told(play.policy.replace_rules({.probes = {rules}, .now = play.now})) ==
          Texts{"cleared chat stale warning schedule"});
}

TEST_CASE("policy: slots that did not become runs are a fault of the prober") {
    PolicyPlay play(hard(2, 3));
    play.play(cell, "PPP");
    Gap gap{
        .key = play.feed(cell).key(), .first_scheduled_at = play.now, .last_scheduled_at = play.now + 1min, .count = 2};
    CHECK(play.policy.observe(gap).empty());
    CHECK(play.policy.observe(gap).empty());  // the same again is nothing
    CHECK(play.policy.observe(gap).empty());
    play.now += 2min;
    play.play(cell, "PPPPPPPP");  // the two are the oldest of ten
    gap.first_scheduled_at = gap.last_scheduled_at = play.now;
    gap.count = 1;
    CHECK(play.policy.observe(gap).empty());
    gap.first_scheduled_at = gap.last_scheduled_at = play.now + 1min;
    gap.count = 1000;
    CHECK(told(play.policy.observe(gap)) == Texts{"raised chat missed_runs warning schedule"});
    play.now += 2min;
    CHECK(told(play.play(cell, "EFP")).back() == "cleared chat missed_runs warning schedule");  // they took place
}

TEST_CASE("policy: the same run again changes nothing") {
    PolicyPlay play(hard(2, 3));
    play.play(cell, "PF");
    for (int times = 0; times < 5; ++times) CHECK(play.policy.observe(play.feed(cell).again()).empty());
    CHECK(play.policy.faults().empty());
    CHECK(play.play(cell, "F").size() == 1);
    play.play(cell, "P");
    for (int times = 0; times < 5; ++times) CHECK(play.policy.observe(play.feed(cell).again()).empty());
    CHECK(play.policy.faults().size() == 1);
}

TEST_CASE("policy: records without rules or contents are ignored") {
    PolicyPlay play(hard(2, 3));
    CHECK(play.play({.probe = "other"}, "FFFF").empty());
    CHECK(play.policy.observe(Record{}).empty());
    CHECK(play.policy.observe(Gap{}).empty());
    CHECK(play.policy.standings().empty());
}

}  // namespace serin::test
