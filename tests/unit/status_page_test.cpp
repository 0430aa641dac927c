// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/status/status_page.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/alerts/status/draft_words.hpp"
#include "tests/support/status_example.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Wall now = status_example_time();

StatusPage page_of(const std::vector<Incident>& incidents, const std::vector<std::string>& posted = {}) {
    return status_page("Status", {{.name = "Live delivery", .services = {"chat", "sync"}}}, incidents, now, posted);
}

ComponentState state_of(const std::vector<Incident>& incidents) {
    return page_of(incidents).components.at(0).state;
}

Incident chat() {
    return outage("inc-1", "chat");
}

}  // namespace

TEST_CASE("the state of a component follows the written rule") {
    for (const AlertSeverity severity : {AlertSeverity::info, AlertSeverity::warning, AlertSeverity::critical}) {
        for (const FaultScope scope : {FaultScope::cell, FaultScope::target, FaultScope::vantage, FaultScope::global,
                                       FaultScope::schedule, FaultScope::named}) {
            for (const IncidentState state : {IncidentState::open, IncidentState::watching, IncidentState::closed}) {
                for (int flags = 0; flags < 16; ++flags) {
                    Incident it = chat();
                    it.severity = severity;
                    it.scope = scope;
                    it.state = state;
                    it.confirmed = (flags & 1) != 0;
                    it.vouched = (flags & 8) != 0;
                    it.maintenance = (flags & 2) != 0;
                    if ((flags & 4) != 0) it.muted = Mute{.service = "chat", .owner = "chat-team", .reason = "noisy"};
                    const bool prober = scope == FaultScope::vantage || scope == FaultScope::schedule;
                    ComponentState wanted = ComponentState::operational;
                    if (state == IncidentState::open && severity != AlertSeverity::info && !prober) {
                        const bool page = severity == AlertSeverity::critical && (it.confirmed || it.vouched);
                        wanted = it.maintenance                ? ComponentState::under_maintenance
                                 : !page                       ? ComponentState::degraded_performance
                                 : scope == FaultScope::global ? ComponentState::major_outage
                                                               : ComponentState::partial_outage;
                    }
                    INFO(name_of(severity) << " " << name_of(scope) << " " << name_of(state) << " " << flags);
                    CHECK(state_of({it}) == wanted);
                    CHECK(state_from(it) == wanted);
                }
            }
        }
    }
}

TEST_CASE("drills and the prober's own faults never show") {
    Incident drill = chat();
    drill.drill = true;
    CHECK(state_of({drill}) == ComponentState::operational);
    CHECK(page_of({drill}).drafts.empty());
    CHECK(page_of({drill}).components[0].incidents.empty());
    for (const RuleKind rule : {RuleKind::prober, RuleKind::stale, RuleKind::missed, RuleKind::drill}) {
        Incident ours = chat();
        ours.rule = rule;
        CHECK(state_of({ours}) == ComponentState::operational);
        CHECK(page_of({ours}).drafts.empty());
    }
    Incident resolver = chat();
    resolver.failure_class = "resolver_failure";
    CHECK(page_of({resolver}).components[0].incidents.empty());
}

TEST_CASE("the worst incident decides and says since when and why") {
    Incident slow = chat(), down = outage("inc-2", "sync");
    slow.severity = AlertSeverity::warning;
    slow.began_at = now - hours(5);
    slow.wave_began_at = {slow.began_at};
    down.scope = FaultScope::global;
    const ComponentStanding standing = page_of({down, slow}).components.at(0);
    CHECK(standing.state == ComponentState::major_outage);
    CHECK(standing.since == down.began_at);
    CHECK(standing.incidents == std::vector<std::string>{"inc-1", "inc-2"});
    CHECK(standing.why == "messages are stored but not delivered live");
}

TEST_CASE("an incident of another service is not shown") {
    const StatusPage page = page_of({outage("inc-9", "internal-billing")});
    CHECK(page.components.at(0).state == ComponentState::operational);
    CHECK(page.drafts.empty());
    CHECK_FALSE(status_html(page).contains("internal-billing"));
}

TEST_CASE("a component that was down is operational since it recovered") {
    Incident over = chat();
    over.state = IncidentState::watching;
    over.recovered_at = now - minutes(12);
    const StatusPage page = page_of({over});
    CHECK(page.components[0].since == now - minutes(12));
    CHECK(page.components[0].incidents == std::vector<std::string>{"inc-1"});
    CHECK(page_of({}).components[0].since == Wall{});
}

