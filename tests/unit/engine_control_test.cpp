// SPDX-License-Identifier: Apache-2.0
// Steps that hold other steps, and those that only compute or wait.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

/// The moments at which requests were made, in ms since the clock was made.
std::vector<std::int64_t> moments(const Play& play) {
    std::vector<std::int64_t> all;
    all.reserve(play.http.asked.size());
    for (const Asked& one : play.http.asked)
        all.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(one.at).count());
    return all;
}

TEST_CASE("a poll asks exactly every so often until its expectations hold") {
    Play play;
    play.http.answer = [&](const HttpRequest&) { return Answer{.body = play.http.asked.size() < 4 ? "busy" : "done"}; };
    const Outcome outcome = play.of(R"(
version: 1
name: job
steps:
  - { poll: /job, every: 250ms, within: 5s, expect: text == "done", id: job }
  - { get: "/done/${job.tries}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 250, 500, 750, 760});
    CHECK(play.http.asked.back().request.url == "http://here.test/done/4");
    CHECK(step(outcome, "job").took == 760ms);
}

TEST_CASE("a poll whose answers are slower than its rhythm asks again at once") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.body = "busy", .after = 400ms}; };
    const Outcome outcome =
        play.of(R"({version: 1, name: slow, steps: [{poll: /job, every: 250ms, within: 1s, expect: text == "done"}]})");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 400, 800});
}

TEST_CASE("a poll goes on as long as another look fits into its time") {
    Play play;
    play.http.answer = [&](const HttpRequest&) {
        return Answer{.body = play.http.asked.size() < 3 ? "busy" : "done", .after = 400ms};
    };
    const Outcome outcome = play.of(
        R"({version: 1, name: fits, steps: [{poll: /job, every: 1s, within: 2500ms, expect: text == "done"}]})");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 1000, 2000});
}

TEST_CASE("a poll that is not in time shows the last answer and how often it asked") {
    Play play;
    play.http.answer = [&](const HttpRequest&) {
        return Answer{.body = "busy " + std::to_string(play.http.asked.size())};
    };
    const Outcome outcome = play.of(
        R"({version: 1, name: never, steps: [{poll: /job, every: 300ms, within: 1s, expect: text == "done"}]})");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "not_in_time");
    const StepResult& poll = step(outcome, "poll");
    CHECK_THAT(told(poll), Contains("4 tries within 1 s; this is the last answer") && Contains("busy 4"));
    REQUIRE(poll.http);
    CHECK(poll.http->response_body == "busy 4");
    CHECK(poll.took == 910ms);
}

TEST_CASE("the result of a poll that is soft and not in time can be used by later steps") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.body = "busy"}; };
    const Outcome outcome = play.of(R"(
version: 1
name: soft-poll
steps:
  - { poll: /job, every: 1s, within: 2s, expect: text == "done", id: job, severity: degrade }
  - { get: "/after/${job.text}" }
)");
    CHECK(outcome.verdict == Verdict::degraded);
    CHECK(play.http.asked.back().request.url == "http://here.test/after/busy");
}

TEST_CASE("a repeat gives each iteration its own nonce, and the run's own comes back after it") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: nonces
steps:
  - { post: "/${nonce}" }
  - repeat: { times: 3, steps: [{ post: "/${nonce}/${iteration}", expect: status == 200 }] }
  - { post: "/${nonce}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    REQUIRE(play.http.asked.size() == 5);
    const Lines lines = play.http.lines();
    CHECK(lines.front() == "POST http://here.test/" + outcome.nonce);
    CHECK(lines.back() == lines.front());
    CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 4);
    CHECK_THAT(lines[3], Catch::Matchers::EndsWith("/3"));
    CHECK(play.ledger.sendings().size() == 4);
}

TEST_CASE("a repeat starts its iterations at an exact rhythm and does not catch up after a slow one") {
    Play play;
    play.http.answer = [&](const HttpRequest&) { return Answer{.after = play.http.asked.size() == 2 ? 350ms : 10ms}; };
    const Outcome outcome = play.of(
        R"({version: 1, name: rhythm, steps: [{repeat: {times: 5, every: 100ms, steps: [{get: /a, expect: status == 200}]}}]})");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 100, 450, 550, 650});
    CHECK(outcome.took == 660ms);
}

