// SPDX-License-Identifier: Apache-2.0
// Whole conversations of our websocket client with a server of ours.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "probes/websocket.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

[[nodiscard]] Deadline in(Duration time);

/// A server that sends every message back as it came.
[[nodiscard]] HttpServer::Options echo();

/// For scheme://host:port/ws, within 5 s.
[[nodiscard]] WebsocketRequest request_to(const std::string& scheme, const std::string& host, std::uint16_t port);

struct Talk {
    std::optional<WireFailure> failure;  ///< of the handshake, or of a message that could not be sent
    Handshake handshake;
    FrameLog log;

    [[nodiscard]] std::vector<std::string> received() const;
};

/// Sends each message and waits for a frame after it; then a goodbye.
boost::asio::awaitable<Talk> talk(boost::asio::any_io_executor executor, WebsocketRequest request,
                                  std::vector<std::string> messages);

/// The same with the server that `options` describe, over "ws" or "wss".
[[nodiscard]] Talk talk_to(HttpServer::Options options, std::vector<std::string> messages,
                           std::function<void(WebsocketRequest&)> change = {}, const std::string& scheme = "ws");

}  // namespace serin::test
