// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

/// Everything answers `body` with 200 in 10 ms.
void answers(Play& play, const std::string& body) {
    play.http.answer = [body](const HttpRequest&) { return Answer{.body = body}; };
}

TEST_CASE("steps after a failed one are blocked, not failed, and never ask anything") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 500}; };
    const Outcome outcome = play.of(R"(
version: 1
name: order
steps:
  - { get: /a, expect: status == 200 }
  - { get: "/b/${nonce}", expect: status == 200 }
  - { pause: 10s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(verdicts(outcome) == "get fail, get blocked, pause blocked");
    CHECK(outcome.steps[1].title == "GET /b/${nonce}");
    CHECK(play.http.asked.size() == 1);
    CHECK(outcome.took == 10ms);
}

TEST_CASE("all expectations of a step are told together") {
    Play play;
    answers(play, R"({"ok":false,"n":3})");
    const Outcome outcome = play.of(R"(
version: 1
name: together
steps:
  - get: /a
    expect: |
      status == 201
      json.ok
      json.n == 3
      json.n > 5
)");
    const StepResult& get = step(outcome, "get");
    REQUIRE(get.findings.size() == 3);
    CHECK(get.findings[0].message == "expectation failed: status == 201");
    CHECK(get.findings[1].message == "expectation failed: json.ok");
    CHECK(get.findings[2].message == "expectation failed: json.n > 5");
    CHECK(get.findings[2].place.line == 10);
    CHECK(outcome.message == get.findings[0].message);
    CHECK(outcome.failure_class == "expectation_failed");
}

TEST_CASE("a step of severity degrade makes the run degraded, and the steps after it run") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.status = request.url.ends_with("/old") ? 500 : 200};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: soft
steps:
  - { get: /old, expect: status == 200, severity: degrade }
  - { get: /new, expect: status == 200 }
)");
    CHECK(outcome.verdict == Verdict::degraded);
    CHECK(outcome.failure_class == "expectation_failed");
    CHECK(verdicts(outcome) == "get degraded, get pass");
}

TEST_CASE("one expectation of a step may be soft while the others are hard") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.after = 900ms}; };
    const std::string_view text = R"(
version: 1
name: soft-line
steps:
  - get: /a
    expect:
      - status == 200
      - { degrade: "ms < 500" }
)";
    const Outcome outcome = play.of(text);
    CHECK(outcome.verdict == Verdict::degraded);
    CHECK(outcome.message == "expectation failed: ms < 500");

    play.http.answer = [](const HttpRequest&) { return Answer{.status = 500, .after = 900ms}; };
    const Outcome worse = play.of(text);
    CHECK(worse.verdict == Verdict::fail);
    CHECK(worse.message == "expectation failed: status == 200");
    CHECK(step(worse, "get").findings.size() == 2);
}

TEST_CASE("the run's message is that of the hard finding, not of a soft one before it") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 500, .after = 900ms}; };
    const Outcome outcome = play.of(R"(
version: 1
name: hard-first
steps:
  - get: /a
    expect:
      - { degrade: "ms < 500" }
      - status == 200
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.message == "expectation failed: status == 200");
}

TEST_CASE("a step whose `if` is false is skipped") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: condition
vars: { region: eu }
steps:
  - { get: /us, if: vars.region == "us", expect: status == 200 }
  - { get: /all, expect: status == 200 }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(verdicts(outcome) == "get skipped, get pass");
    CHECK(play.http.lines() == std::vector<std::string>{"GET http://here.test/all"});
}

TEST_CASE("a run in which nothing was judged is skipped, never passed, whatever its cleanup judged") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: nothing
steps:
  - { get: /a, if: "false", expect: status == 200 }
  - { get: /b }
cleanup:
  - { get: /c, expect: status == 200 }
)");
    CHECK(outcome.verdict == Verdict::skipped);
    CHECK_THAT(outcome.message, Contains("nothing was judged"));
}

TEST_CASE("a value of an unexpected shape is the target's failure") {
    Play play;
    SECTION("a list that is absent") {
        answers(play, R"({"id":1})");
        const Outcome outcome = play.of("{version: 1, name: shape, steps: [{get: /a, expect: '#json.items == 2'}]}");
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(outcome.failure_class == "expectation_failed");
        CHECK_THAT(told(step(outcome, "get")), Contains("id"));
    }
    SECTION("a text that is no JSON") {
        answers(play, "<html>busy</html>");
        const Outcome outcome = play.of("{version: 1, name: shape, steps: [{get: /a, expect: json.id == 1}]}");
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(outcome.failure_class == "invalid_json");
    }
    SECTION("a body that is not UTF-8") {
        answers(play, "{\"id\":\"\xff\"}");
        const Outcome outcome = play.of("{version: 1, name: shape, steps: [{get: /a, expect: json.id == 1}]}");
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(outcome.failure_class == "invalid_utf8");
    }
    SECTION("a comparison of what cannot be compared") {
        answers(play, R"({"n":"three"})");
        const Outcome outcome = play.of("{version: 1, name: shape, steps: [{get: /a, expect: json.n > 2}]}");
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(outcome.failure_class == "expectation_failed");
    }
    SECTION("a value to save that is absent") {
        answers(play, R"({"name":"x"})");
        const Outcome outcome = play.of(R"(
version: 1
name: shape
steps:
  - { get: /a, expect: status == 200, save: { it: json.id } }
  - { get: "/b/${it}" }
)");
        CHECK(outcome.verdict == Verdict::fail);
        CHECK_THAT(outcome.message, Contains("cannot save `it`") && Contains("json.id"));
        CHECK(verdicts(outcome) == "get fail, get blocked");
    }
}

