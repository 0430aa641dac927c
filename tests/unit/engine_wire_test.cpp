// SPDX-License-Identifier: Apache-2.0
// What goes out with every request, and what the ledger is told about it.
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;

std::string header(const Headers& headers, std::string_view name) {
    for (const auto& [known, value] : headers) {
        if (known == name) return value;
    }
    return "";
}

TEST_CASE("every request and handshake carries the trace and says that it is a canary's") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: marked
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { post: /a, expect: status == 200, defer: { delete: /a } }
  - { poll: /b, every: 1s, within: 5s, expect: status == 200 }
)");
    CHECK(outcome.verdict == Verdict::pass);
    std::vector<Headers> all{play.websocket.sockets.at(0)->request.headers};
    for (const Asked& one : play.http.asked) all.push_back(one.request.headers);
    REQUIRE(all.size() == 4);
    for (const Headers& headers : all) {
        CHECK_THAT(header(headers, "traceparent"), Matches("00-" + outcome.trace_id + "-[0-9a-f]{16}-01"));
        CHECK(header(headers, "X-Canary") == "marked/" + outcome.run_id);
    }
    CHECK(header(all[1], "traceparent") != header(all[2], "traceparent"));
}

TEST_CASE("an actor's credentials and headers go with its requests, and a step's own header wins") {
    Play play;
    play.secrets.emplace("pass", Secret("s3cret-pass"));
    const Outcome outcome = play.of(R"(
version: 1
name: headers
secrets: { pass: { env: NOT_READ } }
actors:
  alice: { bearer: token-of-alice, headers: { X-Tenant: "canary-${target.name}", Accept: text/plain } }
  bob: { basic: { user: bob, password: "${secret.pass}" } }
steps:
  - { get: /a, as: alice, headers: { accept: application/json }, expect: status == 200 }
  - { get: /b, as: bob }
)");
    CHECK(outcome.verdict == Verdict::pass);
    const Asked& by_alice = play.http.asked.at(0);
    CHECK(by_alice.header("Authorization") == "Bearer token-of-alice");
    CHECK(by_alice.header("X-Tenant") == "canary-here");
    CHECK(by_alice.header("Accept").empty());
    CHECK(by_alice.header("accept") == "application/json");
    CHECK(play.http.asked.at(1).header("Authorization") == "Basic Ym9iOnMzY3JldC1wYXNz");
    CHECK(by_alice.request.cookies != nullptr);
    CHECK(by_alice.request.cookies != play.http.asked.at(1).request.cookies);
}

TEST_CASE("query, body and content type are made from the step") {
    Play play;
    (void)play.of(R"(
version: 1
name: bodies
steps:
  - { get: /q, query: { "a b": "1&2", n: "${nonce}" }, expect: status == 200 }
  - { post: /j, json: { n: 1, list: [true, null] } }
  - { post: /f, form: { user: "a&b", n: 2 } }
  - { post: /t, body: "<x/>", headers: { Content-Type: text/xml } }
  - { post: /h, hex: "00ff" }
)");
    REQUIRE(play.http.asked.size() == 5);
    const auto body = [&](std::size_t i) { return play.http.asked[i].request.body.value_or("(none)"); };
    const auto type = [&](std::size_t i) { return play.http.asked[i].header("Content-Type"); };
    CHECK_THAT(play.http.asked[0].request.url, Contains("/q?a%20b=1%262&n=r"));
    CHECK(body(0) == "(none)");
    CHECK(body(1) == R"({"list":[true,null],"n":1})");
    CHECK(type(1) == "application/json");
    CHECK(body(2) == "user=a%26b&n=2");
    CHECK(type(2) == "application/x-www-form-urlencoded");
    CHECK(body(3) == "<x/>");
    CHECK(type(3) == "text/xml");
    CHECK(body(4) == std::string("\0\xff", 2));
}

TEST_CASE("the ledger knows of a message before its first byte can leave") {
    Play play;
    std::size_t known_at_request = 0;
    play.http.answer = [&](const HttpRequest&) {
        known_at_request = play.ledger.sendings().size();
        return Answer{};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: ledger
actors: { alice: {} }
steps:
  - { post: /a, as: alice, id: sent, body: "${nonce}", expect: status == 200 }
)");
    CHECK(known_at_request == 1);
    const Sending& sending = play.ledger.sendings().at(outcome.nonce);
    CHECK(sending.run_id == outcome.run_id);
    CHECK(sending.scenario == "ledger");
    CHECK(sending.step == "sent");
    CHECK(sending.sender == "alice");
}

