// SPDX-License-Identifier: Apache-2.0
// The API of alerting: incidents, orders, reports of jobs, the status page.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/dashboard/alert_orders.hpp"
#include "tests/support/alert_examples.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/openapi.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Json = nlohmann::json;

const OpenApi& file() {
    static const OpenApi open_api;
    return open_api;
}

using Test = std::function<asio::awaitable<void>(ApiWorld&)>;
void in_world(const Test& test, Tokens tokens = {}, const std::function<void(Api::Parts&)>& adjust = {}) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor, tokens, adjust);
        co_await test(world);
    });
}

/// A JSON body, sent by the holder of `token`.
asio::awaitable<ServerResponse> post(ApiWorld& world, std::string target, std::string body, std::string token = {}) {
    ServerRequest request = ApiWorld::request("POST", target, token);
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    co_return co_await world.api.handle(std::move(request));
}

std::string title_of(const ServerResponse& response) {
    return Json::parse(response.body).at("error").at("title").get<std::string>();
}

std::vector<std::string> ids_of(const ServerResponse& response) {
    std::vector<std::string> ids;
    for (const Json& row : Json::parse(response.body).at("incidents")) ids.push_back(row.at("id"));
    return ids;
}

std::string header(const ServerResponse& response, const std::string& name) {
    std::string all;
    for (const auto& [each, value] : response.headers) all += each == name ? value + "\n" : "";
    return all;
}

}  // namespace

TEST_CASE("incidents: what goes on is listed first and closed ones only when they are asked for") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        CHECK(ids_of(co_await world.ask("GET", "/api/v1/incidents")) ==
              std::vector<std::string>{"inc-rich", "inc-watch"});
        CHECK(ids_of(co_await world.ask("GET", "/api/v1/incidents?service=mail")) ==
              std::vector<std::string>{"inc-watch"});
        CHECK(ids_of(co_await world.ask("GET", "/api/v1/incidents?state=watching")) ==
              std::vector<std::string>{"inc-watch"});
        CHECK(ids_of(co_await world.ask("GET", "/api/v1/incidents?state=closed&until=-29h")).size() == 1);
        CHECK(ids_of(co_await world.ask("GET", "/api/v1/incidents?state=closed&from=-1h")).empty());  // no drills
        CHECK((co_await world.ask("GET", "/api/v1/incidents?state=lost")).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/incidents?probe=chat")).status == 400);
    });
}

TEST_CASE("incidents: one comes with its timeline and who was told") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto response = co_await world.ask("GET", "/api/v1/incidents/inc-rich");
        const Json detail = Json::parse(response.body);
        CHECK(detail["incident"]["service"] == "chat");
        REQUIRE(detail["timeline"].size() == 2);
        CHECK(detail["timeline"][0]["event"] == "opened");
        CHECK(detail["timeline"][1]["by"] == "ops");
        REQUIRE(detail["notices"].size() == 2);
        CHECK(detail["notices"][0]["channel"] == "pager");
        CHECK(detail["notices"][0]["state"] == "delivered");
        CHECK(detail["notices"][0]["due_at"].is_null());
        CHECK(detail["notices"][1]["settled_at"].is_null());
        CHECK(file().why_not("Incident", incident_json(rich_incident(api_noon()))) == "");
        const auto exported = co_await world.ask("GET", "/api/v1/incidents/inc-rich/export");
        CHECK(exported.status == 200);
        CHECK(exported.content_type == "text/markdown; charset=utf-8");
        CHECK(exported.body.starts_with("# "));
        CHECK((co_await world.ask("GET", "/api/v1/incidents/inc-none/export")).status == 404);
    });
}

