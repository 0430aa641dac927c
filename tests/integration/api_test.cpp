// SPDX-License-Identifier: Apache-2.0
// The API as its clients meet it: who may what, pages, mistakes. What its answers look like: api_openapi_test.cpp.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/dashboard/api_routes.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

/// Tokens "r", "o", "c", "oc", "j" (report: of a job) with the scopes that their letters stand for, and "none" without
/// any.
Tokens letters() {
    using enum TokenScope;
    const auto entry = [](const char* name, std::set<TokenScope> scopes) {
        return Tokens::Entry{.name = name, .sha256 = sha256_hex(name), .scopes = std::move(scopes)};
    };
    return Tokens({entry("r", {read}), entry("o", {operate}), entry("c", {change}), entry("oc", {operate, change}),
                   entry("j", {report}), entry("none", {})});
}

std::string header(const ServerResponse& response, const std::string& name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) return value;
    }
    return {};
}

std::string body_for(const std::string& target) {
    if (target.ends_with("/changes")) return R"({"kind": "deploy", "component": "api"})";
    if (target.ends_with("/mutes")) return R"({"service": "chat", "owner": "ops", "reason": "known", "lasts": "2h"})";
    if (target.ends_with("/incidents")) return R"({"service": "chat", "by": "ops", "message": "nothing arrives"})";
    if (target.contains("/gauges/")) return R"({"value": 7})";
    return R"({"by": "ops"})";
}

/// With names that exist, and a body where one is needed.
ServerRequest request_of(const ApiRoute& route, const std::string& token) {
    std::string target(route.pattern);
    const bool incident = target.contains("/incidents/"), heartbeat = target.contains("/heartbeats/");
    const char* name = heartbeat ? "backup" : target.contains("/gauges/") ? "disk" : "chat";
    for (const auto& [from, to] : {std::pair{"{name}", name}, std::pair{"{id}", incident ? "inc-rich" : "run-1"}}) {
        if (const auto at = target.find(from); at != std::string::npos)
            target.replace(at, std::string(from).size(), to);
    }
    if (route.method == "DELETE") target += "?service=search&by=ops";
    ServerRequest request = ApiWorld::request(std::string(route.method), target, token);
    if (route.body == ApiBody::json) {
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = body_for(target);
    }
    if (route.body == ApiBody::raw) request.headers.emplace_back("X-PagerDuty-Signature", "v1=good");
    return request;
}

std::string text_of(const ServerResponse& response) {
    return std::to_string(response.status) + " " +
           Json::parse(response.body).at("error").at("title").get<std::string>();
}

using Test = std::function<asio::awaitable<void>(ApiWorld&)>;
void in_world(Tokens tokens, const Test& test, const std::function<void(Api::Parts&)>& adjust = {}) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor, tokens, adjust);
        co_await test(world);
    });
}
void in_world(const Test& test) {
    in_world({}, test);
}

/// The values of `key` on all pages, and how many pages there were.
asio::awaitable<std::pair<std::vector<std::string>, int>> all_pages(ApiWorld& world, std::string target,
                                                                    std::string list, std::string key) {
    std::pair<std::vector<std::string>, int> seen;
    std::string cursor;
    do {
        const ServerResponse response = co_await world.ask("GET", target + (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(response.status == 200);
        const Json page = Json::parse(response.body);
        for (const Json& row : page.at(list)) seen.first.push_back(row.at(key).get<std::string>());
        cursor = page.at("next_cursor").is_null() ? "" : page.at("next_cursor").get<std::string>();
        ++seen.second;
    } while (!cursor.empty() && seen.second < 100);
    co_return seen;
}

}  // namespace

TEST_CASE("each route lets in who has its scope and nobody else") {
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        for (const ApiRoute& route : api_routes()) {
            for (const std::string token : {"", "wrong", "none", "r", "o", "c", "oc", "j"}) {
                INFO(route.method << " " << route.pattern << " with `" << token << "`");
                ServerRequest request = request_of(route, token);
                const ServerResponse response = co_await world.api.handle(std::move(request));
                const bool known = token == "r" || token == "o" || token == "c" || token == "oc" || token == "j";
                const char letter = !route.scope                        ? '-'
                                    : route.scope == TokenScope::report ? 'j'
                                                                        : name_of(*route.scope)[0];
                const bool reads = letter == 'r' && known && token != "j";
                const bool may = !route.scope || reads || (known && token.find(letter) != std::string::npos);
                const int expected = may ? 0 : known ? 403 : 401;
                CHECK((expected == 0 ? response.status < 300 : response.status == expected));
                CHECK(header(response, "WWW-Authenticate").starts_with("Bearer") == !may);
                CHECK(header(response, "X-Content-Type-Options") == "nosniff");
                CHECK(header(response, "Cache-Control") == "no-store");
            }
        }
    });
}

