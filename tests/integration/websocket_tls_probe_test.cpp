// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/bad_server.hpp"
#include "tests/support/websocket_talk.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST_CASE("a TLS handshake of a websocket that never ends is named as over HTTP") {
    Talk seen;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto server = BadServer::start(executor, hangs());
        WebsocketRequest request = request_to("wss", "127.0.0.1", server->port());
        request.deadline = in(200ms);
        seen = co_await talk(executor, request, {});
    });
    REQUIRE(seen.failure);
    CHECK(seen.failure->failure_class == "tls_failure");
    CHECK(seen.failure->message.find("was not finished within") != std::string::npos);
    CHECK_FALSE(seen.failure->own_fault);
}

}  // namespace serin::test
