// SPDX-License-Identifier: Apache-2.0
// Internal to net/: what a client asks for in a websocket handshake, and what is wrong with the answer. Pure.
#pragma once
#include <boost/system/error_code.hpp>
#include <optional>
#include <string_view>

#include "core/observation.hpp"
#include "net/url.hpp"
#include "net/websocket_client.hpp"
#include "net/websocket_stream.hpp"

namespace serin {

/// invalid_request: a URL or header that cannot be sent.
[[nodiscard]] std::optional<WireFailure> find_mistake(const WebsocketRequest& request);

/// Of a request without mistake.
[[nodiscard]] WebsocketStream::Upgrade make_upgrade(const WebsocketRequest& request, const Url& url);

/// Reads sub-protocol and extensions off the headers of a 101 into `handshake`, and says when they were not asked for.
[[nodiscard]] std::optional<WireFailure> check_agreement(const WebsocketRequest& request, Handshake& handshake);

/// Names why there was no 101 that counts. `error`: timed_out when the deadline passed, else what Beast says. Fills in
/// status, headers and body as far as `received` holds them.
[[nodiscard]] WireFailure name_upgrade_failure(const boost::system::error_code& error, std::string_view received,
                                               Handshake& handshake);

}  // namespace serin