TEST_CASE("a refusal says which scope is missing and never repeats a token") {
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        const auto reload = co_await world.ask("POST", "/-/reload", "r");
        CHECK(header(reload, "WWW-Authenticate") ==
              R"(Bearer realm="serin", error="insufficient_scope", scope="operate")");
        const auto wrong = co_await world.ask("GET", "/api/v1/status", "s3cret-guess");
        CHECK(header(wrong, "WWW-Authenticate") == R"(Bearer realm="serin", error="invalid_token")");
        CHECK(wrong.body.find("s3cret") == std::string::npos);
        CHECK(world.control.reloads == 0);
    });
}

TEST_CASE("what is operated and recorded is told to the log with the token's name") {
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        co_await world.ask("POST", "/-/reload", "o");
        co_await world.ask("GET", "/api/v1/status", "r");
        co_await world.ask("POST", "/-/reload", "r");
        CHECK(world.log.lines == std::vector<std::string>{"api_request route=POST /-/reload token=o status=200"});
    });
}

TEST_CASE("new tokens count at once") {
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        world.api.replace_tokens(Tokens({{.name = "n", .sha256 = sha256_hex("n"), .scopes = {TokenScope::read}}}));
        CHECK((co_await world.ask("GET", "/api/v1/status", "r")).status == 401);
        CHECK((co_await world.ask("GET", "/api/v1/status", "n")).status == 200);
    });
}

TEST_CASE("why the daemon is not ready is for those who may look") {
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        world.control.ready = false;
        const auto stranger = co_await world.ask("GET", "/-/ready");
        CHECK(stranger.status == 503);
        CHECK(Json::parse(stranger.body) == Json({{"ready", false}, {"reasons", Json::array()}}));
        const auto reader = co_await world.ask("GET", "/-/ready", "r");
        CHECK(reader.status == 503);
        CHECK(Json::parse(reader.body)["reasons"][0] == "the store is not writing: disk full");
        CHECK((co_await world.ask("GET", "/-/healthy")).status == 200);
    });
}

TEST_CASE("without tokens a name that is not this machine's is refused on every route") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        for (const ApiRoute& route : api_routes()) {
            INFO(route.method << " " << route.pattern);
            ServerRequest rebound = request_of(route, "");
            rebound.headers[0].second = "evil.example:9464";
            const ServerResponse to_rebound = co_await world.api.handle(std::move(rebound));
            CHECK(to_rebound.status == 403);
            ServerRequest local = request_of(route, "");
            const ServerResponse to_local = co_await world.api.handle(std::move(local));
            CHECK(to_local.status < 300);
        }
    });
    in_world(letters(), [](ApiWorld& world) -> asio::awaitable<void> {
        ServerRequest named = ApiWorld::request("GET", "/api/v1/status", "r");
        named.headers[0].second = "serin.example";
        const ServerResponse to_named = co_await world.api.handle(std::move(named));
        CHECK(to_named.status == 200);
    });
}

