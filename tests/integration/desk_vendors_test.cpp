// SPDX-License-Identifier: Apache-2.0
// The alert desk and vendors with every bad manner: a page arrives by some channel, once, and so does its end.
#include "tests/support/desk_vendors.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

/// The channel did not take the page, or forgot it, in a way that no repetition of the same notice mends.
bool for_good(Manner manner) {
    return manner == Manner::bad_request || manner == Manner::unauthorized || manner == Manner::accept_and_drop;
}

bool said_once(const VendorWorld& world) {
    return std::ranges::all_of(world.hook->attempts(), [](const auto& each) { return each.second == 1; });
}

Manner any_manner() {
    return GENERATE(Manner::ok, Manner::bad_request, Manner::unauthorized, Manner::too_many, Manner::broken,
                    Manner::hang, Manner::reset, Manner::accept_and_drop, Manner::duplicate, Manner::lost_answer,
                    Manner::delay);
}

/// Pages go to the pager; unacknowledged for `after`, to Slack.
DeskRules escalating(const VendorWorld& world, Duration after) {
    DeskRules rules = world.rules("pager");
    EscalationLevel second;
    second.after = after;
    second.channels = {"slack"};
    rules.book.levels.push_back(second);
    return rules;
}

}  // namespace

TEST_CASE("whatever the pager does a page arrives and the pager has it once and learns of its end") {
    const Manner manner = any_manner();
    CAPTURE(name_of(manner));
    with_vendors([manner](VendorWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules("pager");
        if (for_good(manner)) rules.book.repeat = 800ms;  // what is told next is taken
        world.mode("pager", manner);
        world.open(rules);
        world.fail("web");
        CHECK(co_await world.until([&] { return world.hooked("opened", "web") == 1; }));
        co_await world.reopen(rules);

        world.mode("pager", Manner::ok);
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        world.pass("web");
        CHECK(co_await world.until([&] { return world.hooked("resolved", "web") == 1; }));
        CHECK(co_await world.until(
            [&] { return !world.pager->incidents().empty() && world.pager->incidents().back().status == "resolved"; }));

        REQUIRE(world.pager->incidents().size() == 1);
        const PagerIncident& there = world.pager->incidents().front();
        const Incident incident = co_await world.incident("web");
        CHECK(there.pages == 1);
        CHECK(there.dedup_key == incident.id);
        CHECK(there.severity == "critical");
        if (manner == Manner::ok || manner == Manner::delay) CHECK(there.triggers == 1);
        CHECK(incident.state == IncidentState::watching);
        CHECK(world.hooked("opened", "web") == 1);
        CHECK(said_once(world));
        CHECK(world.hook->forged() == 0);
        CHECK(world.slack->shown().empty());
    });
}

TEST_CASE("whatever Slack does a page arrives and Slack is told what it missed") {
    const Manner manner = any_manner();
    CAPTURE(name_of(manner));
    with_vendors([manner](VendorWorld& world) -> asio::awaitable<void> {
        const DeskRules rules = world.rules("slack");
        world.mode("slack", manner);
        world.open(rules);
        world.fail("web");
        CHECK(co_await world.until([&] { return world.hooked("opened", "web") == 1; }));
        co_await world.reopen(rules);

        world.mode("slack", Manner::ok);
        if (!for_good(manner)) CHECK(co_await world.until([&] { return world.posted("", "web") >= 1; }));
        world.pass("web");
        CHECK(co_await world.until([&] { return world.hooked("resolved", "web") == 1; }));
        CHECK(co_await world.until([&] { return world.posted("[resolved]", "web") >= 1; }));

        // It knows no identities: what it took without saying so it shows again.
        const int posts = world.posted("", "web");
        CAPTURE(posts);
        if (for_good(manner)) CHECK(posts == 0);
        if (manner == Manner::duplicate) CHECK(posts == 2);
        if (!for_good(manner) && manner != Manner::duplicate && manner != Manner::lost_answer) CHECK(posts == 1);
        CHECK(world.posted("[resolved]", "web") == 1);
        CHECK(world.hooked("opened", "web") == 1);
        CHECK(said_once(world));
        CHECK(world.pager->incidents().empty());
    });
}

TEST_CASE("a pager that comes back is told what it missed without a restart") {
    const Manner manner = GENERATE(Manner::too_many, Manner::broken, Manner::hang, Manner::reset);
    CAPTURE(name_of(manner));
    with_vendors([manner](VendorWorld& world) -> asio::awaitable<void> {
        world.mode("pager", manner);
        world.open(world.rules("pager"));
        world.fail("web");
        CHECK(co_await world.until([&] { return world.hooked("opened", "web") == 1; }));
        CHECK(world.pager->server().calls() >= 1);
        CHECK(world.pager->incidents().empty());
        world.mode("pager", Manner::ok);
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        CHECK(world.pager->incidents().front().triggers == 1);
        CHECK(world.hooked("opened", "web") == 1);
    });
}

