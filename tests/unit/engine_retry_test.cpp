// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

constexpr std::string_view twice = R"(
version: 1
name: twice
timeout: 30s
retry: { attempts: 2, backoff: 2s }
steps:
  - { post: "/${nonce}", expect: status == 200 }
)";

TEST_CASE("a pass after a retry is degraded, flaky, and tells every attempt with its own nonce") {
    Play play;
    play.http.answer = [&](const HttpRequest&) { return Answer{.status = play.http.asked.size() == 1 ? 500 : 200}; };
    const Outcome outcome = play.of(twice);
    CHECK(outcome.verdict == Verdict::degraded);
    CHECK(outcome.failure_class == "flaky");
    CHECK(outcome.message == "passed at attempt 2; the first: expectation failed: status == 200");
    REQUIRE(outcome.attempts.size() == 2);
    CHECK(outcome.attempts[0].verdict == Verdict::fail);
    CHECK(outcome.attempts[0].failure_class == "expectation_failed");
    CHECK(outcome.attempts[1].verdict == Verdict::pass);
    CHECK(outcome.attempts[0].nonce != outcome.attempts[1].nonce);
    CHECK(play.http.asked.at(0).request.url == "http://here.test/" + outcome.attempts[0].nonce);
    CHECK(play.http.asked.at(1).request.url == "http://here.test/" + outcome.attempts[1].nonce);
    CHECK(play.http.asked.at(1).at == 2010ms);
}

TEST_CASE("a first attempt that passes is a plain pass without attempts") {
    Play play;
    const Outcome outcome = play.of(twice);
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(outcome.attempts.empty());
}

TEST_CASE("a run whose attempts all fail has the last one's message") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 500}; };
    const Outcome outcome = play.of(twice);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.attempts.size() == 2);
    CHECK(play.http.asked.size() == 2);
}

TEST_CASE("the wish of a target that is busy is honoured when it is longer than the backoff") {
    Play play;
    std::string wish = "7";
    play.http.answer = [&](const HttpRequest&) { return Answer{.status = 503, .headers = {{"retry-after", wish}}}; };
    CHECK(play.of(twice).attempts.size() == 2);
    CHECK(play.http.asked.at(1).at - play.http.asked.at(0).at == 7010ms);

    wish = "1";
    CHECK(play.of(twice).attempts.size() == 2);
    CHECK(play.http.asked.at(3).at - play.http.asked.at(2).at == 2010ms);
}

TEST_CASE("no retry that the scenario's time has no room for") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 503, .headers = {{"Retry-After", "60"}}}; };
    const Outcome outcome = play.of(twice);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.attempts.empty());
    CHECK(outcome.took == 10ms);
}

TEST_CASE("a cleanup step without a wish does not make the engine forget the target's") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        if (request.method == "DELETE") return Answer{.status = 500};
        return Answer{.status = 503, .headers = {{"Retry-After", "5"}}};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: busy
retry: { attempts: 2 }
steps:
  - { post: /a, expect: status == 200, defer: { delete: /a, expect: status == 204 } }
)");
    CHECK(outcome.attempts.size() == 2);
    CHECK(play.http.asked.at(2).at - play.http.asked.at(1).at == 5010ms);
}

TEST_CASE("an aborted run is not retried, and a stop ends the pause before a retry") {
    Play play;
    SECTION("during the first attempt") {
        play.http.answer = [](const HttpRequest&) { return Answer{.after = 5s}; };
        play.clock.after(1s, [&] { play.stop.request(); });
        const Outcome outcome = play.of(twice);
        CHECK(outcome.verdict == Verdict::aborted);
        CHECK(outcome.attempts.empty());
        CHECK(play.http.asked.size() == 1);
    }
    SECTION("during the pause") {
        play.http.answer = [](const HttpRequest&) { return Answer{.status = 500}; };
        play.clock.after(1s, [&] { play.stop.request(); });
        const Outcome outcome = play.of(twice);
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(play.http.asked.size() == 1);
        CHECK(play.clock.elapsed() == 1s);
    }
}

TEST_CASE("a skipped run is not retried") {
    Play play;
    const Outcome outcome = play.of(
        R"({version: 1, name: none, retry: {attempts: 2}, steps: [{get: /a, if: "false", expect: status == 200}]})");
    CHECK(outcome.verdict == Verdict::skipped);
    CHECK(outcome.attempts.empty());
}

}  // namespace
}  // namespace serin::test