TEST_CASE("drafts say what users notice and where and go through three stages") {
    Incident it = chat();
    StatusPage page = page_of({it});
    REQUIRE(page.drafts.size() == 1);
    CHECK(page.drafts[0].stage == "investigating");
    CHECK(page.drafts[0].title == "Messages are stored but not delivered live in us-east");
    CHECK(page.drafts[0].text ==
          "Messages are stored but not delivered live in us-east, since 11:28 UTC on 9 December 2020. We are "
          "investigating.");
    CHECK(page.drafts[0].at == it.opened_at);

    it.state = IncidentState::watching;
    it.recovered_at = it.began_at + minutes(10);
    page = page_of({it});
    CHECK(page.drafts.at(0).stage == "monitoring");
    CHECK(page.drafts[0].text ==
          "From 11:28 UTC on 9 December 2020 to 11:38 UTC on 9 December 2020: messages are stored but not delivered "
          "live in us-east. It works again, and we go on watching it.");
    CHECK(page.drafts[0].at == *it.recovered_at);

    it.state = IncidentState::closed;
    it.closed_at = now - hours(1);
    page = page_of({it});
    CHECK(page.drafts.at(0).stage == "resolved");
    CHECK(page.drafts[0].at == *it.closed_at);
    it.closed_at = now - hours(24 * 7);
    CHECK(page_of({it}).drafts.size() == 1);
    it.closed_at = now - hours(24 * 7) - seconds(1);
    CHECK(page_of({it}).drafts.empty());
}

TEST_CASE("there is no draft of what another incident explains or maintenance covers") {
    Incident symptom = chat(), covered = chat();
    symptom.attached = true;
    covered.maintenance = true;
    CHECK(page_of({symptom}).drafts.empty());
    CHECK(page_of({covered}).drafts.empty());
    CHECK(state_of({symptom}) == ComponentState::partial_outage);
}

TEST_CASE("a draft is overdue a quarter of an hour after the page until somebody has posted") {
    Incident it = chat();
    it.paged_at = now - minutes(15) + seconds(1);
    CHECK_FALSE(page_of({it}).drafts.at(0).overdue);
    it.paged_at = now - minutes(15);
    CHECK(page_of({it}).drafts.at(0).overdue);
    CHECK_FALSE(page_of({it}, {"inc-1"}).drafts.at(0).overdue);
    CHECK(page_of({it}, {"inc-2"}).drafts.at(0).overdue);
    it.paged_at.reset();
    CHECK_FALSE(page_of({it}).drafts.at(0).overdue);
    it.paged_at = now - hours(2);
    it.state = IncidentState::watching;
    it.recovered_at = now;
    CHECK_FALSE(page_of({it}).drafts.at(0).overdue);
}

TEST_CASE("no draft speaks of errors whatever the class") {
    for (const std::string failure_class :
         {"dns_failure", "connection_refused", "connection_reset", "tls_expired", "protocol_error", "no_response",
          "slow_body", "expectation_failed", "websocket_closed", "timeout", "exhaustion", "silent", "misdelivered"}) {
        Incident it = chat();
        it.failure_class = failure_class;
        it.message = "error 500: internal error";
        std::string words = effect_on_users(it);
        INFO(words);
        CHECK_FALSE(words.contains("error"));
        CHECK_FALSE(words.contains("500"));
        CHECK_FALSE(words.contains('_'));
        CHECK(words.ends_with(" in us-east"));
    }
}

TEST_CASE("the words fit the class and the rule and the person") {
    Incident it = chat();
    it.targets.clear();
    it.failure_class = "everything_down";
    CHECK(effect_on_users(it) == "chat: everything down");
    it.failure_class = "not_in_time";
    CHECK(effect_on_users(it) == "updates do not arrive in time");
    it.failure_class = "latest_post_missing";
    CHECK(effect_on_users(it) == "chat: latest post missing");
    it.failure_class = "connect_timeout";
    CHECK(effect_on_users(it) == "chat cannot be reached");
    it.failure_class = "expectation_failed";
    CHECK(effect_on_users(it) == "chat does not work as it should");
    it.rule = RuleKind::lost;
    CHECK(effect_on_users(it) == "some messages are not delivered");
    it.declared = true;
    it.message = "customers\x1b\ncannot log in.\n";
    CHECK(effect_on_users(it) == "customers  cannot log in");  // in their words, without what they did not say
    it = chat();
    it.targets = {"us-east", "eu-west", "singapore"};
    CHECK(effect_on_users(it).ends_with(" in us-east, eu-west and singapore"));
    it.scope = FaultScope::global;
    CHECK(effect_on_users(it) == "messages are stored but not delivered live");
}

