// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "net/http_server.hpp"
#include "net/stream.hpp"

namespace serin {

/// Serves one connection (after TLS) until the client or a limit ends it. `options` must outlive it. Throws only when
/// cancelled.
boost::asio::awaitable<void> serve_http(AsyncStream stream, const HttpServer::Options& options);

/// What is sent for `response`: head and body, the body left out when `head_only`.
[[nodiscard]] std::string wire_text(const ServerResponse& response, bool head_only, bool keep_alive);

}  // namespace serin