TEST_CASE("an order reaches the desk once it makes sense") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const std::string rich = "/api/v1/incidents/inc-rich";
        CHECK(
            (co_await post(world, rich + "/acknowledge", R"({"by": "ops", "note": "on it", "lasts": "45m"})")).status ==
            200);
        CHECK((co_await post(world, rich + "/close", R"({"by": "ops", "usefulness": "false_alarm"})")).status == 200);
        CHECK((co_await post(world, "/api/v1/incidents",
                             R"({"service": "chat", "message": "twice", "by": "ops", "began_at": "-40m"})"))
                  .status == 200);
        CHECK((co_await post(world, "/api/v1/mutes",
                             R"({"service": "chat", "owner": "ops", "reason": "known", "lasts": "14d"})"))
                  .status == 200);
        CHECK((co_await world.ask("DELETE", "/api/v1/mutes?service=chat&failure_class=lost&by=ops")).status == 200);
        const auto& commands = world.alerts.commands;
        REQUIRE(commands.size() == 5);
        CHECK(commands[0].kind == "acknowledge");
        CHECK(commands[0].incident_id == "inc-rich");
        CHECK(commands[0].by == "ops");
        CHECK(commands[0].note == "on it");
        CHECK(commands[0].lasts == Duration(45min));
        CHECK(commands[0].at == api_noon());
        CHECK(commands[1].kind == "close");
        CHECK(commands[1].usefulness == "false_alarm");
        CHECK(commands[2].kind == "declare");
        CHECK(commands[2].note == "twice");
        CHECK(commands[2].began_at == api_noon() - 40min);
        CHECK(commands[3].kind == "mute");
        CHECK(commands[3].note == "known");
        CHECK(commands[3].lasts == Duration(14 * 24h));
        CHECK(commands[4].kind == "unmute");
        CHECK(commands[4].failure_class == "lost");
    });
}

TEST_CASE("an order that makes no sense reaches nobody") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const std::string ack = "/api/v1/incidents/inc-rich/acknowledge", mutes = "/api/v1/mutes";
        for (const char* body :
             {"", "[]", "{", "null", "7", R"({"by": ""})", R"({"note": "who?"})", R"({"by": 7})", R"({"by": "a\nb"})",
              R"({"by": "ops", "lasts": "soon"})", R"({"by": "ops", "lasts": "0s"})", R"({"by": "ops", "lasts": 30})",
              R"({"by": "ops", "colour": "red"})"}) {
            INFO(body);
            CHECK((co_await post(world, ack, body)).status == 400);
        }
        CHECK((co_await post(world, ack, R"({"by": ")" + std::string(201, 'x') + "\"}")).status == 400);
        CHECK((co_await world.ask("POST", ack)).status == 415);
        CHECK((co_await post(world, "/api/v1/incidents/inc-none/acknowledge", R"({"by": "ops"})")).status == 404);
        CHECK((co_await post(world, "/api/v1/incidents/inc-rich/close", R"({"by": "ops", "usefulness": "good"})"))
                  .status == 400);
        for (const char* body : {R"({"service": "chat", "owner": "ops", "reason": "known"})",
                                 R"({"service": "chat", "owner": "ops", "reason": "known", "lasts": "15d"})",
                                 R"({"service": "chat", "owner": "ops", "lasts": "2h"})",
                                 R"({"owner": "ops", "reason": "known", "lasts": "2h"})",
                                 R"({"service": "chat", "reason": "known", "lasts": "2h"})"}) {
            INFO(body);
            CHECK((co_await post(world, mutes, body)).status == 400);
        }
        CHECK((co_await world.ask("DELETE", "/api/v1/mutes?by=ops")).status == 400);
        CHECK((co_await world.ask("DELETE", "/api/v1/mutes?service=chat")).status == 400);
        CHECK((co_await post(world, "/api/v1/incidents",
                             R"({"service": "chat", "message": "x", "by": "o", "began_at": "+2h"})"))
                  .status == 400);
        CHECK((co_await post(world, "/api/v1/incidents",
                             R"({"service": "chat", "message": "x", "by": "o", "began_at": "-1h", "ended_at": "-2h"})"))
                  .status == 400);
        const auto several = co_await post(world, mutes, R"({"lasts": "15d", "ownr": "x"})");
        for (const char* part : {"`service` is missing", "`owner` is missing", "`reason` is missing",
                                 "longer than 14 days", "unknown key `ownr`"}) {
            CHECK(title_of(several).find(part) != std::string::npos);
        }
        CHECK(world.alerts.commands.empty());
    });
}

