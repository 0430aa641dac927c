// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/observation.hpp"
#include "core/result.hpp"

namespace serin {

struct ServerRequest {
    std::string method, target;  ///< target: path and query as sent
    Headers headers;
    std::string body;
    std::string remote;  ///< "address:port"

    [[nodiscard]] std::string path() const;
    /// First header of that name (any case), or "".
    [[nodiscard]] std::string header(std::string_view name) const;
    /// First value of that query key, percent-decoded; nullopt when absent.
    [[nodiscard]] std::optional<std::string> query(std::string_view key) const;
};

/// The body of an answer that is sent piece by piece while it comes into being.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;
    /// Returns when the kernel has taken the whole piece; empty ones are not sent. False: nobody listens any more, and
    /// nothing will ever be sent again. A client that takes no byte for ServerLimits::body_time counts as gone.
    virtual boost::asio::awaitable<bool> write(std::string piece) = 0;
};

struct ServerResponse {
    int status = 200;  ///< 0, for stand-ins with bad manners: nothing is sent, and the connection ends
    Headers headers;
    std::string body;
    std::string content_type = "application/json";
    /// When set, instead of `body`: awaited after the head is sent, it writes the body, which ends when it returns.
    /// Sent in chunks (RFC 9112 §7.1), to an HTTP/1.0 client until the end of the connection, which carries no further
    /// request. Cancelled when the client goes or the server stops; a cancelled body ends as a returned one does, an
    /// exception breaks it off. Not called for HEAD.
    std::function<boost::asio::awaitable<void>(ResponseStream&)> stream = nullptr;
};

/// The server's end of one websocket. write() may be called while read() waits, and from several coroutines (queued in
/// order).
class ServerWebsocket {
public:
    virtual ~ServerWebsocket() = default;
    /// Next message; nullopt when the connection ended.
    virtual boost::asio::awaitable<std::optional<Frame>> read() = 0;
    virtual boost::asio::awaitable<bool> write(std::string payload, bool binary) = 0;
    virtual boost::asio::awaitable<void> close(int code, std::string reason) = 0;
};

struct ServerLimits {
    std::int64_t max_body = 1 << 20;
    std::int64_t max_header = 16 << 10;
    int max_connections = 1024;           ///< one more is answered 503, or just closed when it speaks TLS
    int max_connections_per_address = 0;  ///< the same for one client; 0: no bound
    Duration header_time =
        std::chrono::seconds(10);                   ///< from the connection, or a request's first byte, to its headers
    Duration idle_time = std::chrono::seconds(60);  ///< from an answer to the next request's first byte
    Duration body_time = std::chrono::seconds(10);  ///< for a request's body, and for each 64 KiB of an answer
    double requests_per_second = 0;  ///< of one client address, in the long run; more are answered 429; 0: no bound
    int request_burst = 50;          ///< that many at once; at least 1
};

struct ServerTls {
    std::string certificate, key;  ///< PEM files
    std::string client_ca;         ///< set: a client certificate signed by it is required
};

/// A small HTTP/1.1 server with websocket upgrade, for stand-ins and the API. One executor, one thread.
class HttpServer {
public:
    using Handler = std::function<boost::asio::awaitable<ServerResponse>(ServerRequest)>;
    /// Called when a request asks for an upgrade; the connection ends when it returns. Null: upgrades are answered 426.
    using WebsocketHandler =
        std::function<boost::asio::awaitable<void>(ServerRequest, std::shared_ptr<ServerWebsocket>)>;
    /// Decides before the upgrade: a response refuses it. Null: every upgrade is accepted.
    using UpgradeGuard = std::function<std::optional<ServerResponse>(const ServerRequest&)>;
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;  ///< 0: any free one, see port()
        ServerLimits limits;
        std::optional<ServerTls> tls;
        Handler handler;
        WebsocketHandler websocket;
        UpgradeGuard upgrade_guard;
        std::vector<std::string> websocket_protocols;  ///< the first one that the client offers is chosen
        bool websocket_compress = true;  ///< agree to permessage-deflate when offered (300 KB of memory a connection)
        std::int64_t websocket_max_message = 1 << 20;
    };

    /// Binds and listens at once, so that a port in use is an Error here and now.
    static Result<std::unique_ptr<HttpServer>> listen(boost::asio::any_io_executor executor, Options options);
    ~HttpServer();
    [[nodiscard]] std::uint16_t port() const;
    /// Accepts and serves until cancelled or stop(); joins every connection before it returns.
    boost::asio::awaitable<void> serve();
    /// Ends serve(): no new connection, the open ones are closed.
    void stop();

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
