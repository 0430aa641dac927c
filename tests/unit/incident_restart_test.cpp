// SPDX-License-Identifier: Apache-2.0
// What a restart at any moment must not do: tell twice, or forget.
#include <algorithm>
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

}  // namespace

TEST_CASE("what was told is not told again after a restart") {
    BookPlay play;
    const Fault fault = failing(play);
    play.raise(fault);
    play.pass(1min);
    play.restart({fault});
    CHECK(play.told() == Told{"opened:chat page"});
    play.pass(4min);
    CHECK(play.told() == Told{"escalated:phone page"});
    CHECK(play.notices.back().id == "inc-1.2");
}

TEST_CASE("what ended while we were away is resolved by the restart") {
    BookPlay play;
    play.raise(failing(play));
    play.pass(1min);
    play.restart({});
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    CHECK(play.only().state == IncidentState::watching);
    CHECK(play.only().recovered_at == play.now);
}

TEST_CASE("what began while we were away is opened by the restart") {
    BookPlay play;
    play.restart({failing(play)});
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("what recurred while we were away is reopened by the restart") {
    BookPlay play;
    play.raise(failing(play));
    play.clear(failing(play));
    play.pass(1min);
    play.restart({failing(play)});
    CHECK(play.only().waves == 2);
    CHECK(play.told().back() == "reopened:chat page");
}

TEST_CASE("a notice that was held for siblings is not lost by a restart") {
    BookRules rules = book_rules();
    rules.gather = 10s;
    BookPlay play(rules);
    const Fault fault = failing(play);
    play.raise(fault);
    play.pass(3s);
    play.restart({fault});
    CHECK(play.told().empty());
    play.pass(7s);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("a change that was held is told after a restart") {
    BookPlay play;
    play.raise(failing(play));
    play.pass(1s);
    const Fault wide = fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now);
    play.change_to(wide);
    play.restart({wide});
    play.pass(1min);
    CHECK(play.told() == Told{"opened:chat page", "changed:chat"});
}

TEST_CASE("acknowledgements and mutes outlive a restart") {
    BookPlay play;
    const Fault fault = fault_of({"us-east-1"}, {"fra"}, play.now);
    play.raise(fault);
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 20min, play.now));
    play.done(play.book.mute(
        Mute{.service = "messages", .failure_class = "", .owner = "ann", .reason = "x", .until = play.now + 1h},
        play.now));
    play.restart({fault});
    CHECK(play.only().acknowledgement->by == "ann");
    CHECK(play.only().muted->owner == "ann");
    play.pass(1h - 1s);
    CHECK(play.told() == Told{"opened:chat page", "acknowledged:chat"});
    play.pass(1s);
    CHECK(play.told() == Told{"repeated:chat page"});
}

TEST_CASE("a mute that ran out while we were away is told at once") {
    BookPlay play;
    const Fault fault = fault_of({"us-east-1"}, {"fra"}, play.now);
    play.done(play.book.mute(
        Mute{.service = "messages", .failure_class = "", .owner = "ann", .reason = "x", .until = play.now + 1h},
        play.now));
    play.raise(fault);
    play.now += 2h;
    play.restart({fault});
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("symptoms stay with their root over a restart") {
    BookPlay play;
    const Fault root = failing(play);
    Fault shop = root;
    shop.service = "shop";
    shop.root = "messages";
    shop.root_class = "not_in_time";
    play.raise(root);
    play.raise(shop);
    play.restart({shop, root});
    play.pass(1min);
    CHECK(play.told() == Told{"opened:chat page", "changed:chat"});
    play.now += 1s;
    shop.root.clear();
    play.restart({shop});
    CHECK(play.told() == Told{"resolved:chat", "opened:chat page"});
}

TEST_CASE("a store that holds two active incidents of one key is put right") {
    BookPlay play;
    play.raise(failing(play));
    Incident older = play.only();
    older.id = "inc-0";
    older.opened_at -= 1h;
    play.stored["inc-0"] = older;
    play.restart({failing(play)});
    CHECK(play.stored.at("inc-0").state == IncidentState::closed);
    CHECK(play.stored.at("inc-1").state == IncidentState::open);
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    CHECK(play.notices.back().incident.id == "inc-0");
}

TEST_CASE("a restart without the channels that were told tells those that are there") {
    BookPlay play;
    const Fault fault = failing(play);
    play.raise(fault);
    play.rules.levels = {EscalationLevel{.after = 0s, .channels = {"pager"}}};
    play.restart({fault});
    CHECK(play.told() == Told{"opened:chat page", "opened:pager page"});
    CHECK(play.notices.back().id == "inc-1.2");
    play.restart({fault});
    CHECK(play.told().empty());
}

TEST_CASE("what is not watched any more after a restart is closed and nobody hears that it works") {
    BookPlay play;
    play.raise(failing(play));
    play.rules.services = {"shop"};
    play.restart({});
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().unwatched);
    CHECK_FALSE(play.only().recovered_at.has_value());
    CHECK_FALSE(play.only().cells[0].recovered_at.has_value());
    CHECK(play.entries_of("no longer watched") == 1);
    CHECK(play.entries_of("recovered") == 0);
    CHECK(headline(play.notices.back().incident, play.now).starts_with("no longer watched: "));
    CHECK(play.book.active().empty());
}

TEST_CASE("what is watched still or by nobody from the first is not closed by a restart") {
    BookPlay play;
    const Fault fault = failing(play);
    play.raise(fault);
    play.rules.services = {"messages"};
    play.restart({fault});
    CHECK(play.only().state == IncidentState::open);
    play.clear(fault);
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    CHECK_FALSE(play.only().unwatched);
    play.done(play.book.declare("post", "letters are lost", "ann", play.now, {}, play.now));
    play.restart({});
    CHECK(play.of("post").state == IncidentState::open);
}

TEST_CASE("what new rules do not watch any more is closed with the next step") {
    BookPlay play;
    const Fault fault = failing(play);
    play.raise(fault);
    BookRules rules = book_rules();
    rules.services = {"shop"};
    play.book.replace_rules(rules);
    SECTION("a tick") {
        play.pass(1s);
    }
    SECTION("the policy, which knows it neither") {
        play.clear(fault);
    }
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    CHECK(play.only().unwatched);
    CHECK(play.entries_of("no longer watched") == 1);
    CHECK(play.entries_of("recovered") == 0);
    play.pass(1h, 1min);
    CHECK(play.told().empty());
}

TEST_CASE("an incident of an older store is at least as severe as it says") {
    BookPlay play;
    const Fault fault = failing(play);
    play.raise(fault);
    play.stored.at("inc-1").highest_severity = AlertSeverity::info;
    play.restart({fault});
    CHECK(play.book.find("inc-1")->highest_severity == AlertSeverity::critical);
}

}  // namespace serin::test
