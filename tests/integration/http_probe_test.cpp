// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "net/real_clock.hpp"
#include "net/task_group.hpp"
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

asio::awaitable<void> perform(HttpClient& client, const HttpRequest& request, HttpReply& reply) {
    reply = co_await client.perform(request);
}

/// A client, and a server of its own.
struct Wire {
    explicit Wire(Manners manners) : server(BadServer::start(io.get_executor(), std::move(manners))) {}
    ~Wire() {
        server.reset();
        io.restart();
        io.run();  // returns only if client and server leave nothing behind
    }

    /// GET of "/" within a time that is far longer than any polite exchange.
    [[nodiscard]] HttpRequest request() const {
        HttpRequest request;
        request.url = server->url("/");
        request.deadline = deadline_after(clock.now(), 10s);
        return request;
    }
    [[nodiscard]] HttpRequest request_within(Duration time) const {
        HttpRequest made = request();
        made.deadline = deadline_after(clock.now(), time);
        return made;
    }
    HttpObservation observe(const HttpRequest& request) {
        HttpObservation seen;
        play(io, look(*probe, request, seen));
        return seen;
    }
    HttpObservation observe() { return observe(request()); }

    asio::io_context io{1};
    RealClock clock{io.get_executor()};
    HttpClient client{io.get_executor()};
    std::unique_ptr<HttpProbe> probe = make_http_probe(client);
    std::unique_ptr<BadServer> server;
};

std::string class_of(const HttpObservation& seen) {
    return seen.failure ? seen.failure->failure_class : "";
}
std::string class_of(Manners manners) {
    return class_of(Wire(std::move(manners)).observe());
}

std::string header_of(const HttpObservation& seen, const std::string& name) {
    for (const auto& [key, value] : seen.headers) {
        if (key == name) return value;
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a polite exchange is seen whole, with its phases") {
    Wire wire(answers(ok("hello", "X-Kind: polite\r\n")));
    HttpRequest request = wire.request();
    request.method = "POST";
    request.body = "ping";
    request.headers = {{"X-Canary", "chat/r1"}, {"Empty", ""}};
    const HttpObservation seen = wire.observe(request);
    REQUIRE_FALSE(seen.failure);
    CHECK(seen.status == 200);
    CHECK(seen.body == "hello");
    CHECK(seen.version == "1.1");
    CHECK(header_of(seen, "X-Kind") == "polite");
    CHECK(seen.remote == "127.0.0.1:" + std::to_string(wire.server->port()));
    CHECK(seen.effective_url == request.url);
    CHECK(seen.timings.connect > 0ns);
    CHECK(seen.timings.tls == 0ns);
    CHECK(seen.timings.first_byte > 0ns);
    CHECK(seen.timings.total >= seen.timings.connect + seen.timings.first_byte);
    CHECK(seen.started < seen.sent);
    CHECK(seen.sent < seen.ended);
    const std::string asked = wire.server->requests().at(0);
    CHECK(asked.starts_with("POST / HTTP/1.1\r\n"));
    CHECK(contains(asked, "\r\nX-Canary: chat/r1\r\n"));
    CHECK(contains(asked, "\r\nEmpty:"));
    CHECK(contains(asked, "\r\nConnection: close\r\n"));
    CHECK_FALSE(contains(asked, "Content-Type"));
    CHECK(asked.ends_with("\r\n\r\nping"));
}

TEST_CASE("every method goes out as written, with a length when it may carry a body") {
    for (const char* method : {"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "POST", "BREW"}) {
        CAPTURE(method);
        Wire wire(answers(ok("done")));
        HttpRequest request = wire.request();
        request.method = method;
        const HttpObservation seen = wire.observe(request);
        CHECK(class_of(seen).empty());
        CHECK(wire.server->requests().at(0).starts_with(std::string(method) + " / HTTP/1.1\r\n"));
        const bool carries = request.method == "PUT" || request.method == "PATCH" || request.method == "POST";
        CHECK(contains(wire.server->requests().at(0), "Content-Length: 0") == carries);
    }
}

TEST_CASE("HEAD waits for no body") {
    Wire wire(answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    HttpRequest request = wire.request();
    request.method = "HEAD";
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen).empty());
    CHECK(seen.status == 200);
}

TEST_CASE("a large body is sent without asking for leave") {
    Wire wire(answers(ok("stored")));
    HttpRequest request = wire.request();
    request.method = "PUT";
    request.body = std::string(2'000'000, 'x');
    const HttpObservation seen = wire.observe(request);
    CHECK(seen.body == "stored");
    CHECK(wire.server->requests().at(0).ends_with(*request.body));
    CHECK_FALSE(contains(wire.server->requests().at(0), "Expect"));
}

TEST_CASE("a refused connection names its address") {
    Wire wire(hangs());
    const RefusedPort port(wire.io.get_executor());
    HttpRequest request = wire.request();
    request.url = "http://127.0.0.1:" + std::to_string(port.port()) + "/";
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen) == "connection_refused");
    CHECK(seen.failure->message == "connection refused by 127.0.0.1:" + std::to_string(port.port()));
    CHECK(seen.sent == Steady{});
    CHECK(seen.status == 0);
}

