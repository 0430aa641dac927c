// SPDX-License-Identifier: Apache-2.0
// Mutes, maintenance and symptoms: what is measured and shown, and whom nobody wakes for.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

/// Seen from one vantage only: critical, not confirmed.
Fault single(const BookPlay& play) {
    return fault_of({"us-east-1"}, {"fra"}, play.now - 90s);
}
Fault confirmed(const BookPlay& play) {
    return fault_of({"us-east-1"}, {"fra", "iad"}, play.now - 90s);
}
Mute mute_of(const BookPlay& play, Duration lasts, std::string failure_class = {}) {
    return Mute{.service = "messages",
                .failure_class = std::move(failure_class),
                .owner = "ann",
                .reason = "known, ticket 12",
                .until = play.now + lasts};
}
Fault symptom_of(const BookPlay& play) {
    Fault fault = confirmed(play);
    fault.service = "shop";
    fault.conditions[0].message = "nobody can buy";
    fault.root = "messages";
    fault.root_class = "not_in_time";
    return fault;
}

}  // namespace

TEST_CASE("a muted incident opens and is shown and nobody is told") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10h), play.now));
    play.raise(single(play));
    play.pass(2h, 1min);
    CHECK(play.told().empty());
    CHECK(play.only().muted->owner == "ann");
    CHECK(play.entries_of("muted") == 1);
    play.clear(single(play));
    CHECK(play.told().empty());
}

TEST_CASE("a mute of one failure class leaves the others alone") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10h, "dns_failure"), play.now));
    play.raise(single(play));
    CHECK(play.told() == Told{"opened:chat page"});
    Fault dns = single(play);
    dns.failure_class = "dns_failure";
    play.raise(dns);
    CHECK(play.told().empty());
}

TEST_CASE("a confirmed critical failure overrides a mute and the page says so") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10h), play.now));
    play.raise(confirmed(play));
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.entries_of("mute_overridden") == 1);
    CHECK(headline(play.notices[0].incident, play.now).find("mute of ann overridden") != std::string::npos);
}

TEST_CASE("a muted incident that becomes confirmed pages at once") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10h), play.now));
    play.raise(single(play));
    play.pass(1h, 1min);
    CHECK(play.told().empty());
    play.change_to(confirmed(play));
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("a confirmed warning does not override a mute") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10h), play.now));
    Fault fault = confirmed(play);
    fault.severity = AlertSeverity::warning;
    play.raise(fault);
    CHECK(play.told().empty());
}

TEST_CASE("a mute that expires while the failure goes on is told at once") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 10min), play.now));
    play.raise(single(play));
    CHECK(play.book.next_due().value() <= play.now + 10min);
    play.pass(10min - 1s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.entries_of("mute_over") == 1);
    CHECK_FALSE(play.only().muted.has_value());
    CHECK(play.book.mutes(play.now).empty());
}

TEST_CASE("a mute silences what was told before and its end reminds") {
    BookPlay play;
    play.raise(single(play));
    play.done(play.book.mute(mute_of(play, 1h), play.now));
    play.pass(1h - 1s);
    CHECK(play.told() == Told{"opened:chat page"});
    play.pass(1s);
    CHECK(play.told() == Told{"repeated:chat page"});
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
}

TEST_CASE("the end of what was told before a mute is told") {
    BookPlay play;
    play.raise(single(play));
    play.done(play.book.mute(mute_of(play, 1h), play.now));
    play.clear(single(play));
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
}

TEST_CASE("a mute needs an owner and a reason and an end within fourteen days") {
    BookPlay play;
    const auto refused = [&](Mute mute) { return !play.book.mute(mute, play.now).has_value(); };
    Mute mute = mute_of(play, 24h);
    mute.owner.clear();
    CHECK(refused(mute));
    mute = mute_of(play, 24h);
    mute.reason.clear();
    CHECK(refused(mute));
    mute = mute_of(play, 24h);
    mute.service.clear();
    CHECK(refused(mute));
    CHECK(refused(mute_of(play, 0s)));
    CHECK(refused(mute_of(play, 24h * 14 + 1s)));
    CHECK(play.book.mutes(play.now).empty());
    CHECK_FALSE(refused(mute_of(play, 24h * 14)));
}

TEST_CASE("a mute of the same service and class replaces the one before") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 24h), play.now));
    play.done(play.book.mute(mute_of(play, 1h), play.now));
    REQUIRE(play.mutes.size() == 1);
    CHECK(play.mutes[0].until == play.now + 1h);
}

TEST_CASE("taking a mute back tells what goes on at once") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 24h), play.now));
    play.raise(single(play));
    CHECK_FALSE(play.book.unmute("messages", "dns_failure", "bob", play.now).has_value());
    CHECK_FALSE(play.book.unmute("messages", "", "", play.now).has_value());
    play.done(play.book.unmute("messages", "", "bob", play.now));
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.entries_of("unmuted") == 1);
    CHECK(play.mutes.empty());
}

