// SPDX-License-Identifier: Apache-2.0
// The server against clients of all manners. Byte by byte, because the limits are about bytes.
#include "net/http_server.hpp"

#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "core/time.hpp"
#include "net/real_clock.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/raw_client.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Says what it was asked.
HttpServer::Options mirror() {
    HttpServer::Options options;
    options.handler = [](ServerRequest request) -> asio::awaitable<ServerResponse> {
        ServerResponse response;
        response.content_type = "text/plain";
        response.headers = {{"X-Method", request.method}};
        response.body = request.target + "|" + request.header("x-name") + "|" + request.body;
        co_return response;
    };
    return options;
}

const std::string last = "Host: h\r\nConnection: close\r\n";

}  // namespace

TEST_CASE("a request is answered with status, headers and body") {
    CHECK(answer_to(mirror(), "POST /a?b=c HTTP/1.1\r\n" + last + "X-Name: Ada\r\nContent-Length: 4\r\n\r\nbody") ==
          "HTTP/1.1 200 OK\r\nX-Method: POST\r\nContent-Type: text/plain\r\nContent-Length: 15\r\nConnection: "
          "close\r\n\r\n/a?b=c|Ada|body");
}

TEST_CASE("requests that come in one piece are answered in order on one connection") {
    const std::string three =
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiGET /3 "
        "HTTP/1.1\r\n" +
        last + "\r\n";
    const std::string answer = answer_to(mirror(), three);
    const auto first = answer.find("/1||"), second = answer.find("/2||hi"), third = answer.find("/3||");
    CHECK(first < second);
    CHECK(second < third);
    CHECK(third != std::string::npos);
}

