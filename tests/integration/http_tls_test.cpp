// SPDX-License-Identifier: Apache-2.0
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

Manners over_tls(Manners manners, const Identity& identity) {
    manners.tls = identity;
    return manners;
}

/// A TLS server, and a client that may trust its authority.
struct SecureWire {
    explicit SecureWire(Manners manners) : server(BadServer::start(io.get_executor(), std::move(manners))) {}
    ~SecureWire() {
        server.reset();
        io.restart();
        io.run();
    }

    [[nodiscard]] HttpRequest request(const std::string& ca) const {
        HttpRequest request;
        request.url = server->url("/");
        request.route.tls.ca = ca;
        request.deadline = deadline_after(clock.now(), 10s);
        return request;
    }
    HttpObservation observe(const HttpRequest& request) {
        HttpObservation seen;
        play(io, look(*probe, request, seen));
        return seen;
    }

    asio::io_context io{1};
    RealClock clock{io.get_executor()};
    HttpClient client{io.get_executor()};
    std::unique_ptr<HttpProbe> probe = make_http_probe(client);
    std::unique_ptr<BadServer> server;
};

std::string class_of(const HttpObservation& seen) {
    return seen.failure ? seen.failure->failure_class : "";
}

const Identity authority = make_authority();

TEST_CASE("a trusted server is seen with its handshake and the days its certificate has left") {
    const TemporaryFile ca(authority.certificate);
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, Wishes{})));
    const HttpObservation seen = wire.observe(wire.request(ca.path()));
    REQUIRE_FALSE(seen.failure);
    CHECK(seen.body == "secret");
    CHECK(seen.timings.connect > 0ns);
    CHECK(seen.timings.tls > 0ns);
    REQUIRE(seen.certificate_expiry_days);
    CHECK(*seen.certificate_expiry_days == Approx(30).margin(0.1));
}

TEST_CASE("certificates are refused by name, and their expiry is told nevertheless") {
    const TemporaryFile ca(authority.certificate);
    const auto look_at = [&ca](const Wishes& wishes, bool trusted) {
        SecureWire wire(over_tls(answers(ok("secret")), issue(authority, wishes)));
        HttpObservation seen = wire.observe(wire.request(trusted ? ca.path() : ""));
        CHECK(seen.certificate_expiry_days);
        CHECK(seen.timings.connect > 0ns);
        CHECK(wire.server->requests().empty());
        return seen;
    };
    CHECK(class_of(look_at(Wishes{}, false)) == "tls_untrusted");
    const HttpObservation expired = look_at(Wishes{.valid_from_days = -10, .valid_until_days = -3}, true);
    CHECK(class_of(expired) == "tls_expired");
    CHECK(*expired.certificate_expiry_days == Approx(-3).margin(0.1));
    CHECK(class_of(look_at(Wishes{.valid_from_days = 3}, true)) == "tls_expired");
    CHECK(class_of(look_at(Wishes{.subject_alternative_name = "DNS:elsewhere.test"}, true)) == "tls_name_mismatch");
}

TEST_CASE("without verification anything is trusted, and the expiry is still told") {
    const Wishes expired{.valid_from_days = -10, .valid_until_days = -3};
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, expired)));
    HttpRequest request = wire.request("");
    request.route.tls.verify = false;
    const HttpObservation seen = wire.observe(request);
    CHECK(seen.body == "secret");
    CHECK(*seen.certificate_expiry_days == Approx(-3).margin(0.1));
}

TEST_CASE("connect_to keeps the name that the certificate is checked against") {
    const TemporaryFile ca(authority.certificate);
    SecureWire wire(
        over_tls(answers(ok("secret")), issue(authority, Wishes{.subject_alternative_name = "DNS:shop.test"})));
    HttpRequest request = wire.request(ca.path());
    request.url = "https://shop.test/";
    request.route.connect_to = {"shop.test:443:127.0.0.1:" + std::to_string(wire.server->port())};
    CHECK(wire.observe(request).body == "secret");
}

TEST_CASE("a server that speaks plain text where TLS is due fails the handshake") {
    SecureWire wire(speaks_first("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = wire.request("");
    request.url.replace(0, 4, "https");
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen) == "tls_failure");
    CHECK_FALSE(seen.certificate_expiry_days);
}

TEST_CASE("a client certificate is shown where one is asked for") {
    const TemporaryFile ca(authority.certificate);
    const Identity client = issue(authority, Wishes{.subject_alternative_name = "DNS:alice.test"});
    const TemporaryFile certificate(client.certificate);
    const TemporaryFile key(client.key);
    Manners manners = over_tls(answers(ok("welcome")), issue(authority, Wishes{}));
    manners.client_ca = authority.certificate;
    SecureWire wire(manners);

    HttpRequest request = wire.request(ca.path());
    CHECK(class_of(wire.observe(request)) == "tls_client_certificate");

    request.route.tls.cert = certificate.path();
    request.route.tls.key = key.path();
    CHECK(wire.observe(request).body == "welcome");

    const Identity stranger = issue(make_authority(), Wishes{});
    const TemporaryFile wrong_certificate(stranger.certificate);
    const TemporaryFile wrong_key(stranger.key);
    request.route.tls.cert = wrong_certificate.path();
    request.route.tls.key = wrong_key.path();
    CHECK(class_of(wire.observe(request)) == "tls_client_certificate");
}

TEST_CASE("files that cannot be used are the prober's fault") {
    const TemporaryFile garbage("not a certificate");
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, Wishes{})));
    HttpRequest request = wire.request("/nonexistent/ca.pem");
    CHECK(class_of(wire.observe(request)) == "unreadable_file");
    request.route.tls.ca = garbage.path();
    CHECK(class_of(wire.observe(request)) == "unreadable_file");
    request.route.tls.ca.clear();
    request.route.tls.cert = garbage.path();
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen) == "unreadable_file");
    CHECK(seen.failure->own_fault);
}

TEST_CASE("a changed CA file is read again") {
    const Identity other = make_authority();
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, Wishes{})));
    const TemporaryFile ca(other.certificate);
    CHECK(class_of(wire.observe(wire.request(ca.path()))) == "tls_untrusted");
    std::filesystem::copy_file(TemporaryFile(authority.certificate + "\n").path(), ca.path(),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(wire.observe(wire.request(ca.path())).body == "secret");
}

TEST_CASE("a kept connection is not used by those who trust somebody else") {
    const TemporaryFile ca(authority.certificate);
    const TemporaryFile other(make_authority().certificate);
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, Wishes{})));
    HttpRequest trusting = wire.request(ca.path());
    trusting.reuse = true;
    CHECK(wire.observe(trusting).body == "secret");
    CHECK(wire.observe(trusting).body == "secret");
    CHECK(wire.server->accepted() == 1);
    HttpRequest doubting = wire.request(other.path());
    doubting.reuse = true;
    CHECK(class_of(wire.observe(doubting)) == "tls_untrusted");
}

TEST_CASE("TLS goes through a proxy's tunnel") {
    const TemporaryFile ca(authority.certificate);
    SecureWire wire(over_tls(answers(ok("secret")), issue(authority, Wishes{})));
    const std::unique_ptr<BadServer> proxy = BadServer::start(wire.io.get_executor(), tunnels());
    HttpRequest request = wire.request(ca.path());
    request.route.proxy = proxy->url("");
    const HttpObservation seen = wire.observe(request);
    CHECK(class_of(seen).empty());
    CHECK(seen.body == "secret");
    CHECK(proxy->requests().at(0).starts_with("CONNECT 127.0.0.1:"));
}

}  // namespace
}  // namespace serin::test