TEST_CASE("a page of another site can make nothing happen") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        for (const ApiRoute& route : api_routes()) {
            if (route.method == "GET") continue;
            INFO(route.pattern);
            ServerRequest foreign = request_of(route, "");
            foreign.headers.emplace_back("Origin", "https://evil.example");
            const ServerResponse to_foreign = co_await world.api.handle(std::move(foreign));
            CHECK(to_foreign.status == 403);
        }
        CHECK(world.control.reloads == 0);
        CHECK(world.control.runs.empty());
        CHECK(world.control.recorded.empty());
        CHECK(world.alerts.commands.empty());
        CHECK(world.alerts.drilled.empty());
        CHECK(world.alerts.heartbeats.empty());
        CHECK(world.alerts.gauges.empty());
    });
}

TEST_CASE("pages of every list together hold each row once") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto [runs, run_pages] = co_await all_pages(world, "/api/v1/runs?probe=many&limit=7", "runs", "run_id");
        CHECK(runs.size() == 25);
        CHECK(runs.front() == "page-24");
        CHECK(runs.back() == "page-00");
        CHECK(std::set(runs.begin(), runs.end()).size() == 25);
        CHECK(run_pages == 4);
        const auto [probes, probe_pages] = co_await all_pages(world, "/api/v1/probes?limit=1", "probes", "name");
        CHECK(probes == std::vector<std::string>{"chat", "mail", "many", "never"});
        CHECK(probe_pages == 4);
        const auto [cells, cell_pages] = co_await all_pages(world, "/api/v1/matrix?limit=3", "cells", "probe");
        CHECK(cells == std::vector<std::string>{"chat", "mail", "many", "never"});
        CHECK(cell_pages == 2);
        const auto [incidents, incident_pages] =
            co_await all_pages(world, "/api/v1/incidents?limit=7&state=open,watching,closed", "incidents", "id");
        CHECK(incidents.size() == 27);
        CHECK(incidents.front() == "inc-rich");
        CHECK(incidents.back() == "inc-00000000");
        CHECK(std::set(incidents.begin(), incidents.end()).size() == 27);
        CHECK(incident_pages == 4);
        const auto [changes, change_pages] = co_await all_pages(world, "/api/v1/changes?limit=1", "changes", "id");
        CHECK(changes == std::vector<std::string>{"c-1"});
    });
}

TEST_CASE("a cursor of another list or of nobody is refused") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto first = co_await world.ask("GET", "/api/v1/runs?limit=1");
        const std::string cursor = Json::parse(first.body)["next_cursor"];
        for (const char* list : {"probes", "matrix", "incidents", "deliveries", "changes"}) {
            INFO(list);
            CHECK((co_await world.ask("GET", std::string("/api/v1/") + list + "?cursor=" + cursor)).status == 400);
        }
        CHECK((co_await world.ask("GET", "/api/v1/runs?cursor=nonsense")).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/runs?cursor=" + cursor.substr(1))).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/runs?cursor=" + cursor)).status == 200);
    });
}

TEST_CASE("filters choose rows") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto count = [&](std::string target, std::string list) -> asio::awaitable<std::size_t> {
            const auto response = co_await world.ask("GET", target);
            REQUIRE(response.status == 200);
            co_return Json::parse(response.body).at(list).size();
        };
        CHECK(co_await count("/api/v1/runs?verdict=fail", "runs") == 2);
        CHECK(co_await count("/api/v1/runs?verdict=fail,pass&probe=chat", "runs") == 2);
        CHECK(co_await count("/api/v1/runs?from=-7s&until=now", "runs") == 1);
        CHECK(co_await count("/api/v1/probes?probe=chat", "probes") == 1);
        CHECK(co_await count("/api/v1/probes?target=nowhere", "probes") == 0);
        CHECK(co_await count("/api/v1/matrix?verdict=fail", "cells") == 1);
        CHECK(co_await count("/api/v1/matrix?from=-1h", "cells") == 4);  // with what is configured no more
        CHECK(co_await count("/api/v1/deliveries?state=lost", "deliveries") == 1);
        CHECK(co_await count("/api/v1/deliveries?state=late", "deliveries") == 0);
        CHECK(co_await count("/api/v1/changes?target=shard-1", "changes") == 1);
        CHECK(co_await count("/api/v1/changes?target=shard-2", "changes") == 0);
        CHECK((co_await world.ask("GET", "/api/v1/deliveries?state=losst")).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/deliveries?state=lost,late")).status == 400);
        CHECK(co_await count("/api/v1/incidents?failure_class=nothing", "incidents") == 0);
    });
}