TEST_CASE("a chunked body is joined") {
    CHECK(answer_to(mirror(),
                    "POST / HTTP/1.1\r\n" + last + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
              .ends_with("/||abcde"));
}

TEST_CASE("HEAD gets the headers of GET and no body, and 204 has neither length nor body") {
    const std::string head = answer_to(mirror(), "HEAD /page HTTP/1.1\r\n" + last + "\r\n");
    CHECK(head.find("Content-Length: 7\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));

    HttpServer::Options nothing;
    nothing.handler = [](ServerRequest) -> asio::awaitable<ServerResponse> {
        ServerResponse response;
        response.status = 204;
        co_return response;
    };
    const std::string empty = answer_to(std::move(nothing), "DELETE / HTTP/1.1\r\n" + last + "\r\n");
    CHECK(empty == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST_CASE("an HTTP/1.0 client gets its answer and the end of the connection") {
    CHECK(answer_to(mirror(), "GET / HTTP/1.0\r\n\r\n").ends_with("/||"));
}

TEST_CASE("a client that asks first whether to send its body is told to go on") {
    with_server(mirror(), [](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        AsyncStream stream = co_await dial_to(executor, server);
        co_await stream.write_all("POST / HTTP/1.1\r\n" + last + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        CHECK(co_await read_until(stream, "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
        co_await stream.write_all("hi");
        CHECK((co_await read_to_end(stream)).ends_with("/||hi"));
    });
}

TEST_CASE("what is not HTTP, too long or too slow is refused and the connection ended") {
    HttpServer::Options strict = mirror();
    strict.limits.max_header = 200;
    strict.limits.max_body = 10;
    strict.limits.header_time = 100ms;
    strict.limits.body_time = 100ms;
    const auto status = [&](std::string bytes) { return status_line(answer_to(strict, std::move(bytes))); };
    CHECK(status("\x16\x03\x01 hello") == "HTTP/1.1 400 Bad Request");
    CHECK(status("GET / HTTP/1.1\r\nX-Long: " + std::string(300, 'x') + "\r\n\r\n") ==
          "HTTP/1.1 431 Request Header Fields Too Large");
    CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n") == "HTTP/1.1 413 Payload Too Large");
    CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n") ==
          "HTTP/1.1 413 Payload Too Large");
    CHECK(status("GET / HT") == "HTTP/1.1 408 Request Timeout");
    CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhal") == "HTTP/1.1 408 Request Timeout");
    CHECK(status("") == "");
}

TEST_CASE("a byte now and then does not buy a client more time") {
    HttpServer::Options strict = mirror();
    strict.limits.header_time = 300ms;
    std::string answer;
    with_server(std::move(strict), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        AsyncStream stream = co_await dial_to(executor, server);
        for (int i = 0; i < 100; ++i) {
            if (co_await stream.write_all("G")) break;
            co_await sleep_until(clock, in(20ms).at);
        }
        answer = co_await read_to_end(stream);
    });
    CHECK(status_line(answer) != "HTTP/1.1 200 OK");
    CHECK(answer.find("never ended") == std::string::npos);
}

TEST_CASE("one connection more than allowed is answered 503, and a place that becomes free is used") {
    HttpServer::Options narrow = mirror();
    narrow.limits.max_connections = 1;
    with_server(std::move(narrow), [](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        {
            AsyncStream first = co_await dial_to(executor, server);
            co_await first.write_all("GET /first HTTP/1.1\r\nHost: h\r\n\r\n");
            CHECK((co_await read_until(first, "/first||")).starts_with("HTTP/1.1 200"));
            AsyncStream second = co_await dial_to(executor, server);
            co_await second.write_all("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
            CHECK(status_line(co_await read_to_end(second)) == "HTTP/1.1 503 Service Unavailable");
            co_await first.finish(in(5s).at);  // returns when the server has ended it too
        }
        AsyncStream third = co_await dial_to(executor, server);
        co_await third.write_all("GET /third HTTP/1.1\r\n" + last + "\r\n");
        CHECK((co_await read_to_end(third)).ends_with("/third||"));
    });
}

TEST_CASE("a handler that throws gives 500, and the connection goes on") {
    HttpServer::Options options;
    options.handler = [](ServerRequest request) -> asio::awaitable<ServerResponse> {
        if (request.path() == "/throw") throw std::runtime_error("a defect");
        co_return ServerResponse{};
    };
    const std::string answer =
        answer_to(std::move(options), "GET /throw HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n" + last + "\r\n");
    CHECK(status_line(answer) == "HTTP/1.1 500 Internal Server Error");
    CHECK(answer.find("HTTP/1.1 200 OK") != std::string::npos);
    CHECK(answer.find("a defect") == std::string::npos);
}

TEST_CASE("stop ends the server while clients are idle, in the middle of a request, or waiting for a handler") {
    HttpServer::Options options;
    bool cancelled = false;
    std::unique_ptr<Bell> asked;
    options.handler = [&](ServerRequest) -> asio::awaitable<ServerResponse> {
        RealClock clock(co_await asio::this_coro::executor);
        asked->ring();
        try {
            co_await sleep_until(clock, Steady::max());
        } catch (const std::exception&) {
            cancelled = true;
            throw;
        }
        co_return ServerResponse{};
    };
    std::vector<std::string> ends;
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        RealClock clock(executor);
        asked = clock.make_bell();
        std::vector<AsyncStream> streams;
        for (const char* said : {"", "GET / HT", "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n"}) {
            streams.push_back(co_await dial_to(executor, server));
            co_await streams.back().write_all(said);
        }
        CHECK(co_await asked->wait_until(in(5s).at));
        asked.reset();  // it belongs to the loop
        server.stop();
        for (AsyncStream& stream : streams) ends.push_back(co_await read_to_end(stream));
    });
    CHECK(cancelled);
    CHECK(ends == std::vector<std::string>{"", "", ""});
}

TEST_CASE("a port in use is an error at once") {
    with_server(mirror(), [](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        HttpServer::Options same = mirror();
        same.port = server.port();
        const auto second = HttpServer::listen(executor, std::move(same));
        REQUIRE_FALSE(second);
        CHECK(second.error().title.find("Address already in use") != std::string::npos);
        co_return;
    });
}

TEST_CASE("an upgrade where no websocket is served is answered 426") {
    const std::string upgrade =
        "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
        "13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    CHECK(status_line(answer_to(mirror(), upgrade)) == "HTTP/1.1 426 Upgrade Required");
}

TEST_CASE("query values are found by key and percent-decoded") {
    ServerRequest request;
    request.target = "/search?q=caf%C3%A9+au%20lait&empty=&flag&q=second&%6Bey=v&bad=%zz%4";
    CHECK(request.path() == "/search");
    CHECK(request.query("q") == "caf\xc3\xa9 au lait");
    CHECK(request.query("empty") == "");
    CHECK(request.query("flag") == "");
    CHECK(request.query("key") == "v");
    CHECK(request.query("bad") == "%zz%4");
    CHECK(request.query("none") == std::nullopt);
}

}  // namespace serin::test
