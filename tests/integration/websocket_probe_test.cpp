// SPDX-License-Identifier: Apache-2.0
// What a websocket client must say of servers with bad manners: each its own class, within its deadline.
#include <catch2/catch.hpp>

#include "net/real_clock.hpp"
#include "probes/websocket.hpp"
#include "tests/support/bad_websocket_server.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Passes soon, for servers that never come to an end.
constexpr Duration soon = 200ms;

/// All that is known of one conversation after its end.
struct Story {
    std::optional<WireFailure> failure;  ///< of the handshake
    Handshake handshake;
    FrameLog log;

    /// The class of whatever went wrong, in the handshake or later; "" for a clean end.
    [[nodiscard]] std::string failure_class() const {
        if (failure) return failure->failure_class;
        if (log.closed && log.closed->failure) return log.closed->failure->failure_class;
        return "";
    }
};

/// Connects, listens until `frames` frames came or the peer ended it (or patience is over), says goodbye.
asio::awaitable<Story> listen_to(asio::any_io_executor executor, WebsocketRequest request, std::size_t frames) {
    RealClock clock(executor);
    const auto probe = make_websocket_probe(executor, clock);
    Connected connected = co_await probe->connect(request);
    Story story{.failure = connected.failure, .handshake = connected.handshake, .log = {}};
    if (!connected.conversation) co_return story;
    const Steady patience = clock.now() + 5s;
    const FrameLog& log = connected.conversation->log();
    while (log.frames.size() < frames && !log.closed) {
        if (!co_await connected.conversation->wait_beyond(log.frames.size(), patience)) break;
    }
    co_await connected.conversation->close(deadline_after(clock.now(), soon));
    story.log = log;
    co_return story;
}

WebsocketRequest request_to(const BadServer& server, Duration within) {
    WebsocketRequest request;
    request.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/ws";
    request.deadline = deadline_after(std::chrono::steady_clock::now(), within);
    return request;
}

constexpr std::size_t until_the_end = 1'000'000;

/// What a client sees that listens to a server of such manners.
Story story_of(Manners manners, std::function<void(WebsocketRequest&)> change = {}, Duration within = 5s,
               std::size_t frames = until_the_end) {
    Story story;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto server = BadServer::start(executor, std::move(manners));
        WebsocketRequest request = request_to(*server, within);
        if (change) change(request);
        story = co_await listen_to(executor, request, frames);
    });
    return story;
}

}  // namespace

TEST_CASE("a server that never answers the handshake gives no_response at the deadline") {
    CHECK(story_of(hangs(), {}, soon).failure_class() == "no_response");
}

TEST_CASE("an answer whose headers never end gives slow_headers") {
    CHECK(story_of(answers_then_hangs("HTTP/1.1 101 Switching"), {}, soon).failure_class() == "slow_headers");
}

TEST_CASE("another status than 101 is websocket_refused, with status, headers and body") {
    const Story refused =
        story_of(answers("HTTP/1.1 401 Unauthorized\r\nX-Why: token\r\nContent-Length: 7\r\n\r\nexpired"));
    CHECK(refused.failure_class() == "websocket_refused");
    CHECK(refused.handshake.status == 401);
    CHECK(refused.handshake.body == "expired");
    CHECK(refused.handshake.headers.at(0) == std::pair<std::string, std::string>("X-Why", "token"));

    const Story page = story_of(answers(ok("hello")));
    CHECK(page.failure_class() == "websocket_refused");
    CHECK(page.handshake.status == 200);
}

TEST_CASE("a refusal whose body never ends is cut off, and its status still told") {
    const Story flood = story_of(floods("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n"));
    CHECK(flood.failure_class() == "websocket_refused");
    CHECK(flood.handshake.status == 503);
    CHECK(flood.handshake.body.starts_with("hellohello"));
    CHECK(flood.handshake.body.size() <= 64 << 10);

    const Story stuck = story_of(answers_then_hangs("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nhalf"), {}, soon);
    CHECK(stuck.failure_class() == "websocket_refused");
    CHECK(stuck.handshake.body == "half");
}

TEST_CASE("garbage instead of an answer is protocol_error") {
    CHECK(story_of(answers("SSH-2.0-OpenSSH_9.2\r\n")).failure_class() == "protocol_error");
}

TEST_CASE("headers without end are headers_too_large") {
    CHECK(story_of(floods("HTTP/1.1 101 Switching Protocols\r\n", "X-More: and more\r\n")).failure_class() ==
          "headers_too_large");
}

