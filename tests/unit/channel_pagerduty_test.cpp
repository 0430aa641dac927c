// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/channels/pagerduty.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const Secret key{"0123456789abcdef0123456789abcdef"};

Json event(const Notice& notice, const NoticeWords& words = example_words(), const ChannelConfig& config = {},
           const std::string& link = "https://serin.example.com/i/1") {
    return Json::parse(pager_event(notice, words, config, link, key));
}

TEST_CASE("a trigger as PagerDuty gets it") {
    ChannelConfig config;
    config.labels = {{"team", "chat"}};
    CHECK(event(example_notice(), example_words(), config) == Json::parse(R"({
        "routing_key": "0123456789abcdef0123456789abcdef", "event_action": "trigger", "dedup_key": "inc-k3v9q2m7xa",
        "payload": {"summary": "messages are not delivered", "source": "chat", "severity": "critical",
                    "timestamp": "2026-11-22T01:00:03.000Z", "component": "us-east-1, us-east-2", "group": "chat",
                    "class": "lost",
                    "custom_details": {"text": "on us-east-1, since 01:00\nrunbook: …", "incident": "inc-k3v9q2m7xa",
                        "notice": "opened", "level": "0", "scope": "target", "rule": "hard",
                        "targets": "us-east-1, us-east-2", "vantages": "fra", "vantages_failing": "2 of 3",
                        "owner": "chat-team", "team": "chat"}},
        "client": "Serin", "client_url": "https://serin.example.com/i/1",
        "links": [{"href": "https://serin.example.com/i/1", "text": "the incident in Serin"},
                  {"href": "https://runbooks.example.com/chat", "text": "runbook"}]})"));
}

TEST_CASE("acknowledge and resolve carry nothing but the identity") {
    for (const auto& [kind, action] :
         {std::pair{NoticeKind::acknowledged, "acknowledge"}, std::pair{NoticeKind::resolved, "resolve"}}) {
        const Json json = event(example_notice(kind));
        CHECK(json == Json{{"routing_key", key.reveal()}, {"event_action", action}, {"dedup_key", "inc-k3v9q2m7xa"}});
    }
}

TEST_CASE("every other notice triggers under the same key") {
    for (const NoticeKind kind :
         {NoticeKind::opened, NoticeKind::reopened, NoticeKind::changed, NoticeKind::escalated, NoticeKind::repeated}) {
        CHECK(event(example_notice(kind))["event_action"] == "trigger");
        CHECK(event(example_notice(kind))["dedup_key"] == "inc-k3v9q2m7xa");
    }
}

