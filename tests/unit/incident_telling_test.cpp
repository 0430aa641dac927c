// SPDX-License-Identifier: Apache-2.0
// Who is told of an incident when: severity, gathering, changes, escalation, acknowledgement.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

Fault narrow(const BookPlay& play, AlertSeverity severity = AlertSeverity::critical) {
    Fault fault = fault_of({"us-east-1"}, {"fra", "iad"}, play.now - 90s);
    fault.severity = severity;
    return fault;
}
Fault wide(const BookPlay& play, AlertSeverity severity = AlertSeverity::critical) {
    Fault fault = fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now - 90s);
    fault.severity = severity;
    return fault;
}
BookPlay gathering(Duration gather) {
    BookRules rules = book_rules();
    rules.gather = gather;
    return BookPlay(rules);
}

}  // namespace

TEST_CASE("a warning goes to the channels for warnings and is neither a page nor escalated") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::warning));
    play.pass(2h, 1min);
    CHECK(play.told() == Told{"opened:mail"});
    CHECK_FALSE(play.only().paged_at.has_value());
    play.clear(narrow(play, AlertSeverity::warning));
    CHECK(play.told() == Told{"resolved:mail"});
}

TEST_CASE("nobody is told of what is only shown") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::info));
    play.pass(1h, 1min);
    play.clear(narrow(play, AlertSeverity::info));
    CHECK(play.told().empty());
    CHECK(play.only().state == IncidentState::watching);
    BookRules rules = book_rules();
    rules.info_channels = {"feed"};
    BookPlay fed(rules);
    fed.raise(narrow(fed, AlertSeverity::info));
    CHECK(fed.told() == Told{"opened:feed"});
}

TEST_CASE("a warning that becomes critical pages at once") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::warning));
    play.pass(5s);
    play.change_to(narrow(play));
    CHECK(play.told() == Told{"opened:mail", "changed:chat page"});
    CHECK(play.only().paged_at == play.now);
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
    play.clear(narrow(play));
    CHECK(play.told() == Told{"resolved:mail+chat+phone"});
}

TEST_CASE("an info that becomes critical opens with a page") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::info));
    play.change_to(narrow(play));
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("severity is the highest so far") {
    BookPlay play;
    play.raise(narrow(play));
    play.change_to(narrow(play, AlertSeverity::warning));
    CHECK(play.only().severity == AlertSeverity::critical);
}

TEST_CASE("the fault's severity counts and not that of its conditions") {
    BookPlay play;
    Fault fault = narrow(play, AlertSeverity::warning);
    fault.scope = FaultScope::vantage;
    for (Condition& condition : fault.conditions) condition.severity = AlertSeverity::critical;
    play.raise(fault);
    CHECK(play.told() == Told{"opened:mail"});
}

TEST_CASE("a page without levels still goes to somebody") {
    BookRules rules = book_rules();
    rules.levels.clear();
    BookPlay play(rules);
    play.raise(narrow(play));
    CHECK(play.told() == Told{"opened:mail page"});
}

TEST_CASE("many cells in one step are one notice") {
    BookPlay play;
    std::vector<std::string> targets;
    for (int at = 0; at < 40; ++at) targets.push_back("shard-" + std::to_string(at));
    play.raise(fault_of(targets, {"fra", "iad", "sin"}, play.now));
    CHECK(play.only().cells.size() == 120);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("the first notice waits for siblings and then tells of all of them") {
    BookPlay play = gathering(8s);
    play.raise(narrow(play));
    CHECK(play.told().empty());
    CHECK(play.book.next_due() == play.now + 8s);
    play.pass(4s);
    play.change_to(wide(play));
    play.pass(3s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"opened:chat page"});
    CHECK(play.notices[0].incident.targets.size() == 2);
    play.pass(2min);
    CHECK(play.told().empty());
}

