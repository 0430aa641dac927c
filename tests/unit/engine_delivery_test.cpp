// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

constexpr std::string_view chat_delivery = R"(
version: 1
name: chat-delivery
timeout: 15s
actors:
  alice: {}
  bob: {}
steps:
  - connect: /ws
    as: bob
  - post: /v1/messages
    as: alice
    id: sent
    json: { to: bob, text: "canary ${nonce}" }
    expect: status == 201
    save: { message: json.id }
    defer:
      delete: "/v1/messages/${message}"
      as: alice
      expect: status == 204
  - receive: { type: message.new, text: "canary ${nonce}" }
    as: bob
    id: got
    from: sent
    within: 2s
    exactly: 1
    settle: 1s
    horizon: 10m
    expect: json.id == message
    diagnose:
      - get: "/v1/messages/${message}"
        as: bob
        id: stored
      - class: stored_not_pushed
        if: stored.status == 200
)";

/// A chat service: takes a message in 90 ms and pushes it to the first websocket at the times in `pushes`, counted from
/// the request.
class Chat {
public:
    explicit Chat(Play& play) : play_(play) {
        play.http.answer = [this](const HttpRequest& request) {
            if (request.method == "DELETE") return Answer{.status = 204};
            if (request.method == "GET") return Answer{.status = stored ? 200 : 404};
            const std::string text = nlohmann::json::parse(*request.body).at("text");
            for (const Duration after : pushes) play_.websocket.sockets.at(0)->push(frame(text), after);
            return Answer{.status = 201, .body = R"({"id":"m-1"})", .after = 90ms};
        };
    }

    std::vector<Duration> pushes{130ms};
    bool stored = true;
    std::function<std::string(const std::string& text)> frame = [](const std::string& text) {
        return R"({"type":"message.new","id":"m-1","text":")" + text + R"("})";
    };

private:
    Play& play_;
};

TEST_CASE("a message that arrives in time is delivered, with both spans measured from the right moments") {
    Play play;
    Chat chat(play);
    const Outcome outcome = play.of(chat_delivery);

    CHECK(outcome.verdict == Verdict::pass);
    CHECK(outcome.message.empty());
    CHECK(verdicts(outcome) == "connect pass, sent pass, got pass");
    REQUIRE(outcome.deliveries.size() == 1);
    const Delivery& delivery = outcome.deliveries[0];
    CHECK(delivery.state == "delivered");
    CHECK(delivery.nonce == outcome.nonce);
    CHECK(delivery.sender == "alice");
    CHECK(delivery.receiver == "bob");
    CHECK(delivery.copies == 1);
    CHECK(delivery.send_to_receive == Duration(130ms));
    CHECK(delivery.ack_to_receive == Duration(40ms));
    CHECK(step(outcome, "got").took == 40ms);
    CHECK(play.ledger.deliveries().size() == 1);
    // connecting 5 ms + POST 90 ms + 40 ms of waiting + 1 s of settling + DELETE 10 ms
    CHECK(outcome.took == 1145ms);
    CHECK(play.websocket.sockets.at(0)->said_goodbye);
}

TEST_CASE("a frame that beats the HTTP answer is found, and its ack-to-receive time is negative") {
    Play play;
    Chat chat(play);
    chat.pushes = {30ms};
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::pass);
    REQUIRE(outcome.deliveries.size() == 1);
    CHECK(outcome.deliveries[0].send_to_receive == Duration(30ms));
    CHECK(outcome.deliveries[0].ack_to_receive == Duration(-60ms));
    CHECK(step(outcome, "got").took == 0ms);
}

TEST_CASE("a frame that comes while another step runs is not lost") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        if (request.method == "POST") play.websocket.sockets.at(0)->push(*request.body, 200ms);
        return Answer{.after = 500ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: between-steps
actors: { bob: {} }
steps:
  - connect: /ws
    as: bob
  - post: /say
    id: sent
    body: "hello ${nonce}"
  - get: /slow
  - receive: "hello ${nonce}"
    as: bob
    from: sent
    within: 300ms
)");
    CHECK(outcome.verdict == Verdict::pass);
    REQUIRE(outcome.deliveries.size() == 1);
    CHECK(outcome.deliveries[0].send_to_receive == Duration(200ms));
}

