// SPDX-License-Identifier: Apache-2.0
// Internal to net/: Boost.Beast's websocket over AsyncStream, for both roles, instantiated in one .cpp only.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "core/observation.hpp"
#include "net/stream.hpp"

namespace serin {

/// One end of a websocket (RFC 6455, RFC 7692). At most one read(), one write() and one close() under way at a time;
/// one thread. Nothing here has a deadline: whoever waits sets an Alarm that closes lower(). No operation waits for the
/// peer's FIN; call lower().finish() after the end.
class WebsocketStream {
public:
    explicit WebsocketStream(AsyncStream stream);
    ~WebsocketStream();

    struct Upgrade {
        std::string host, target;
        Headers headers;
        bool deflate = true;  ///< client: offer permessage-deflate; server: accept it when offered
    };
    /// Client: asks for the upgrade. `answer` gets the headers of an answer that could be read to its end.
    boost::asio::awaitable<boost::system::error_code> ask(const Upgrade& upgrade, Headers& answer);
    /// Server: answers a request that was read already, of which `request` are the headers.
    boost::asio::awaitable<boost::system::error_code> accept(const Upgrade& request, const Headers& answer);

    struct Message {
        boost::system::error_code error;  ///< beast::websocket::error::closed: see close_code() and close_reason()
        bool binary = false;
        std::string payload;
    };
    /// Next whole message; pings are answered on the way.
    boost::asio::awaitable<Message> read();
    boost::asio::awaitable<boost::system::error_code> write(std::string_view payload, bool binary);
    /// Sends a close frame and reads until the peer's, discarding messages; a waiting read() ends with
    /// operation_aborted.
    boost::asio::awaitable<boost::system::error_code> close(int code, std::string_view reason);

    /// Bytes of one message that read() accepts.
    void set_max_message(std::int64_t bytes);
    [[nodiscard]] int close_code() const;  ///< 0: no close frame came, or one without a code
    [[nodiscard]] std::string close_reason() const;
    [[nodiscard]] AsyncStream& lower();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