TEST_CASE("a book never mutes by itself") {
    BookPlay play;
    for (int round = 0; round < 50; ++round) {
        play.raise(single(play));
        play.pass(1min);
        play.clear(single(play));
        play.pass(25h, 1h);
    }
    CHECK(play.book.mutes(play.now).empty());
    const Told told = play.told();
    CHECK(std::ranges::count(told, "opened:chat page") == 50);
}

TEST_CASE("maintenance that covers every failing cell keeps quiet and pages when it ends") {
    BookPlay play;
    play.maintained = {"us-east-1"};
    play.raise(confirmed(play));
    CHECK(play.only().maintenance);
    CHECK(play.book.next_due().value() <= play.now + 1s);
    play.pass(1h, 10s);
    CHECK(play.told().empty());
    play.maintained.clear();
    play.pass(1s);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK_FALSE(play.only().maintenance);
    CHECK(play.entries_of("maintenance_over") == 1);
}

TEST_CASE("one failing cell outside of maintenance is enough to page") {
    BookPlay play;
    play.maintained = {"us-east-1"};
    play.raise(confirmed(play));
    play.change_to(fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now));
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("what fails and recovers within maintenance is never told") {
    BookPlay play;
    play.maintained = {"us-east-1"};
    play.raise(confirmed(play));
    play.clear(confirmed(play));
    play.pass(1min);
    CHECK(play.told().empty());
    CHECK(play.only().state == IncidentState::watching);
}

TEST_CASE("a cell that recovered does not count for maintenance") {
    BookPlay play;
    play.maintained = {"us-east-1"};
    BookRules rules = book_rules();
    rules.gather = 5s;
    play.book.replace_rules(rules);
    play.raise(fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now));
    CHECK_FALSE(play.only().maintenance);
    play.pass(1s);
    play.change_to(confirmed(play));
    CHECK(play.only().maintenance);
    play.pass(1min);
    CHECK(play.told().empty());
}

TEST_CASE("what was told before a window stays as it is") {
    BookPlay play;
    play.raise(confirmed(play));
    play.maintained = {"us-east-1"};
    play.pass(1min);
    CHECK_FALSE(play.only().maintenance);
    play.clear(confirmed(play));
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    play.raise(confirmed(play));
    CHECK(play.only().maintenance);
    CHECK(play.told().empty());
}

TEST_CASE("a symptom is kept with its root and wakes nobody by itself") {
    BookPlay play;
    play.raise(confirmed(play));
    play.raise(symptom_of(play));
    play.pass(2min);
    CHECK(play.told() == Told{"opened:chat page", "changed:chat"});
    CHECK(play.of("shop").attached);
    CHECK(play.of("shop").attached_to == "inc-1");
    REQUIRE(play.of("messages").symptoms.size() == 1);
    CHECK(play.of("messages").symptoms[0].service == "shop");
    CHECK(play.of("messages").symptoms[0].message == "nobody can buy");
    play.clear(symptom_of(play));
    CHECK(play.of("messages").symptoms[0].until == play.now);
    CHECK(play.told().empty());
    CHECK(play.of("shop").state == IncidentState::watching);
}

TEST_CASE("a symptom that comes before its root waits for it") {
    BookPlay play;
    play.raise(symptom_of(play));
    play.pass(2s);
    play.raise(confirmed(play));
    play.pass(1min);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.of("shop").attached_to == play.of("messages").id);
}