TEST_CASE("a request without the nonce, and one that only reads, are no messages") {
    Play play;
    (void)play.of(R"(
version: 1
name: quiet
steps:
  - { post: /a, body: plain, expect: status == 200 }
  - { get: "/b/${nonce}" }
)");
    CHECK(play.ledger.sendings().empty());
}

TEST_CASE("a message of an earlier run that is seen now is booked to that run, and does not disturb this one") {
    Play play;
    std::string old_message;
    play.http.answer = [&](const HttpRequest& request) {
        old_message = *request.body;
        return Answer{};
    };
    const std::string_view text = R"(
version: 1
name: stray
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { post: /say, id: sent, body: "hello ${nonce}" }
  - { receive: "hello ${nonce}", as: bob, from: sent, within: 1s, exactly: 1 }
)";
    const Outcome first = play.of(text);
    CHECK(first.verdict == Verdict::fail);
    CHECK(play.ledger.strays().empty());

    play.http.answer = [&](const HttpRequest& request) {
        play.websocket.sockets.at(1)->push(old_message, 20ms);
        play.websocket.sockets.at(1)->push(*request.body, 30ms);
        play.websocket.sockets.at(1)->push("hello r00000000-1-0000000000", 31ms);  // made by nobody we know
        return Answer{};
    };
    const Wall before = play.clock.wall();
    const Outcome second = play.of(text);
    CHECK(second.verdict == Verdict::pass);
    REQUIRE(play.ledger.strays().size() == 1);
    const Sighting& stray = play.ledger.strays().front();
    CHECK(stray.nonce == first.nonce);
    CHECK(stray.run_id == second.run_id);
    CHECK(stray.receiver == "bob");
    CHECK(stray.at - before == 25ms);  // connecting 5 ms, then 20 ms after the request
}

TEST_CASE("a handshake that is refused fails the step with what the server answered") {
    Play play;
    play.websocket.refusal =
        WireFailure{.failure_class = "websocket_refused", .message = "the server answered 403", .own_fault = false};
    play.websocket.refusal_status = 403;
    const Outcome outcome = play.of(
        "{version: 1, name: refused, actors: {bob: {}}, steps: [{connect: /ws, as: bob, expect: status == 101}]}");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "websocket_refused");
    CHECK(step(outcome, "connect").http->status == 403);
}

TEST_CASE("a step on a websocket that was never opened is the author's mistake") {
    Play play;
    const Outcome outcome = play.of(
        "{version: 1, name: closed, actors: {bob: {}}, steps: [{if: 'false', connect: /ws, as: bob}, {send: hi, as: "
        "bob, expect: ms < 5}]}");
    CHECK(outcome.verdict == Verdict::error);
    CHECK_THAT(outcome.message, Contains("`bob` has no open websocket"));
}

TEST_CASE("connecting again says goodbye on the old socket and listens on the new one") {
    Play play;
    int opened = 0;
    play.websocket.on_open = [&](FakeSocket& socket) { socket.push("socket " + std::to_string(++opened), 10ms); };
    const Outcome outcome = play.of(R"(
version: 1
name: again
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { receive: socket 1, as: bob, within: 1s }
  - { connect: /ws, as: bob }
  - { receive: socket 2, as: bob, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::pass);
    REQUIRE(play.websocket.sockets.size() == 2);
    CHECK(play.websocket.sockets[0]->said_goodbye);
    CHECK(play.websocket.sockets[0]->request.url == "ws://here.test/ws");
}

TEST_CASE("what is sent on a websocket is JSON for a mapping, text for a text, bytes for hex") {
    Play play;
    const Outcome outcome = play.of(R"(
version: 1
name: sending
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { send: { type: ping, n: 1 }, as: bob, expect: ms < 5 }
  - { send: "text ${nonce}", as: bob }
  - { send: { $hex: "00ff" }, as: bob }
)");
    CHECK(outcome.verdict == Verdict::pass);
    const auto& frames = play.websocket.sockets.at(0)->log.frames;
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].payload == R"({"n":1,"type":"ping"})");
    CHECK(frames[1].payload == "text " + outcome.nonce);
    CHECK_FALSE(frames[1].binary);
    CHECK(frames[2].binary);
    CHECK(frames[2].payload == std::string("\0\xff", 2));
}

}  // namespace
}  // namespace serin::test