TEST_CASE("a cell without data is shown and never as a pass") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto response = co_await world.ask("GET", "/api/v1/matrix?probe=never");
        const Json cell = Json::parse(response.body).at("cells").at(0);
        CHECK(cell["verdict"] == "");
        CHECK(cell["last_run_at"].is_null());
        CHECK(cell["counts"]["pass"] == 0);
        CHECK(cell["counts"]["availability"].is_null());
    });
}

TEST_CASE("a slow probe stands as its last run although it is long ago") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        world.control.views[0].cells.clear();
        const std::string from = "/api/v1/matrix?probe=many";
        world.control.views[2].every = std::chrono::hours(24);
        const auto response = co_await world.ask("GET", from);
        const Json cell = Json::parse(response.body).at("cells").at(0);
        CHECK(cell["verdict"] == "pass");
        CHECK(cell["from"] < rfc3339(api_noon() - std::chrono::hours(47)));
    });
}

TEST_CASE("hostile requests are refused in words and harm nothing") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const std::pair<std::string, int> refused[] = {
            {"/" + std::string(10'000, 'x'), 404},
            {"/api/v1/runs/" + std::string(10'000, 'x'), 404},
            {"/api/v1/runs/%", 400},
            {"/api/v1/runs/%zz", 400},
            {"/api/v1/runs/a%00b", 400},
            {"/api/v1/runs/%ff%fe", 400},
            {"/api/v1/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404},
            {"/api/v1/runs/' OR 1=1 --", 404},
            {"/api/v1/runs?limit=99999999999999999999", 400},
            {"/api/v1/runs?limit=0", 400},
            {"/api/v1/runs?probe=%00", 400},
            {"/api/v1/runs?%", 400},
            {"/api/v1/runs?nothing=1", 400},
            {"/api/v1/status?x=1", 400},
            {"/api/v1/matrix?until=now", 400},
            {"\xff\xfe", 404},
            {"", 404},
            {"*", 404},
            {"http://evil.example/api/v1/status", 404},
        };
        for (const auto& [target, status] : refused) {
            INFO(target);
            const auto response = co_await world.ask("GET", target);
            CHECK(response.status == status);
            CHECK(Json::parse(response.body).at("error").at("title") != "");
        }
        CHECK((co_await world.ask("GET", "/api/v1/runs?probe='%3B%20DROP%20TABLE%20runs%3B--")).status == 200);
        CHECK((co_await world.ask("GET", "/api/v1/runs")).status == 200);
        const auto odd = co_await world.ask("BREW", "/api/v1/changes");
        CHECK(odd.status == 405);
        CHECK(header(odd, "Allow") == "GET, HEAD, POST");
        CHECK((co_await world.ask("HEAD", "/api/v1/runs")).status == 200);
    });
}

TEST_CASE("a change is taken in once it makes sense") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto post = [&](std::string body, std::string type) -> asio::awaitable<ServerResponse> {
            ServerRequest request = ApiWorld::request("POST", "/api/v1/changes");
            if (!type.empty()) request.headers.emplace_back("Content-Type", type);
            request.body = std::move(body);
            co_return co_await world.api.handle(std::move(request));
        };
        const std::string good = R"({"id": "d-7", "kind": "deploy", "component": "api"})";
        CHECK((co_await post(good, "text/plain")).status == 415);
        CHECK((co_await post(good, "")).status == 415);
        CHECK((co_await post("{", "application/json")).status == 400);
        CHECK((co_await post("[]", "application/json")).status == 400);
        CHECK((co_await post("", "application/json")).status == 400);
        CHECK((co_await post(std::string(60'000, '['), "application/json")).status == 400);
        CHECK((co_await post(std::string(70'000, ' '), "application/json")).status == 413);
        CHECK(text_of(co_await post(R"({"kind": "deplyo", "component": "api"})", "application/json"))
                  .starts_with("400 unknown kind `deplyo`"));
        CHECK(world.control.recorded.empty());
        const auto taken = co_await post(good, "application/json; charset=utf-8");
        CHECK(taken.status == 202);
        CHECK(Json::parse(taken.body)["id"] == "d-7");
        const auto named = co_await post(R"({"kind": "flag", "component": "api"})", "application/json");
        CHECK(Json::parse(named.body)["id"] != "");
        REQUIRE(world.control.recorded.size() == 2);
        CHECK(world.control.recorded[0].started_at == api_noon());
        CHECK(Json::parse(named.body)["id"] == world.control.recorded[1].id);
    });
}

TEST_CASE("a probe is run now if it is there and may be") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto started = co_await world.ask("POST", "/api/v1/probes/chat/run?target=shard-1");
        CHECK(started.status == 202);
        CHECK(Json::parse(started.body) == Json({{"started", 1}}));
        CHECK((co_await world.ask("POST", "/api/v1/probes/ch%61t/run")).status == 202);
        CHECK(world.control.runs == std::vector<std::string>{"chat/shard-1", "chat/"});
        CHECK((co_await world.ask("POST", "/api/v1/probes/nobody/run")).status == 404);
        CHECK((co_await world.ask("POST", "/api/v1/probes/chat/run?target=shard-9")).status == 404);
        CHECK((co_await world.ask("POST", "/api/v1/probes/chat/run?traget=shard-1")).status == 400);
        CHECK((co_await world.ask("GET", "/api/v1/probes/chat/run")).status == 405);
        world.control.run_refusal = "too many runs in flight";
        CHECK(text_of(co_await world.ask("POST", "/api/v1/probes/chat/run")) == "409 too many runs in flight");
    });
}

TEST_CASE("a refused reload gives the drawn mistakes back") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        world.control.reload_refusal = "error: unknown key `evry`\n --> serin.yaml:7:5";
        CHECK(text_of(co_await world.ask("POST", "/-/reload")) == "422 error: unknown key `evry`\n --> serin.yaml:7:5");
        world.control.reload_refusal.clear();
        CHECK((co_await world.ask("POST", "/-/reload")).status == 200);
    });
}

TEST_CASE("metrics come in the format that is asked for") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        const auto plain = co_await world.ask("GET", "/metrics?name[]=up");
        CHECK(plain.content_type.starts_with("text/plain; version=0.0.4"));
        CHECK(plain.body.find("chat") != std::string::npos);
        CHECK(plain.body.find("serin_incidents_opened_total{vantage=\"here\"} 7\n") != std::string::npos);
        ServerRequest request = ApiWorld::request("GET", "/metrics");
        request.headers.emplace_back("Accept", "application/openmetrics-text; version=1.0.0");
        const auto open = co_await world.api.handle(std::move(request));
        CHECK(open.content_type.starts_with("application/openmetrics-text"));
        CHECK(open.body.ends_with("# EOF\n"));
    });
}

TEST_CASE("a defect of ours is a 500 that tells a stranger nothing and the log everything") {
    in_world([](ApiWorld& world) -> asio::awaitable<void> {
        world.control.broken = true;
        const auto response = co_await world.ask("GET", "/api/v1/status");
        CHECK(response.status == 500);
        CHECK(response.body.find("secret") == std::string::npos);
        CHECK(header(response, "Cache-Control") == "no-store");
        CHECK(world.log.lines == std::vector<std::string>{"api_defect what=a defect at /secret/place"});
        world.control.broken = false;
        CHECK((co_await world.ask("GET", "/api/v1/status")).status == 200);
    });
}

TEST_CASE("questions to the store are bounded") {
    in_world(
        {},
        [](ApiWorld& world) -> asio::awaitable<void> {
            const auto response = co_await world.ask("GET", "/api/v1/runs");
            CHECK(response.status == 503);
            CHECK(header(response, "Retry-After") == "1");
            CHECK((co_await world.ask("GET", "/api/v1/probes")).status == 200);
        },
        [](Api::Parts& parts) { parts.max_waiting_reads = 0; });
}

}  // namespace serin::test