TEST_CASE("a connection that is closed or reset instead of an answer is told apart") {
    CHECK(story_of(answers_then_closes("")).failure_class() == "empty_reply");
    CHECK(story_of(resets_at_once()).failure_class() == "connection_reset");
    CHECK(story_of(answers_then_closes("HTTP/1.1 101 Swit")).failure_class() == "protocol_error");
}

TEST_CASE("a 101 that breaks the handshake is websocket_handshake") {
    CHECK(story_of(accepts_another_key()).failure_class() == "websocket_handshake");
    CHECK(story_of(upgrades("", Afterwards::listens, "Sec-WebSocket-Protocol: mqtt\r\n")).failure_class() ==
          "websocket_handshake");
    const auto plain = [](WebsocketRequest& request) { request.compress = false; };
    const std::string deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    CHECK(story_of(upgrades("", Afterwards::listens, deflate), plain).failure_class() == "websocket_handshake");
}

TEST_CASE("a connection that ends within a frame, or without a close frame, is websocket_dropped") {
    const std::string half = frame(text, "half of this").substr(0, 6);
    CHECK(story_of(upgrades(half, Afterwards::ends)).failure_class() == "websocket_dropped");
    const Story after_one = story_of(upgrades(frame(text, "one"), Afterwards::ends));
    CHECK(after_one.failure_class() == "websocket_dropped");
    REQUIRE(after_one.log.frames.size() == 1);
    CHECK(after_one.log.frames[0].payload == "one");
}

TEST_CASE("a reset within a frame is connection_reset") {
    const std::string half = frame(text, "half of this").substr(0, 6);
    const Story story = story_of(upgrades(half, Afterwards::resets));
    CHECK(story.failure_class() == "connection_reset");
    REQUIRE(story.log.closed);
    CHECK(story.log.closed->code == 0);
}

TEST_CASE("frames that break RFC 6455 are websocket_protocol") {
    std::string masked = frame(text, "abcd");
    masked[1] = static_cast<char>(masked[1] | 0x80);
    CHECK(story_of(upgrades(masked + "mask", Afterwards::listens)).failure_class() == "websocket_protocol");
    CHECK(story_of(upgrades(frame(0xb1, "reserved bits"), Afterwards::listens)).failure_class() ==
          "websocket_protocol");
    CHECK(story_of(upgrades(frame(0x83, "opcode 3"), Afterwards::listens)).failure_class() == "websocket_protocol");
    CHECK(story_of(upgrades(frame(last_fragment, "no beginning"), Afterwards::listens)).failure_class() ==
          "websocket_protocol");
    CHECK(story_of(upgrades(frame(goodbye, "x"), Afterwards::listens)).failure_class() == "websocket_protocol");
}

TEST_CASE("text that is not UTF-8 is invalid_utf8, in one frame or over two") {
    CHECK(story_of(upgrades(frame(text, "caf\xe9!"), Afterwards::listens)).failure_class() == "invalid_utf8");
    const std::string cut = frame(first_text_fragment, "caf\xc3") + frame(last_fragment, "!");
    CHECK(story_of(upgrades(cut, Afterwards::listens)).failure_class() == "invalid_utf8");
}

TEST_CASE("a character cut in two by fragments is well") {
    const std::string cut =
        frame(first_text_fragment, "caf\xc3") + frame(ping, "between") + frame(last_fragment, "\xa9");
    const Story story = story_of(upgrades(cut, Afterwards::listens), {}, 5s, 1);
    REQUIRE(story.log.frames.size() == 1);
    CHECK(story.log.frames[0].payload == "caf\xc3\xa9");
}

TEST_CASE("a frame that announces 2^40 bytes is frame_too_large at once") {
    const std::string huge = std::string("\x82\x7f\x00\x00\x01\x00\x00\x00\x00\x00", 10) + "beginning";
    CHECK(story_of(upgrades(huge, Afterwards::listens)).failure_class() == "frame_too_large");
}

TEST_CASE("fragments that add up to more than max_frame are frame_too_large") {
    const auto small = [](WebsocketRequest& request) { request.max_frame = 20; };
    const std::string parts = frame(first_text_fragment, "twelve bytes") + frame(last_fragment, "twelve bytes");
    CHECK(story_of(upgrades(parts, Afterwards::listens), small).failure_class() == "frame_too_large");
    CHECK(story_of(upgrades(frame(text, std::string(20, 'x')), Afterwards::listens), small, 5s, 1)
              .failure_class()
              .empty());
}

