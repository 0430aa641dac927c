// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <memory>
#include <string>

#include "core/observation.hpp"

namespace serin {

/// What the handshake gave.
struct Handshake {
    int status = 0;  ///< 101, or what the server answered instead
    Headers headers;
    std::string body;      ///< of a refusal, bounded
    std::string protocol;  ///< chosen sub-protocol
    bool deflate = false;  ///< permessage-deflate agreed
    std::string remote;
    HttpTimings timings;
    Steady started{}, sent{}, ended{};
    std::optional<double> certificate_expiry_days;
};

/// A client websocket by Boost.Beast over TCP or TLS (RFC 6455, RFC 7692). One reader and one writer at a time; one
/// thread.
class WebsocketClient {
public:
    explicit WebsocketClient(boost::asio::any_io_executor executor);
    ~WebsocketClient();

    /// Resolves, connects (through an HTTP CONNECT proxy if the route says so), does TLS and the upgrade, all within
    /// `request.deadline`. On failure `handshake` holds what was seen until then.
    boost::asio::awaitable<std::optional<WireFailure>> connect(const WebsocketRequest& request, Handshake& handshake);
    /// Next whole message (fragments joined; pings answered). Unlimited wait: cancel or close() ends it.
    boost::asio::awaitable<std::expected<Frame, CloseNote>> read();
    boost::asio::awaitable<std::optional<WireFailure>> write(std::string payload, bool binary, Deadline deadline);
    /// Sends a close frame and waits for the peer's until `deadline`, then drops the connection. Safe to call twice and
    /// while read() waits (read() then returns).
    boost::asio::awaitable<void> close(Deadline deadline);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