TEST_CASE("the status page is written as it lies in tests/golden/status") {
    const StatusPage page = status_example();
    const std::pair<std::string, std::string> forms[] = {
        {"status.json", status_json(page)},
        {"index.html", status_html(page)},
        {"feed.atom", status_atom(page, "https://status.example/")},
    };
    for (const auto& [name, form] : forms) {
        INFO(name);
        CHECK(same_as_golden(name, form));
    }
}

TEST_CASE("the JSON says the worst state and reads back") {
    const auto json = nlohmann::json::parse(status_json(status_example()));
    CHECK(json["state"] == "major_outage");
    CHECK(json["updated_at"] == "2020-12-09T11:52:00Z");
    CHECK(json["components"].size() == 5);
    CHECK(json["components"][4]["since"].is_null());
    CHECK(nlohmann::json::parse(status_json(StatusPage{}))["state"] == "operational");
}

TEST_CASE("nothing that targets or people wrote becomes markup") {
    const std::string hostile = "<script>alert('x')</script>&\"]]>\x01\xff\nnext";
    Incident it = chat();
    it.declared = true;
    it.message = hostile;
    it.targets = {hostile};
    const StatusPage page =
        status_page(hostile, {{.name = hostile, .about = hostile, .services = {"chat"}}}, {it}, now);
    const std::string html = status_html(page), atom = status_atom(page, "https://x/\"><a>&");
    for (const std::string& form : {html, atom}) {
        CHECK_FALSE(form.contains("<script"));
        CHECK_FALSE(form.contains('\x01'));
        CHECK_FALSE(form.contains('\xff'));
        CHECK_FALSE(form.contains("]]>"));
        CHECK_FALSE(form.contains("<a>"));
        CHECK(form.contains("&lt;script"));
    }
    CHECK(well_nested(atom));
    CHECK(well_nested(html));
    CHECK(nlohmann::json::parse(status_json(page))["components"].size() == 1);
}

TEST_CASE("the page has no script and asks nobody for anything") {
    const std::string html = status_html(status_example());
    for (const char* const forbidden : {"<script", "src=", "<link", "@import", "url(", "http://", "https://"}) {
        INFO(forbidden);
        CHECK_FALSE(html.contains(forbidden));
    }
    for (const char* const words : {"operational", "under maintenance", "degraded performance", "partial outage",
                                    "major outage", "overdue", "Drafts"}) {
        INFO(words);
        CHECK(html.contains(words));
    }
    CHECK(html.contains("id=\"inc-push000001\""));  // the feed links to it
    CHECK(well_nested(html));
}

TEST_CASE("the feed holds what Atom asks for and changes only with a draft") {
    StatusPage page = status_example();
    const std::string feed = status_atom(page, "https://status.example/");
    CHECK(well_nested(feed));
    for (const std::string part : {"<id>https://status.example/</id>", "<title>",
                                   "<updated>2020-12-09T11:", "<author><name>Serin</name></author>"}) {
        INFO(part);
        CHECK(feed.find(part) < feed.find("<entry>"));
    }
    page.at += hours(3);
    CHECK(status_atom(page, "https://status.example/") == feed);
    page.drafts.clear();
    const std::string empty = status_atom(page, "");
    CHECK(empty.contains("<id>urn:serin:status</id>"));
    CHECK(empty.contains("<updated>1970-01-01T00:00:00Z</updated>"));
    CHECK_FALSE(empty.contains("<link"));
}

TEST_CASE("ids of the feed stay while the wording changes and differ by stage") {
    Incident it = chat();
    const auto id_of = [](const StatusPage& page) {
        const std::string feed = status_atom(page, "https://status.example/");
        const std::size_t entry = feed.find("<entry>"), at = feed.find("<id>", entry);
        return feed.substr(at, feed.find("</id>", at) - at);
    };
    const std::string first = id_of(page_of({it}));
    it.targets.push_back("us-west");
    CHECK(id_of(page_of({it})) == first);
    it.state = IncidentState::watching;
    it.recovered_at = now;
    CHECK(id_of(page_of({it})) != first);
}

TEST_CASE("of what nobody watches any more nobody says that it is resolved") {
    Incident it = chat();
    it.state = IncidentState::closed;
    it.unwatched = true;
    it.closed_at = now - minutes(5);
    const Draft draft = page_of({it}).drafts.at(0);
    CHECK(draft.text.ends_with("We do not watch it any more: whether it works is not known."));
    CHECK_FALSE(draft.text.contains("resolved"));
}

}  // namespace serin::test
