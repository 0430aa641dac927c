// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_query.hpp"

#include <catch2/catch.hpp>

#include "reports/dashboard/api_routes.hpp"

namespace serin::test {
namespace {

const Wall now{std::chrono::seconds(1'800'000'000)};
constexpr std::string_view all_keys =
    "limit cursor probe vantage target profile cell verdict failure_class run_id nonce state from until counts "
    "service by status";

Result<ApiQuery> query(const std::string& text) {
    return read_query("/api/v1/runs?" + text, all_keys, now);
}

std::string complaint(const std::string& text) {
    const auto read = query(text);
    return read ? "none" : read.error().title + " / " + read.error().remedy;
}

}  // namespace

TEST_CASE("a query becomes a filter and a page") {
    const auto read = query(
        "limit=7&probe=chat%20delivery&vantage=a&target=b&profile=heavy&cell=x%3D1&verdict=fail,error,fail&"
        "failure_class=late&from=-1h&until=2027-01-15T08:00:00Z&cursor=abc&state=lost&counts=true&nonce=n&run_id=r&"
        "service=chat&by=ops&status=fail");
    REQUIRE(read);
    CHECK(read->page.limit == 7);
    CHECK(read->page.cursor == "abc");
    CHECK(read->filter.probe == "chat delivery");
    CHECK(read->filter.vantage == "a");
    CHECK(read->filter.target == "b");
    CHECK(read->filter.profile == "heavy");
    CHECK(read->filter.cell == "x=1");
    CHECK(read->filter.verdicts == std::vector<std::string>{"fail", "error"});
    CHECK(read->filter.failure_class == "late");
    CHECK(read->filter.state == "lost");
    CHECK(read->filter.nonce == "n");
    CHECK(read->filter.run_id == "r");
    CHECK(read->filter.from == now - std::chrono::hours(1));
    CHECK(read->filter.until == now);
    CHECK(read->counts);
    CHECK(read->service == "chat");
    CHECK(read->by == "ops");
    CHECK(read->failed);
}

TEST_CASE("no query and an empty one restrict nothing") {
    for (const char* target : {"/api/v1/runs", "/api/v1/runs?", "/api/v1/runs?&&"}) {
        const auto read = read_query(target, all_keys, now);
        REQUIRE(read);
        CHECK(read->page.limit == 100);
        CHECK(read->filter.verdicts.empty());
        CHECK_FALSE(read->filter.from);
    }
}

TEST_CASE("a mistake in a query is named with its remedy") {
    CHECK(complaint("verdct=fail") == "unknown parameter `verdct` / did you mean `verdict`?");
    CHECK(complaint("verdict=failed") == "unknown verdict `failed` / did you mean `fail`?");
    CHECK(complaint("status=failed").starts_with("unknown status `failed`"));
    CHECK(chosen_words("open,closed,open", "open watching closed", "state").value() ==
          std::vector<std::string>{"open", "closed"});
    for (const char* words : {"opne", "", "open,", ",open", "open, closed"}) {
        INFO(words);
        CHECK_FALSE(chosen_words(words, "open watching closed", "state"));
    }
    CHECK(complaint("probe=a&probe=b").starts_with("`probe` is given twice"));
    CHECK(complaint("probe=").starts_with("`probe` is empty"));
    CHECK(complaint("counts=1").starts_with("`counts` is `1`"));
    CHECK(complaint("from=yesterday").starts_with("`from`: "));
    CHECK(complaint("from=2027-01-15T08:00:00+01:00").find("%2B") != std::string::npos);
    CHECK(query("from=2027-01-15T09:00:00%2B01:00")->filter.from == now);
    CHECK(read_query("/x?a=b", "", now).error().remedy == "this address takes none");
}

TEST_CASE("limits outside of their range are refused") {
    for (const char* limit : {"0", "-1", "1001", "99999999999999999999", "1e2", "10 ", "0x10", "", "+5", "NaN"}) {
        INFO(limit);
        CHECK_FALSE(query(std::string("limit=") + limit));
    }
    CHECK(query("limit=1")->page.limit == 1);
    CHECK(query("limit=1000")->page.limit == 1000);
}

TEST_CASE("hostile bytes in a query are refused") {
    for (const char* text :
         {"probe=%", "probe=%4", "probe=%zz", "probe=a%00b", "probe=%0a", "probe=%ff", "probe=%c0%80", "%00=x",
          "probe=\x7f", "probe=\xff", "verdict=,", "verdict=fail,", "verdict=fail,,error", "probe"}) {
        INFO(text);
        CHECK_FALSE(query(text));
    }
    CHECK_FALSE(query("probe=" + std::string(5000, 'x')));
    CHECK(query("probe=%C3%A9")->filter.probe == "\xc3\xa9");
    CHECK(query("probe=a=b")->filter.probe == "a=b");
}

TEST_CASE("a path is matched by segments") {
    CHECK(match_route("GET", "/api/v1/runs").route->pattern == "/api/v1/runs");
    CHECK(match_route("HEAD", "/api/v1/runs").route->method == "GET");
    CHECK(match_route("GET", "/api/v1/runs/abc").name == "abc");
    CHECK(match_route("POST", "/api/v1/probes/a%2Fb/run").name == "a%2Fb");
    CHECK(match_route("POST", "/api/v1/probes/run/run").name == "run");
    CHECK(match_route("POST", "/api/v1/changes").route->scope == TokenScope::change);
    for (const char* path : {"", "/", "/api/v1/runs/", "/api/v1/runs/a/b", "/api/v1/probes//run", "/api/v1/probes/run",
                             "/API/v1/runs", "//api/v1/runs", "/api/v1/runs/../runs", "/-/healthy/"}) {
        INFO(path);
        const RouteMatch match = match_route("POST", path);
        CHECK(match.route == nullptr);
        CHECK(match.allow.empty());
    }
    CHECK(match_route("DELETE", "/api/v1/changes").allow == "GET, HEAD, POST");
    CHECK(match_route("GET", "/-/reload").allow == "POST");
    CHECK(match_route("OPTIONS", "/metrics").allow == "GET, HEAD");
    CHECK(match_route("PUT", "/api/v1/mutes").allow == "GET, HEAD, POST, DELETE");
    CHECK(match_route("POST", "/api/v1/incidents/inc-1/close").name == "inc-1");
    CHECK(match_route("GET", "/api/v1/incidents/export").name == "export");
    CHECK(match_route("GET", "/api/v1/incidents/a/b/export").route == nullptr);
}

TEST_CASE("every route has a handler and nothing but looking needs no scope") {
    for (const ApiRoute& route : api_routes()) {
        INFO(route.pattern);
        CHECK(route.handler != nullptr);
        const bool signed_by_its_sender = route.body == ApiBody::raw;
        CHECK((route.method == "GET" || signed_by_its_sender ||
               route.scope.value_or(TokenScope::read) != TokenScope::read));
        CHECK((route.scope || signed_by_its_sender || route.pattern == "/-/healthy" || route.pattern == "/-/ready"));
        if (!route.keys) continue;
        for (const std::string& key : listed_words(*route.keys)) {
            INFO(key);
            CHECK(std::string(" " + std::string(all_keys) + " ").find(" " + key + " ") != std::string::npos);
        }
    }
}

}  // namespace serin::test
