// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml against the table of routes and against real answers.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/dashboard/api_routes.hpp"
#include "reports/dashboard/views_json.hpp"
#include "reports/formats/change_json.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/openapi.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

const OpenApi& file() {
    static const OpenApi open_api;
    return open_api;
}

Tokens reader_only() {
    return Tokens({{.name = "r", .sha256 = sha256_hex("r"), .scopes = {TokenScope::read}}});
}

}  // namespace

TEST_CASE("the routes and the OpenAPI file say the same") {
    std::set<std::string> ours, documented;
    for (const ApiRoute& route : api_routes())
        ours.insert(std::string(route.method) + " " + std::string(route.pattern));
    for (const OpenApiOperation& operation : file().operations()) {
        documented.insert(operation.method + " " + operation.path);
        INFO(operation.method << " " << operation.path);
        for (const ApiRoute& route : api_routes()) {
            if (route.method != operation.method || route.pattern != operation.path) continue;
            CHECK(operation.scope == (route.scope ? name_of(*route.scope) : ""));
            const auto keys = listed_words(route.keys.value_or(""));
            CHECK(operation.query == std::set(keys.begin(), keys.end()));
            CHECK(operation.has_body == (route.body != ApiBody::none));
            CHECK(operation.statuses.contains("401") == (route.scope.has_value() || route.body == ApiBody::raw));
            CHECK(operation.statuses.contains("400") == route.keys.has_value());
        }
    }
    CHECK(ours == documented);
    CHECK(file().loose_ends() == std::vector<std::string>{});
}

TEST_CASE("answers are what the OpenAPI file says") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor);
        struct Example {
            const char *method, *path, *target;
            int status;
        };
        const Example examples[] = {
            {"GET", "/-/healthy", "/-/healthy", 200},
            {"GET", "/-/ready", "/-/ready", 200},
            {"POST", "/-/reload", "/-/reload", 200},
            {"GET", "/api/v1/status", "/api/v1/status", 200},
            {"GET", "/api/v1/status", "/api/v1/status?x=y", 400},
            {"GET", "/api/v1/probes", "/api/v1/probes", 200},
            {"GET", "/api/v1/probes", "/api/v1/probes?limit=1", 200},
            {"POST", "/api/v1/probes/{name}/run", "/api/v1/probes/chat/run", 202},
            {"POST", "/api/v1/probes/{name}/run", "/api/v1/probes/x/run", 404},
            {"GET", "/api/v1/matrix", "/api/v1/matrix", 200},
            {"GET", "/api/v1/matrix", "/api/v1/matrix?from=-1h&until=now", 200},
            {"GET", "/api/v1/incidents", "/api/v1/incidents", 200},
            {"GET", "/api/v1/incidents", "/api/v1/incidents?state=closed&limit=3", 200},
            {"GET", "/api/v1/incidents", "/api/v1/incidents?state=shut", 400},
            {"GET", "/api/v1/incidents/{id}", "/api/v1/incidents/inc-rich", 200},
            {"GET", "/api/v1/incidents/{id}", "/api/v1/incidents/inc-none", 404},
            {"GET", "/api/v1/incidents/{id}/export", "/api/v1/incidents/inc-none/export", 404},
            {"GET", "/api/v1/mutes", "/api/v1/mutes", 200},
            {"DELETE", "/api/v1/mutes", "/api/v1/mutes?service=search&by=ops", 200},
            {"DELETE", "/api/v1/mutes", "/api/v1/mutes", 400},
            {"GET", "/api/v1/noise", "/api/v1/noise", 200},
            {"GET", "/api/v1/noise", "/api/v1/noise?from=now&until=-1h", 400},
            {"GET", "/api/v1/drills", "/api/v1/drills", 200},
            {"POST", "/api/v1/drills", "/api/v1/drills", 200},
            {"POST", "/api/v1/heartbeats/{name}", "/api/v1/heartbeats/backup", 202},
            {"POST", "/api/v1/heartbeats/{name}", "/api/v1/heartbeats/other", 404},
            {"POST", "/api/v1/gauges/{name}", "/api/v1/gauges/disk", 415},
            {"POST", "/api/v1/webhooks/pagerduty", "/api/v1/webhooks/pagerduty", 401},
            {"GET", "/api/v1/status-page", "/api/v1/status-page", 200},
            {"GET", "/api/v1/runs", "/api/v1/runs", 200},
            {"GET", "/api/v1/runs", "/api/v1/runs?limit=2", 200},
            {"GET", "/api/v1/runs", "/api/v1/runs?verdict=x", 400},
            {"GET", "/api/v1/runs/{id}", "/api/v1/runs/run-1", 200},
            {"GET", "/api/v1/runs/{id}", "/api/v1/runs/run-2", 200},
            {"GET", "/api/v1/runs/{id}", "/api/v1/runs/run-9", 404},
            {"GET", "/api/v1/deliveries", "/api/v1/deliveries", 200},
            {"GET", "/api/v1/deliveries", "/api/v1/deliveries?counts=true", 200},
            {"GET", "/api/v1/changes", "/api/v1/changes", 200},
            {"POST", "/api/v1/changes", "/api/v1/changes", 415},
        };
        for (const Example& example : examples) {
            INFO(example.method << " " << example.target);
            const auto response = co_await world.ask(example.method, example.target);
            CHECK(response.status == example.status);
            CHECK(file().why_not(example.method, example.path, response.status, Json::parse(response.body)) == "");
        }
        const auto evidence = co_await world.ask("GET", "/api/v1/runs/run-2");
        CHECK(Json::parse(evidence.body)["outcome"]["steps"].size() > 1);
        world.control.ready = false;
        const auto unready = co_await world.ask("GET", "/-/ready");
        CHECK(file().why_not("GET", "/-/ready", unready.status, Json::parse(unready.body)) == "");
        world.control.run_refusal = world.control.reload_refusal = "no";
        for (const auto& [path, target] :
             {std::pair{"/-/reload", "/-/reload"}, std::pair{"/api/v1/probes/{name}/run", "/api/v1/probes/chat/run"}}) {
            const auto refused = co_await world.ask("POST", target);
            CHECK(file().why_not("POST", path, refused.status, Json::parse(refused.body)) == "");
        }
    });
}

