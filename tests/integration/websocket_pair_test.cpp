// SPDX-License-Identifier: Apache-2.0
// Our websocket client and our websocket server, on every kind of way between them.
#include <catch2/catch.hpp>

#include "net/http_server.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "probes/websocket.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Deadline in(Duration time) { return deadline_after(std::chrono::steady_clock::now(), time); }

/// Sends every message back as it came.
HttpServer::Options echo() {
    HttpServer::Options options;
    options.websocket = [](ServerRequest, std::shared_ptr<ServerWebsocket> websocket) -> asio::awaitable<void> {
        while (std::optional<Frame> frame = co_await websocket->read()) {
            co_await websocket->write(std::move(frame->payload), frame->binary);
        }
    };
    return options;
}

WebsocketRequest request_to(const std::string& scheme, const std::string& host, std::uint16_t port) {
    WebsocketRequest request;
    request.url = scheme + "://" + host + ":" + std::to_string(port) + "/ws";
    request.deadline = in(5s);
    return request;
}

/// One whole conversation: every message is sent, and as many frames awaited; then a goodbye.
struct Talk {
    std::optional<WireFailure> failure;
    Handshake handshake;
    FrameLog log;

    [[nodiscard]] std::vector<std::string> received() const {
        std::vector<std::string> texts;
        for (const Frame& each : log.frames) {
            if (!each.outgoing) texts.push_back(each.payload);
        }
        return texts;
    }
};

asio::awaitable<Talk> talk(asio::any_io_executor executor, WebsocketRequest request, std::vector<std::string> messages) {
    RealClock clock(executor);
    const auto probe = make_websocket_probe(executor, clock);
    Connected connected = co_await probe->connect(request);
    Talk result{.failure = connected.failure, .handshake = connected.handshake, .log = {}};
    if (connected.failure) co_return result;
    Conversation& conversation = *connected.conversation;
    for (const std::string& message : messages) {
        const std::size_t before = conversation.log().frames.size();
        result.failure = co_await conversation.send(message, false, in(5s));
        while (conversation.log().frames.size() < before + 2 && !result.failure) {
            if (!co_await conversation.wait_beyond(conversation.log().frames.size(), in(5s).at) || conversation.log().closed) break;
        }
    }
    co_await conversation.close(in(2s));
    result.log = conversation.log();
    co_return result;
}

/// What a client of `options` says that sends these messages over `scheme`.
Talk talk_to(HttpServer::Options options, std::vector<std::string> messages, std::function<void(WebsocketRequest&)> change = {},
             const std::string& scheme = "ws") {
    Talk result;
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        WebsocketRequest request = request_to(scheme, "127.0.0.1", server.port());
        if (change) change(request);
        result = co_await talk(executor, request, messages);
    });
    return result;
}

/// Certificates of one house: a root, a server, a client.
struct House {
    Identity root = make_authority();
    Identity server = issue(root, Wishes{.subject_alternative_name = "IP:127.0.0.1"});
    Identity client = issue(root, Wishes{.subject_alternative_name = "DNS:client.test"});
    TemporaryFile root_file{root.certificate};
    TemporaryFile certificate_file{server.certificate}, key_file{server.key};
    TemporaryFile client_file{client.certificate}, client_key_file{client.key};

    [[nodiscard]] HttpServer::Options options() const {
        HttpServer::Options options = echo();
        options.tls = ServerTls{.certificate = certificate_file.path(), .key = key_file.path(), .client_ca = {}};
        return options;
    }
};

}  // namespace

