// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_guard.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

ServerRequest with(Headers headers) {
    ServerRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = std::move(headers);
    return request;
}

}  // namespace

TEST_CASE("only names of this machine are its own") {
    for (const char* host :
         {"localhost", "LOCALHOST:9464", "127.0.0.1", "127.0.0.1:9464", "[::1]", "[::1]:9464", "localhost:1"}) {
        INFO(host);
        CHECK(asks_this_machine(with({{"host", host}})));
    }
    for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80",
                             "localhost:", "localhost:x", "localhost:99999", "[::1", "::1", "[::1]x", "[::2]",
                             "127.0.0.2:9464", ":80", "user@localhost", "localhost evil.example", "[localhost]"}) {
        INFO(host);
        CHECK_FALSE(asks_this_machine(with({{"Host", host}})));
    }
    CHECK_FALSE(asks_this_machine(with({})));
    CHECK_FALSE(asks_this_machine(with({{"Host", "localhost"}, {"Host", "evil.example"}})));
}

TEST_CASE("what a browser sends for another site is told from the rest") {
    const auto from = [](Headers headers) {
        headers.emplace_back("Host", "localhost:9464");
        return comes_from_another_site(with(std::move(headers)));
    };
    CHECK_FALSE(from({}));
    CHECK_FALSE(from({{"Origin", "http://localhost:9464"}}));
    CHECK_FALSE(from({{"Origin", "https://LOCALHOST:9464"}}));
    CHECK_FALSE(from({{"Sec-Fetch-Site", "same-origin"}}));
    CHECK_FALSE(from({{"Sec-Fetch-Site", "none"}}));
    // Behind a proxy that changes the Host, the browser knows better.
    CHECK_FALSE(from({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://serin.example"}}));
    CHECK(from({{"Origin", "http://localhost:3000"}}));
    CHECK(from({{"Origin", "http://localhost"}}));
    CHECK(from({{"Origin", "https://evil.example"}}));
    CHECK(from({{"Origin", "null"}}));
    CHECK(from({{"Origin", ""}}));
    CHECK(from({{"Sec-Fetch-Site", "cross-site"}}));
    CHECK(from({{"sec-fetch-site", "same-site"}}));
    CHECK(from({{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "cross-site"}}));
    CHECK(comes_from_another_site(with({{"Origin", "http://"}})));
}

TEST_CASE("two Authorization headers prove nothing") {
    const Tokens tokens({{.name = "t", .sha256 = sha256_hex("x"), .scopes = {TokenScope::read}}});
    CHECK(caller_of(with({{"Authorization", "Bearer x"}}), tokens).may(TokenScope::read));
    CHECK_FALSE(
        caller_of(with({{"Authorization", "Bearer x"}, {"Authorization", "Bearer y"}}), tokens).may(TokenScope::read));
}

TEST_CASE("a token without scopes may nothing and everybody may everything where there are no tokens") {
    const Tokens none({{.name = "t", .sha256 = sha256_hex("x"), .scopes = {}}});
    const auto refusal = refuse(caller_of(with({{"Authorization", "Bearer x"}}), none), TokenScope::read);
    REQUIRE(refusal);
    CHECK(refusal->status == 401);
    CHECK_FALSE(refuse(caller_of(with({}), Tokens()), TokenScope::operate));
    CHECK_FALSE(refuse(caller_of(with({}), none), std::nullopt));
}

TEST_CASE("JSON is known by its type and nothing else") {
    for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"})
        CHECK(has_json(with({{"Content-Type", type}})));
    for (const char* type :
         {"", "text/plain", "application/jsonp", "text/plain; application/json", "application/x-www-form-urlencoded"})
        CHECK_FALSE(has_json(with({{"Content-Type", type}})));
    CHECK_FALSE(has_json(with({})));
    CHECK_FALSE(has_json(with({{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}})));
}

}  // namespace serin::test
