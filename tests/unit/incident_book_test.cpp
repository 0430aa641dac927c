// SPDX-License-Identifier: Apache-2.0
// How incidents open, grow, recover, come back and close.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

Fault narrow(const BookPlay& play) {
    return fault_of({"us-east-1"}, {"fra", "iad"}, play.now - 90s);
}
Fault wide(const BookPlay& play) {
    return fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now - 90s);
}

}  // namespace

TEST_CASE("a fault opens one incident that pages the first level") {
    BookPlay play;
    play.raise(narrow(play));
    const Incident& incident = play.only();
    CHECK(incident.id == "inc-1");
    CHECK(incident.state == IncidentState::open);
    CHECK(incident.opened_at - incident.began_at == 90s);
    CHECK(incident.message == "messages are not delivered live");
    CHECK(incident.root_step == "wait for the message");
    CHECK(incident.owner == "team-chat");
    CHECK(incident.runbook == "https://runbooks.example.com/messages");
    CHECK(incident.cells.size() == 2);
    CHECK(incident.paged_at == play.now);
    CHECK(incident.told);
    CHECK(incident.wave_began_at == std::vector<Wall>{play.now - 90s});
    CHECK(play.told() == Told{"opened:chat page"});
    REQUIRE(play.notices.size() == 1);
    const Notice& notice = play.notices.front();
    CHECK(notice.id == "inc-1.1");
    CHECK(notice.failover == Told{"sms"});
    CHECK(notice.incident.pages == 1);
    CHECK(notice.incident.told);
    CHECK(play.entries_of("opened") == 1);
    CHECK(play.entries_of("paged") == 1);
}

TEST_CASE("the words are those of the condition nearest to the root") {
    BookPlay play;
    Fault fault = narrow(play);
    fault.conditions[0].step_number = 4;
    fault.conditions[1].step_number = 2;
    fault.conditions[1].message = "nobody can log in";
    play.raise(fault);
    CHECK(play.only().message == "nobody can log in");
}

TEST_CASE("the same fault again changes nothing and says nothing") {
    BookPlay play;
    const Fault fault = narrow(play);
    play.raise(fault);
    CHECK(play.book.take(FaultChange{.kind = FaultChange::Kind::changed, .fault = fault, .at = play.now}).empty());
    CHECK(play.book.take(FaultChange{.kind = FaultChange::Kind::raised, .fault = fault, .at = play.now}).empty());
}

TEST_CASE("cells join the incident of their service and failure class") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(2min);
    play.change_to(wide(play));
    CHECK(play.only().cells.size() == 4);
    CHECK(play.only().targets == Told{"us-east-1", "us-east-2"});
    CHECK(play.entries_of("widened") == 1);
    Fault other = narrow(play);
    other.failure_class = "dns_failure";
    play.raise(other);
    CHECK(play.stored.size() == 2);
}

TEST_CASE("a cell that passes again while others fail is noted") {
    BookPlay play;
    play.raise(wide(play));
    play.change_to(narrow(play));
    CHECK(play.only().cells[2].recovered_at == play.now);
    CHECK_FALSE(play.only().cells[0].recovered_at.has_value());
    CHECK(play.only().targets.size() == 2);
    CHECK(play.entries_of("narrowed") == 1);
    play.change_to(wide(play));
    CHECK_FALSE(play.only().cells[2].recovered_at.has_value());
    CHECK(play.entries_of("widened") == 0);
}

TEST_CASE("what recovers is watched and every channel that was told hears of it") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(6min);
    CHECK(play.told() == Told{"opened:chat page", "escalated:phone page"});
    play.clear(narrow(play));
    CHECK(play.only().state == IncidentState::watching);
    CHECK(play.only().recovered_at == play.now);
    CHECK(play.told() == Told{"resolved:chat+phone"});
    CHECK(play.notices.back().failover == Told{"sms"});
    play.pass(1h);
    CHECK(play.told().empty());
    CHECK(play.only().state == IncidentState::watching);
}

TEST_CASE("a recurrence while watching reopens the same incident as the next wave") {
    BookPlay play;
    play.raise(narrow(play));
    play.clear(narrow(play));
    play.pass(3h, 1min);
    play.raise(narrow(play));
    CHECK(play.only().id == "inc-1");
    CHECK(play.only().waves == 2);
    CHECK(play.only().wave_began_at.size() == 2);
    CHECK(play.only().state == IncidentState::open);
    CHECK_FALSE(play.only().recovered_at.has_value());
    CHECK(play.told() == Told{"opened:chat page", "resolved:chat", "reopened:chat page"});
    play.clear(narrow(play));
    CHECK(play.told() == Told{"resolved:chat"});
}

