// SPDX-License-Identifier: Apache-2.0
// Answers that come piece by piece, and the bounds on clients that ask too much.
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "core/time.hpp"
#include "net/http_server.hpp"
#include "net/real_clock.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/raw_client.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

const std::string ask = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

HttpServer::Options streaming(std::function<asio::awaitable<void>(ResponseStream&)> body) {
    HttpServer::Options options;
    options.handler = [body = std::move(body)](ServerRequest) -> asio::awaitable<ServerResponse> {
        ServerResponse response;
        response.content_type = "text/plain";
        response.stream = body;
        co_return response;
    };
    return options;
}

asio::awaitable<void> three_pieces(ResponseStream& out) {
    CHECK(co_await out.write("one"));
    CHECK(co_await out.write(""));
    CHECK(co_await out.write(std::string(16, '2')));
}

/// Says that it waits, and then waits for ever.
asio::awaitable<void> wait_for_ever(ResponseStream& out, std::string& end) {
    co_await out.write("waiting");
    RealClock clock(co_await asio::this_coro::executor);
    try {
        co_await sleep_until(clock, Steady::max());
    } catch (const std::exception&) {
        end = "cancelled";
        throw;
    }
}

/// Writes until nobody takes it any more.
asio::awaitable<void> flood(ResponseStream& out, std::string& end) {
    while (co_await out.write(std::string(256 << 10, 'x'))) {
    }
    end = "not taken";
}

HttpServer::Options plain() {
    HttpServer::Options options;
    options.handler = [](ServerRequest) -> asio::awaitable<ServerResponse> { co_return ServerResponse{}; };
    return options;
}

}  // namespace

TEST_CASE("a streamed body is sent in chunks and ends with the connection") {
    CHECK(answer_to(streaming(three_pieces), ask) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
          "3\r\none\r\n10\r\n2222222222222222\r\n0\r\n\r\n");
}

TEST_CASE("an HTTP/1.0 client gets a streamed body without chunks") {
    CHECK(answer_to(streaming(three_pieces), "GET / HTTP/1.0\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\none2222222222222222");
}

TEST_CASE("HEAD of a streamed answer starts no stream") {
    const auto never = [](ResponseStream&) -> asio::awaitable<void> {
        FAIL_CHECK("was called");
        co_return;
    };
    const std::string answer = answer_to(streaming(never), "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(status_line(answer) == "HTTP/1.1 200 OK");
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("stop ends a stream properly so that its reader sees a complete body") {
    std::string end, heard;
    auto options = streaming([&end](ResponseStream& out) { return wait_for_ever(out, end); });
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        AsyncStream stream = co_await dial_to(std::move(executor), server);
        co_await stream.write_all(ask);
        CHECK((co_await read_until(stream, "waiting\r\n")).ends_with("7\r\nwaiting\r\n"));
        server.stop();
        heard = co_await read_to_end(stream);
    });
    CHECK(heard == "0\r\n\r\n");
    CHECK(end == "cancelled");
}

TEST_CASE("a stream is cancelled when its client goes") {
    std::string end;
    auto options = streaming([&end](ResponseStream& out) { return wait_for_ever(out, end); });
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        AsyncStream stream = co_await dial_to(std::move(executor), server);
        co_await stream.write_all(ask);
        co_await read_until(stream, "waiting");
        co_await stream.finish(in(5s).at);  // returns when the server has ended it too
        CHECK(end == "cancelled");
    });
}

TEST_CASE("a client that stops reading a stream is given up in bounded time") {
    std::string end;
    auto options = streaming([&end](ResponseStream& out) { return flood(out, end); });
    options.limits.body_time = 100ms;
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        AsyncStream stream = co_await dial_to(std::move(executor), server);
        co_await stream.write_all(ask);
        for (int i = 0; i < 250 && end.empty(); ++i) co_await sleep_until(clock, in(20ms).at);
        CHECK(end == "not taken");
    });
}

TEST_CASE("a client that talks on while it is told something does not stay for ever") {
    std::string end;
    auto options = streaming([&end](ResponseStream& out) { return wait_for_ever(out, end); });
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        AsyncStream stream = co_await dial_to(std::move(executor), server);
        co_await stream.write_all(ask + std::string(100'000, 'x'));
        CHECK((co_await read_to_end(stream)).find("never ended") == std::string::npos);
    });
    CHECK(end == "cancelled");
}

TEST_CASE("a stream that a defect breaks off does not look complete and harms no other connection") {
    const auto broken = [](ResponseStream& out) -> asio::awaitable<void> {
        co_await out.write("half");
        throw std::runtime_error("a defect");
    };
    with_server(streaming(broken), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            AsyncStream stream = co_await dial_to(executor, server);
            co_await stream.write_all(ask);
            CHECK((co_await read_to_end(stream)).ends_with("4\r\nhalf\r\n"));
        }
    });
}

TEST_CASE("a client that asks more often than allowed is answered 429 with the time to wait") {
    auto options = plain();
    options.limits.requests_per_second = 0.01;
    options.limits.request_burst = 2;
    const std::string answer =
        answer_to(std::move(options), ask + ask + ask + "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::vector<std::string> statuses;
    for (auto at = answer.find("HTTP/1.1 "); at != std::string::npos; at = answer.find("HTTP/1.1 ", at + 1)) {
        statuses.push_back(answer.substr(at + 9, 3));
    }
    CHECK(statuses == std::vector<std::string>{"200", "200", "429", "429"});
    const auto wait = answer.find("\r\nRetry-After: ");
    REQUIRE(wait != std::string::npos);
    const int seconds = std::stoi(answer.substr(wait + 15));
    CHECK(seconds > 90);
    CHECK(seconds <= 100);
}

TEST_CASE("one client cannot take all connections when its share is bounded") {
    auto options = plain();
    options.limits.max_connections_per_address = 1;
    with_server(std::move(options), [](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        {
            AsyncStream first = co_await dial_to(executor, server);
            co_await first.write_all(ask);
            CHECK((co_await read_until(first, "\r\n\r\n")).starts_with("HTTP/1.1 200"));
            AsyncStream second = co_await dial_to(executor, server);
            CHECK(status_line(co_await read_to_end(second)) == "HTTP/1.1 503 Service Unavailable");
            co_await first.finish(in(5s).at);
        }
        AsyncStream third = co_await dial_to(executor, server);
        co_await third.write_all("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        CHECK(status_line(co_await read_to_end(third)) == "HTTP/1.1 200 OK");
    });
}

TEST_CASE("a connection that stays idle after its answer is ended without a word") {
    auto options = plain();
    options.limits.idle_time = 100ms;
    const std::string answer = answer_to(std::move(options), ask);
    CHECK(status_line(answer) == "HTTP/1.1 200 OK");
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a second request that trickles in is bounded from its first byte") {
    auto options = plain();
    options.limits.header_time = 100ms;
    options.limits.idle_time = 1h;
    const std::string answer = answer_to(std::move(options), ask + "GET / HT");
    CHECK(answer.find("HTTP/1.1 408 Request Timeout") != std::string::npos);
    with_server(
        [&] {
            auto slow = plain();
            slow.limits.header_time = 100ms;
            slow.limits.idle_time = 1h;
            return slow;
        }(),
        [](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
            AsyncStream stream = co_await dial_to(std::move(executor), server);
            co_await stream.write_all(ask);
            co_await read_until(stream, "\r\n\r\n");
            co_await stream.write_all("GET / HT");
            CHECK(status_line(co_await read_to_end(stream)) == "HTTP/1.1 408 Request Timeout");
        });
}

}  // namespace serin::test
