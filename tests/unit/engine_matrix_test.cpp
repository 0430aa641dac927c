// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

Result<Lines> cells(Play& play, std::string_view text) {
    const auto scenario = play.load(text);
    const auto world = play.world_of(*scenario);
    if (!world) return std::unexpected(world.error());
    const Result<std::vector<Cell>> all = cells_of(*scenario, **world, play.evaluator);
    if (!all) return std::unexpected(all.error());
    Lines texts;
    for (const Cell& cell : *all) texts.push_back(cell.text());
    return texts;
}

TEST_CASE("the cells of a matrix are in order, the first axis slowest") {
    Play play;
    play.targets = {Play::target("eu", "http://eu.test", ""), Play::target("us", "http://us.test", "")};
    const auto all = cells(play, R"(
version: 1
name: matrix
matrix:
  sender: "${keys(targets)}"
  size: [1, big]
steps: [{ get: /a, expect: status == 200 }]
)");
    REQUIRE(all);
    CHECK(*all == Lines{"sender=eu size=1", "sender=eu size=big", "sender=us size=1", "sender=us size=big"});
}

TEST_CASE("a scenario without a matrix has one cell without axes") {
    Play play;
    const auto all = cells(play, "{version: 1, name: plain, steps: [{get: /a, expect: status == 200}]}");
    REQUIRE(all);
    CHECK(*all == Lines{""});
}

TEST_CASE("an axis without values is an error, for it would pass by running nothing") {
    Play play;
    play.targets.clear();
    const auto all = cells(play, R"(
version: 1
name: empty
matrix: { receiver: "${keys(targets)}" }
steps: [{ get: "http://x.test/", expect: status == 200 }]
)");
    REQUIRE_FALSE(all);
    CHECK_THAT(all.error().title, Contains("matrix.receiver") && Contains("has no values"));
}

TEST_CASE("`--set` replaces a variable, typed, and refuses one that does not exist") {
    Play play;
    const std::string_view text = R"(
version: 1
name: vars
vars: { room: lobby, size: 3 }
steps:
  - { post: "/${vars.room}", json: { size: "${vars.size}" }, expect: status == 200 }
)";
    play.set = {{"size", "5"}};
    (void)play.of(text);
    CHECK(play.http.asked.at(0).line() == "POST http://here.test/lobby");
    CHECK(play.http.asked.at(0).request.body == R"({"size":5})");

    play.set = {{"rom", "x"}};
    const auto world = play.world_of(*play.load(text));
    REQUIRE_FALSE(world);
    CHECK_THAT(world.error().title, Contains("--set rom"));
    CHECK_THAT(world.error().remedy, Contains("room"));
}

TEST_CASE("an axis called target chooses the run's own target, and actors may name others") {
    Play play;
    play.targets = {Play::target("eu", "http://eu.test", ""), Play::target("us", "http://us.test/", "")};
    play.cell.axes = {{"target", "us"}, {"other", "eu"}};
    const Outcome outcome = play.of(R"(
version: 1
name: axes
matrix: { target: [eu, us], other: [eu, us] }
actors:
  own: {}
  away: { target: "${matrix.other}" }
steps:
  - { get: /anonymous, expect: status == 200 }
  - { get: /own, as: own }
  - { get: /away, as: away }
  - { get: "http://else.test/${target.name}" }
)");
    CHECK(outcome.cell.text() == "target=us other=eu");
    CHECK(play.http.lines() == Lines{"GET http://us.test/anonymous", "GET http://us.test/own",
                                     "GET http://eu.test/away", "GET http://else.test/us"});
}

TEST_CASE("an actor of a target that does not exist is an error that names the nearest") {
    Play play;
    play.targets = {Play::target("us-east-1", "http://us.test", "")};
    const Outcome outcome = play.of(R"(
version: 1
name: typo
actors: { bob: { target: us-est-1 } }
steps: [{ get: /a, as: bob, expect: status == 200 }]
)");
    CHECK(outcome.verdict == Verdict::error);
    CHECK(outcome.failure_class == "invalid_request");
    CHECK_THAT(outcome.message, Contains("there is no target `us-est-1`"));
    CHECK_THAT(told(step(outcome, "get")), Contains("us-east-1"));
    CHECK(play.http.asked.empty());
}

TEST_CASE("a relative URL without any base is an error, an absolute one needs none") {
    Play play;
    play.targets.clear();
    const Outcome relative = play.of("{version: 1, name: base, steps: [{get: /a, expect: status == 200}]}");
    CHECK(relative.verdict == Verdict::error);
    CHECK_THAT(relative.message, Contains("`/a` has no host"));
    const Outcome absolute =
        play.of("{version: 1, name: base, steps: [{get: 'http://x.test/a', expect: status == 200}]}");
    CHECK(absolute.verdict == Verdict::pass);
}

}  // namespace
}  // namespace serin::test
