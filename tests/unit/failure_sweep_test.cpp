// SPDX-License-Identifier: Apache-2.0
// One scenario that uses every kind of probe call, played once for each call and each way in which that call can fail.
// Whatever fails, the run must end, must say so, and must clean up what it made.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view delivery = R"(
version: 1
name: sweep
timeout: 10s
cleanup_timeout: 5s
actors: { alice: {}, bob: {} }
steps:
  - { connect: /ws, as: bob }
  - { send: hello, as: bob }
  - post: /messages
    as: alice
    id: sent
    json: { text: "${nonce}" }
    expect: status == 201
    save: { message: json.id }
    defer: { delete: "/messages/${message}", as: alice, expect: status == 204 }
  - { receive: { text: "${nonce}" }, as: bob, from: sent, within: 1s, exactly: 1, settle: 500ms }
  - { poll: "/messages/${message}", every: 100ms, within: 1s, expect: json.read == true }
cleanup:
  - { post: /sweep, as: alice, expect: status == 200 }
)";

enum class Way {
    unanswered,  ///< a failure on the wire after the bytes had left: the target may have acted on them
    unsent,      ///< a failure on the wire before any byte left
    own_fault,   ///< the prober has no socket left
    defect,      ///< an exception out of the probe
    stop,        ///< a person asks to stop meanwhile
};

/// Keeps messages until they are deleted, pushes them to the websocket, and has them read at the second look.
class Service {
public:
    explicit Service(Play& play) {
        play.http.answer = [this, &play](const HttpRequest& request) { return answer(play, request); };
    }
    std::set<std::string> messages;  ///< URLs
    int sweeps = 0;

private:
    Answer answer(Play& play, const HttpRequest& request) {
        if (request.method == "DELETE") return Answer{.status = messages.erase(request.url) > 0 ? 204 : 404};
        if (request.method == "GET") return Answer{.body = ++looks_ > 1 ? R"({"read":true})" : R"({"read":false})"};
        if (request.url.ends_with("/sweep")) {
            ++sweeps;
            return Answer{};
        }
        const std::string id = "m" + std::to_string(messages.size() + 1);
        messages.insert(request.url + "/" + id);
        if (!play.websocket.sockets.empty()) play.websocket.sockets.back()->push(*request.body, 30ms);
        return Answer{.status = 201, .body = R"({"id":")" + id + R"("})"};
    }
    int looks_ = 0;
};

/// What came of a run whose `nth` call failed in one way; what fails goes on failing.
struct Swept {
    Swept(Way way, std::size_t nth) : service(play) {
        play.http.before_call = play.websocket.before_call = [this, way, nth](const std::string& call) {
            calls.push_back(call);
            const bool repeated = !broken.empty() && broken == call;
            if (calls.size() - 1 != nth && !repeated) return std::optional<Sabotage>();
            broken = call;
            return sabotage(way);
        };
        outcome = play.of(delivery);
    }

    std::optional<Sabotage> sabotage(Way way) {
        switch (way) {
            case Way::unanswered:
                return Sabotage{.failure = {.failure_class = "connection_reset", .message = "reset"}};
            case Way::unsent:
                return Sabotage{.failure = {.failure_class = "connection_refused", .message = "refused"},
                                .bytes_left = false};
            case Way::own_fault:
                return Sabotage{
                    .failure = {.failure_class = "prober_resources", .message = "no socket", .own_fault = true},
                    .bytes_left = false};
            case Way::defect:
                throw std::runtime_error("a defect");
            case Way::stop:
                if (!play.stop.requested()) play.clock.after(0ms, [this] { play.stop.request(); });
                return std::nullopt;
        }
        return std::nullopt;
    }

    Play play;
    Service service;
    std::vector<std::string> calls;
    std::string broken;
    Outcome outcome;
};

constexpr auto no_call = static_cast<std::size_t>(-1);

/// Which verdict a failure of a step, not of cleanup, must lead to.
Verdict verdict_of(Way way) {
    switch (way) {
        case Way::unanswered:
        case Way::unsent:
            return Verdict::fail;
        case Way::own_fault:
        case Way::defect:
            return Verdict::error;
        case Way::stop:
            return Verdict::aborted;
    }
    return Verdict::error;
}

bool asked(const Swept& swept, std::string_view call) {
    return std::ranges::find(swept.calls, call) != swept.calls.end();
}

}  // namespace

TEST_CASE("the scenario of the sweep passes and uses every kind of call") {
    const Swept swept(Way::unanswered, no_call);
    INFO(every_string(swept.outcome));
    CHECK(swept.outcome.verdict == Verdict::pass);
    CHECK(swept.service.messages.empty());
    CHECK(swept.service.sweeps == 1);
    for (const char* call :
         {"connect", "send", "wait", "POST http://here.test/messages", "GET http://here.test/messages/m1",
          "DELETE http://here.test/messages/m1", "POST http://here.test/sweep"}) {
        CAPTURE(call);
        CHECK(asked(swept, call));
    }
}

TEST_CASE("whichever call fails in whatever way the run ends and says so and cleans up") {
    const std::vector<std::string> calls = Swept(Way::unanswered, no_call).calls;
    const auto first_of_cleanup = static_cast<std::size_t>(
        std::ranges::find_if(calls, [](const std::string& call) { return call.starts_with("DELETE"); }) -
        calls.begin());
    for (const Way way : {Way::unanswered, Way::unsent, Way::own_fault, Way::defect, Way::stop}) {
        for (std::size_t nth = 0; nth < calls.size(); ++nth) {
            const Swept swept(way, nth);
            const Outcome& outcome = swept.outcome;
            const bool in_cleanup = nth >= first_of_cleanup;
            CAPTURE(static_cast<int>(way), nth, calls[nth], name_of(outcome.verdict), every_string(outcome));

            if (!in_cleanup) {
                CHECK(outcome.verdict == verdict_of(way));
                CHECK_FALSE(outcome.failure_class.empty());
                CHECK_FALSE(outcome.message.empty());
            } else if (way == Way::stop) {  // cleanup, once begun, is finished
                CHECK(outcome.verdict == Verdict::pass);
                CHECK_FALSE(outcome.cleanup_failed);
            } else {
                CHECK(outcome.verdict == (way == Way::defect ? Verdict::error : Verdict::pass));
                CHECK(outcome.cleanup_failed);
                CHECK_FALSE(outcome.leaked.empty());
            }
            // Everything of cleanup is tried, whatever failed before it, and what is left behind is told.
            CHECK(asked(swept, "POST http://here.test/sweep"));
            if (!swept.service.messages.empty()) CHECK_FALSE(outcome.leaked.empty());
            if (!swept.service.messages.empty()) CHECK(outcome.cleanup_failed);
            const bool id_known = nth > static_cast<std::size_t>(
                                            std::ranges::find(calls, "POST http://here.test/messages") - calls.begin());
            if (id_known) CHECK(asked(swept, "DELETE http://here.test/messages/m1"));
        }
    }
}

}  // namespace serin::test
