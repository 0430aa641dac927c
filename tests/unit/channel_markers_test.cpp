// SPDX-License-Identifier: Apache-2.0
// Channels that wake nobody: Grafana, Statuspage, heartbeat.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/channels/grafana.hpp"
#include "reports/alerts/channels/heartbeat.hpp"
#include "reports/alerts/channels/statuspage.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

TEST_CASE("an incident's region as Grafana gets it is in milliseconds") {
    const NoticeWords title{.title = example_words().title, .text = ""};
    const Json opened = Json::parse(incident_annotation(example_notice(), title, ""));
    CHECK(opened == Json::parse(R"({"text": "messages are not delivered", "time": 1795309203000,
        "tags": ["serin", "incident:inc-k3v9q2m7xa", "wave:1", "service:chat", "class:lost", "severity:critical"]})"));
    const Json resolved =
        Json::parse(incident_annotation(example_notice(NoticeKind::resolved), title, "https://a/?x&y"));
    CHECK(resolved["timeEnd"] == 1795309323000);
    CHECK(resolved["text"] == "messages are not delivered\nhttps://a/?x&amp;y");
    CHECK(Json::parse(annotation_end(example_time())) == Json{{"timeEnd", 1795309323000}});
}

TEST_CASE("an annotation shows no markup of a target") {
    const NoticeWords words{.title = "<script>x</script>", .text = ""};
    CHECK_FALSE(incident_annotation(example_notice(), words, "").contains("<script"));
    const NoticeWords in_text{.title = "t", .text = "<script>x</script>"};
    CHECK_FALSE(incident_annotation(example_notice(), in_text, "").contains("<script"));
}

TEST_CASE("an annotation shows the text between its title and the link") {
    const Json json = Json::parse(incident_annotation(example_notice(), example_words(), "https://a/"));
    CHECK(json["text"] == "messages are not delivered\non us-east-1, since 01:00\nrunbook: …\nhttps://a/");
}

TEST_CASE("a region never ends before it begins") {
    Notice odd = example_notice(NoticeKind::resolved);
    odd.incident.recovered_at = odd.incident.began_at - 1h;
    CHECK(end_of(odd) == odd.incident.began_at);
    odd.incident.recovered_at.reset();
    CHECK(end_of(odd) == odd.made_at);
}

TEST_CASE("a change's marker as Grafana gets it") {
    Change change = example_change();
    CHECK(Json::parse(change_annotation(change)) == Json::parse(R"({"text": "deploy of api: new cart",
        "tags": ["serin", "serin-change", "change:deploy-4711", "kind:deploy", "component:api"],
        "time": 1795309323000})"));
    change.ended_at = example_time() + 1min;
    CHECK(Json::parse(change_annotation(change))["timeEnd"] == 1795309383000);
}

TEST_CASE("annotations are found by all of their tags") {
    CHECK(annotation_query({"incident:inc-1", "wave:2"}) ==
          "?tags=incident%3Ainc-1&tags=wave%3A2&type=annotation&limit=1");
    CHECK(annotation_id(R"([{"id": 7, "tags": []}])").value() == 7);
    CHECK_FALSE(annotation_id("[]").value());
    CHECK_FALSE(annotation_id("{}"));
    CHECK_FALSE(annotation_id(R"([{"id": "x"}])"));
    CHECK_FALSE(annotation_id("<html>"));
}

TEST_CASE("services that share a component are one") {
    ChannelConfig config;
    config.components = {{"chat", "c1"}, {"mail", "c2"}, {"chat-push", "c1"}};
    const auto components = published_components(config);
    REQUIRE(components.size() == 2);
    CHECK(components[0].statuspage_id == "c1");
    CHECK(components[0].services == std::vector<std::string>{"chat", "chat-push"});
    CHECK(components[1].services == std::vector<std::string>{"mail"});
}

TEST_CASE("only what is confirmed or declared is published") {
    ChannelConfig config;
    config.components = {{"chat", "c1"}};
    const auto components = published_components(config);
    const auto state = [&](const Incident& incident) {
        return published_states(components, {incident}, example_time()).at("c1");
    };
    Incident incident = example_notice().incident;
    CHECK(state(incident) == ComponentState::partial_outage);
    incident.scope = FaultScope::global;
    CHECK(state(incident) == ComponentState::major_outage);
    incident.confirmed = false;
    CHECK(state(incident) == ComponentState::operational);
    incident.vouched = true;
    CHECK(state(incident) == ComponentState::major_outage);
    incident.vouched = false;
    incident.declared = true;
    CHECK(state(incident) != ComponentState::operational);
    incident.drill = true;
    CHECK(state(incident) == ComponentState::operational);
    CHECK(published_states(components, {}, example_time()).at("c1") == ComponentState::operational);
}

TEST_CASE("a component's state as Statuspage gets it and answers") {
    CHECK(Json::parse(component_patch(ComponentState::partial_outage)) ==
          Json{{"component", {{"status", "partial_outage"}}}});
    const auto result = [](int status, const std::string& body) {
        return statuspage_result(answered(status, body), ComponentState::partial_outage, Redactor());
    };
    CHECK(result(200, R"({"id":"c1","status":"partial_outage"})").took == Took::proven);
    CHECK(result(200, R"({"id":"c1","status":"operational"})").took == Took::retry);
    CHECK(result(200, "").took == Took::retry);
    CHECK(result(401, "").took == Took::broken);
    CHECK(result(404, "").took == Took::broken);
    CHECK(result(422, "").took == Took::refused);
    for (const int status : {420, 429}) {
        CHECK(result(status, "").took == Took::retry);
        CHECK(result(status, "").retry_after == Duration(1min));
    }
}

TEST_CASE("the answers to a heartbeat") {
    const auto took = [](int status, const std::string& body) {
        return heartbeat_result(answered(status, body), Redactor()).took;
    };
    CHECK(took(200, "OK") == Took::proven);
    CHECK(took(201, "Created") == Took::proven);
    CHECK(took(200, "OK (not found)") == Took::broken);
    CHECK(took(200, "OK (rate limited)") == Took::retry);
    CHECK(heartbeat_result(answered(200, "OK (rate limited)"), Redactor()).retry_after == Duration(15s));
    CHECK(took(404, "not found") == Took::broken);
    CHECK(took(400, "invalid url format") == Took::refused);
    CHECK(took(409, "ambiguous slug") == Took::retry);
    CHECK(took(503, "") == Took::retry);
}

}  // namespace
}  // namespace serin::test
