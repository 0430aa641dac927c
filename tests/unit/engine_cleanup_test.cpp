// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/scenario_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

constexpr std::string_view two_rooms = R"(
version: 1
name: two-rooms
timeout: 10s
cleanup_timeout: 3s
steps:
  - post: /rooms
    id: first
    expect: status == 201
    save: { a: json.id }
    defer: { delete: "/rooms/${a}", expect: status == 204 }
  - post: /rooms
    id: second
    expect: status == 201
    save: { b: json.id }
    defer: { delete: "/rooms/${b}", expect: status == 204 }
  - get: /health
    expect: status == 200
cleanup:
  - post: /sweep
)";

/// Makes rooms r1, r2, …; `health` is what GET answers.
class Rooms {
public:
    explicit Rooms(Play& play) {
        play.http.answer = [this](const HttpRequest& request) {
            if (request.method == "GET") return health;
            if (request.method == "DELETE") return Answer{.status = removal_status, .after = removal_time};
            return Answer{.status = 201, .body = R"({"id":"r)" + std::to_string(++made_) + R"("})"};
        };
    }
    Answer health;
    int removal_status = 204;
    Duration removal_time = 10ms;

private:
    int made_ = 0;
};

const Lines all_of_two_rooms{"POST http://here.test/rooms",      "POST http://here.test/rooms",
                             "GET http://here.test/health",      "DELETE http://here.test/rooms/r2",
                             "DELETE http://here.test/rooms/r1", "POST http://here.test/sweep"};

TEST_CASE("cleanup runs last in first out, with the ids that were captured, then `cleanup:`") {
    Play play;
    const Rooms rooms(play);
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.lines() == all_of_two_rooms);
    CHECK(verdicts(outcome, "defer") == "delete pass, delete pass");
    CHECK(verdicts(outcome, "cleanup") == "post pass");
    CHECK_FALSE(outcome.cleanup_failed);
    CHECK(outcome.leaked.empty());
}

TEST_CASE("cleanup runs after a failure") {
    Play play;
    Rooms rooms(play);
    rooms.health.status = 500;
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(play.http.lines() == all_of_two_rooms);
}

TEST_CASE("cleanup runs after the scenario's deadline, with a budget of its own") {
    Play play;
    Rooms rooms(play);
    rooms.health.after = 60s;
    rooms.removal_time = 2s;
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(outcome.failure_class == "no_response");
    CHECK(step(outcome, "get").took == 10s - 20ms);
    // 3 s for all of cleanup: the second DELETE is cut after one second, and the sweep has no time left.
    CHECK(verdicts(outcome, "defer") == "delete pass, delete fail");
    CHECK(verdicts(outcome, "cleanup") == "post fail");
    CHECK(outcome.took == 13s);
    CHECK(outcome.leaked == Lines{"DELETE /rooms/r1", "POST /sweep"});
}

TEST_CASE("cleanup runs after a request to stop, and the run is aborted") {
    Play play;
    Rooms rooms(play);
    rooms.health.after = 5s;
    play.clock.after(1s, [&] { play.stop.request(); });
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::aborted);
    CHECK(outcome.failure_class == "aborted");
    CHECK(verdicts(outcome) == "first pass, second pass, get aborted");
    CHECK(play.http.lines() == all_of_two_rooms);
    CHECK(play.http.asked.at(2).cancelled);
    CHECK(play.http.asked.at(3).at == 1s);
    CHECK_FALSE(outcome.cleanup_failed);
}

TEST_CASE("steps that a request to stop left no time for are blocked") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.after = 5s}; };
    play.clock.after(1s, [&] { play.stop.request(); });
    const Outcome outcome = play.of(R"(
version: 1
name: cut
steps:
  - { get: /slow, expect: status == 200 }
  - { get: /next, expect: status == 200 }
)");
    CHECK(verdicts(outcome) == "get aborted, get blocked");
}

TEST_CASE("a second request to stop cuts cleanup, and what it had not done is told as leaked") {
    Play play;
    Rooms rooms(play);
    rooms.health.after = 5s;
    rooms.removal_time = 2s;
    play.clock.after(1s, [&] { play.stop.request(); });
    play.clock.after(2s, [&] { play.stop.request(); });
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::aborted);
    CHECK(outcome.took == 2s);
    CHECK(outcome.cleanup_failed);
    CHECK(outcome.leaked == Lines{"DELETE /rooms/r2", "DELETE /rooms/r1", "POST /sweep"});
    CHECK(verdicts(outcome, "defer") == "delete aborted, delete blocked");
}

TEST_CASE("a first request to stop that comes during cleanup lets it finish and keeps the verdict") {
    Play play;
    Rooms rooms(play);
    rooms.removal_time = 1s;
    play.clock.after(500ms, [&] { play.stop.request(); });
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.lines() == all_of_two_rooms);
    CHECK(outcome.leaked.empty());
}

TEST_CASE("a run that was asked to stop before it began does nothing but its cleanup") {
    Play play;
    const Rooms rooms(play);
    play.stop.request();
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::aborted);
    CHECK(play.http.lines() == Lines{"POST http://here.test/sweep"});
}

