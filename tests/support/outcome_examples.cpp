// SPDX-License-Identifier: Apache-2.0
#include "tests/support/outcome_examples.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace serin::test {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Source> chat_source() {
    static const auto source = std::make_shared<const Source>(Source{.name = "chat-delivery.yaml", .text = R"(version: 1
name: chat-delivery
about: A message sent over REST reaches every subscriber's websocket, once, within 2 s.
timeout: 15s
actors:
  alice: { api: "${target.api}", bearer: "${secret.alice}" }
  bob:   { api: "${target.api}", ws: "${target.ws}", bearer: "${secret.bob}" }
steps:
  - connect: /ws
    as: bob
  - post: /v1/messages
    as: alice
    id: sent
    json: { to: bob, text: "canary ${nonce}" }
    expect: |
      status == 201
      ms < 800
    save: { msg: json.id }
    defer:
      delete: "/v1/messages/${msg}"
      as: alice
      expect: status == 204 or status == 404
  - receive: { type: message.new, text: "canary ${nonce}" }
    as: bob
)"});
    return source;
}

Place at(int line, int column, int length) {
    return Place{.source = chat_source(), .line = line, .column = column, .length = length};
}

Outcome chat_run(std::string receiver) {
    Outcome outcome;
    outcome.scenario = "chat-delivery";
    outcome.file = "chat-delivery.yaml";
    outcome.cell.axes = {{"sender", "us-east-1"}, {"receiver", std::move(receiver)}};
    outcome.run_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    outcome.nonce = "r0c07398f-1-5ea1ed0000";
    outcome.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    outcome.started_at = Wall{1645557742004ms};
    outcome.took = 412ms;
    return outcome;
}

StepResult exchange(std::string id, std::string method, const std::string& path, int status, Duration started,
                    Duration took) {
    StepResult step;
    step.part = "steps";
    step.id = std::move(id);
    step.kind = method == "POST" ? "post" : method == "GET" ? "get" : "delete";
    step.title = method + " " + path;
    step.started_after = started;
    step.took = took;
    step.http.emplace();
    step.http->method = std::move(method);
    step.http->url = "http://chat.test" + path;
    step.http->status = status;
    step.http->version = "1.1";
    step.http->remote = "127.0.0.1:8080";
    step.http->timings.total = took;
    return step;
}

StepResult sending() {
    StepResult step = exchange("sent", "POST", "/v1/messages", 201, 412ms, 87ms);
    step.actor = "alice";
    step.place = at(11, 5, 4);
    step.http->timings = {.connect = 400us, .first_byte = 85ms, .total = 87ms};
    step.http->request_headers = {{"Authorization", "Bearer [secret alice]"}};
    step.http->request_body = R"({"to":"bob","text":"canary r0c07398f-1-5ea1ed0000"})";
    step.http->response_headers = {{"Content-Type", "application/json"}};
    step.http->response_body = R"({"id":"m-81f"})";
    step.http->curl = R"(curl -X POST -H "Authorization: Bearer $ALICE" http://chat.test/v1/messages)";
    return step;
}

Delivery delivery(std::string nonce, std::string sender, std::string receiver, std::string state) {
    Delivery delivery;
    delivery.nonce = std::move(nonce);
    delivery.sender = std::move(sender);
    delivery.receiver = std::move(receiver);
    delivery.state = std::move(state);
    return delivery;
}

StepResult removal(int status) {
    StepResult step = exchange("", "DELETE", "/v1/messages/m-81f", status, 3s, 9ms);
    step.part = "defer";
    step.actor = "alice";
    step.place = at(20, 7, 6);
    return step;
}

}  // namespace

Outcome passed_run() {
    Outcome outcome = chat_run("us-east-1");
    outcome.steps = {sending(), removal(204)};
    outcome.deliveries = {delivery(outcome.nonce, "alice", "bob", "delivered")};
    outcome.deliveries.front().send_to_receive = 91ms;
    outcome.deliveries.front().copies = 1;
    return outcome;
}