TEST_CASE("a flood fills the log to its limit, says so, and ends the connection") {
    const auto few = [](WebsocketRequest& request) { request.max_frames = 100; };
    const Story by_count = story_of(upgrades(frame(text, "again"), Afterwards::repeats), few);
    CHECK(by_count.failure_class() == "frame_log_overflow");
    CHECK(by_count.log.overflow);
    CHECK(by_count.log.frames.size() == 100);

    const auto little = [](WebsocketRequest& request) { request.max_bytes = 1000; };
    const Story by_bytes = story_of(upgrades(frame(text, std::string(300, 'x')), Afterwards::repeats), little);
    CHECK(by_bytes.failure_class() == "frame_log_overflow");
    CHECK(by_bytes.log.bytes == 900);
}

TEST_CASE("the peer's close code and reason are kept, and a proper close is no failure") {
    const Story story = story_of(upgrades(frame(goodbye, close_payload(1013, "come back later")), Afterwards::listens));
    CHECK(story.failure_class().empty());
    REQUIRE(story.log.closed);
    CHECK(story.log.closed->code == 1013);
    CHECK(story.log.closed->reason == "come back later");
}

TEST_CASE("pings without end neither fill the log nor keep us from leaving") {
    const Story story =
        story_of(upgrades(frame(text, "hello") + frame(ping, "there?"), Afterwards::listens), {}, 5s, 1);
    CHECK(story.log.frames.size() == 1);

    bool news = true;
    FrameLog log;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto server = BadServer::start(executor, upgrades(frame(ping, "there?"), Afterwards::repeats));
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        const WebsocketRequest request = request_to(*server, 5s);
        const Connected connected = co_await probe->connect(request);
        news = co_await connected.conversation->wait_beyond(0, clock.now() + soon);
        co_await connected.conversation->close(deadline_after(clock.now(), soon));
        log = connected.conversation->log();
    });
    CHECK_FALSE(news);
    CHECK(log.frames.empty());
    CHECK(log.closed);
}

TEST_CASE("a peer that never answers our close frame is dropped at the deadline") {
    const Story story = story_of(upgrades(frame(text, "hello"), Afterwards::listens), {}, 5s, 1);
    CHECK(story.log.frames.size() == 1);
    REQUIRE(story.log.closed);
    CHECK_FALSE(story.log.closed->failure);
}

TEST_CASE("frames that come in one piece with the handshake are all logged, before anyone waits") {
    std::string many;
    for (int i = 0; i < 500; ++i) many += frame(text, "message " + std::to_string(i));
    const Story story = story_of(upgrades(many, Afterwards::listens), {}, 5s, 500);
    REQUIRE(story.log.frames.size() == 500);
    for (int i = 0; i < 500; ++i)
        CHECK(story.log.frames[static_cast<std::size_t>(i)].payload == "message " + std::to_string(i));
}

TEST_CASE("binary frames are told from text") {
    const Story story =
        story_of(upgrades(frame(binary, std::string("\x00\xff", 2)) + frame(text, ""), Afterwards::listens), {}, 5s, 2);
    REQUIRE(story.log.frames.size() == 2);
    CHECK(story.log.frames[0].binary);
    CHECK(story.log.frames[0].payload == std::string("\x00\xff", 2));
    CHECK_FALSE(story.log.frames[1].binary);
}

TEST_CASE("what cannot be asked for is invalid_request, and our own fault") {
    const auto mistake = [](std::function<void(WebsocketRequest&)> change) {
        const Story story = story_of(hangs(), std::move(change));
        return story.failure->own_fault ? story.failure_class() : "not our fault";
    };
    CHECK(mistake([](WebsocketRequest& request) { request.url = "http://127.0.0.1/"; }) == "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.url = "/ws"; }) == "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.headers = {{"X-A", "1\r\nX-B: 2"}}; }) == "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.headers = {{"sec-websocket-key", "x"}}; }) ==
          "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.protocols = {"a b"}; }) == "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.route.resolve = {"nonsense"}; }) == "invalid_request");
    CHECK(mistake([](WebsocketRequest& request) { request.route.proxy = "socks5://127.0.0.1:1"; }) ==
          "invalid_request");
}

TEST_CASE("a port where nobody listens is connection_refused, and a name that cannot exist dns_failure") {
    const auto refused = [](WebsocketRequest& request) { request.url = "ws://127.0.0.1:1/"; };
    CHECK(story_of(hangs(), refused).failure_class() == "connection_refused");
    const auto nameless = [](WebsocketRequest& request) { request.url = "ws://two..dots/"; };
    CHECK(story_of(hangs(), nameless).failure_class() == "dns_failure");
}

}  // namespace serin::test