TEST_CASE("a cleanup that fails is told without changing the verdict, and the rest of it is still tried") {
    Play play;
    Rooms rooms(play);
    rooms.removal_status = 500;
    const Outcome outcome = play.of(two_rooms);
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(outcome.message.empty());
    CHECK(outcome.cleanup_failed);
    CHECK(outcome.leaked == Lines{"DELETE /rooms/r2", "DELETE /rooms/r1"});
    CHECK(play.http.lines() == all_of_two_rooms);
}

constexpr std::string_view one_room = R"(
version: 1
name: one-room
steps:
  - post: /rooms
    expect: status == 201
    save: { room: json.id }
    defer: { delete: "/rooms/${room}" }
)";

TEST_CASE("what the target refused to make needs no cleanup and is not leaked") {
    Play play;
    play.http.answer = [](const HttpRequest&) { return Answer{.status = 409, .body = "taken"}; };
    const Outcome outcome = play.of(one_room);
    CHECK(outcome.verdict == Verdict::fail);
    CHECK(play.http.lines() == Lines{"POST http://here.test/rooms"});
    CHECK_FALSE(outcome.cleanup_failed);
    CHECK(outcome.leaked.empty());
    CHECK(verdicts(outcome, "defer") == "delete skipped");
}

TEST_CASE("a request that timed out after its bytes had left arms its cleanup: it may have made something") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        return request.method == "POST" ? Answer{.after = 60s} : Answer{.status = 204};
    };
    SECTION("and a cleanup that needs no answer runs") {
        const Outcome outcome = play.of(R"(
version: 1
name: timed-out
steps:
  - { post: /rooms, timeout: 2s, expect: status == 201, defer: { delete: "/rooms?tag=${nonce}" } }
)");
        CHECK(play.http.lines() ==
              Lines{"POST http://here.test/rooms", "DELETE http://here.test/rooms?tag=" + outcome.nonce});
        CHECK(outcome.leaked.empty());
    }
    SECTION("and one that needs the id which never came is told as leaked") {
        const Outcome outcome = play.of(one_room);
        CHECK(outcome.verdict == Verdict::fail);
        CHECK(outcome.cleanup_failed);
        CHECK(outcome.leaked == Lines{"DELETE /rooms/${room}"});
    }
}

TEST_CASE("a request of which no byte left arms no cleanup") {
    Play play;
    play.http.answer = [](const HttpRequest&) {
        return Answer{
            .failure = WireFailure{.failure_class = "connection_refused", .message = "refused", .own_fault = false},
            .bytes_left = false};
    };
    const Outcome outcome = play.of(one_room);
    CHECK(outcome.failure_class == "connection_refused");
    CHECK(play.http.asked.size() == 1);
    CHECK(verdicts(outcome, "defer").empty());
    CHECK(outcome.leaked.empty());
}

TEST_CASE("a request that a stop cut short arms its cleanup") {
    Play play;
    play.http.answer = [](const HttpRequest& request) {
        return request.method == "POST" ? Answer{.after = 60s} : Answer{.status = 204};
    };
    play.clock.after(1s, [&] { play.stop.request(); });
    const Outcome outcome = play.of(R"(
version: 1
name: cut
steps:
  - { post: /rooms, expect: status == 201, defer: { delete: "/rooms?tag=${nonce}" } }
)");
    CHECK(outcome.verdict == Verdict::aborted);
    CHECK(play.http.asked.size() == 2);
}

TEST_CASE("each iteration's cleanup sees the id that this iteration captured") {
    Play play;
    const Rooms rooms(play);
    const Outcome outcome = play.of(R"(
version: 1
name: many
steps:
  - repeat:
      times: 3
      steps:
        - post: /rooms
          expect: status == 201
          save: { room: json.id }
          defer: { delete: "/rooms/${room}" }
)");
    CHECK(outcome.verdict == Verdict::pass);
    CHECK(play.http.lines() == Lines{"POST http://here.test/rooms", "POST http://here.test/rooms",
                                     "POST http://here.test/rooms", "DELETE http://here.test/rooms/r3",
                                     "DELETE http://here.test/rooms/r2", "DELETE http://here.test/rooms/r1"});
}

TEST_CASE("a leak of an attempt that was retried is still told") {
    Play play;
    int posts = 0;
    play.http.answer = [&](const HttpRequest& request) {
        if (request.method == "DELETE") return Answer{.status = posts == 1 ? 500 : 204};
        return Answer{.status = ++posts == 1 ? 500 : 201};
    };
    const Outcome outcome = play.of(R"(
version: 1
name: again
retry: { attempts: 2 }
steps:
  - { post: /rooms, expect: status == 201, defer: { delete: "/rooms", expect: status == 204 } }
)");
    CHECK(outcome.verdict == Verdict::degraded);
    CHECK(outcome.cleanup_failed);
    CHECK(outcome.leaked == Lines{"DELETE /rooms"});
}

}  // namespace
}  // namespace serin::test
