// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/incident_json.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/book_play.hpp"
#include "tests/support/incident_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

}  // namespace

TEST_CASE("any incident comes back from its JSON as it was") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const Incident incident = random_incident(random);
        const Json json = incident_json(incident);
        const auto again = incident_from_json(Json::parse(json.dump()));
        REQUIRE(again.has_value());
        REQUIRE(incident_json(*again) == json);
        REQUIRE(again->began_at == incident.began_at);
        REQUIRE(again->notices == incident.notices);
        REQUIRE(again->cells.size() == incident.cells.size());
        REQUIRE(again->deliveries == incident.deliveries);
        REQUIRE(again->tell_change_at == incident.tell_change_at);
    }
}

TEST_CASE("every member of an incident is in its JSON") {
    const Json json = incident_json(example_incident());
    CHECK(json.size() == 58);
    CHECK(json["highest_severity"] == "critical");
    CHECK(json["state"] == "watching");
    CHECK(json["severity"] == "critical");
    CHECK(json["scope"] == "target");
    CHECK(json["rule"] == "hard");
    CHECK(json["opened_at"] == "2026-11-21T11:42:00.000000Z");
    CHECK(json["closed_at"].is_null());
    CHECK(json["suspects"][0]["change"]["id"] == "deploy-4711");
    CHECK(json["cells"][0]["cell"]["target"] == "us-east-1");
    CHECK(json["usefulness"] == "unknown");
}

TEST_CASE("times keep their microseconds") {
    Incident incident = example_incident();
    incident.escalate_at = noon_play() + 123456us;
    const Json json = incident_json(incident);
    CHECK(json["escalate_at"] == "2026-11-21T11:42:00.123456Z");
    CHECK(incident_from_json(json)->escalate_at == incident.escalate_at);
}

TEST_CASE("unknown keys are passed over and missing ones keep their default") {
    Json json = incident_json(example_incident());
    json["invented_later"] = {{"a", 1}};
    json["cells"][0]["invented_later"] = 3;
    CHECK(incident_from_json(json).has_value());
    json.erase("told_channels");
    json["cells"][0].erase("baseline_seconds");
    const auto incident = incident_from_json(json);
    REQUIRE(incident.has_value());
    CHECK(incident->told_channels.empty());
}

TEST_CASE("damaged JSON is no incident") {
    const Json good = incident_json(example_incident());
    for (const Json& json : {Json(), Json(1), Json::array(), Json::object()}) CHECK_FALSE(incident_from_json(json));
    for (const char* key : {"id", "service", "failure_class", "state", "severity", "began_at", "opened_at"}) {
        Json json = good;
        json.erase(key);
        INFO(key);
        CHECK_FALSE(incident_from_json(json).has_value());
    }
    const std::vector<std::pair<const char*, Json>> wrong{{"state", "shut"},
                                                          {"state", 1},
                                                          {"began_at", "now"},
                                                          {"began_at", "-10m"},
                                                          {"began_at", 12},
                                                          {"began_at", "2026-13-01T00:00:00Z"},
                                                          {"waves", "2"},
                                                          {"waves", 2.5},
                                                          {"waves", 1LL << 40},
                                                          {"notices", -1},
                                                          {"told", 1},
                                                          {"cells", Json::object()},
                                                          {"cells", {1}},
                                                          {"deliveries", Json::array()},
                                                          {"muted", "yes"},
                                                          {"deliveries", {{"lost", "many"}}},
                                                          {"targets", {1}},
                                                          {"escalate_at", false},
                                                          {"baseline_seconds", "1"}};
    for (const auto& [key, value] : wrong) {
        Json json = good;
        json[key] = value;
        INFO(key << " " << value);
        CHECK_FALSE(incident_from_json(json).has_value());
    }
}

TEST_CASE("a number that is none becomes null and is read as unset") {
    Incident incident = example_incident();
    incident.latency_seconds = std::numeric_limits<double>::infinity();
    const Json json = incident_json(incident);
    CHECK(json["latency_seconds"].is_null());
    CHECK_FALSE(incident_from_json(json)->latency_seconds.has_value());
}

TEST_CASE("a notice comes back from its JSON as it was") {
    std::mt19937 random(3);
    for (const NoticeKind kind : {NoticeKind::opened, NoticeKind::reopened, NoticeKind::changed, NoticeKind::escalated,
                                  NoticeKind::repeated, NoticeKind::acknowledged, NoticeKind::resolved}) {
        const Notice notice{.id = "inc-1.7",
                            .kind = kind,
                            .incident = random_incident(random),
                            .made_at = noon_play() + 5us,
                            .level = 2,
                            .channels = {"a", "b"},
                            .failover = {"c"},
                            .page = true};
        const Json json = notice_json(notice);
        const auto again = notice_from_json(Json::parse(json.dump()));
        REQUIRE(again.has_value());
        CHECK(notice_json(*again) == json);
        CHECK(again->kind == kind);
        CHECK(again->dedup_key() == notice.incident.id);
    }
    Json damaged = notice_json(Notice{.id = "inc-1.1"});
    damaged["incident"].erase("id");
    CHECK_FALSE(notice_from_json(damaged).has_value());
    CHECK_FALSE(notice_from_json(Json("x")).has_value());
}

TEST_CASE("timeline entries and mutes come back from their JSON") {
    for (const TimelineEntry& entry : example_timeline()) {
        const auto again = timeline_from_json(timeline_json(entry));
        REQUIRE(again.has_value());
        CHECK(timeline_json(*again) == timeline_json(entry));
    }
    const Mute mute{.service = "messages",
                    .failure_class = "",
                    .owner = "ann",
                    .reason = "x",
                    .at = noon_play(),
                    .until = noon_play() + 1h};
    CHECK(mute_json(mute_from_json(mute_json(mute)).value()) == mute_json(mute));
    CHECK_FALSE(mute_from_json(Json::object()).has_value());
    CHECK_FALSE(timeline_from_json(Json::array()).has_value());
}

TEST_CASE("the noise report says seconds and null for what is not known") {
    NoiseReport report;
    report.rules.push_back(RuleNoise{.service = "messages", .rule = "hard", .pages = 2});
    report.rules.back().mean_time_to_detect = 90s;
    report.reviews.push_back(Review{.service = "messages", .due_at = noon_play()});
    const Json json = noise_json(report);
    CHECK(json["rules"][0]["mean_seconds_to_detect"] == 90.0);
    CHECK(json["rules"][0]["precision"].is_null());
    CHECK(json["recall"].is_null());
    CHECK(json["reviews"][0]["due_at"] == "2026-11-21T11:42:00.000000Z");
}

}  // namespace serin::test