TEST_CASE("refusals are what the OpenAPI file says") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor, reader_only());
        for (const ApiRoute& route : api_routes()) {
            if (!route.scope) continue;
            INFO(route.method << " " << route.pattern);
            const std::string path(route.pattern);
            for (const char* token : {"", "r"}) {
                const auto response = co_await world.ask(std::string(route.method), path, token);
                if (response.status != 401 && response.status != 403) continue;
                const Json body = Json::parse(response.body);
                CHECK(file().why_not(std::string(route.method), path, response.status, body) == "");
            }
        }
    });
}

TEST_CASE("what the API accepts as a change is what the OpenAPI file says") {
    const auto both = [](const char* text) {
        const Json json = Json::parse(text);
        const bool taken = change_from_json(json, api_noon()).has_value();
        INFO(text);
        CHECK(taken == file().why_not("NewChange", json).empty());
        return taken;
    };
    CHECK(both(R"({"kind": "deploy", "component": "api"})"));
    CHECK(both(R"({"kind": "flag", "component": "api", "id": "x", "title": "t", "shards": ["a"], "author": "a",
                   "contact": "c", "rollback_plan": "p", "link": "https://x/", "started_at": "-10m", "ended_at": null})"));
    CHECK_FALSE(both(R"({"kind": "deploy"})"));
    CHECK_FALSE(both(R"({"component": "api"})"));
    CHECK_FALSE(both(R"({"kind": "party", "component": "api"})"));
    CHECK_FALSE(both(R"({"kind": "deploy", "component": "api", "colour": "red"})"));
    CHECK_FALSE(both(R"({"kind": "deploy", "component": "api", "shards": "a"})"));
    CHECK_FALSE(both(R"({"kind": "deploy", "component": "api", "title": 7})"));
    CHECK_FALSE(both(R"([])"));
}

TEST_CASE("events carry what the OpenAPI file says") {
    const Record record = record_of(cell_named("chat"), "run-1", Verdict::fail);
    CHECK(file().why_not("Run", record_json(record)) == "");
    const Gap gap{.key = cell_named("chat"),
                  .reason = GapReason::shed,
                  .first_scheduled_at = noon,
                  .last_scheduled_at = noon,
                  .count = 1};
    CHECK(file().why_not("Gap", gap_json(gap)) == "");
    CHECK(file().why_not("Lost", Json({{"count", 3}})) == "");
    CHECK(file().why_not("Lost", Json({{"count", nullptr}})) == "");
}

TEST_CASE("the judge of answers can say no") {
    Json run = record_json(record_of(cell_named("chat"), "run-1", Verdict::fail));
    run["surprise"] = 1;
    CHECK(file().why_not("Run", run) != "");
    run.erase("surprise");
    run["took_ms"] = "100";
    CHECK(file().why_not("Run", run) != "");
    run["took_ms"] = 100;
    CHECK(file().why_not("Run", run) == "");
    run["verdict"] = "fine";
    CHECK(file().why_not("Run", run) != "");
    CHECK(file().why_not("GET", "/api/v1/nothing", 200, run) != "");
    CHECK(file().why_not("GET", "/api/v1/runs", 299, run) != "");
}

}  // namespace serin::test
