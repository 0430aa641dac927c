// SPDX-License-Identifier: Apache-2.0
// Our websocket client and our websocket server: what is said between them.
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/websocket_talk.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST_CASE("messages of any size come back as they were sent, plain and compressed") {
    const std::vector<std::string> messages{
        "", "short", std::string(125, 'a'), std::string(126, 'b'), std::string(70'000, 'c'), "gr\xc3\xbc\xc3\x9f"};
    const bool compress = GENERATE(false, true);
    const Talk talk = talk_to(echo(), messages, [&](WebsocketRequest& request) { request.compress = compress; });
    CHECK_FALSE(talk.failure);
    CHECK(talk.handshake.status == 101);
    CHECK(talk.handshake.deflate == compress);
    CHECK(talk.received() == messages);
    REQUIRE(talk.log.closed);
    CHECK(talk.log.closed->code == 1000);
    CHECK_FALSE(talk.log.closed->failure);
}

TEST_CASE("each frame of the log says which way it went, in order") {
    const Talk talk = talk_to(echo(), {"one", "two"});
    std::string order;
    for (const Frame& each : talk.log.frames) order += (each.outgoing ? ">" : "<") + each.payload + " ";
    CHECK(order == ">one <one >two <two ");
    CHECK(talk.log.bytes == 12);
}

TEST_CASE("a small message that inflates beyond max_frame is frame_too_large") {
    const Talk talk =
        talk_to(echo(), {std::string(100'000, 'a')}, [](WebsocketRequest& request) { request.max_frame = 50'000; });
    REQUIRE(talk.log.closed);
    REQUIRE(talk.log.closed->failure);
    CHECK(talk.log.closed->failure->failure_class == "frame_too_large");
}

TEST_CASE(
    "the server sees headers, host, credentials and sub-protocols as asked, and chooses the first that it knows") {
    ServerRequest seen;
    HttpServer::Options options = echo();
    options.websocket_protocols = {"stomp", "mqtt"};
    options.upgrade_guard = [&](const ServerRequest& request) -> std::optional<ServerResponse> {
        seen = request;
        return std::nullopt;
    };
    const Talk talk = talk_to(std::move(options), {}, [](WebsocketRequest& request) {
        request.url.insert(5, "ada:p%40ss@");
        request.headers = {{"X-Canary", "chat/run-1"}};
        request.protocols = {"mqtt", "stomp"};
    });
    CHECK_FALSE(talk.failure);
    CHECK(talk.handshake.protocol == "stomp");
    CHECK(seen.header("X-Canary") == "chat/run-1");
    CHECK(seen.header("Sec-WebSocket-Protocol") == "mqtt, stomp");
    CHECK(seen.header("Host") == talk.handshake.remote);
    CHECK(seen.header("Authorization") == "Basic YWRhOnBAc3M=");
    CHECK(seen.target == "/ws");
}

TEST_CASE("a guard's refusal is websocket_refused with what it said") {
    HttpServer::Options options = echo();
    options.upgrade_guard = [](const ServerRequest&) -> std::optional<ServerResponse> {
        ServerResponse response;
        response.status = 403;
        response.body = "{}";
        return response;
    };
    const Talk talk = talk_to(std::move(options), {});
    REQUIRE(talk.failure);
    CHECK(talk.failure->failure_class == "websocket_refused");
    CHECK(talk.handshake.status == 403);
    CHECK(talk.handshake.body == "{}");
}

TEST_CASE("the server's close code arrives, and a handler that throws closes with 1011") {
    HttpServer::Options leaving;
    leaving.websocket = [](ServerRequest, std::shared_ptr<ServerWebsocket> websocket) -> asio::awaitable<void> {
        co_await websocket->close(1013, "later");
    };
    const Talk later = talk_to(std::move(leaving), {"hello?"});
    REQUIRE(later.log.closed);
    CHECK(later.log.closed->code == 1013);
    CHECK(later.log.closed->reason == "later");

    HttpServer::Options broken;
    broken.websocket = [](ServerRequest, std::shared_ptr<ServerWebsocket>) -> asio::awaitable<void> {
        throw std::runtime_error("a defect");
        co_return;
    };
    const Talk defect = talk_to(std::move(broken), {"hello?"});
    REQUIRE(defect.log.closed);
    CHECK(defect.log.closed->code == 1011);
}

TEST_CASE("a server that is stopped drops its websockets: websocket_dropped") {
    std::optional<CloseNote> note;
    with_server(echo(), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        const WebsocketRequest request = request_to("ws", "127.0.0.1", server.port());
        const Connected connected = co_await probe->connect(request);
        server.stop();
        CHECK(co_await connected.conversation->wait_beyond(0, in(5s).at));
        note = connected.conversation->log().closed;
        const auto late = co_await connected.conversation->send("anyone?", false, in(1s));
        CHECK(late.value_or(WireFailure{}).failure_class == "websocket_dropped");
        co_await connected.conversation->close(in(1s));
    });
    REQUIRE(note);
    REQUIRE(note->failure);
    CHECK(note->failure->failure_class == "websocket_dropped");
}

TEST_CASE("several waiters are all woken by one frame, and by the end") {
    int woken = 0;
    with_server(echo(), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        const WebsocketRequest request = request_to("ws", "127.0.0.1", server.port());
        const Connected connected = co_await probe->connect(request);
        Conversation& conversation = *connected.conversation;
        TaskGroup waiters(executor);
        const auto wait_for = [&](std::size_t seen) -> asio::awaitable<void> {
            if (co_await conversation.wait_beyond(seen, in(5s).at)) ++woken;
        };
        for (int i = 0; i < 3; ++i) waiters.spawn(wait_for(1));      // the echo
        for (int i = 0; i < 2; ++i) waiters.spawn(wait_for(1'000));  // only the end
        CHECK_FALSE(co_await conversation.send("hello", false, in(5s)));
        while (woken < 3 && co_await conversation.wait_beyond(conversation.log().frames.size(), in(50ms).at)) {
        }
        CHECK(woken == 3);
        co_await conversation.close(in(2s));
        co_await waiters.join();
    });
    CHECK(woken == 5);
}

TEST_CASE("many sends at once go out whole and in order") {
    std::vector<std::string> echoes;
    with_server(echo(), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        const WebsocketRequest request = request_to("ws", "127.0.0.1", server.port());
        const Connected connected = co_await probe->connect(request);
        Conversation& conversation = *connected.conversation;
        TaskGroup senders(executor);
        const auto send = [&](int number) -> asio::awaitable<void> {
            CHECK_FALSE(co_await conversation.send(std::to_string(number) + std::string(9'000, '.'), false, in(5s)));
        };
        for (int i = 0; i < 20; ++i) senders.spawn(send(i));
        co_await senders.join();
        while (conversation.log().frames.size() < 40) {
            if (!co_await conversation.wait_beyond(conversation.log().frames.size(), in(5s).at)) break;
        }
        for (const Frame& each : conversation.log().frames) {
            if (!each.outgoing) echoes.push_back(each.payload.substr(0, each.payload.find('.')));
        }
        co_await conversation.close(in(2s));
    });
    REQUIRE(echoes.size() == 20);
    for (int i = 0; i < 20; ++i) CHECK(echoes[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("a peer that does not read makes a send fail at its deadline, not hang") {
    HttpServer::Options deaf;
    deaf.websocket = [](ServerRequest, std::shared_ptr<ServerWebsocket>) -> asio::awaitable<void> {
        RealClock clock(co_await asio::this_coro::executor);
        co_await sleep_until(clock, Steady::max());  // until the server is stopped
    };
    std::string failure;
    with_server(std::move(deaf), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        WebsocketRequest request = request_to("ws", "127.0.0.1", server.port());
        request.compress = false;
        request.max_bytes = 1 << 30;
        const Connected connected = co_await probe->connect(request);
        const auto late = co_await connected.conversation->send(std::string(64 << 20, 'x'), true, in(300ms));
        failure = late.value_or(WireFailure{}).failure_class;
        co_await connected.conversation->close(in(1s));
    });
    CHECK(failure == "timeout");
}

TEST_CASE("a run that is cancelled ends a connection attempt and a wait at once") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto silent = BadServer::start(executor, hangs());
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        WebsocketRequest request = request_to("ws", "127.0.0.1", silent->port());
        request.deadline = Deadline::never();
        const auto connect = [&]() -> asio::awaitable<void> {
            co_await probe->connect(request);
            FAIL("the server never answers");
        };
        std::function<void()> stop;
        const auto stop_soon = [&]() -> asio::awaitable<void> {
            while (silent->requests().empty()) co_await sleep_until(clock, in(1ms).at);
            stop();
        };
        TaskGroup stopper(executor);
        stopper.spawn(stop_soon());
        const bool by_itself =
            co_await run_cancellable(connect(), [&](std::function<void()> cancel) { stop = std::move(cancel); });
        CHECK_FALSE(by_itself);
        co_await stopper.join();
    });
}

}  // namespace serin::test