TEST_CASE("a repeat stops at the first iteration that fails") {
    Play play;
    play.http.answer = [&](const HttpRequest&) { return Answer{.status = play.http.asked.size() == 2 ? 500 : 200}; };
    const Outcome outcome = play.of(
        R"({version: 1, name: stop, steps: [{repeat: {times: 5, steps: [{get: /a, expect: status == 200}]}}]})");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(play.http.asked.size() == 2);
    CHECK(outcome.message == "expectation failed: status == 200");
    CHECK(verdicts(step(outcome, "repeat").children) == "get pass, get fail");
}

TEST_CASE("the first hard failure of a parallel cancels its siblings, which are blocked") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        if (request.url.ends_with("/bad")) return Answer{.status = 500, .after = 100ms};
        return Answer{.after = 5s};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: race
steps:
  - parallel:
      - [{ get: /slow }, { get: /never }]
      - { get: /bad, expect: status == 200 }
      - repeat: { times: 3, steps: [{ get: /slow }] }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.took == 100ms);
    const StepResult& parallel = step(outcome, "parallel");
    CHECK(verdicts(parallel.children) == "get blocked, get blocked, get fail, repeat blocked");
    CHECK(verdicts(step(outcome, "repeat").children) == "get blocked");
    CHECK(play.http.asked.at(0).cancelled);
}

TEST_CASE("a branch that fails without waiting keeps the branches after it from starting") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: at-once
vars: { mode: b }
steps:
  - parallel:
      - { set: { x: 1 }, expect: vars.mode == "a" }
      - { get: /a }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(play.http.asked.empty());
    CHECK(verdicts(step(outcome, "parallel").children) == "set fail, get blocked");
}

TEST_CASE("branches run at the same time, and what they save is there for later steps") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.body = "from" + request.url.substr(request.url.rfind('/')), .after = 300ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: both
steps:
  - parallel:
      - { get: /a, save: { a: text }, expect: status == 200 }
      - { get: /b, id: b }
  - { post: /both, body: "${a} and ${b.text}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 0, 300});
    CHECK(play.http.asked.back().request.body == "from/a and from/b");
}

TEST_CASE("a request to stop aborts the branches of a parallel") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.after = 5s}; };
    play.clock.after(1s, [&] { play.stop.request(); });
    const Outcome outcome =
        play.of("{version: 1, name: cut, steps: [{parallel: [{get: /a, expect: status == 200}, {get: /b}]}]}");
    CHECK(outcome.verdict == Verdict::aborted);
    CHECK(verdicts(step(outcome, "parallel").children) == "get aborted, get aborted");
    CHECK(outcome.took == 1s);
}

TEST_CASE("in a parallel a failure of the target beats an error of ours") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        if (request.url.ends_with("/ours")) {
            return Answer{
                .after = 200ms,
                .failure = WireFailure{.failure_class = "prober_resources", .message = "none left", .own_fault = true}};
        }
        // The target's failure is known at 100 ms; its diagnosis is still running when the other branch breaks.
        return request.url.ends_with("/bad") ? Answer{.status = 500, .after = 100ms} : Answer{.after = 5s};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: blame
steps:
  - parallel:
      - { get: /ours }
      - { get: /bad, expect: status == 200, diagnose: [{ get: /why, id: why }, { class: known, if: why.status == 200 }] }
)");
    CHECK(verdicts(step(outcome, "parallel").children) == "get error, get fail");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "expectation_failed");
}

TEST_CASE("a call gives a fragment its inputs and defaults and takes its outputs") {
    Play play;
    play.files["login.yaml"] = std::string(R"(
version: 1
fragment: login
inputs: { user: , role: guest }
outputs: { token: session.json.token }
steps:
  - { post: "/login/${user}/${role}", id: session, expect: status == 200 }
)");
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.body = R"({"token":")" + request.url.substr(23) + R"("})"};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: caller
use: [login.yaml]
vars: { name: ann }
steps:
  - { call: login, id: a, with: { user: "${vars.name}" } }
  - { call: login, id: b, with: { user: bert, role: admin }, save: { t: token } }
  - { get: "/me/${a.token}/${t}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.lines() == Lines{"POST http://here.test/login/ann/guest", "POST http://here.test/login/bert/admin",
                                     "GET http://here.test/me/ann/guest/bert/admin"});
}