TEST_CASE("what the pager can prove goes to nobody else") {
    with_vendors([](VendorWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules("pager");
        rules.sending.failover_after = 20s;  // it is looked for after three
        world.open(rules);
        world.fail("web");
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        const Steady end = world.clock.now() + 10s;
        bool proven = false;
        while (!proven && world.clock.now() < end) {
            co_await sleep_until(world.clock, world.clock.now() + 20ms);
            const DeskFigures figures = co_await world.desk->figures();
            proven = figures.channels.at("pager").last_proven_at.has_value();
        }
        CHECK(proven);
        world.pass("web");
        CHECK(co_await world.until([&] { return world.pager->incidents().front().status == "resolved"; }));
        CHECK(world.hook->attempts().empty());
    });
}

TEST_CASE("nobody acknowledges so the next level is told by another transport") {
    const Manner manner = GENERATE(Manner::hang, Manner::accept_and_drop);
    CAPTURE(name_of(manner));
    with_vendors([manner](VendorWorld& world) -> asio::awaitable<void> {
        world.mode("pager", manner);
        world.open(escalating(world, 500ms));
        world.fail("web");
        CHECK(co_await world.until([&] { return world.posted("[escalated 2]", "web") == 1; }));
        CHECK(world.posted("", "web") == 0);
        CHECK((co_await world.incident("web")).level == 1);
        // Whoever was told learns that it is over.
        world.pass("web");
        CHECK(co_await world.until([&] { return world.posted("[resolved]", "web") == 1; }));
        CHECK(co_await world.until([&] { return world.hooked("resolved", "web") == 1; }));
    });
}

TEST_CASE("an acknowledgement in the pager stops the escalation") {
    with_vendors([](VendorWorld& world) -> asio::awaitable<void> {
        const DeskRules rules = escalating(world, 2s);
        world.open(rules);
        world.fail("web");
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        const std::string id = (co_await world.incident("web")).id;
        CHECK(co_await world.pager->person(id, "acknowledged", "somebody") == 202);
        const Incident incident = co_await world.incident("web");
        REQUIRE(incident.acknowledgement);
        CHECK(incident.acknowledgement->by == "somebody");
        CHECK(incident.acknowledgement->via == "pagerduty");
        CHECK_FALSE(incident.escalate_at);

        // Vendors deliver at least once: the same again changes nothing.
        REQUIRE(world.webhook_ids().size() == 1);
        CHECK(co_await world.pager->person(id, "acknowledged", "somebody else", world.webhook_ids()[0]) == 202);
        CHECK((co_await world.incident("web")).acknowledgement->by == "somebody");

        co_await world.reopen(rules);
        REQUIRE((co_await world.incident("web")).acknowledgement);

        // The other, which began later and which nobody takes, is escalated; this one would have been before.
        world.fail("mail");
        CHECK(co_await world.until([&] { return world.posted("[escalated 2]", "mail") == 1; }));
        CHECK(world.posted("[escalated 2]", "web") == 0);
        CHECK(world.pager->incidents().front().status == "acknowledged");
        CHECK(world.pager->incidents().front().pages == 1);
    });
}

TEST_CASE("an acknowledgement that the pager did not sign is refused and the escalation goes on") {
    with_vendors([](VendorWorld& world) -> asio::awaitable<void> {
        world.open(escalating(world, 800ms));
        world.fail("web");
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        const std::string id = (co_await world.incident("web")).id;
        world.pager->set_webhook(world.inbound_url(), "another key");
        CHECK(co_await world.pager->person(id, "acknowledged", "a stranger") == 401);
        CHECK_FALSE((co_await world.desk->pager_webhook(R"({"event":{}})", "", "w-1")).has_value());
        CHECK_FALSE((co_await world.incident("web")).acknowledgement);
        CHECK(co_await world.until([&] { return world.posted("[escalated 2]", "web") == 1; }));
    });
}

TEST_CASE("a recorded change is told to the pager when it wants to know") {
    const bool wanted = GENERATE(true, false);
    with_vendors([wanted](VendorWorld& world) -> asio::awaitable<void> {
        DeskRules rules = world.rules("pager");
        rules.channels.front().changes = wanted;
        world.open(rules);
        Change change;
        change.id = "deploy-4711";
        change.kind = "deploy";
        change.component = "web";
        change.title = "faster pages";
        change.started_at = world.clock.wall() - 1min;
        world.desk->observe(change);
        if (wanted) {
            CHECK(co_await world.until([&] { return !world.pager->changes().empty(); }));
            CHECK(world.pager->changes() == Strings{"deploy of web: faster pages"});
        }
        // A change is nobody's page; what is told after it finds it among the suspects.
        world.fail("web");
        CHECK(co_await world.until([&] { return !world.pager->incidents().empty(); }));
        CHECK(world.pager->changes().size() == (wanted ? 1U : 0U));
        CHECK(world.pager->incidents().size() == 1);
        CHECK(world.hooked("opened", "mail") == 0);
        const Incident incident = co_await world.incident("web");
        REQUIRE(incident.suspects.size() == 1);
        CHECK(incident.suspects.front().change.id == "deploy-4711");
    });
}

}  // namespace serin::test