TEST_CASE("unrelated frames are skipped and shown as evidence with what was different") {
    Play play;
    Chat chat(play);
    chat.pushes.clear();
    play.websocket.on_open = [](FakeSocket& socket) { socket.push(R"({"type":"hello"})", 6ms); };
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    const StepResult& got = step(outcome, "got");
    REQUIRE(got.frames.size() == 1);
    CHECK(got.frames[0].at == 11ms);
    CHECK(got.frames[0].text == R"({"type":"hello"})");
    CHECK_THAT(got.frames[0].remark, Contains("hello") && Contains("message.new"));
}

TEST_CASE("diagnose names a message that is stored but not pushed") {
    Play play;
    Chat chat(play);
    chat.pushes.clear();
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "stored_not_pushed");
    CHECK(outcome.message == "message not delivered in time: stored, not pushed");
    const StepResult& got = step(outcome, "got");
    REQUIRE(got.findings.size() == 1);
    CHECK(got.findings[0].note == "0 of 1 within 2 s of `sent` (line 11); nonce = " + outcome.nonce);
    CHECK(verdicts(got.children) == "stored pass");
    CHECK(got.children[0].part == "diagnose");
    // The waiting ends 2 s after the request left, not 2 s after the answer.
    CHECK(got.started_after == 95ms);
    CHECK(got.children[0].started_after == 2005ms);
    CHECK(outcome.deliveries.at(0).state == "outstanding");
}

TEST_CASE("a message that is not even stored keeps the plain failure class") {
    Play play;
    Chat chat(play);
    chat.pushes.clear();
    chat.stored = false;
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.failure_class == "not_in_time");
    CHECK(outcome.message == "message not delivered in time");
}

TEST_CASE("a message that comes after its time but while the run still listens is late, not lost") {
    Play play;
    Chat chat(play);
    chat.pushes = {2500ms};
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    REQUIRE(outcome.deliveries.size() == 1);
    CHECK(outcome.deliveries[0].state == "late");
    CHECK(outcome.deliveries[0].send_to_receive == Duration(2500ms));
    CHECK_THAT(told(step(outcome, "got")), Contains("it came 500 ms after its deadline: late, not lost"));
    CHECK(step(outcome, "got").frames.size() == 1);
}

TEST_CASE("a second copy within the settling time makes the run fail although every step passed") {
    Play play;
    Chat chat(play);
    chat.pushes = {100ms, 700ms};
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "duplicated");
    CHECK(outcome.deliveries.at(0).state == "duplicated");
    CHECK(outcome.deliveries.at(0).copies == 2);
    CHECK_THAT(told(step(outcome, "got")),
               Contains("duplicated: message delivered more than once | 2 copies, `exactly` allows 1"));
    CHECK(step(outcome, "got").frames.size() == 2);
}

