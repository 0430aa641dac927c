// SPDX-License-Identifier: Apache-2.0
// Corners where a wrong word would be said, or none: each was a mistake of ours once.
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("two branches that connect as the same actor are told so") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: twice
actors: { bob: {} }
steps:
  - parallel:
      - { connect: /a, as: bob }
      - { connect: /b, as: bob }
  - { none: x, as: bob, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::error);
    CHECK_THAT(outcome.message, Contains("`bob` is connecting already"));
}

TEST_CASE("a cell's own target goes before the one that was chosen for the whole run") {
    Play play;
    play.targets = {Play::target("a", "http://a.test", ""), Play::target("b", "http://b.test", "")};
    play.chosen_target = "a";
    play.cell = Cell{.axes = {{"target", "b"}}};
    (void)play.of(
        "version: 1\nname: cells\nmatrix: { target: [a, b] }\nsteps:\n  - { get: /x, expect: status == 200 }\n");
    CHECK(play.http.lines() == std::vector<std::string>{"GET http://b.test/x"});
}

TEST_CASE("a URL in the query of a path makes no absolute URL") {
    Play play;
    play.set = {{"back", "https://elsewhere.test/"}};
    (void)play.of(
        "version: 1\nname: login\nvars: { back: none }\nsteps:\n  - { get: \"/login?next=${vars.back}\", expect: "
        "status == 200 }\n");
    CHECK(play.http.lines() == std::vector<std::string>{"GET http://here.test/login?next=https://elsewhere.test/"});
}

TEST_CASE("what a 504 may have made is a leak when its cleanup cannot name it, what a 409 refused is none") {
    const auto leaked_after = [](int status) {
        Play play;
        play.http.answer = [status](const HttpRequest&) { return Answer{.status = status}; };
        return play
            .of(R"(
version: 1
name: leak
steps:
  - post: /things
    expect: status == 201
    save: { thing: json.id }
    defer: { delete: "/things/${thing}" }
)")
            .leaked;
    };
    CHECK(leaked_after(504) == std::vector<std::string>{"DELETE /things/${thing}"});
    CHECK(leaked_after(409).empty());
}

TEST_CASE("a run in which only computed values were judged is skipped, never a pass") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: computed
vars: { ask: false }
steps:
  - { get: /x, if: vars.ask, expect: status == 200 }
  - { set: { q: 1 }, expect: q == 1 }
)");
    CHECK(outcome.verdict == Verdict::skipped);
    CHECK(play.http.asked.empty());
}

TEST_CASE("a refused handshake passes when the refusal is what is expected, and is named when it is not") {
    const auto connecting = [](const std::string& expect) {
        Play play;
        play.websocket.refusal =
            WireFailure{.failure_class = "websocket_refused", .message = "the server answered 401", .own_fault = false};
        play.websocket.refusal_status = 401;
        return play.of("version: 1\nname: refused\nactors: { eve: {} }\nsteps:\n  - { connect: /ws, as: eve" + expect +
                       " }\n" + (expect.empty() ? "  - { none: x, as: eve, within: 1s }\n" : ""));
    };
    CHECK(connecting(", expect: status == 401").verdict == Verdict::pass);
    CHECK(connecting(", expect: status == 101").failure_class == "websocket_refused");
    CHECK(connecting("").failure_class == "websocket_refused");
}

TEST_CASE("credentials that no secret names are hidden all the same") {
    Play play;
    play.targets = {Play::target("here", "http://bob:hunter2@here.test", "")};
    play.evidence = Evidence::of_all;
    play.http.answer = [](const HttpRequest&) { return Answer{.headers = {{"Set-Cookie", "session=abc123"}}}; };
    const Outcome outcome = play.of(R"(
version: 1
name: plain
actors: { eve: { headers: { Authorization: "Token literal-token" } } }
steps:
  - { get: /x, as: eve, expect: status == 200 }
)");
    const std::string all = every_string(outcome);
    CHECK_THAT(all, !Contains("hunter2"));
    CHECK_THAT(all, !Contains("literal-token"));
    CHECK_THAT(all, !Contains("abc123"));
    CHECK_THAT(all, Contains("http://[hidden]@here.test/x"));
}

TEST_CASE("the reproduce line survives a shell, sends what was sent and hides what is secret") {
    Play play;
    play.secrets.emplace("pass", Secret("it's-a-secret"));
    play.evidence = Evidence::of_all;
    const Outcome outcome = play.of(R"(
version: 1
name: again
secrets: { pass: { env: NOT_READ } }
actors: { eve: { http: "1.1" } }
steps:
  - { post: /x, as: eve, body: "@/etc/hostname ${secret.pass}", expect: status == 200 }
)");
    const std::string line = step(outcome, "post").http->curl;
    CHECK_THAT(line, Contains("--data-raw '@/etc/hostname [secret pass]'"));
    CHECK_THAT(line, Contains(" --http1.1 "));
    CHECK_THAT(line, Contains(" --noproxy '*' "));
    CHECK_THAT(every_string(outcome), !Contains("a-secret"));
}

}  // namespace
}  // namespace serin::test