TEST_CASE("connections that break are told apart by when and how") {
    CHECK(class_of(resets_at_once()) == "connection_reset");
    CHECK(class_of(answers_then_resets("")) == "connection_reset");
    CHECK(class_of(answers_then_resets("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) == "connection_reset");
    CHECK(class_of(answers_then_closes("")) == "empty_reply");
    CHECK(class_of(answers_then_closes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) == "truncated_body");
    CHECK(class_of(answers_then_closes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")) ==
          "truncated_body");
}

TEST_CASE("what came before a break is kept as evidence") {
    Wire wire(answers_then_resets("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nhalf"));
    const HttpObservation seen = wire.observe();
    CHECK(seen.status == 503);
    CHECK(seen.body == "half");
    CHECK(header_of(seen, "Content-Length") == "100");
}

TEST_CASE("what is not HTTP is a protocol error") {
    CHECK(class_of(answers_then_closes("220 mail.test ESMTP\r\n")) == "protocol_error");
    CHECK(class_of(answers_then_closes(std::string("\x15\x03\x01\x00\x02\x02\x46", 7))) == "protocol_error");
    CHECK(class_of(answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n0\r\n\r\n")) ==
          "protocol_error");
}

TEST_CASE("a deadline ends every kind of waiting, never before its time, and says what was missing") {
    struct Case {
        const char* expected;
        Manners manners;
        Duration within = 400ms;
    };
    const std::vector<Case> cases = {
        {"no_response", hangs()},
        {"slow_headers", drips("HTTP/1.1 200 OK\r\nX-Long: " + std::string(10'000, 'x'))},
        {"slow_headers", answers_then_hangs("HTTP/1.1 2")},
        {"slow_body", answers_then_hangs("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")},
        {"slow_body", drips("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + std::string(10'000, 'x')),
         3s},  // the headers drip too: they need their time on a busy machine
    };
    for (const Case& each : cases) {
        CAPTURE(each.expected);
        Wire wire(each.manners);
        const HttpRequest request = wire.request_within(each.within);
        const HttpObservation seen = wire.observe(request);
        CHECK(class_of(seen) == each.expected);
        CHECK(seen.ended >= request.deadline.at);
    }
}

TEST_CASE("a TLS handshake that never ends is not blamed on the request") {
    Wire wire(hangs());
    HttpRequest request = wire.request_within(200ms);
    request.url.replace(0, 4, "https");
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen) == "tls_failure");
    CHECK(contains(seen.failure->message, "was not finished within 200 ms"));
    CHECK(seen.timings.connect > 0ns);
}

TEST_CASE("a deadline that has passed costs no connection") {
    Wire wire(answers(ok("hello")));
    CHECK(class_of(wire.observe(wire.request_within(-1ms))) == "timeout");
    CHECK(wire.server->accepted() == 0);
}

TEST_CASE("endless answers end at their limits") {
    Wire body(floods("HTTP/1.1 200 OK\r\n\r\n", std::string(65536, 'x')));
    HttpRequest request = body.request();
    request.max_body = 100'000;
    const HttpObservation seen = body.observe(request);
    CHECK(class_of(seen) == "body_too_large");
    CHECK(seen.body.size() == 100'000);

    CHECK(class_of(floods("HTTP/1.1 200 OK\r\n", "X-Fill: " + std::string(100, 'x') + "\r\n")) == "headers_too_large");
    CHECK(class_of(floods("HTTP/1.1 200 OK\r\nX-Fill: ", std::string(65536, 'x'))) == "headers_too_large");
}

TEST_CASE("a body of exactly the limit is complete") {
    Wire wire(answers(ok("12345")));
    HttpRequest request = wire.request();
    request.max_body = 5;
    CHECK(class_of(wire.observe(request)).empty());
    request.max_body = 4;
    CHECK(class_of(wire.observe(request)) == "body_too_large");
}

TEST_CASE("a body passes through as bytes, UTF-8 or not, compressed or not") {
    const std::string bytes("\xff\xfe\0\xc0", 4);
    Wire wire(answers(ok(bytes, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n")));
    const HttpObservation seen = wire.observe();
    CHECK(class_of(seen).empty());
    CHECK(seen.body == bytes);
    CHECK_FALSE(contains(wire.server->requests().at(0), "Accept-Encoding"));
}

TEST_CASE("redirects are followed up to their number") {
    const std::string away = "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
    Wire loop(answers(away));
    HttpRequest request = loop.request();
    request.max_redirects = 3;
    CHECK(class_of(loop.observe(request)) == "too_many_redirects");
    CHECK(loop.server->requests().size() == 4);

    Wire polite(answers_in_turn({away, ok("arrived")}));
    request = polite.request();
    request.max_redirects = 3;
    const HttpObservation seen = polite.observe(request);
    CHECK(seen.body == "arrived");
    CHECK(seen.redirects == 1);
    CHECK(seen.effective_url == polite.server->url("/next"));
    CHECK(header_of(seen, "Location").empty());

    CHECK(Wire(answers(away)).observe().status == 302);
}

TEST_CASE("a redirect changes the method as RFC 9110 says") {
    const auto method_after = [](const std::string& status, const std::string& method) {
        Wire wire(answers_in_turn(
            {"HTTP/1.1 " + status + " Moved\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n", ok("arrived")}));
        HttpRequest request = wire.request();
        request.method = method;
        request.body = "payload";
        request.max_redirects = 1;
        CHECK(class_of(wire.observe(request)).empty());
        const std::string second = wire.server->requests().at(1);
        CHECK(contains(second, "payload") == !second.starts_with("GET"));
        return second.substr(0, second.find(' '));
    };
    CHECK(method_after("302", "POST") == "GET");
    CHECK(method_after("303", "POST") == "GET");
    CHECK(method_after("307", "POST") == "POST");
    CHECK(method_after("302", "PUT") == "PUT");
    CHECK(method_after("303", "PUT") == "GET");
    CHECK(method_after("308", "DELETE") == "DELETE");
}

TEST_CASE("a redirect to another protocol is the target's mistake") {
    Wire wire(answers("HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = wire.request();
    request.max_redirects = 3;
    CHECK(class_of(wire.observe(request)) == "protocol_error");
}

TEST_CASE("a redirect that cannot be followed is named by its second hop") {
    Wire wire(hangs());
    const RefusedPort port(wire.io.get_executor());
    Wire first(answers("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(port.port()) +
                       "/\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = first.request();
    request.max_redirects = 1;
    CHECK(class_of(first.observe(request)) == "connection_refused");

    Wire to_hang(answers("HTTP/1.1 302 Found\r\nLocation: " + wire.server->url("/") + "\r\nContent-Length: 0\r\n\r\n"));
    request = to_hang.request_within(300ms);
    request.max_redirects = 1;
    // Both servers run on loops of their own; the kernel accepts for the second one, which never answers.
    CHECK(class_of(to_hang.observe(request)) == "no_response");
}

TEST_CASE("what cannot be requested is our own mistake") {
    Wire wire(hangs());
    const auto with = [&wire](auto change) {
        HttpRequest request = wire.request();
        change(request);
        const HttpObservation seen = wire.observe(request);
        REQUIRE(seen.failure);
        CHECK(seen.failure->own_fault);
        return seen.failure->failure_class;
    };
    CHECK(with([](HttpRequest& r) { r.url = "ftp://127.0.0.1/"; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.url = "file:///etc/hostname"; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.url = "http://"; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.url = "http://127.0.0.1:99999/"; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.method = "GET /x"; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.headers = {{"X-Note", "one\r\nX-Injected: two"}}; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.route.resolve = {"shop.test"}; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.route.connect_to = {"shop.test:80"}; }) == "invalid_request");
    CHECK(with([](HttpRequest& r) { r.http_version = "3"; }) == "invalid_request");
    CHECK(wire.server->accepted() == 0);
}

TEST_CASE("cookies stay in their jar") {
    Wire wire(answers(ok("hello", "Set-Cookie: session=alice\r\n")));
    HttpRequest alice = wire.request();
    alice.cookies = wire.probe->make_cookie_jar();
    HttpRequest bob = wire.request();
    bob.cookies = wire.probe->make_cookie_jar();
    const HttpRequest nobody = wire.request();
    wire.observe(alice);
    wire.observe(alice);
    wire.observe(bob);
    wire.observe(nobody);
    wire.observe(nobody);
    const auto& asked = wire.server->requests();
    REQUIRE(asked.size() == 5);
    CHECK_FALSE(contains(asked[0], "Cookie:"));
    CHECK(contains(asked[1], "\r\nCookie: session=alice\r\n"));
    for (std::size_t i = 2; i < 5; ++i) CHECK_FALSE(contains(asked[i], "Cookie:"));
}

TEST_CASE("connect_to and resolve lead elsewhere, and the name stays") {
    Wire wire(answers(ok("here")));
    const std::string port = std::to_string(wire.server->port());
    HttpRequest request = wire.request();
    request.url = "http://shop.test/";
    request.route.connect_to = {"shop.test:80:127.0.0.1:" + port};
    CHECK(wire.observe(request).body == "here");
    CHECK(contains(wire.server->requests().at(0), "\r\nHost: shop.test\r\n"));

    HttpRequest resolved = wire.request();
    resolved.url = "http://shop.test:" + port + "/";
    resolved.route.resolve = {"shop.test:" + port + ":127.0.0.1"};
    const HttpObservation seen = wire.observe(resolved);
    CHECK(seen.body == "here");
    CHECK(seen.effective_url == resolved.url);
    CHECK(contains(wire.server->requests().at(1), "\r\nHost: shop.test:" + port + "\r\n"));
}

TEST_CASE("reuse keeps one connection, and without it every exchange has its own") {
    Wire wire(answers(ok("hello")));
    HttpRequest fresh = wire.request();
    wire.observe(fresh);
    wire.observe(fresh);
    CHECK(wire.server->accepted() == 2);
    HttpRequest kept = wire.request();
    kept.reuse = true;
    wire.observe(kept);
    CHECK(wire.observe(kept).body == "hello");
    CHECK(wire.server->accepted() == 3);
}

asio::awaitable<void> answer_one_read_two(std::shared_ptr<Line> line) {
    co_await line->read_request();
    const std::string answer = ok("hello");
    co_await line->write(answer);
    co_await line->read_request();
}

TEST_CASE("a read is repeated when a kept connection turns out to be dead, a write never is") {
    const auto requests_for = [](const std::string& method, const std::string& expected_class) {
        Wire wire(Manners{.serve = &answer_one_read_two, .tls = {}, .client_ca = {}});
        HttpRequest request = wire.request();
        request.method = method;
        request.reuse = true;
        CHECK(class_of(wire.observe(request)).empty());
        CHECK(class_of(wire.observe(request)) == expected_class);
        return wire.server->requests().size();
    };
    CHECK(requests_for("GET", "") == 3);
    CHECK(requests_for("POST", "connection_reset") == 2);
}

TEST_CASE("a name that cannot exist is the target's fault") {
    Wire wire(hangs());
    HttpRequest request = wire.request();
    request.url = "http://" + std::string(70, 'x') + "/";  // a label has 63 characters at most: no server is asked
    CHECK(class_of(wire.observe(request)) == "dns_failure");
}

asio::awaitable<void> look_often(HttpProbe& probe, HttpRequest request, int& complete) {
    for (int i = 0; i < 10; ++i) {
        const HttpObservation seen = co_await probe.observe(request);
        complete += seen.body == "hello" ? 1 : 0;
    }
}

asio::awaitable<void> look_at_once(Wire& wire, int& complete) {
    TaskGroup group(wire.io.get_executor());
    for (int i = 0; i < 50; ++i) group.spawn(look_often(*wire.probe, wire.request_within(60s), complete));
    co_await group.join();
}

TEST_CASE("many exchanges at once are each seen whole") {
    Wire wire(answers(ok("hello")));
    int complete = 0;
    play(wire.io, look_at_once(wire, complete));
    CHECK(complete == 500);
}

TEST_CASE("the environment's proxy is ignored, and a route's proxy is used in spite of the environment") {
    Wire wire(answers(ok("direct")));
    const RefusedPort dead(wire.io.get_executor());
    const std::string dead_proxy = "http://127.0.0.1:" + std::to_string(dead.port());
    ::setenv("http_proxy", dead_proxy.c_str(), 1);
    ::setenv("no_proxy", "shop.test", 1);
    const HttpObservation direct = wire.observe();
    HttpRequest request = wire.request();
    request.url = "http://shop.test/cart";
    request.route.proxy = wire.server->url("");
    const HttpObservation by_proxy = wire.observe(request);
    ::unsetenv("http_proxy");
    ::unsetenv("no_proxy");
    CHECK(direct.body == "direct");
    CHECK(class_of(by_proxy).empty());
    CHECK(wire.server->requests().at(1).starts_with("GET http://shop.test/cart HTTP/1.1\r\n"));
}

TEST_CASE("a proxy that is dead or refuses the tunnel is to blame, not the target") {
    Wire wire(answers("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
    const RefusedPort dead(wire.io.get_executor());
    HttpRequest request = wire.request();
    request.route.proxy = "http://127.0.0.1:" + std::to_string(dead.port());
    CHECK(class_of(wire.observe(request)) == "proxy_failure");
    request.url = "https://shop.test/";
    request.route.proxy = wire.server->url("");
    CHECK(class_of(wire.observe(request)) == "proxy_failure");
    CHECK(wire.server->requests().at(0).starts_with("CONNECT shop.test:443 "));
}

TEST_CASE("HTTP/2 is spoken when asked for") {
    Wire wire(speaks_http2("two"));
    HttpRequest request = wire.request();
    request.http_version = "2";
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen).empty());
    CHECK(seen.version == "2");
    CHECK(seen.status == 200);
    CHECK(seen.body == "two");
}

asio::awaitable<void> cancel_once_asked(Wire& wire, HttpRequest request) {
    TaskGroup group(wire.io.get_executor());
    HttpObservation seen;
    group.spawn(look(*wire.probe, request, seen));
    while (wire.server->requests().empty()) co_await sleep_until(wire.clock, wire.clock.now() + 1ms);
    CHECK(wire.server->open() == 1);
    group.cancel();
    co_await group.join();
    CHECK(seen.status == 0);
    while (wire.server->open() > 0) co_await sleep_until(wire.clock, wire.clock.now() + 1ms);
}

TEST_CASE("a cancelled exchange frees its socket, and the client goes on") {
    Wire wire(hangs());
    play(wire.io, cancel_once_asked(wire, wire.request()));
    Wire other(answers(ok("hello")));
    CHECK(other.observe().body == "hello");
}

TEST_CASE("a prober without file descriptors blames itself") {
    Wire wire(answers(ok("hello")));
    // Once with descriptors, well and badly: UBSan's look at a type that it sees for the first time needs one itself.
    CHECK(wire.observe().body == "hello");
    HttpRequest nobody = wire.request();
    nobody.url = "http://127.0.0.1:1/";
    CHECK(class_of(wire.observe(nobody)) == "connection_refused");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before.rlim_max};
    const HttpRequest request = wire.request();
    ::setrlimit(RLIMIT_NOFILE, &none);
    HttpReply reply;
    play(wire.io, perform(wire.client, request, reply));
    ::setrlimit(RLIMIT_NOFILE, &before);
    const auto failure = classify(reply, request);
    REQUIRE(failure);
    CHECK(failure->failure_class == "prober_resources");
    CHECK(failure->own_fault);
    CHECK(wire.observe().body == "hello");
}

}  // namespace
}  // namespace serin::test