TEST_CASE("a copy after the settling time is not counted against an earlier step") {
    Play play;
    play.websocket.on_send = [](FakeSocket& socket, const std::string&) { socket.push("pong", 20ms); };
    const Outcome outcome = play.of(R"(
version: 1
name: two-pings
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { send: ping, as: bob }
  - { receive: pong, as: bob, within: 1s, exactly: 1 }
  - { send: ping, as: bob }
  - { receive: pong, as: bob, within: 1s, exactly: 1 }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(verdicts(outcome) == "connect pass, send pass, receive pass, send pass, receive pass");
}

TEST_CASE("later steps run while a receive settles, and its duplicates inside a call reach the run's verdict") {
    Play play;
    play.files["fragment.yaml"] = R"(
version: 1
fragment: exchange
inputs: { words: }
steps:
  - { post: /say, id: sent, body: "${words} ${nonce}" }
  - { receive: "${words} ${nonce}", as: bob, from: sent, within: 1s, exactly: 1, settle: 400ms }
)";
    play.http.answer = [&](const HttpRequest& request) {
        if (request.method == "POST") {
            play.websocket.sockets.at(0)->push(*request.body, 20ms);
            play.websocket.sockets.at(0)->push(*request.body, 300ms);
        }
        return Answer{.after = 50ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: in-a-call
use: [fragment.yaml]
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { call: exchange, with: { words: hello } }
  - get: /after
    expect: status == 200
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "duplicated");
    CHECK(verdicts(outcome) == "connect pass, call fail, get pass");
    CHECK(verdicts(step(outcome, "call").children) == "sent pass, receive fail");
}

TEST_CASE("a message that comes with its nonce but another text is corrupted") {
    Play play;
    Chat chat(play);
    chat.frame = [](const std::string& text) {
        return R"({"type":"message.new","id":"m-1","text":"?)" + text + R"("})";
    };
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(step(outcome, "got").findings.at(0).message ==
          "the message came, but not as it was sent: stored, not pushed");
    CHECK(outcome.deliveries.at(0).state == "corrupted");
    CHECK(outcome.deliveries.at(0).copies == 0);
}

TEST_CASE("a message that another client gets is misdelivered") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        play.websocket.sockets.at(0)->push(*request.body, 60ms);
        return Answer{};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: private
actors: { alice: {}, mallory: {} }
steps:
  - { connect: /ws, as: mallory }
  - { post: /say, as: alice, id: sent, body: "for bob: ${nonce}" }
  - { none: { $contains: "${nonce}" }, as: mallory, from: sent, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "misdelivered");
    REQUIRE(outcome.deliveries.size() == 1);
    CHECK(outcome.deliveries[0].state == "misdelivered");
    CHECK(outcome.deliveries[0].sender == "alice");
    CHECK(outcome.deliveries[0].receiver == "mallory");
    CHECK_THAT(told(step(outcome, "none")), Contains("60 ms after it was sent"));
}

TEST_CASE("`none` passes exactly when its period is over, and a frame after it does not matter") {
    Play play;
    play.http.answer = [&](const HttpRequest&) {
        play.websocket.sockets.at(0)->push("boom", 1001ms);
        return Answer{};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: silence
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { post: /quiet, id: sent }
  - { none: boom, as: bob, from: sent, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(step(outcome, "none").took == 990ms);
}

TEST_CASE("silence on a dead connection proves nothing") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        if (request.method == "POST") play.websocket.sockets.at(0)->drop(100ms);
        return Answer{.after = 2s};  // the period is over before `none` looks
    };
    const Outcome outcome = play.of(R"(
version: 1
name: deaf
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { post: /quiet, id: sent }
  - { none: boom, as: bob, from: sent, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "websocket_dropped");
}

TEST_CASE("a websocket that the server closes while a step waits fails at once, with code and reason") {
    Play play;
    Chat chat(play);
    chat.pushes.clear();
    play.websocket.on_open = [](FakeSocket& socket) { socket.close(1012, "restarting", 300ms); };
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::fail);
    const StepResult& got = step(outcome, "got");
    REQUIRE(got.findings.size() == 1);
    CHECK(got.findings[0].message == "the server closed the websocket with code 1012 (restarting): stored, not pushed");
    CHECK(got.children.at(0).started_after == 305ms);
}

TEST_CASE("a full frame log is the prober's own fault") {
    Play play;
    Chat chat(play);
    chat.pushes.clear();
    play.websocket.on_open = [](FakeSocket& socket) { socket.overflow(300ms); };
    const Outcome outcome = play.of(chat_delivery);
    CHECK(outcome.verdict == Verdict::error);
    CHECK(outcome.failure_class == "frame_log_overflow");
}

TEST_CASE("a frame log that overflows while copies are counted is an error, not a pass") {
    Play play;
    Chat chat(play);
    play.websocket.on_open = [](FakeSocket& socket) { socket.overflow(500ms); };
    const Outcome outcome = play.of(chat_delivery);
    CHECK(verdicts(outcome) == "connect pass, sent pass, got error");
    CHECK(outcome.verdict == Verdict::error);
    CHECK(outcome.failure_class == "frame_log_overflow");
}