TEST_CASE("what the desk refuses is a conflict told in its words") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        world.alerts.refusal = "the fault goes on";
        const auto refused = co_await post(world, "/api/v1/incidents/inc-rich/close", R"({"by": "ops"})");
        CHECK(refused.status == 409);
        CHECK(title_of(refused) == "the fault goes on");
        CHECK(file().why_not("POST", "/api/v1/incidents/{id}/close", 409, Json::parse(refused.body)) == "");
    });
}

TEST_CASE("an incident that the disk did not take can be acknowledged all the same") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        Incident unwritten = rich_incident(api_noon());
        unwritten.id = "inc-new";
        world.alerts.going_on = {unwritten};
        CHECK((co_await post(world, "/api/v1/incidents/inc-new/acknowledge", R"({"by": "ops"})")).status == 200);
        CHECK(world.alerts.commands.size() == 1);
    });
}

TEST_CASE("who holds a token need not say who they are") {
    const Tokens tokens({{.name = "oncall", .sha256 = sha256_hex("t"), .scopes = {TokenScope::operate}}});
    in_world(
        [](ApiWorld& world) -> asio::awaitable<void> {
            const std::string ack = "/api/v1/incidents/inc-rich/acknowledge";
            CHECK((co_await post(world, ack, "{}", "t")).status == 200);
            CHECK((co_await post(world, ack, R"({"by": "somebody"})", "t")).status == 200);
            CHECK((co_await world.ask("DELETE", "/api/v1/mutes?service=chat", "t")).status == 200);
            REQUIRE(world.alerts.commands.size() == 3);
            CHECK(world.alerts.commands[0].by == "oncall");
            CHECK(world.alerts.commands[1].by == "somebody");
            CHECK(world.alerts.commands[2].by == "oncall");
        },
        tokens);
}

TEST_CASE("a drill is of one channel or of all and of nothing else") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto all = co_await world.ask("POST", "/api/v1/drills");
        CHECK(all.status == 200);
        CHECK(Json::parse(all.body)["drills"].size() == 2);
        const auto one = co_await post(world, "/api/v1/drills", R"({"channel": "pager"})");
        const Json row = Json::parse(one.body)["drills"][0];
        CHECK(row["good"] == true);
        CHECK(row["delivered_after_ms"] == 120.0);
        CHECK((co_await post(world, "/api/v1/drills", R"({"channel": "fax"})")).status == 404);
        CHECK((co_await post(world, "/api/v1/drills", R"({"chanel": "pager"})")).status == 400);
        CHECK(world.alerts.drilled == std::vector<std::string>{"", "pager", "fax"});
        const auto kept = co_await world.ask("GET", "/api/v1/drills");
        CHECK(Json::parse(kept.body)["drills"].size() == 2);
    });
}

TEST_CASE("jobs report that they are alive or failed") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        CHECK((co_await world.ask("POST", "/api/v1/heartbeats/backup")).status == 202);
        CHECK((co_await world.ask("POST", "/api/v1/heartbeats/backup?status=fail")).status == 202);
        CHECK((co_await post(world, "/api/v1/heartbeats/backup", R"({"failed": true, "note": "disk\nfull"})")).status ==
              202);
        CHECK((co_await post(world, "/api/v1/heartbeats/backup?status=ok", R"({"failed": true})")).status == 202);
        REQUIRE(world.alerts.heartbeats.size() == 4);
        CHECK_FALSE(world.alerts.heartbeats[0].failed);
        CHECK(world.alerts.heartbeats[0].at == api_noon());
        CHECK(world.alerts.heartbeats[1].failed);
        CHECK(world.alerts.heartbeats[2].note == "disk\nfull");
        CHECK(world.alerts.heartbeats[3].failed);
        CHECK((co_await world.ask("POST", "/api/v1/heartbeats/other")).status == 404);
        CHECK((co_await world.ask("POST", "/api/v1/heartbeats/backup?status=fine")).status == 400);
        CHECK((co_await post(world, "/api/v1/heartbeats/backup", R"({"failed": "no"})")).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/heartbeats/backup")).status == 405);
        CHECK(world.alerts.heartbeats.size() == 4);
    });
}

