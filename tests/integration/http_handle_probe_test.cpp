// SPDX-License-Identifier: Apache-2.0
// A client uses its handles again. What one request said must not show in the next one, whatever the two are.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "net/real_clock.hpp"
#include "probes/http.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/play.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> look(HttpProbe& probe, const HttpRequest& request, HttpObservation& seen) {
    seen = co_await probe.observe(request);
}

struct Wire {
    explicit Wire(Manners manners) : server(BadServer::start(io.get_executor(), std::move(manners))) {}
    ~Wire() {
        server.reset();
        io.restart();
        io.run();
    }
    [[nodiscard]] HttpRequest request() const {
        HttpRequest request;
        request.url = server->url("/");
        request.deadline = deadline_after(clock.now(), 10s);
        return request;
    }
    HttpObservation observe(const HttpRequest& request) {
        HttpObservation seen;
        play(io, look(*probe, request, seen));
        return seen;
    }
    /// What `request` looks like on the wire, from a client that never asked anything before.
    [[nodiscard]] static std::string alone(HttpRequest request) {
        Wire fresh(answers(ok("hello")));
        const std::string authority = "127.0.0.1:" + std::to_string(fresh.server->port());
        request.url = fresh.server->url("/");
        CHECK_FALSE(fresh.observe(request).failure);
        std::string text = fresh.server->requests().at(0);
        return text.replace(text.find(authority), authority.size(), "HOST");
    }
    [[nodiscard]] std::string latest() const {
        const std::string authority = "127.0.0.1:" + std::to_string(server->port());
        std::string text = server->requests().back();
        return text.replace(text.find(authority), authority.size(), "HOST");
    }

    asio::io_context io{1};
    RealClock clock{io.get_executor()};
    HttpClient client{io.get_executor()};
    std::unique_ptr<HttpProbe> probe = make_http_probe(client);
    std::unique_ptr<BadServer> server;
};

/// Requests that differ in all that a handle is told.
std::vector<HttpRequest> kinds(const HttpRequest& plain) {
    std::vector<HttpRequest> all(9, plain);
    all[1].method = "POST";
    all[1].body = "payload";
    all[2].method = "POST";
    all[3].method = "PUT";
    all[3].body = std::string(100'000, 'x');
    all[4].method = "DELETE";
    all[4].headers = {{"Authorization", "Bearer token"}, {"X-Empty", ""}};
    all[5].body = "a GET with a body";
    all[6].reuse = true;
    all[7].max_redirects = 3;
    all[7].http_version = "1.1";
    all[8].method = "POST";
    all[8].body = "";
    return all;
}

TEST_CASE("a request goes out as it would from a new client, whatever was asked before") {
    Wire wire(answers(ok("hello")));
    const std::vector<HttpRequest> all = kinds(wire.request());
    std::vector<std::string> expected;
    expected.reserve(all.size());
    for (const HttpRequest& each : all) expected.push_back(Wire::alone(each));
    for (std::size_t before = 0; before < all.size(); ++before) {
        for (std::size_t after = 0; after < all.size(); ++after) {
            CAPTURE(before, after);
            CHECK_FALSE(wire.observe(all[before]).failure);
            const HttpObservation seen = wire.observe(all[after]);
            CHECK_FALSE(seen.failure);
            CHECK(seen.body == "hello");
            CHECK(wire.latest() == expected[after]);
        }
    }
}

TEST_CASE("a HEAD between two GETs leaves their bodies alone") {
    Wire wire(answers_in_turn({ok("first"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", ok("third")}));
    HttpRequest head = wire.request();
    head.method = "HEAD";
    CHECK(wire.observe(wire.request()).body == "first");
    CHECK(wire.observe(head).body.empty());
    CHECK(wire.observe(wire.request()).body == "third");
}

TEST_CASE("a method that a redirect changed is back in the next request") {
    const std::string see_other = "HTTP/1.1 303 See Other\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
    Wire wire(answers_in_turn({see_other, ok("fetched"), ok("put")}));
    HttpRequest request = wire.request();
    request.method = "PUT";
    request.body = "payload";
    request.max_redirects = 1;
    CHECK(wire.observe(request).body == "fetched");
    CHECK(wire.server->requests().at(1).starts_with("GET /next"));
    CHECK(wire.observe(request).body == "put");
    CHECK(wire.server->requests().at(2).starts_with("PUT / "));
}

TEST_CASE("a failure and its words are forgotten by the next request") {
    Wire wire(answers_in_turn({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", ok("whole")}));
    HttpRequest request = wire.request();
    request.deadline = deadline_after(wire.clock.now(), 200ms);
    CHECK(wire.observe(request).failure->failure_class == "slow_body");
    const HttpObservation seen = wire.observe(wire.request());
    CHECK_FALSE(seen.failure);
    CHECK(seen.body == "whole");
}

TEST_CASE("a refused request leaves a handle that can be used") {
    Wire wire(answers(ok("hello")));
    HttpRequest bad = wire.request();
    bad.route.connect_to = {"nonsense"};
    CHECK(wire.observe(wire.request()).body == "hello");
    CHECK(wire.observe(bad).failure->failure_class == "invalid_request");
    CHECK(wire.observe(bad).failure->failure_class == "invalid_request");
    CHECK(wire.observe(wire.request()).body == "hello");
}

TEST_CASE("cookies of one actor are not sent by the next") {
    Wire wire(answers(ok("hello", "Set-Cookie: session=alice; Path=/\r\n")));
    HttpRequest with_jar = wire.request();
    with_jar.cookies = HttpClient::make_cookie_jar();
    wire.observe(with_jar);
    wire.observe(with_jar);
    CHECK(wire.latest().find("session=alice") != std::string::npos);
    wire.observe(wire.request());
    CHECK(wire.latest().find("session=alice") == std::string::npos);
    with_jar.cookies = HttpClient::make_cookie_jar();
    wire.observe(with_jar);
    CHECK(wire.latest().find("session=alice") == std::string::npos);
}

TEST_CASE("a body that is longer than announced is a protocol error") {
    const std::string lying = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world";
    Wire wire(answers(lying));
    HttpRequest request = wire.request();
    for (const bool reuse : {false, true}) {
        CAPTURE(reuse);
        request.reuse = reuse;
        const HttpObservation seen = wire.observe(request);
        REQUIRE(seen.failure);
        CHECK(seen.failure->failure_class == "protocol_error");
        CHECK(seen.failure->message.find("more than the 5 bytes") != std::string::npos);
        CHECK(seen.body == "hello");
    }
}

TEST_CASE("what comes behind a long body is seen with and without TLS") {
    const Identity authority = make_authority();
    const TemporaryFile ca(authority.certificate);
    for (const bool tls : {false, true}) {
        for (const std::string excess : {"", "xyz"}) {
            CAPTURE(tls, excess);
            Manners manners = answers(ok(std::string(100'000, 'x')) + excess);
            if (tls) manners.tls = issue(authority, Wishes{});
            Wire wire(manners);
            HttpRequest request = wire.request();
            request.route.tls.ca = ca.path();
            const HttpObservation seen = wire.observe(request);
            CHECK(seen.failure.has_value() == !excess.empty());
            if (seen.failure) CHECK(seen.failure->failure_class == "protocol_error");
            CHECK(seen.body.size() == 100'000);
        }
    }
}

TEST_CASE("a body that is exactly as announced is none") {
    Wire wire(answers_in_turn({"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world", ok(""),
                               "HTTP/1.1 204 No Content\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}));
    for (int i = 0; i < 4; ++i) CHECK_FALSE(wire.observe(wire.request()).failure);
}

}  // namespace
}  // namespace serin::test
