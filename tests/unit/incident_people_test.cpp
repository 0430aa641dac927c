// SPDX-License-Identifier: Apache-2.0
// Closing, declaring, notes and drills.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

Fault failing(const BookPlay& play) {
    return fault_of({"us-east-1"}, {"fra", "iad"}, play.now - 90s);
}
Fault drill_of(const BookPlay& play, std::vector<std::string> channels) {
    Fault fault = fault_of(std::move(channels), {"fra"}, play.now);
    fault.service = "drill";
    fault.drill = true;
    return fault;
}

}  // namespace

TEST_CASE("no wish closes what still fails") {
    BookPlay play;
    play.raise(failing(play));
    const auto closed = play.book.close("inc-1", "ann", "", Usefulness::actioned, play.now);
    REQUIRE_FALSE(closed.has_value());
    CHECK(closed.error().title == "incident inc-1 still fails, and no wish ends that");
    CHECK(play.book.find("inc-1")->state == IncidentState::open);
}

TEST_CASE("a person closes what has recovered and says what the alert was worth") {
    BookPlay play;
    play.raise(failing(play));
    play.clear(failing(play));
    CHECK_FALSE(play.book.close("inc-1", "", "", Usefulness::actioned, play.now).has_value());
    play.done(play.book.close("inc-1", "ann", "reverted", Usefulness::actioned, play.now));
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().usefulness == Usefulness::actioned);
    CHECK(play.timeline.back().by == "ann");
    CHECK(play.timeline.back().text == "closed as actioned: reverted");
    CHECK_FALSE(play.book.close("inc-1", "ann", "", Usefulness::unknown, play.now).has_value());
    CHECK_FALSE(play.book.close("inc-7", "ann", "", Usefulness::actioned, play.now).has_value());
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    play.raise(failing(play));
    CHECK(play.stored.size() == 2);
}

TEST_CASE("what a person found first is an incident of its own that only a person ends") {
    BookPlay play;
    play.done(play.book.declare("messages", "customers see no messages", "ann", play.now - 10min, {}, play.now));
    CHECK(play.only().declared);
    CHECK(play.only().began_at == play.now - 10min);
    CHECK(play.only().message == "customers see no messages");
    CHECK(play.told() == Told{"opened:chat page"});
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
    play.restart({});
    CHECK(play.only().state == IncidentState::open);
    play.done(play.book.close("inc-1", "ann", "", Usefulness::actioned, play.now));
    CHECK(play.told() == Told{"resolved:chat+phone"});
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.book.active().empty());
}

TEST_CASE("what is over when it is declared wakes nobody") {
    BookPlay play;
    play.done(play.book.declare("messages", "it was slow", "ann", play.now - 2h, play.now - 1h, play.now));
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().recovered_at == play.now - 1h);
    CHECK(play.told().empty());
    CHECK_FALSE(play.book.next_due().has_value());
}

TEST_CASE("what a rule found already is not declared again") {
    BookPlay play;
    play.raise(failing(play));
    play.pass(20min);
    play.clear(failing(play));
    const Wall end = play.now;
    play.pass(2h, 1min);
    SECTION("it lies within") {
        play.done(play.book.declare("messages", "it was slow", "ann", end - 5min, end + 1min, play.now));
        CHECK_FALSE(play.only().declared);
        CHECK(play.timeline.back().event == "declared");
        CHECK(play.timeline.back().by == "ann");
    }
    SECTION("it lies within its own duration of it") {
        play.done(play.book.declare("messages", "it was slow", "ann", end + 10min, end + 21min, play.now));
        CHECK(play.stored.size() == 1);
    }
    SECTION("it lies farther off") {
        play.done(play.book.declare("messages", "it was slow", "ann", end + 10min, end + 19min, play.now));
        CHECK(play.stored.size() == 2);
    }
    SECTION("it is another service") {
        play.done(play.book.declare("shop", "it was slow", "ann", end - 5min, end, play.now));
        CHECK(play.of("shop").declared);
    }
}