TEST_CASE("a gauge takes numbers only") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const std::string disk = "/api/v1/gauges/disk";
        CHECK((co_await post(world, disk, R"({"value": 12.5, "at": "-10s"})")).status == 202);
        REQUIRE(world.alerts.gauges.size() == 1);
        CHECK(world.alerts.gauges[0].value == 12.5);
        CHECK(world.alerts.gauges[0].at == api_noon() - 10s);
        for (const char* body : {"{}", R"({"value": "12"})", R"({"value": null})", R"({"value": 1e999})",
                                 R"({"value": 1, "at": "+1h"})", R"({"value": 1, "unit": "GB"})"}) {
            INFO(body);
            CHECK((co_await post(world, disk, body)).status == 400);
        }
        CHECK((co_await post(world, "/api/v1/gauges/memory", R"({"value": 1})")).status == 404);
        CHECK(world.alerts.gauges.size() == 1);
    });
}

TEST_CASE("a webhook counts when its signature holds and says nothing else to whoever cannot sign") {
    const Tokens tokens({{.name = "t", .sha256 = sha256_hex("t"), .scopes = {TokenScope::read}}});
    in_world(
        [](ApiWorld& world) -> asio::awaitable<void> {
            const auto send = [&](std::string signature) -> asio::awaitable<ServerResponse> {
                ServerRequest request = ApiWorld::request("POST", "/api/v1/webhooks/pagerduty");
                if (!signature.empty()) request.headers.emplace_back("X-PagerDuty-Signature", signature);
                request.headers.emplace_back("X-Webhook-Id", "w-1");
                request.body = "{\"raw\":  true}";
                co_return co_await world.api.handle(std::move(request));
            };
            CHECK((co_await send("v1=good")).status == 202);
            CHECK(world.alerts.webhooks == std::vector<std::string>{"w-1 {\"raw\":  true}"});
            const auto forged = co_await send("v1=forged");
            CHECK(forged.status == 401);
            CHECK(forged.body.find("forged") == std::string::npos);
            CHECK((co_await send("")).status == 401);
            CHECK(world.alerts.webhooks.size() == 1);
        },
        tokens);
}

TEST_CASE("the status page comes as JSON, HTML and Atom and its HTML may style itself and nothing more") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto html = co_await world.ask("GET", "/status");
        CHECK(html.content_type == "text/html; charset=utf-8");
        CHECK(html.body.find("&lt;live&gt;") != std::string::npos);
        CHECK(html.body.find("<script") == std::string::npos);
        CHECK(header(html, "Content-Security-Policy").starts_with("default-src 'none'; style-src 'unsafe-inline'"));
        CHECK(header(html, "Cache-Control") == "no-store\n");
        const auto json = co_await world.ask("GET", "/api/v1/status-page");
        CHECK(Json::parse(json.body)["components"][0]["state"] == "partial_outage");
        CHECK(header(json, "Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'\n");
        const auto feed = co_await world.ask("GET", "/status/feed.atom");
        CHECK(feed.content_type == "application/atom+xml; charset=utf-8");
        CHECK(feed.body.find("http://localhost:9464/status") != std::string::npos);
    });
    in_world(
        [](ApiWorld& world) -> asio::awaitable<void> {
            const auto feed = co_await world.ask("GET", "/status/feed.atom");
            CHECK(feed.body.find("https://serin.example/status") != std::string::npos);
            CHECK(feed.body.find("localhost") == std::string::npos);
        },
        {}, [](Api::Parts& parts) { parts.external_url = "https://serin.example/"; });
}

