// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_ends.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/zlib/error.hpp>

#include "net/wire_errors.hpp"

namespace serin {

namespace asio = boost::asio;

std::optional<WireFailure> name_websocket_end(const boost::system::error_code& error, std::string_view peer) {
    using Error = boost::beast::websocket::error;
    if (error == Error::closed) return std::nullopt;
    if (error == Error::message_too_big || error == Error::buffer_overflow) {
        return wire_failure("frame_too_large", fmt::format("{} sent a message longer than max_frame", peer));
    }
    if (error == Error::bad_frame_payload) {
        return wire_failure("invalid_utf8", fmt::format("{} sent a text message that is not UTF-8", peer));
    }
    static const auto& inflate_errors =
        boost::beast::zlib::make_error_code(boost::beast::zlib::error::need_buffers).category();
    if (error == boost::beast::websocket::condition::protocol_violation || error == Error::partial_deflate_block ||
        error.category() == inflate_errors) {
        return wire_failure("websocket_protocol", fmt::format("{} broke the protocol: {}", peer, error.message()));
    }
    if (error == asio::error::connection_reset) {
        return wire_failure("connection_reset", fmt::format("{} reset the connection", peer));
    }
    if (error.category() == asio::error::get_ssl_category()) {
        return wire_failure("tls_failure", fmt::format("TLS with {} failed: {}", peer, error.message()));
    }
    return wire_failure("websocket_dropped", fmt::format("{} ended the connection without a close frame", peer));
}

}  // namespace serin
