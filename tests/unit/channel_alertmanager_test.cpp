// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/channels/alertmanager.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Labels = std::map<std::string, std::string>;

ManagedAlert alert(const Notice& notice, const ChannelConfig& config = {}, const std::string& link = "") {
    return alert_of(notice, example_words(), config, link, example_time() + 5s);
}

TEST_CASE("an alert as Alertmanager gets it") {
    ChannelConfig config;
    config.labels = {{"team", "chat"}};
    const std::string body =
        alerts_body({alert(example_notice(), config, "https://serin.example.com/incidents/inc-k3v9q2m7xa")});
    CHECK(Json::parse(body) == Json::parse(R"([{
        "labels": {"alertname": "SerinIncident", "service": "chat", "failure_class": "lost", "severity": "critical",
                   "incident": "inc-k3v9q2m7xa", "team": "chat"},
        "annotations": {"summary": "messages are not delivered", "description": "on us-east-1, since 01:00\nrunbook: …",
                        "runbook_url": "https://runbooks.example.com/chat", "scope": "target", "owner": "chat-team",
                        "escalation_level": "0"},
        "startsAt": "2026-11-22T01:00:03.000Z", "endsAt": "2026-11-22T01:06:08.000Z",
        "generatorURL": "https://serin.example.com/incidents/inc-k3v9q2m7xa"}])"));
}

TEST_CASE("without a link there is no generatorURL and no alerts are an empty array") {
    CHECK_FALSE(Json::parse(alerts_body({alert(example_notice())}))[0].contains("generatorURL"));
    CHECK(alerts_body({}) == "[]");
}

TEST_CASE("a resolved alert ends at once and keeps its identity") {
    const ManagedAlert open = alert(example_notice());
    const ManagedAlert resolved = alert(example_notice(NoticeKind::resolved));
    CHECK(resolved.labels == open.labels);
    CHECK(resolved.starts_at == open.starts_at);
    CHECK(resolved.ends_at == example_time() + 5s);
}

TEST_CASE("what changes while an incident lasts does not change its identity but its severity does") {
    const Labels labels = alert(example_notice()).labels;
    Notice later = example_notice(NoticeKind::changed);
    later.level = 2;
    later.incident.scope = FaultScope::global;
    later.incident.targets.emplace_back("us-west-1");
    later.incident.message = "nothing works";
    later.incident.waves = 2;
    later.incident.acknowledgement = Acknowledgement{.by = "operator"};
    CHECK(alert(later).labels == labels);
    CHECK(alert(later).annotations.at("scope") == "global");
    CHECK(alert(later).annotations.at("acknowledged_by") == "operator");
    later.incident.severity = AlertSeverity::warning;
    CHECK(alert(later).labels != labels);
}

TEST_CASE("an alert never ends before it starts") {
    Notice ahead = example_notice(NoticeKind::resolved);  // of a clock that was stepped back since
    ahead.incident.wave_began_at = {example_time() + 1h};
    CHECK(alert(ahead).starts_at <= alert(ahead).ends_at);
    CHECK(alert(ahead).starts_at == example_time() + 5s);
}

TEST_CASE("a later wave starts when it began") {
    Notice second = example_notice(NoticeKind::reopened);
    second.incident.wave_began_at = {example_time() - 2h, example_time() - 1min};
    CHECK(alert(second).starts_at == example_time() - 1min);
}

TEST_CASE("labels of the configuration are made valid and never replace our own") {
    CHECK(alert_label_name("bad-name.x") == "bad_name_x");
    CHECK(alert_label_name("9lives") == "_9lives");
    CHECK(alert_label_name("") == "_");
    CHECK(alert_label_name("größe") == "gr____e");
    ChannelConfig config;
    config.labels = {{"incident", "mine"}, {"bad-name", "x"}, {"empty", ""}};
    const Labels labels = alert(example_notice(), config).labels;
    CHECK(labels.at("incident") == "inc-k3v9q2m7xa");
    CHECK(labels.at("bad_name") == "x");
    CHECK_FALSE(labels.contains("empty"));
}

TEST_CASE("bytes that are no UTF-8 still make valid JSON") {
    Notice odd = example_notice();
    odd.incident.service = "chat\xff";
    CHECK(Json::accept(alerts_body({alert(odd)})));
}

TEST_CASE("a drill carries a label to route by") {
    Notice drill = example_notice();
    drill.incident.drill = true;
    CHECK(alert(drill).labels.at("drill") == "true");
    CHECK_FALSE(alert(example_notice()).labels.contains("drill"));
}

TEST_CASE("what Alertmanager shows decides whether an alert has arrived") {
    const auto seen = [](const std::string& body) { return sighting_of(body, "inc-1"); };
    CHECK(seen(R"([{"labels":{"incident":"inc-1"},"status":{"state":"active"}}])") == Sighting::active);
    CHECK(seen(R"([{"labels":{"incident":"inc-1"},"status":{"state":"unprocessed"}}])") == Sighting::active);
    CHECK(seen(R"([{"labels":{"incident":"inc-1"},"status":{"state":"suppressed"}}])") == Sighting::suppressed);
    CHECK(seen(R"([{"labels":{"incident":"inc-1"},"status":{"state":"suppressed"}},
                   {"labels":{"incident":"inc-1"},"status":{"state":"active"}}])") == Sighting::active);
    CHECK(seen(R"([{"labels":{"incident":"inc-2"},"status":{"state":"active"}}])") == Sighting::absent);
    CHECK(seen("[]") == Sighting::absent);
    for (const char* wrong : {"", "{}", "<html>", "null"}) CHECK(seen(wrong) == Sighting::unreadable);
    CHECK(seen(R"([1, null, {"labels": 3}, {"status": {}}])") == Sighting::absent);
}

}  // namespace
}  // namespace serin::test