TEST_CASE("siblings are waited for ten seconds at most") {
    BookPlay play = gathering(1h);
    play.raise(narrow(play));
    play.pass(9s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("what is over before anybody was told is not told at all") {
    BookPlay play = gathering(10s);
    play.raise(narrow(play));
    play.pass(5s);
    play.clear(narrow(play));
    play.pass(1min);
    CHECK(play.told().empty());
    play.raise(narrow(play));
    CHECK(play.told() == Told{"reopened:chat page"});
}

TEST_CASE("widening is told once a minute and is no page") {
    BookPlay play;
    play.raise(narrow(play));
    CHECK(play.told().size() == 1);
    play.pass(10s);
    play.change_to(wide(play));
    play.pass(10s);
    play.change_to(fault_of({"us-east-1", "us-east-2", "us-east-3"}, {"fra", "iad"}, play.now));
    CHECK(play.told().empty());
    play.pass(39s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"changed:chat"});
    CHECK(play.notices.back().incident.targets.size() == 3);
    play.pass(2min);
    CHECK(play.told().empty());
}

TEST_CASE("unacknowledged pages climb the levels and begin again") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(5min - 1s);
    CHECK(play.told() == Told{"opened:chat page"});
    play.pass(1s);
    CHECK(play.told() == Told{"escalated:phone page"});
    CHECK(play.only().level == 1);
    play.pass(15min - 1s);
    CHECK(play.told().empty());
    play.pass(1s);
    CHECK(play.told() == Told{"repeated:chat page"});
    CHECK(play.only().repeats == 1);
    CHECK(play.only().level == 0);
    CHECK(play.notices.back().failover == Told{"sms"});
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
    CHECK(play.only().pages == 4);
}

TEST_CASE("a chain that is not repeated ends with its last level") {
    BookRules rules = book_rules();
    rules.repeat = 0s;
    BookPlay play(rules);
    play.raise(narrow(play));
    play.pass(12h, 1min);
    CHECK(play.told() == Told{"opened:chat page", "escalated:phone page"});
}

TEST_CASE("a long sleep makes one escalation and not a storm") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(10h, 10h);
    CHECK(play.told() == Told{"opened:chat page", "escalated:phone page"});
}

TEST_CASE("a wall clock that steps back does not put escalation off") {
    BookPlay play;
    play.raise(narrow(play));
    play.now -= 3h;
    play.pass(5min + 1s);
    CHECK(play.told() == Told{"opened:chat page", "escalated:phone page"});
}

TEST_CASE("an acknowledgement stops escalation and is told to those who were told") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(2min);
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "on it", {}, play.now));
    CHECK(play.told() == Told{"opened:chat page", "acknowledged:chat"});
    CHECK(play.only().acknowledgement->until == play.now + 30min);
    CHECK(play.only().acknowledged_at == play.now);
    play.pass(30min - 1s);
    CHECK(play.told().empty());
}

TEST_CASE("an acknowledgement that expires resumes escalation at its level") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(6min);
    const Wall first = play.now;
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 10min, play.now));
    CHECK(play.told().size() == 3);
    play.pass(10min);
    CHECK(play.told() == Told{"repeated:phone page"});
    CHECK(play.entries_of("acknowledgement_expired") == 1);
    CHECK_FALSE(play.only().acknowledgement.has_value());
    CHECK(play.only().acknowledged_at == first);
    play.pass(15min);
    CHECK(play.told() == Told{"repeated:chat page"});
    play.done(play.book.acknowledge("inc-1", "bob", "api", "", 1h, play.now));
    CHECK(play.only().acknowledged_at == first);
}

TEST_CASE("an acknowledgement is void when another target or vantage fails") {
    BookPlay play;
    play.raise(narrow(play));
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.pass(10min);
    CHECK(play.told().size() == 2);
    play.change_to(wide(play));
    CHECK_FALSE(play.only().acknowledgement.has_value());
    CHECK(play.entries_of("acknowledgement_void") == 1);
    CHECK(play.told() == Told{"changed:chat"});
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.change_to(fault_of({"us-east-1", "us-east-2"}, {"fra", "iad", "sin"}, play.now));
    CHECK(play.entries_of("acknowledgement_void") == 2);
}

TEST_CASE("an acknowledgement stays when a known cell fails again") {
    BookPlay play;
    play.raise(wide(play));
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.change_to(narrow(play));
    play.change_to(wide(play));
    CHECK(play.only().acknowledgement.has_value());
}

TEST_CASE("an acknowledgement is void when it becomes more severe or comes back") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::warning));
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.change_to(narrow(play));
    CHECK_FALSE(play.only().acknowledgement.has_value());
    CHECK(play.told().back() == "changed:chat page");
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    play.clear(narrow(play));
    play.raise(narrow(play));
    CHECK_FALSE(play.only().acknowledgement.has_value());
    CHECK(play.entries_of("acknowledgement_void") == 2);
    CHECK(play.told().back() == "reopened:chat page");
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
}

