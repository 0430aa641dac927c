// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "net/http_server.hpp"
#include "net/request_rate.hpp"
#include "net/stream.hpp"

namespace serin {

/// Serves one connection (after TLS) until the client or a limit ends it. `options` and `rate` must outlive it. Throws
/// only when cancelled.
boost::asio::awaitable<void> serve_http(AsyncStream stream, const HttpServer::Options& options, RequestRate& rate);

}  // namespace serin