TEST_CASE("without alerting its addresses say so and all others answer") {
    const auto none = [](Api::Parts& parts) {
        parts.alerts = nullptr;
        parts.alert_reader = nullptr;
    };
    in_world(
        [](ApiWorld& world) -> asio::awaitable<void> {
            for (const char* target : {"/api/v1/incidents", "/api/v1/incidents/inc-rich", "/api/v1/mutes",
                                       "/api/v1/noise", "/api/v1/drills", "/api/v1/status-page", "/status"}) {
                INFO(target);
                const auto response = co_await world.ask("GET", target);
                CHECK(response.status == 404);
                CHECK(title_of(response) == "this daemon does not alert");
            }
            CHECK((co_await world.ask("POST", "/api/v1/heartbeats/backup")).status == 404);
            CHECK((co_await world.ask("POST", "/api/v1/drills")).status == 404);
            CHECK((co_await world.ask("POST", "/api/v1/webhooks/pagerduty")).status == 404);
            CHECK((co_await post(world, "/api/v1/incidents/inc-rich/close", R"({"by": "ops"})")).status == 404);
            const auto metrics = co_await world.ask("GET", "/metrics");
            CHECK(metrics.status == 200);
            CHECK(metrics.body.find("serin_incidents") == std::string::npos);
        },
        {}, none);
}

TEST_CASE("questions to the alert database are bounded like those to the store") {
    in_world(
        [](ApiWorld& world) -> asio::awaitable<void> {
            CHECK((co_await world.ask("GET", "/api/v1/incidents")).status == 503);
            CHECK((co_await world.ask("GET", "/status")).status == 200);
        },
        {}, [](Api::Parts& parts) { parts.max_waiting_reads = 0; });
}

TEST_CASE("what the API accepts as an order is what the OpenAPI file says") {
    const auto both = [](const char* schema, const char* text, const auto& read) {
        const Json json = Json::parse(text);
        const bool taken = read(json).has_value();
        INFO(schema << " " << text);
        CHECK(taken == file().why_not(schema, json).empty());
        return taken;
    };
    const Wall now = api_noon();
    const auto acknowledge = [&](const Json& json) { return acknowledge_order(json, "inc-1", "me", now); };
    CHECK(both("Acknowledge", "{}", acknowledge));
    CHECK(both("Acknowledge", R"({"by": null, "note": "a\nb", "lasts": null})", acknowledge));
    CHECK_FALSE(both("Acknowledge", R"({"by": []})", acknowledge));
    CHECK_FALSE(both("Acknowledge", R"({"who": "me"})", acknowledge));
    const auto close = [&](const Json& json) { return close_order(json, "inc-1", "me", now); };
    CHECK(both("Close", R"({"usefulness": "no_action"})", close));
    CHECK(both("Close", R"({"usefulness": ""})", close));
    CHECK_FALSE(both("Close", R"({"usefulness": "nice"})", close));
    const auto declare = [&](const Json& json) { return declare_order(json, "me", now); };
    CHECK(both("NewIncident", R"({"service": "chat", "message": "m", "began_at": "-1h", "ended_at": null})", declare));
    CHECK_FALSE(both("NewIncident", R"({"service": "chat"})", declare));
    CHECK_FALSE(both("NewIncident", R"({"service": "", "message": "m"})", declare));
    const auto mute = [&](const Json& json) { return mute_order(json, "me", now); };
    CHECK(both("NewMute", R"({"service": "chat", "reason": "r", "lasts": "2h", "failure_class": null})", mute));
    CHECK_FALSE(both("NewMute", R"({"service": "chat", "reason": "r"})", mute));
    CHECK_FALSE(both("NewMute", R"({"service": "chat", "reason": "", "lasts": "2h"})", mute));
    CHECK_FALSE(both("NewMute", R"({"service": "chat", "reason": "r", "lasts": null})", mute));
    const auto heartbeat = [&](const Json& json) { return heartbeat_report(json, "backup", now); };
    CHECK(both("HeartbeatReport", R"({"failed": null, "note": "n"})", heartbeat));
    CHECK_FALSE(both("HeartbeatReport", R"({"failed": 1})", heartbeat));
    const auto gauge = [&](const Json& json) { return gauge_report(json, "disk", now); };
    CHECK(both("GaugeReport", R"({"value": -1})", gauge));
    CHECK_FALSE(both("GaugeReport", R"({"value": true})", gauge));
    CHECK(both("NewDrill", R"({"channel": null})", drill_order));
    CHECK_FALSE(both("NewDrill", R"({"channel": 1})", drill_order));
}

}  // namespace serin::test