TEST_CASE("a symptom whose root never comes is told by itself") {
    BookPlay play;
    play.raise(symptom_of(play));
    play.pass(9s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK_FALSE(play.only().attached);
}

TEST_CASE("a symptom that outlives its root is told at once") {
    BookPlay play;
    play.raise(confirmed(play));
    play.raise(symptom_of(play));
    play.pass(5min - 1s);
    CHECK(play.told() == Told{"opened:chat page", "changed:chat"});
    play.clear(confirmed(play));
    CHECK(play.told() == Told{"resolved:chat", "opened:chat page"});
    CHECK_FALSE(play.of("shop").attached);
    CHECK(play.entries_of("detached") == 1);
}

TEST_CASE("a fault that becomes a symptom after it was told stays told and is resolved") {
    BookPlay play;
    Fault shop = symptom_of(play);
    shop.root.clear();
    play.raise(shop);
    play.raise(confirmed(play));
    play.change_to(symptom_of(play));
    CHECK_FALSE(play.of("shop").attached);
    CHECK(play.of("messages").symptoms.size() == 1);
    CHECK(play.told() == Told{"opened:chat page", "opened:chat page"});
    play.clear(symptom_of(play));
    CHECK(play.told() == Told{"resolved:chat"});
}

TEST_CASE("a root that wakes nobody explains nothing away") {
    BookPlay play;
    SECTION("it is muted") {
        play.done(play.book.mute(mute_of(play, 1h), play.now));
        play.raise(single(play));
        play.raise(symptom_of(play));
        CHECK(play.told() == Told{"opened:chat page"});
        CHECK(play.notices[0].incident.service == "shop");
    }
    SECTION("it is only a warning") {
        Fault root = single(play);
        root.severity = AlertSeverity::warning;
        play.raise(root);
        play.raise(symptom_of(play));
        CHECK(play.told() == Told{"opened:mail", "opened:chat page"});
    }
}

TEST_CASE("services that depend on each other do not explain each other away") {
    BookPlay play;
    Fault root = confirmed(play);
    root.root = "shop";
    root.root_class = "not_in_time";
    play.raise(root);
    play.raise(symptom_of(play));
    play.pass(1min);
    CHECK(play.told().size() >= 1);
}

TEST_CASE("a symptom of a symptom is kept with the first root") {
    BookPlay play;
    play.raise(confirmed(play));
    play.raise(symptom_of(play));
    Fault third = symptom_of(play);
    third.service = "invoices";
    third.root = "shop";
    play.raise(third);
    CHECK(play.of("invoices").attached_to == play.of("messages").id);
    CHECK(play.of("messages").symptoms.size() == 2);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("the word of the only vantage does not override a mute however well it sees") {
    BookPlay play;
    play.done(play.book.mute(mute_of(play, 1h), play.now));
    Fault fault = single(play);
    fault.vouched = true;
    play.raise(fault);
    play.pass(30min, 1min);
    CHECK(play.only().vouched);
    CHECK(play.told().empty());
}

TEST_CASE("a root that was told and then muted swallows no new symptom") {
    BookPlay play;
    play.raise(single(play));
    play.done(play.book.mute(mute_of(play, 24h), play.now));
    CHECK(play.told() == Told{"opened:chat page"});
    play.pass(1min);
    play.raise(symptom_of(play));
    CHECK_FALSE(play.of("shop").attached);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.notices.back().incident.service == "shop");
    CHECK(play.of("messages").symptoms.size() == 1);
}

TEST_CASE("a mute of the root lets go of the symptoms that it explained") {
    BookPlay play;
    play.raise(single(play));
    play.raise(symptom_of(play));
    CHECK(play.of("shop").attached);
    CHECK(play.told() == Told{"opened:chat page"});
    play.done(play.book.mute(mute_of(play, 24h), play.now));
    CHECK_FALSE(play.of("shop").attached);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("a symptom that is critical widens its root and voids its acknowledgement") {
    BookPlay play;
    play.raise(confirmed(play));
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.pass(10min);
    CHECK(play.told() == Told{"opened:chat page", "acknowledged:chat"});
    play.raise(symptom_of(play));
    CHECK(play.of("shop").attached);
    CHECK_FALSE(play.of("messages").acknowledgement.has_value());
    CHECK(play.entries_of("acknowledgement_void") == 1);
    CHECK(play.told() == Told{"changed:chat"});  // in the same step
    CHECK(play.notices.back().incident.symptoms.size() == 1);
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
    // The same service again, in another class too, is nothing new.
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.clear(symptom_of(play));
    play.raise(symptom_of(play));
    Fault other = symptom_of(play);
    other.failure_class = "dns_failure";
    play.raise(other);
    play.pass(2min);
    CHECK(play.told() == Told{"acknowledged:chat+phone"});
    CHECK(play.of("messages").acknowledgement.has_value());
    play.restart({confirmed(play), symptom_of(play), other});
    CHECK(play.of("messages").acknowledgement.has_value());
}

TEST_CASE("a symptom that becomes critical widens its root") {
    BookPlay play;
    play.raise(confirmed(play));
    Fault shop = symptom_of(play);
    shop.severity = AlertSeverity::warning;
    play.raise(shop);
    play.pass(2min);
    CHECK(play.told() == Told{"opened:chat page"});
    play.change_to(symptom_of(play));
    CHECK(play.told() == Told{"changed:chat"});
    CHECK(play.of("shop").attached);
}

TEST_CASE("an acknowledged root explains the warnings that were known and no others") {
    BookPlay play;
    Fault shop = symptom_of(play);
    shop.severity = AlertSeverity::warning;
    play.raise(confirmed(play));
    play.raise(shop);
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.pass(5min);
    CHECK(play.told() == Told{"opened:chat page", "acknowledged:chat"});
    Fault invoices = shop;
    invoices.service = "invoices";
    play.raise(invoices);
    CHECK(play.told() == Told{"opened:mail"});
    CHECK(play.notices.back().incident.service == "invoices");
    CHECK(play.of("shop").attached);
    CHECK(play.of("messages").acknowledgement.has_value());
    play.clear(shop);
    play.raise(shop);
    play.pass(1min);
    CHECK(play.told().empty());
    CHECK(play.of("shop").attached);
    CHECK_FALSE(play.of("invoices").attached);
}

TEST_CASE("an acknowledgement of what is muted tells nobody and is seen by the caller") {
    BookPlay play;
    play.raise(single(play));
    const auto acknowledged = [](const Transitions& all) {
        return std::ranges::any_of(all, [](const Transition& one) { return one.acknowledged; });
    };
    play.done(play.book.mute(mute_of(play, 1h), play.now));
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(acknowledged(play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now))));
    CHECK(play.told().empty());
    CHECK_FALSE(acknowledged(play.keep(play.book.tick(play.now + 3h))));
}

}  // namespace serin::test