TEST_CASE("a watched incident closes after the watch and never opens again") {
    BookPlay play;
    play.raise(narrow(play));
    play.clear(narrow(play));
    play.pass(24h - 1min, 1min);
    CHECK(play.only().state == IncidentState::watching);
    play.pass(1min, 1min);
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().closed_at == play.now);
    CHECK(play.book.active().empty());
    CHECK(play.book.find("inc-1") != nullptr);
    play.raise(narrow(play));
    CHECK(play.stored.size() == 2);
    CHECK(play.stored.at("inc-1").state == IncidentState::closed);
    CHECK(play.stored.at("inc-2").waves == 1);
}

TEST_CASE("it is not closed while latency is far from what it was before and says so once") {
    BookPlay play;
    play.baselines["us-east-1"] = 0.5;
    play.raise(narrow(play));
    CHECK(play.only().baseline_seconds == 0.5);
    play.latencies["us-east-1"] = 1.2;
    play.clear(narrow(play));
    play.pass(25h, 1min);
    CHECK(play.only().state == IncidentState::watching);
    CHECK(play.entries_of("latency") == 1);
    CHECK(play.timeline.back().text == "latency still 2.4 x baseline: not closed");
    play.latencies["us-east-1"] = 0.75;
    play.pass(1min, 1min);
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().latency_seconds == 0.75);
}

TEST_CASE("the slowest cell decides and one without a baseline does not") {
    BookPlay play;
    play.baselines = {{"us-east-1", 0.5}};
    play.latencies = {{"us-east-1", 0.5}, {"us-east-2", 9.0}};
    play.raise(wide(play));
    play.clear(wide(play));
    play.pass(24h, 1min);
    CHECK(play.only().state == IncidentState::closed);
}

TEST_CASE("it is not closed while messages of its time are outstanding") {
    BookPlay play;
    play.raise(narrow(play));
    play.keep(play.book.account("inc-1", 3, {{"lost", 7}}, play.now));
    CHECK(play.only().deliveries.at("lost") == 7);
    CHECK(play.book.account("inc-1", 3, {{"lost", 7}}, play.now).empty());
    play.clear(narrow(play));
    play.pass(26h, 1min);
    CHECK(play.only().state == IncidentState::watching);
    play.keep(play.book.account("inc-1", 0, {{"late", 3}, {"lost", 4}}, play.now));
    CHECK(play.only().state == IncidentState::closed);
    CHECK(play.only().deliveries.at("late") == 3);
    CHECK(play.book.account("inc-9", 1, {}, play.now).empty());
}

TEST_CASE("a flapping fault is one incident with one notice until it is steady") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(2min);
    Fault flapping = narrow(play);
    flapping.flapping = true;
    play.change_to(flapping);
    CHECK(play.told() == Told{"opened:chat page", "changed:chat"});
    CHECK(play.only().flapping);
    CHECK(play.entries_of("flapping") == 1);
    play.done(play.book.acknowledge("inc-1", "ann", "cli", "", 2h, play.now));
    CHECK(play.told() == Told{"acknowledged:chat"});
    play.pass(1h, 1min);
    play.change_to(flapping);
    CHECK(play.told().empty());
    CHECK(play.only().waves == 1);
    play.clear(flapping);  // by the policy, once it is steady: as it last was
    CHECK(play.only().state == IncidentState::watching);
    CHECK_FALSE(play.only().flapping);
    CHECK(play.told() == Told{"resolved:chat"});
}

TEST_CASE("the end of flapping is noted and wakes nobody") {
    BookPlay play;
    Fault fault = narrow(play);
    fault.flapping = true;
    play.raise(fault);
    CHECK(play.told() == Told{"opened:chat page"});
    fault.flapping = false;
    play.change_to(fault);
    play.pass(2min);
    CHECK(play.entries_of("steady") == 1);
    CHECK(play.told().empty());
}

TEST_CASE("what was never raised is not cleared and a change of the unknown opens") {
    BookPlay play;
    play.clear(narrow(play));
    CHECK(play.stored.empty());
    play.change_to(narrow(play));
    CHECK(play.only().state == IncidentState::open);
    play.clear(narrow(play));
    const std::size_t entries = play.timeline.size();
    play.clear(narrow(play));
    CHECK(play.timeline.size() == entries);
}

TEST_CASE("next_due is never later than what a tick has to do") {
    BookPlay play;
    CHECK_FALSE(play.book.next_due().has_value());
    play.raise(narrow(play));
    CHECK(play.book.next_due().value() <= play.now + 5min);
    int rounds = 0;
    while (play.told() != Told{"escalated:phone page"} && rounds < 50) {
        play.now = std::max(play.book.next_due().value(), play.now + 1ms);
        play.keep(play.book.tick(play.now));
        ++rounds;
    }
    CHECK(play.now == noon_play() + 5min);
    play.clear(narrow(play));
    const Wall due = play.book.next_due().value();
    CHECK(due == play.now + 24h);
}

}  // namespace serin::test