TEST_CASE("only the expectations that read the JSON blame the body for not being JSON") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 502, .body = "<html>", .after = 700ms}; };
    const Outcome outcome = play.of(R"(
version: 1
name: blame
steps:
  - get: /a
    expect: |
      json.id == 1
      status == 200
      ms < 500
)");
    const StepResult& get = step(outcome, "get");
    REQUIRE(get.findings.size() == 3);
    CHECK(get.findings[0].failure_class == "invalid_json");
    CHECK(get.findings[1].failure_class == "expectation_failed");
    CHECK(get.findings[1].message == "expectation failed: status == 200");
    CHECK(get.findings[2].message == "expectation failed: ms < 500");
}

TEST_CASE("an expression that breaks our own budget is our error") {
    Play play;
    answers(play, R"({"text":")" + std::string(200'000, 'a') + R"("})");
    const Outcome outcome = play.of(R"(
version: 1
name: budget
steps:
  - get: /a
    expect: len(replace(json.text, "a", json.text)) == 0
)");
    CHECK(outcome.verdict == Verdict::error);
    CHECK(outcome.failure_class == "expression_error");
}

TEST_CASE("a wire failure that is the prober's own fault is an error, the target's a failure") {
    Play play;
    WireFailure failure{
        .failure_class = "connection_refused", .message = "connection refused by 192.0.2.1:80", .own_fault = false};
    play.http.answer = [&](const HttpRequest&) { return Answer{.failure = failure}; };
    const std::string_view text = "{version: 1, name: wire, steps: [{get: /a, expect: status == 200}]}";

    const Outcome target = play.of(text);
    CHECK(target.verdict == Verdict::fail);
    CHECK(target.failure_class == "connection_refused");
    CHECK(target.message == "connection refused by 192.0.2.1:80");

    failure = WireFailure{.failure_class = "prober_resources", .message = "no file descriptor left", .own_fault = true};
    const Outcome ours = play.of(text);
    CHECK(ours.verdict == Verdict::error);
    CHECK(ours.failure_class == "prober_resources");

    failure = WireFailure{.failure_class = "dns_failure", .message = "the resolver did not answer", .own_fault = true};
    CHECK(play.of(text).verdict == Verdict::error);
}

TEST_CASE("the earlier of the step's and the scenario's time ends a step") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.after = 60s}; };
    const Outcome by_step =
        play.of("{version: 1, name: times, timeout: 9s, steps: [{get: /a, timeout: 4s, expect: status == 200}]}");
    CHECK(by_step.failure_class == "no_response");
    CHECK(by_step.took == 4s);
    const Outcome by_scenario =
        play.of("{version: 1, name: times, timeout: 3s, steps: [{get: /a, timeout: 4s, expect: status == 200}]}");
    CHECK(by_scenario.took == 3s);
}

TEST_CASE("a step that has no time left does not start") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.after = 2s}; };
    const Outcome outcome = play.of(R"(
version: 1
name: late
timeout: 2s
steps:
  - { get: /a, expect: status == 200 }
  - { get: /b, expect: status == 200 }
)");
    CHECK(verdicts(outcome) == "get pass, get fail");
    CHECK(outcome.failure_class == "timeout");
    CHECK(play.http.asked.size() == 1);
}

TEST_CASE("`match` tells every difference by its path") {
    Play play;
    answers(play, R"({"user":{"name":"bob","age":41},"tags":["a"]})");
    const Outcome outcome = play.of(R"(
version: 1
name: structure
steps:
  - get: /a
    match: { user: { name: alice, age: { $gt: 50 } }, tags: [a] }
)");
    CHECK(outcome.failure_class == "match_failed");
    const std::string all = told(step(outcome, "get"));
    CHECK_THAT(all, Contains("user.name") && Contains("alice") && Contains("bob") && Contains("user.age"));
    CHECK_THAT(all, !Contains("tags"));
}

TEST_CASE("evidence is kept for steps that did not pass, or for all when asked") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        return Answer{
            .status = request.url.ends_with("/a") ? 200 : 500, .body = "said", .headers = {{"Server", "test"}}};
    };
    const std::string_view text = R"(
version: 1
name: evidence
steps:
  - { get: /a, id: good, expect: status == 200 }
  - { get: /b, id: bad, expect: status == 200 }
)";
    const Outcome failures = play.of(text);
    CHECK(step(failures, "good").http->status == 200);
    CHECK(step(failures, "good").http->response_body.empty());
    CHECK(step(failures, "bad").http->response_body == "said");
    CHECK_THAT(step(failures, "bad").http->curl, Contains("curl") && Contains("http://here.test/b"));

    play.evidence = Evidence::of_all;
    CHECK(step(play.of(text), "good").http->response_body == "said");
}

TEST_CASE("a failing step that holds others is diagnosed by its own rules, and the cause inside is renamed") {
    Play play;
    play.files["fragment.yaml"] = R"(
version: 1
fragment: ask
steps: [{ get: /inner, expect: status == 200 }]
)";
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.status = request.url.ends_with("/health") ? 503 : 500};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: nested
use: [fragment.yaml]
steps:
  - call: ask
    diagnose:
      - { get: /health, id: health }
      - { class: all_down, if: health.status == 503 }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "all_down");
    CHECK(outcome.message == "expectation failed: status == 200: all down");
}

}  // namespace
}  // namespace serin::test