TEST_CASE("a fragment cannot see the caller's names, nor the caller its") {
    Play play;
    play.files["fragment.yaml"] = R"(
version: 1
fragment: inner
steps:
  - { get: /inner, expect: status == 200, save: { colour: text } }
)";
    play.http.answer = [](const HttpRequest& request) {
        return Answer{.body = request.url.ends_with("/inner") ? "red" : "blue"};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: outer
use: [fragment.yaml]
steps:
  - { get: /outer, save: { colour: text } }
  - { call: inner }
  - { get: "/${colour}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.asked.back().request.url == "http://here.test/blue");
}

TEST_CASE("`set` names values that keep their type") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: names
steps:
  - { set: { n: 3, list: [1, 2], text: "n is ${nonce}" } }
  - { post: /a, json: { n: "${n}", list: "${list}", text: "${text}" } }
  - { set: { m: "${n}" }, expect: m == 3 and len(list) == 2 }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.asked.at(0).request.body == R"({"list":[1,2],"n":3,"text":"n is )" + outcome.nonce + R"("})");
}

TEST_CASE("a pause takes its time, and fails when there is not that much left") {
    Play play;
    const Outcome enough =
        play.of("{version: 1, name: rest, timeout: 5s, steps: [{pause: 1500ms}, {get: /a, expect: status == 200}]}");
    CHECK(enough.verdict == Verdict::pass);
    CHECK(step(enough, "pause").took == 1500ms);
    const Outcome too_long =
        play.of("{version: 1, name: rest, timeout: 5s, steps: [{pause: 9s}, {get: /a, expect: status == 200}]}");
    CHECK(too_long.verdict == Verdict::fail);
    CHECK(too_long.failure_class == "timeout");
    CHECK(too_long.took == 5s);
    CHECK(verdicts(too_long) == "pause fail, get blocked");
}

TEST_CASE("a script plays steps on the same engine and leaves its names to later steps") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        return Answer{.status = 201,
                      .body = R"({"id":)" + std::to_string(play.http.asked.size()) + "}",
                      .after = request.method == "POST" ? 100ms : 10ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: scripted
steps:
  - lua: |
      total = 0
      for i = 1, 3 do
        local made = post("/items", { json = { n = i }, expect = "status == 201" })
        total = total + made.json.id
      end
  - { get: "/sum/${total}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(moments(play) == std::vector<std::int64_t>{0, 100, 200, 300});
    CHECK(play.http.asked.at(1).request.body == R"({"n":2})");
    CHECK(play.http.asked.back().request.url == "http://here.test/sum/6");
    CHECK(verdicts(step(outcome, "lua").children) == "post pass, post pass, post pass");
}

TEST_CASE("a step of a script that fails ends the script, at the script's own line") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 500}; };
    const Outcome outcome = play.of(R"(
version: 1
name: scripted
steps:
  - lua: |
      local a = 1
      get("/first", { expect = "status == 200" })
      get("/second")
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(play.http.asked.size() == 1);
    const StepResult& get = step(outcome, "get");
    CHECK(get.place.line == 7);
    CHECK(outcome.message == "expectation failed: status == 200");
}

TEST_CASE("a script that is wrong in itself is our error, with its line") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: scripted
steps:
  - lua: |
      local a = nil
      a.b = 1
  - { get: /a, expect: status == 200 }
)");
    CHECK(outcome.verdict == Verdict::error);
    CHECK(outcome.failure_class == "script_error");
    CHECK(step(outcome, "lua").findings.at(0).place.line == 7);
}

TEST_CASE("cleanup of a step that a script made runs after the script") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: scripted
steps:
  - lua: |
      post("/items", { expect = "status == 200", defer = { delete = "/items" } })
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.lines() == Lines{"POST http://here.test/items", "DELETE http://here.test/items"});
}

}  // namespace
}  // namespace serin::test