TEST_CASE("an event keeps within the vendor's bounds whatever is in the incident") {
    Notice wild = example_notice();
    wild.incident.id = std::string(400, 'i');
    wild.incident.service = std::string(100'000, 's');
    wild.incident.advice = std::string(1'000'000, 'a');
    wild.incident.targets.assign(50'000, "target");
    wild.incident.runbook = "javascript:alert(1)";
    ChannelConfig config;
    for (int i = 0; i < 1000; ++i) config.labels.emplace_back("label" + std::to_string(i), std::string(10'000, 'x'));
    const NoticeWords words{.title = std::string(5000, 't'), .text = std::string(4096, '\x01')};
    const std::string body = pager_event(wild, words, config, "https://serin.example.com/i/1", key);
    CHECK(body.size() < 512 * 1024);
    const Json json = Json::parse(body);
    CHECK(json["payload"]["summary"].get<std::string>().size() <= 1024);
    CHECK(json["dedup_key"].get<std::string>().size() == 255);
    CHECK(json["links"].size() == 1);
}

TEST_CASE("required fields are never empty") {
    Notice bare;
    bare.incident.id = "inc-1";
    const Json json = event(bare, NoticeWords{});
    CHECK(json["payload"]["summary"] == "inc-1");
    CHECK(json["payload"]["source"] == "serin");
}

TEST_CASE("severities are PagerDuty's words and a drill wakes nobody") {
    Notice notice = example_notice();
    notice.incident.severity = AlertSeverity::warning;
    CHECK(event(notice)["payload"]["severity"] == "warning");
    notice.incident.severity = AlertSeverity::info;
    CHECK(event(notice)["payload"]["severity"] == "info");
    notice.incident.severity = AlertSeverity::critical;
    notice.incident.drill = true;
    CHECK(event(notice)["payload"]["severity"] == "info");
}

TEST_CASE("a change event as PagerDuty gets it") {
    Change change = example_change();
    change.link = "https://ci.example.com/4711";
    CHECK(Json::parse(pager_change(change, key, "fra")) == Json::parse(R"({
        "routing_key": "0123456789abcdef0123456789abcdef",
        "payload": {"summary": "deploy of api: new cart", "source": "fra", "timestamp": "2026-11-22T01:02:03.000Z",
                    "custom_details": {"id": "deploy-4711", "kind": "deploy", "component": "api"}},
        "links": [{"href": "https://ci.example.com/4711", "text": "the change"}]})"));
}

TEST_CASE("the answers of PagerDuty") {
    const auto took = [](int status, const std::string& body) {
        return pager_result(answered(status, body), Redactor()).took;
    };
    CHECK(took(202, R"({"status":"success","message":"Event processed","dedup_key":"k"})") == Took::accepted);
    CHECK(took(202, "") == Took::retry);
    CHECK(took(202, R"({"status":"maybe"})") == Took::retry);
    CHECK(took(200, "<html>log in</html>") == Took::retry);
    CHECK(took(200, R"({"status":"success"})") == Took::retry);
    CHECK(took(400, R"({"status":"invalid event","errors":["'payload.severity' is invalid"]})") == Took::refused);
    CHECK(took(400, R"({"status":"invalid event","errors":["Invalid routing key"]})") == Took::broken);
    for (const int status : {401, 403, 404}) CHECK(took(status, "") == Took::broken);
    for (const int status : {0, 429, 500, 502, 503}) CHECK(took(status, "") == Took::retry);
}

TEST_CASE("a 429 of PagerDuty waits as long as it says or half a minute") {
    Answer busy = answered(429);
    CHECK(pager_result(busy, Redactor()).retry_after == Duration(30s));
    busy.retry_after = 7s;
    CHECK(pager_result(busy, Redactor()).retry_after == Duration(7s));
    CHECK_FALSE(pager_result(answered(500), Redactor()).retry_after);
}

TEST_CASE("what the REST API lists proves or does not") {
    const auto list = [](const std::string& statuses) {
        const auto incidents = pager_incidents(R"({"incidents":[)" + statuses + "]}");
        REQUIRE(incidents);
        return *incidents;
    };
    const PagerIncidents none = list("");
    const PagerIncidents open = list(R"({"status":"triggered"})");
    const PagerIncidents acknowledged = list(R"({"status":"acknowledged"})");
    const PagerIncidents resolved = list(R"({"status":"resolved"}, {"status":"resolved"})");
    const PagerIncidents reopened = list(R"({"status":"resolved"}, {"status":"triggered"})");
    const auto proves = [](const PagerIncidents& incidents, NoticeKind kind) {
        return pager_proves(incidents, example_notice(kind));
    };
    CHECK(proves(open, NoticeKind::opened));
    CHECK(proves(reopened, NoticeKind::reopened));
    CHECK_FALSE(proves(none, NoticeKind::opened));
    CHECK_FALSE(proves(resolved, NoticeKind::reopened));  // that is the wave before
    CHECK(proves(acknowledged, NoticeKind::changed));
    CHECK(proves(acknowledged, NoticeKind::acknowledged));
    CHECK_FALSE(proves(open, NoticeKind::acknowledged));
    CHECK_FALSE(proves(none, NoticeKind::acknowledged));
    CHECK(proves(resolved, NoticeKind::resolved));
    CHECK_FALSE(proves(reopened, NoticeKind::resolved));
    CHECK_FALSE(proves(none, NoticeKind::resolved));
    for (const char* wrong : {"", "[]", "{}", R"({"incidents":{}})"}) CHECK_FALSE(pager_incidents(wrong));
    CHECK(pager_incidents(R"({"incidents":[1, {"status": 3}]})")->triggered == 0);
}

TEST_CASE("a page to an alert that is acknowledged at PagerDuty woke nobody") {
    const PagerIncidents open{.triggered = 1}, acknowledged{.acknowledged = 1};
    Notice first = example_notice(NoticeKind::opened);
    first.page = true;
    CHECK(pager_proves(acknowledged, first));  // whoever did that was woken by this very notice
    for (const NoticeKind kind :
         {NoticeKind::reopened, NoticeKind::changed, NoticeKind::escalated, NoticeKind::repeated}) {
        INFO(name_of(kind));
        Notice page = example_notice(kind);
        page.page = true;
        CHECK(pager_proves(open, page));
        CHECK_FALSE(pager_proves(acknowledged, page));
        CHECK(std::string(pager_lacks(acknowledged, page)).contains("woke nobody"));
        CHECK(std::string(pager_lacks({}, page)) == "it is not there yet");
        // Somebody has it in hand, by our own book too: then it is as it should be.
        page.incident.acknowledgement = Acknowledgement{.by = "someone", .at = page.made_at - 1min};
        page.incident.acknowledgement->until = page.made_at + 29min;
        CHECK(pager_proves(acknowledged, page));
        page.incident.acknowledgement->until = page.made_at;
        CHECK_FALSE(pager_proves(acknowledged, page));
    }
    Notice over = example_notice(NoticeKind::resolved);
    CHECK(std::string(pager_lacks(acknowledged, over)) == "it is not there yet");
}

TEST_CASE("the REST API of the same region belongs to an events API") {
    CHECK(pager_api_of("https://events.pagerduty.com") == "https://api.pagerduty.com");
    CHECK(pager_api_of("https://events.eu.pagerduty.com") == "https://api.eu.pagerduty.com");
}

}  // namespace
}  // namespace serin::test
