// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

const std::string hidden = "hush/+\"quoted\"&secret";

/// None of the forms in which `hidden` could be read.
void nothing_leaks(const Outcome& outcome) {
    const std::string all = every_string(outcome);
    INFO(all);
    CHECK_THAT(all, !Contains(hidden));
    CHECK_THAT(all, !Contains(base64(hidden)));
    CHECK_THAT(all, !Contains(base64("bob:" + hidden).substr(8, 20)));
    CHECK_THAT(all, !Contains(url_escape(hidden)));
    const std::string json = nlohmann::json(hidden).dump();
    CHECK_THAT(all, !Contains(json.substr(1, json.size() - 2)));
    CHECK_THAT(all, !Contains("hush/"));  // not even its beginning, cut off by a limit
}

TEST_CASE("a secret shows in no string of the outcome, in any form") {
    Play play;
    play.secrets.emplace("key", Secret(hidden));
    play.evidence = Evidence::of_all;
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.status = 500,
                      .body = "you said " + request.body.value_or("") + " with " + hidden,
                      .headers = {{"X-Echo", hidden}, {"X-Echo-64", base64(hidden)}}};
    };
    play.websocket.on_open = [](FakeSocket& socket) { socket.push("welcome " + hidden, 10ms); };
    const Outcome outcome = play.of(R"(
version: 1
name: secrets
secrets: { key: { env: NOT_READ } }
actors:
  alice: { bearer: "${secret.key}" }
  bob: { basic: { user: bob, password: "${secret.key}" } }
steps:
  - { connect: "/ws?token=${secret.key}", as: bob }
  - { receive: { $contains: "${secret.key}" }, as: bob, within: 1s }
  - { get: /basic, as: bob, expect: { degrade: status == 200 } }
  - post: "/v1/${secret.key}"
    as: alice
    query: { key: "${secret.key}" }
    json: { key: "${secret.key}", text: "in a text ${secret.key}" }
    expect: |
      text == secret.key
      headers["x-echo"] == "other"
    match: { key: "${secret.key}" }
    defer: { delete: "/v1/${secret.key}", as: alice, expect: status == 204 }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.leaked.size() == 1);
    CHECK_THAT(every_string(outcome), Contains("[secret key]"));
    nothing_leaks(outcome);
    CHECK(play.http.asked.at(1).header("Authorization") == "Bearer " + hidden);
}

TEST_CASE("a secret that a size limit would cut in two is not shown in part") {
    Play play;
    play.secrets.emplace("key", Secret(hidden));
    std::size_t before = 0;
    play.http.answer = [&](const HttpRequest& request) {
        const std::string filled = std::string(before, '.') + hidden;
        if (request.method == "POST") play.websocket.sockets.back()->push(filled, 1ms);
        return Answer{.status = 500, .body = filled, .headers = {{"X-Long", filled}}};
    };
    // The limits of frames, headers, messages and bodies, each a few bytes after the secret's beginning.
    before = GENERATE(70u, 110u, 150u, 290u, 390u, 505u, 2040u);
    CAPTURE(before);
    play.set = {{"dots", std::string(before, '.')}};
    const Outcome outcome = play.of(R"(
version: 1
name: cut
secrets: { key: { env: NOT_READ } }
vars: { dots: "" }
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { send: "${vars.dots}${secret.key}", as: bob }
  - post: /a
    body: "${vars.dots}${secret.key}"
    severity: degrade
    expect: text == vars.dots .. secret.key .. "x"
  - { receive: "x${vars.dots}${secret.key}", as: bob, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    nothing_leaks(outcome);
}

TEST_CASE("a secret in a binary frame is not shown as hex") {
    Play play;
    play.secrets.emplace("key", Secret("binary-hush"));
    play.websocket.on_open = [](FakeSocket& socket) { socket.push_binary("binary-hush", 10ms); };
    const Outcome outcome = play.of(R"(
version: 1
name: binary
secrets: { key: { env: NOT_READ } }
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { receive: "${secret.key}", as: bob, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    REQUIRE(step(outcome, "receive").frames.size() == 1);
    CHECK_THAT(step(outcome, "receive").frames[0].text, !Contains("62 69 6e 61 72 79"));
}

TEST_CASE("a secret that cannot be read stops everything before it starts") {
    Play play;
    const auto world = play.world_of(*play.load(R"(
version: 1
name: unarmed
secrets: { key: { env: SERIN_TEST_VARIABLE_THAT_IS_NOT_SET } }
steps: [{ get: /a, headers: { X-Key: "${secret.key}" }, expect: status == 200 }]
)"));
    REQUIRE_FALSE(world);
    CHECK_THAT(world.error().title,
               Contains("secret `key`") && Contains("SERIN_TEST_VARIABLE_THAT_IS_NOT_SET is not set"));
}

TEST_CASE("every secret that cannot be read is told at once") {
    Play play;
    play.secrets.emplace("there", Secret("given-value"));
    const auto world = play.world_of(*play.load(R"(
version: 1
name: unarmed
secrets:
  first: { env: SERIN_TEST_FIRST_THAT_IS_NOT_SET }
  there: { env: NOT_READ }
  second: { file: /nowhere/serin-test-secret }
steps:
  - get: /a
    headers: { X-1: "${secret.first}", X-2: "${secret.there}", X-3: "${secret.second}" }
    expect: status == 200
)"));
    REQUIRE_FALSE(world);
    const std::string& title = world.error().title;
    CHECK_THAT(title, Contains("SERIN_TEST_FIRST_THAT_IS_NOT_SET is not set (scenario.yaml:5:"));
    CHECK_THAT(title, Contains("; secret `second`: ") && Contains("/nowhere/serin-test-secret"));
    CHECK_THAT(title, !Contains("there`") && !Contains("given-value"));
    CHECK_THAT(world.error().remedy, Contains("export SERIN_TEST_FIRST_THAT_IS_NOT_SET=…; "));
}

TEST_CASE("a secret too short to be hidden everywhere is warned of and not shown") {
    Play play;
    const auto scenario = play.load(R"(
version: 1
name: short
secrets: { pin: { env: NOT_READ } }
steps: [{ get: /a, headers: { X-Pin: "${secret.pin}" }, expect: status == 200 }]
)");
    play.secrets.emplace("pin", Secret("42"));
    const auto world = play.world_of(*scenario);
    REQUIRE(world);
    REQUIRE((*world)->warnings.size() == 1);
    CHECK((*world)->warnings[0] ==
          "secret `pin` is shorter than 4 bytes: outputs hide it only where it stands as a word of its own");
    play.secrets.insert_or_assign("pin", Secret("4213"));
    CHECK((*play.world_of(*scenario))->warnings.empty());
}

}  // namespace
}  // namespace serin::test