TEST_CASE("declarations that make no sense are refused") {
    BookPlay play;
    const auto refused = [&](const char* service, const char* text, const char* by, Wall from, std::optional<Wall> to) {
        return !play.book.declare(service, text, by, from, to, play.now).has_value();
    };
    CHECK(refused("", "x", "ann", play.now, {}));
    CHECK(refused("messages", "", "ann", play.now, {}));
    CHECK(refused("messages", "x", "", play.now, {}));
    CHECK(refused("messages", "x", "ann", play.now + 1s, {}));
    CHECK(refused("messages", "x", "ann", play.now - 1h, play.now - 2h));
    CHECK(refused("messages", "x", "ann", play.now - 1h, play.now + 2h));
    CHECK(play.book.active().empty());
}

TEST_CASE("what a channel tells goes into the timeline") {
    BookPlay play;
    play.raise(failing(play));
    play.keep(play.book.note("inc-1", "resolved_there", "ann resolved it in PagerDuty", play.now));
    CHECK(play.timeline.back().event == "resolved_there");
    CHECK(play.only().state == IncidentState::open);
    CHECK(play.book.note("inc-9", "x", "y", play.now).empty());
}

TEST_CASE("a drill tells only its channel and is closed with its end") {
    BookPlay play;
    play.raise(drill_of(play, {"phone"}));
    CHECK(play.only().drill);
    CHECK(play.only().drill_channel == "phone");
    CHECK(play.told() == Told{"opened:phone page"});
    CHECK(play.notices[0].failover.empty());
    play.pass(1h, 1min);
    CHECK(play.told().empty());
    play.clear(drill_of(play, {"phone"}));
    CHECK(play.told() == Told{"resolved:phone"});
    CHECK(play.only().state == IncidentState::closed);
}

TEST_CASE("a drill without a channel tells all of the first level") {
    BookPlay play;
    play.raise(drill_of(play, {}));
    CHECK(play.only().drill_channel.empty());
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("a drill is not held by gathering and not silenced by mutes") {
    BookRules rules = book_rules();
    rules.gather = 10s;
    BookPlay play(rules);
    play.done(play.book.mute(
        Mute{.service = "drill", .failure_class = "", .owner = "ann", .reason = "x", .until = play.now + 1h},
        play.now));
    play.raise(drill_of(play, {"phone"}));
    CHECK(play.told() == Told{"opened:phone page"});
}

TEST_CASE("a drill that a person ended does not begin again") {
    BookPlay play;
    const Fault drill = drill_of(play, {"phone"});
    play.raise(drill);
    play.done(play.book.close("inc-1", "ann", "", Usefulness::unknown, play.now));
    CHECK(play.told() == Told{"opened:phone page", "resolved:phone"});
    play.change_to(drill);
    play.clear(drill);
    CHECK(play.stored.size() == 1);
    CHECK(play.told().empty());
}

TEST_CASE("a drill and a fault of the same service are two incidents") {
    BookPlay play;
    Fault drill = failing(play);
    drill.drill = true;
    play.raise(drill);
    play.raise(failing(play));
    CHECK(play.stored.size() == 2);
}

TEST_CASE("what an alert was worth can be said after it closed by itself and after a restart") {
    BookPlay play;
    play.raise(failing(play));
    play.clear(failing(play));
    play.pass(25h, 1h);
    REQUIRE(play.only().state == IncidentState::closed);
    const auto closed_at = play.only().closed_at;
    if (GENERATE(false, true)) play.restart({});
    CHECK_FALSE(play.book.close("inc-1", "ann", "", Usefulness::unknown, play.now).has_value());
    CHECK_FALSE(play.book.close("inc-1", "", "", Usefulness::false_alarm, play.now).has_value());
    CHECK(play.only().usefulness == Usefulness::unknown);
    play.done(play.book.close("inc-1", "ann", "a test account", Usefulness::false_alarm, play.now));
    CHECK(play.only().usefulness == Usefulness::false_alarm);
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().closed_at == closed_at);
    CHECK(play.timeline.back().event == "judged");
    CHECK(play.timeline.back().by == "ann");
    CHECK(play.timeline.back().text == "judged as false_alarm: a test account");
    play.done(play.book.close("inc-1", "bob", "", Usefulness::actioned, play.now));
    CHECK(play.only().usefulness == Usefulness::actioned);
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
}

}  // namespace serin::test
