// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "net/http_server.hpp"
#include "net/stream.hpp"
#include "net/wire_text.hpp"

namespace serin {

/// Sends `response`, which has a stream; the connection is of no further use. `write_time`: see
/// ResponseStream::write(). Throws when cancelled, after the body was ended properly if the client takes it.
boost::asio::awaitable<void> send_stream(AsyncStream& connection, const ServerResponse& response, Framing framing,
                                         Duration write_time);

}  // namespace serin