TEST_CASE("messages of any size come back as they were sent, plain and compressed") {
    const std::vector<std::string> messages{"", "short", std::string(125, 'a'), std::string(126, 'b'), std::string(70'000, 'c'), "gr\xc3\xbc\xc3\x9f"};
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
    const Talk talk = talk_to(echo(), {std::string(100'000, 'a')}, [](WebsocketRequest& request) { request.max_frame = 50'000; });
    REQUIRE(talk.log.closed);
    REQUIRE(talk.log.closed->failure);
    CHECK(talk.log.closed->failure->failure_class == "frame_too_large");
}

TEST_CASE("the server sees headers, host, credentials and sub-protocols as asked, and chooses the first that it knows") {
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
        const bool by_itself = co_await run_cancellable(connect(), [&](std::function<void()> cancel) { stop = std::move(cancel); });
        CHECK_FALSE(by_itself);
        co_await stopper.join();
    });
}

TEST_CASE("wss with the right CA file works and tells when the certificate ends") {
    const House house;
    const Talk talk = talk_to(house.options(), {"secret"}, [&](WebsocketRequest& request) { request.route.tls.ca = house.root_file.path(); }, "wss");
    CHECK_FALSE(talk.failure);
    CHECK(talk.received() == std::vector<std::string>{"secret"});
    REQUIRE(talk.handshake.certificate_expiry_days);
    CHECK(*talk.handshake.certificate_expiry_days > 29);
    CHECK(*talk.handshake.certificate_expiry_days < 31);
    CHECK(talk.handshake.timings.tls > Duration::zero());
}

TEST_CASE("what is wrong with a certificate is told apart") {
    const House house;
    const auto failure_class = [](HttpServer::Options options, std::function<void(WebsocketRequest&)> change) {
        const Talk talk = talk_to(std::move(options), {}, std::move(change), "wss");
        return talk.failure ? talk.failure->failure_class : "none";
    };
    const auto trusting = [&](WebsocketRequest& request) { request.route.tls.ca = house.root_file.path(); };
    const auto with = [&](const Wishes& wishes, std::function<void(WebsocketRequest&)> change) {
        const Identity server = issue(house.root, wishes);
        const TemporaryFile certificate(server.certificate), key(server.key);
        HttpServer::Options options = echo();
        options.tls = ServerTls{.certificate = certificate.path(), .key = key.path(), .client_ca = {}};
        return failure_class(std::move(options), std::move(change));
    };
    CHECK(failure_class(house.options(), {}) == "tls_untrusted");
    CHECK(with(Wishes{.subject_alternative_name = "DNS:other.test"}, trusting) == "tls_name_mismatch");
    CHECK(with(Wishes{.valid_from_days = -9, .valid_until_days = -2}, trusting) == "tls_expired");
    CHECK(with(Wishes{.subject_alternative_name = "DNS:other.test"}, [](WebsocketRequest& request) { request.route.tls.verify = false; }) == "none");
    CHECK(failure_class(house.options(), [](WebsocketRequest& request) { request.route.tls.ca = "/none/such.pem"; }) == "unreadable_file");
    CHECK(failure_class(echo(), trusting) == "tls_failure");  // a server that speaks no TLS
}

TEST_CASE("a server name is sent and checked where the address is given by hand") {
    const House house;
    const Identity shop = issue(house.root, Wishes{.subject_alternative_name = "DNS:shop.test"});
    const TemporaryFile certificate(shop.certificate), key(shop.key);
    std::string host;
    HttpServer::Options options = echo();
    options.tls = ServerTls{.certificate = certificate.path(), .key = key.path(), .client_ca = {}};
    options.upgrade_guard = [&](const ServerRequest& request) -> std::optional<ServerResponse> {
        host = request.header("Host");
        return std::nullopt;
    };
    const bool by_resolve = GENERATE(true, false);
    const Talk talk = talk_to(
        std::move(options), {"hello"},
        [&](WebsocketRequest& request) {
            const std::string port = request.url.substr(16, request.url.find("/ws") - 16);
            request.url = "wss://shop.test/ws";
            request.route.tls.ca = house.root_file.path();
            if (by_resolve) {
                request.url = "wss://shop.test:" + port + "/ws";
                request.route.resolve = {"other.test:" + port + ":127.0.0.9", "shop.test:" + port + ":127.0.0.1"};
            } else {
                request.route.connect_to = {"shop.test:443:127.0.0.1:" + port};
            }
        },
        "wss");
    CHECK_FALSE(talk.failure);
    CHECK(host.substr(0, 9) == "shop.test");
    CHECK(talk.received() == std::vector<std::string>{"hello"});
}

TEST_CASE("mutual TLS: our certificate is shown, and its lack is tls_client_certificate") {
    const House house;
    HttpServer::Options strict = house.options();
    strict.tls->client_ca = house.root_file.path();
    const auto trusting = [&](WebsocketRequest& request) { request.route.tls.ca = house.root_file.path(); };
    const auto shown = [&](WebsocketRequest& request) {
        trusting(request);
        request.route.tls.cert = house.client_file.path();
        request.route.tls.key = house.client_key_file.path();
    };
    CHECK_FALSE(talk_to(strict, {"hello"}, shown, "wss").failure);
    const Talk without = talk_to(strict, {}, trusting, "wss");
    REQUIRE(without.failure);
    CHECK(without.failure->failure_class == "tls_client_certificate");
}

TEST_CASE("a websocket goes through a CONNECT proxy, and a proxy's no is proxy_failure") {
    const House house;
    const std::string scheme = GENERATE("ws", "wss");
    with_server(scheme == "ws" ? echo() : house.options(), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        const auto proxy = BadServer::start(executor, tunnels());
        WebsocketRequest request = request_to(scheme, "127.0.0.1", server.port());
        request.route.tls.ca = house.root_file.path();
        request.route.proxy = "http://ada:secret@127.0.0.1:" + std::to_string(proxy->port());
        const Talk through = co_await talk(executor, request, {"hello"});
        CHECK_FALSE(through.failure);
        CHECK(through.received() == std::vector<std::string>{"hello"});
        CHECK(proxy->requests().at(0).starts_with("CONNECT 127.0.0.1:" + std::to_string(server.port()) + " HTTP/1.1\r\n"));
        CHECK(proxy->requests().at(0).find("Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n") != std::string::npos);

        const auto stern = BadServer::start(executor, answers("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"));
        request.route.proxy = "127.0.0.1:" + std::to_string(stern->port());
        const Talk refused = co_await talk(executor, request, {});
        CHECK(refused.failure.value_or(WireFailure{}).failure_class == "proxy_failure");

        request.route.proxy = "http://127.0.0.1:1";
        const Talk dead = co_await talk(executor, request, {});
        CHECK(dead.failure.value_or(WireFailure{}).failure_class == "proxy_failure");
    });
}

TEST_CASE("when the first address refuses, the next one is tried") {
    const Talk talk = talk_to(echo(), {"hello"}, [](WebsocketRequest& request) {
        const std::string port = request.url.substr(15, request.url.find("/ws") - 15);
        request.url = "ws://shop.test:" + port + "/ws";
        request.route.resolve = {"*:" + port + ":[::1],127.0.0.1"};
    });
    CHECK_FALSE(talk.failure);
    CHECK(talk.received() == std::vector<std::string>{"hello"});
}

}  // namespace serin::test
