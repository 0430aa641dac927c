// SPDX-License-Identifier: Apache-2.0
// Ten thousand cells in one fault: what is kept, what is counted, and what it costs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

constexpr int targets = 100, vantages = 100;

std::vector<std::string> named(const std::string& what, int count) {
    std::vector<std::string> names;
    for (int at = 0; at < count; ++at) names.push_back(what + std::to_string(1000 + at));
    return names;
}
Fault storm(const BookPlay& play, int on_targets = targets) {
    return fault_of(named("shard-", on_targets), named("site-", vantages), play.now - 90s);
}

}  // namespace

TEST_CASE("of ten thousand cells a thousand are listed and the others are counted") {
    BookPlay play;
    Fault fault = storm(play);
    REQUIRE(fault.conditions.size() == 10'000);
    play.raise(fault);
    CHECK(play.only().cells.size() == 1000);
    CHECK(play.only().more_cells == 9000);
    CHECK(play.only().targets.size() == 100);
    CHECK(scope_in_words(play.only()).ends_with("9000 more cells than are listed"));
    CHECK(play.told() == Told{"opened:chat page"});
    SECTION("in any order") {
        std::ranges::reverse(fault.conditions);
        CHECK(play.book.take(FaultChange{.kind = FaultChange::Kind::changed, .fault = fault, .at = play.now}).empty());
    }
    SECTION("a restart knows them") {
        play.restart({fault});
        CHECK(play.told().empty());
        CHECK(play.entries_of("widened") == 0);
    }
    SECTION("those that are not listed keep it failing") {
        // The first ten targets are the cells that are listed.
        std::erase_if(fault.conditions, [](const Condition& one) { return one.cell.target < "shard-1010"; });
        play.change_to(fault);
        CHECK(std::ranges::all_of(play.only().cells,
                                  [](const AffectedCell& cell) { return cell.recovered_at.has_value(); }));
        CHECK(play.only().more_cells == 9000);
        play.pass(5min);
        CHECK(play.told() == Told{"escalated:phone page"});
    }
    SECTION("more of them are told as a widening") {
        play.pass(2min);
        Fault wider = storm(play, targets + 1);
        play.change_to(wider);
        CHECK(play.only().more_cells == 9100);
        CHECK(play.told() == Told{"changed:chat"});
        CHECK(play.timeline.back().event == "told");
        CHECK(play.entries_of("widened") == 1);
    }
    SECTION("fewer of them are no widening") {
        play.change_to(storm(play, targets / 2));
        CHECK(play.only().more_cells == 4000);
        play.pass(2min);
        CHECK(play.told().empty());
    }
}

TEST_CASE("a window that covers only the cells that are listed does not silence the others") {
    BookPlay play;
    for (int at = 0; at < 10; ++at) play.maintained.insert("shard-" + std::to_string(1000 + at));
    play.raise(storm(play));
    CHECK(play.told() == Told{"opened:chat page"});
    BookPlay covered;
    for (const std::string& target : named("shard-", targets)) covered.maintained.insert(target);
    covered.raise(storm(covered));
    CHECK(covered.only().maintenance);
    CHECK(covered.told().empty());
}

TEST_CASE("what a storm costs grows with its cells and not with their square") {
    BookPlay play;
    const Fault fault = storm(play), half = storm(play, targets / 2);
    const std::clock_t before = std::clock();  // of this process, not of the wall
    play.raise(fault);
    for (int round = 0; round < 2; ++round) {
        play.change_to(half);
        play.change_to(fault);
    }
    play.clear(fault);
    const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    INFO(seconds << " s");
    CHECK(seconds < 5);  // 6 steps; compared cell by cell they would take minutes
}

}  // namespace serin::test