Outcome undelivered_message() {
    Outcome outcome = chat_run("eu-west-2");
    outcome.verdict = Verdict::fail;
    outcome.failure_class = "stored_not_pushed";
    outcome.message = "message not delivered in time: stored, not pushed";
    outcome.took = 3410ms;
    outcome.again = R"(serin run chat-delivery.yaml --only "sender=us-east-1 receiver=eu-west-2" -v)";

    StepResult receive;
    receive.part = "steps";
    receive.kind = "receive";
    receive.actor = "bob";
    receive.place = at(23, 5, 7);
    receive.verdict = Verdict::fail;
    receive.started_after = 500ms;
    receive.took = 2s;
    receive.findings = {{.verdict = Verdict::fail,
                         .place = receive.place,
                         .failure_class = "not_in_time",
                         .message = "message not delivered in time",
                         .note = "0 of 1 within 2 s of `sent` (line 13); nonce = r0c07398f-1-5ea1ed0000",
                         .explanation = {}}};
    receive.frames = {{.at = 11ms, .text = R"({"type":"hello"})", .remark = R"(type: "hello" ≠ "message.new")"}};
    StepResult stored = exchange("stored", "GET", "/v1/messages/m-81f", 200, 2420ms, 12ms);
    stored.part = "diagnose";
    receive.children = {stored};

    outcome.steps = {sending(), receive, removal(204)};
    outcome.deliveries = {delivery(outcome.nonce, "alice", "bob", "late")};
    return outcome;
}

Outcome flaky_run() {
    Outcome outcome = chat_run("eu-west-1");
    outcome.verdict = Verdict::degraded;
    outcome.failure_class = "flaky";
    outcome.message = "flaky: attempt 1 failed (not_in_time)";
    StepResult slow = sending();
    slow.verdict = Verdict::degraded;
    slow.findings = {{.verdict = Verdict::degraded,
                      .place = at(17, 7, 8),
                      .failure_class = "expectation_failed",
                      .message = "ms < 800 is false",
                      .note = "left: 912  (integer)",
                      .explanation = {}}};
    outcome.steps = {slow, removal(204)};
    outcome.attempts = {{.nonce = "r0c07398f-1-5ea1ed0000",
                         .verdict = Verdict::fail,
                         .failure_class = "not_in_time",
                         .message = "message not delivered in time",
                         .took = 2500ms},
                        {.nonce = "r0c07398f-2-5ea1ed0001",
                         .verdict = Verdict::pass,
                         .failure_class = "",
                         .message = "",
                         .took = 412ms}};
    return outcome;
}

Outcome unjudged_run() {
    Outcome outcome = chat_run("eu-central-1");
    outcome.verdict = Verdict::error;
    outcome.failure_class = "prober_resources";
    outcome.message = "too many open files";
    return outcome;
}

Outcome littering_run() {
    Outcome outcome = passed_run();
    outcome.cleanup_failed = true;
    outcome.leaked = {"DELETE /v1/messages/m-81f"};
    StepResult& removing = outcome.steps.back();
    removing.http->status = 503;
    removing.verdict = Verdict::fail;
    removing.findings = {{.verdict = Verdict::fail,
                          .place = at(22, 15, 30),
                          .failure_class = "expectation_failed",
                          .message = "status == 204 or status == 404 is false",
                          .note = "",
                          .explanation = {"left:  503  (integer)", "right: 204  (integer)"}}};
    return outcome;
}

Outcome skipped_run() {
    Outcome outcome = chat_run("ap-south-1");
    outcome.verdict = Verdict::skipped;
    outcome.message = "`target.region` is not served";
    outcome.took = 0ms;
    return outcome;
}

Outcome hostile_run() {
    Outcome outcome = undelivered_message();
    const std::string bytes =
        "\x1b[2J\x1b]0;owned\x07</failure>&\"'\n::error::forged\r\n##[add-mask]x %0A # TODO\n---\n..."
        "\xff\xc2\x9b"
        "31m\xe2\x80\xae";
    outcome.scenario = "chat" + bytes;
    outcome.message = bytes;
    outcome.failure_class = bytes;
    outcome.leaked = {bytes};
    outcome.again = bytes;
    outcome.vantage = bytes;
    outcome.attempts = {{.nonce = bytes, .verdict = Verdict::fail, .failure_class = bytes, .message = bytes}, {}};
    outcome.deliveries = {delivery(bytes, bytes, bytes, bytes)};
    for (StepResult& step : outcome.steps) {
        step.id = step.kind = step.actor = step.title = bytes;
        for (Finding& finding : step.findings) {
            finding.message = finding.note = bytes;
            finding.explanation = {bytes};
        }
        for (FrameNote& frame : step.frames) frame.text = frame.remark = bytes;
        if (!step.http) continue;
        step.http->url = step.http->version = step.http->remote = step.http->curl = bytes;
        step.http->response_headers = {{bytes, bytes}};
        step.http->response_body = bytes;
    }
    return outcome;
}

}  // namespace serin::test
