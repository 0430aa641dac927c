// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "net/http_server.hpp"
#include "net/stream.hpp"

namespace serin {

/// Upgrades the connection that `request` came on, gives it to the handler, and ends it when that returns (code 1000)
/// or throws (1011). `protocol` is the chosen sub-protocol, or empty. Others may keep the websocket; it is dead then.
boost::asio::awaitable<void> serve_websocket(AsyncStream stream, ServerRequest request, const std::string& protocol,
                                             const HttpServer::Options& options);

}  // namespace serin