TEST_CASE(
    "a first frame that the server sends by itself is awaited without any sender, and no delivery is booked for it") {
    Play play;
    play.websocket.on_open = [](FakeSocket& socket) { socket.push(R"({"type":"hello"})", 70ms); };
    const Outcome outcome = play.of(R"(
version: 1
name: greeting
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { receive: { type: hello }, as: bob, within: 100ms }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(outcome.deliveries.empty());
}

TEST_CASE("a frame from before the sending step does not satisfy a receive") {
    Play play;
    play.websocket.on_open = [](FakeSocket& socket) { socket.push("state: on", 1ms); };
    play.http.answer = [](const HttpRequest&) { return Answer{}; };
    const Outcome outcome = play.of(R"(
version: 1
name: stale
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { pause: 100ms }
  - { post: /state, id: sent }
  - { receive: "state: on", as: bob, from: sent, within: 1s }
)");
    CHECK(outcome.verdict == Verdict::fail);
    REQUIRE(step(outcome, "receive").frames.size() == 1);
    CHECK(step(outcome, "receive").frames[0].remark == "MATCH, but before the sending step");
}

TEST_CASE("messages of a repeat are counted together, each delivered once") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        play.websocket.sockets.at(0)->push(*request.body, 20ms);
        return Answer{.after = 50ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: burst
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - repeat:
      times: 3
      steps: [{ post: /say, id: sent, body: "burst ${nonce}" }]
  - { receive: { $contains: burst }, as: bob, from: sent, within: 1s, exactly: 3, ordered: true }
)");
    CHECK(outcome.verdict == Verdict::pass);
    REQUIRE(outcome.deliveries.size() == 3);
    for (const Delivery& delivery : outcome.deliveries) {
        CHECK(delivery.state == "delivered");
        CHECK(delivery.copies == 1);
        CHECK(delivery.send_to_receive == Duration(20ms));
        CHECK(delivery.ack_to_receive == Duration(-30ms));
    }
    CHECK(outcome.deliveries[0].nonce != outcome.deliveries[1].nonce);
}

TEST_CASE("a loss in a burst is told message by message") {
    Play play;
    int posts = 0;
    play.http.answer = [&](const HttpRequest& request) {
        if (++posts != 2) play.websocket.sockets.at(0)->push(*request.body, 20ms);
        return Answer{.after = 50ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: burst
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - repeat:
      times: 3
      steps: [{ post: /say, id: sent, body: "burst ${nonce}" }]
  - { receive: { $contains: burst }, as: bob, id: got, from: sent, within: 1s, exactly: 3 }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK_THAT(told(step(outcome, "got")), Contains("2 of 3 within 1 s"));
    REQUIRE(outcome.deliveries.size() == 3);
    CHECK(outcome.deliveries[0].state == "delivered");
    CHECK(outcome.deliveries[1].state == "outstanding");
    CHECK(outcome.deliveries[2].state == "delivered");
}

TEST_CASE("messages that overtake each other are reordered") {
    Play play;
    int posts = 0;
    play.http.answer = [&](const HttpRequest& request) {
        play.websocket.sockets.at(0)->push(*request.body, ++posts == 1 ? 500ms : 20ms);
        return Answer{.after = 50ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: order
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - repeat:
      times: 3
      steps: [{ post: /say, id: sent, body: "burst ${nonce}" }]
  - { receive: { $contains: burst }, as: bob, from: sent, within: 1s, exactly: 3, ordered: true }
)");
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "reordered");
}

TEST_CASE("a receive may wait in one branch while another sends many times") {
    Play play;
    play.http.answer = [&](const HttpRequest& request) {
        play.websocket.sockets.at(0)->push(*request.body, 20ms);
        return Answer{.after = 5ms};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: while-sending
actors: { bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { post: /say, id: first, body: first }
  - parallel:
      - [{ receive: "last ${run_id}", as: bob, from: first, within: 5s }]
      - - repeat: { times: 100, steps: [{ post: /say, body: "more ${nonce}" }] }
        - { post: /say, body: "last ${run_id}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
}

}  // namespace
}  // namespace serin::test
