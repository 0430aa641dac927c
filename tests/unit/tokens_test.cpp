// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/tokens.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

Tokens two_tokens() {
    return Tokens({{.name = "grafana", .sha256 = sha256_hex("g-secret"), .scopes = {TokenScope::read}},
                   {.name = "ci", .sha256 = sha256_hex("c-secret"), .scopes = {TokenScope::change}}});
}

}  // namespace

TEST_CASE("SHA-256 is that of FIPS 180-4") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a bearer token is found by its hash whatever the case of the scheme") {
    const Tokens tokens = two_tokens();
    for (const char* header : {"Bearer g-secret", "bearer g-secret", "BEARER   g-secret"}) {
        const auto* entry = tokens.find(header);
        REQUIRE(entry != nullptr);
        CHECK(entry->name == "grafana");
    }
    CHECK(tokens.find("Bearer c-secret")->name == "ci");
}

TEST_CASE("what is no bearer token proves nothing") {
    const Tokens tokens = two_tokens();
    for (const std::string header :
         {"", "Bearer", "Bearer ", "Bearer  ", "g-secret", "Basic g-secret", "Bearer g-secret x", "Bearer g-secret\t",
          "Bearer G-SECRET", "Bearerg-secret", " Bearer g-secret"}) {
        INFO(header);
        CHECK(tokens.find(header) == nullptr);
    }
    CHECK(tokens.find("Bearer " + sha256_hex("g-secret")) == nullptr);
    CHECK(tokens.find("Bearer " + std::string(100'000, 'x')) == nullptr);
    CHECK(Tokens().find("Bearer g-secret") == nullptr);
}

TEST_CASE("an entry with a broken hash lets nobody in") {
    for (const std::string& hash :
         {std::string(), std::string("ab"), sha256_hex("x").substr(1), sha256_hex("x") + "0"}) {
        const Tokens tokens({{.name = "broken", .sha256 = hash, .scopes = {TokenScope::operate}}});
        CHECK(tokens.find("Bearer x") == nullptr);
    }
}

TEST_CASE("operate and change imply read and nothing else is implied") {
    const auto entry = [](std::set<TokenScope> scopes) {
        return Tokens::Entry{.name = "t", .sha256 = "", .scopes = std::move(scopes)};
    };
    using enum TokenScope;
    CHECK(Tokens::allows(entry({read}), read));
    CHECK_FALSE(Tokens::allows(entry({read}), operate));
    CHECK_FALSE(Tokens::allows(entry({read}), change));
    CHECK(Tokens::allows(entry({operate}), read));
    CHECK_FALSE(Tokens::allows(entry({operate}), change));
    CHECK(Tokens::allows(entry({change}), read));
    CHECK_FALSE(Tokens::allows(entry({change}), operate));
    CHECK_FALSE(Tokens::allows(entry({}), read));
    CHECK(Tokens::allows(entry({report}), report));
    for (const TokenScope scope : {read, operate, change}) CHECK_FALSE(Tokens::allows(entry({report}), scope));
    for (const TokenScope scope : {read, operate, change}) CHECK_FALSE(Tokens::allows(entry({scope}), report));
}

}  // namespace serin::test
