// SPDX-License-Identifier: Apache-2.0
// The ways between our websocket client and our websocket server: TLS, overrides, proxies.
#include <catch2/catch.hpp>

#include "tests/support/bad_server.hpp"
#include "tests/support/websocket_talk.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;

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

TEST_CASE("wss with the right CA file works and tells when the certificate ends") {
    const House house;
    const Talk talk = talk_to(
        house.options(), {"secret"}, [&](WebsocketRequest& request) { request.route.tls.ca = house.root_file.path(); },
        "wss");
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
    CHECK(with(Wishes{.subject_alternative_name = "DNS:other.test"},
               [](WebsocketRequest& request) { request.route.tls.verify = false; }) == "none");
    CHECK(failure_class(house.options(), [](WebsocketRequest& request) { request.route.tls.ca = "/none/such.pem"; }) ==
          "unreadable_file");
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
    with_server(
        scheme == "ws" ? echo() : house.options(),
        [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
            const auto proxy = BadServer::start(executor, tunnels());
            WebsocketRequest request = request_to(scheme, "127.0.0.1", server.port());
            request.route.tls.ca = house.root_file.path();
            request.route.proxy = "http://ada:secret@127.0.0.1:" + std::to_string(proxy->port());
            const Talk through = co_await talk(executor, request, {"hello"});
            CHECK_FALSE(through.failure);
            CHECK(through.received() == std::vector<std::string>{"hello"});
            CHECK(proxy->requests().at(0).starts_with("CONNECT 127.0.0.1:" + std::to_string(server.port()) +
                                                      " HTTP/1.1\r\n"));
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