TEST_CASE("acknowledgements that make no sense are refused and change nothing") {
    BookPlay play;
    CHECK_FALSE(play.book.acknowledge("inc-1", "ann", "cli", "", {}, play.now).has_value());
    play.raise(narrow(play));
    CHECK_FALSE(play.book.acknowledge("inc-1", "", "cli", "", {}, play.now).has_value());
    CHECK_FALSE(play.book.acknowledge("inc-1", "ann", "cli", "", 25h, play.now).has_value());
    CHECK_FALSE(play.book.acknowledge("inc-1", "ann", "cli", "", 0s, play.now).has_value());
    CHECK_FALSE(play.book.find("inc-1")->acknowledgement.has_value());
    play.clear(narrow(play));
    CHECK_FALSE(play.book.acknowledge("inc-1", "ann", "cli", "", {}, play.now).has_value());
}

TEST_CASE("a reload changes who is told next") {
    BookPlay play;
    play.raise(narrow(play));
    BookRules rules = book_rules();
    rules.levels[1].channels = {"pager"};
    play.book.replace_rules(rules);
    play.pass(5min);
    CHECK(play.told().back() == "escalated:pager page");
    rules.levels.resize(1);
    play.book.replace_rules(rules);
    play.pass(15min);
    CHECK(play.told() == Told{"repeated:chat page"});
    play.clear(narrow(play));
    CHECK(play.told() == Told{"resolved:chat+pager"});
}

TEST_CASE("the next wave is as severe as its own fault") {
    BookPlay play;
    play.raise(narrow(play));
    play.clear(narrow(play));
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat"});
    play.raise(narrow(play, AlertSeverity::warning));
    play.pass(1h, 1min);
    CHECK(play.told() == Told{"reopened:mail"});
    CHECK(play.only().severity == AlertSeverity::warning);
    CHECK(play.only().highest_severity == AlertSeverity::critical);
    // A page of the first wave is none of this one.
    play.change_to(narrow(play));
    CHECK(play.told() == Told{"changed:chat page"});
    CHECK(play.only().pages == 2);
    play.pass(5min);
    CHECK(play.told() == Told{"escalated:phone page"});
}

TEST_CASE("the highest severity is that of any wave") {
    BookPlay play;
    play.raise(narrow(play, AlertSeverity::info));
    CHECK(play.only().highest_severity == AlertSeverity::info);
    play.clear(narrow(play, AlertSeverity::info));
    play.raise(narrow(play, AlertSeverity::warning));
    CHECK(play.only().highest_severity == AlertSeverity::warning);
    play.change_to(narrow(play, AlertSeverity::info));
    CHECK(play.only().severity == AlertSeverity::warning);
}

TEST_CASE("when no channel that was told is left those that are there are told once") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(6min);
    CHECK(play.told() == Told{"opened:chat page", "escalated:phone page"});
    BookRules rules = book_rules();
    rules.levels = {EscalationLevel{.after = 0s, .channels = {"pager"}}};
    play.book.replace_rules(rules);
    CHECK(play.book.next_due() <= play.now);
    play.pass(10min);
    CHECK(play.told() == Told{"opened:pager page"});
    CHECK(play.notices.back().id == "inc-1.3");
    CHECK(play.entries_of("channels_gone") == 1);
    play.clear(narrow(play));
    CHECK(play.told() == Told{"resolved:pager"});
}

TEST_CASE("as long as one of those who were told is left nobody is told anew") {
    BookPlay play;
    play.raise(narrow(play));
    BookRules rules = book_rules();
    rules.levels = {EscalationLevel{.after = 0s, .channels = {"pager"}}};
    SECTION("a failover") {
        rules.levels[0].failover = {"sms"};
    }
    SECTION("for warnings") {
        rules.warning_channels = {"chat"};
    }
    SECTION("for infos") {
        rules.info_channels = {"chat"};
    }
    play.book.replace_rules(rules);
    play.pass(1min);
    CHECK(play.told() == Told{"opened:chat page"});
}

TEST_CASE("new channels are told of what is acknowledged and it is no page") {
    BookPlay play;
    play.raise(narrow(play));
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 10min, play.now));
    BookRules rules = book_rules();
    rules.levels = {EscalationLevel{.after = 0s, .channels = {"pager"}}};
    play.book.replace_rules(rules);
    play.pass(9min);
    CHECK(play.told() == Told{"opened:chat page", "acknowledged:chat", "opened:pager"});
    play.pass(1min);
    CHECK(play.told() == Told{"repeated:pager page"});
}

}  // namespace serin::test
