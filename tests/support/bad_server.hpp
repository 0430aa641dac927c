// SPDX-License-Identifier: Apache-2.0
// A server with bad manners: raw TCP or TLS on a free port of the loopback, doing exactly what a test names.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/certificates.hpp"

namespace serin::test {

/// One accepted connection, after the TLS handshake if there is one.
class Line {
public:
    virtual ~Line() = default;
    /// The next bytes, as they come; empty when the client has gone.
    virtual boost::asio::awaitable<std::string> read_some() = 0;
    /// False when the client has gone.
    virtual boost::asio::awaitable<bool> write(std::string bytes) = 0;
    /// Ends the connection by RST instead of FIN.
    virtual void reset() = 0;

    /// The next request, headers and body (by Content-Length); empty when the client has gone.
    boost::asio::awaitable<std::string> read_request();
    /// Waits until the client goes.
    boost::asio::awaitable<void> outlast();

private:
    std::string read_ahead_;
};

struct Manners {
    /// Serves one connection, which is closed when it returns. Must own what it uses.
    std::function<boost::asio::awaitable<void>(std::shared_ptr<Line>)> serve;
    std::optional<Identity> tls;           ///< set: TLS with this certificate
    std::optional<std::string> client_ca;  ///< PEM; set: a client certificate of this authority is required
};

[[nodiscard]] Manners answers(std::string raw);  ///< this to every request, connection kept
[[nodiscard]] Manners answers_in_turn(
    std::vector<std::string> raw);  ///< the n-th request over all connections; the last one stays
[[nodiscard]] Manners answers_then_closes(std::string raw);  ///< FIN after the bytes
[[nodiscard]] Manners answers_then_resets(std::string raw);  ///< RST after the bytes have arrived
[[nodiscard]] Manners resets_at_once();                      ///< RST right after accept
[[nodiscard]] Manners hangs();                               ///< accepts and reads, never answers
[[nodiscard]] Manners answers_then_hangs(std::string raw);
[[nodiscard]] Manners speaks_first(std::string raw);  ///< before the client has asked, then waits until it goes
[[nodiscard]] Manners drips(std::string raw);         ///< a byte now and then, for as long as the client stays
[[nodiscard]] Manners floods(std::string beginning, std::string repeated);  ///< repeats until the client goes
[[nodiscard]] Manners speaks_http2(std::string body);  ///< prior knowledge (RFC 9113 §3.3), one answer a connection
[[nodiscard]] Manners tunnels();                       ///< an honest CONNECT proxy

/// "HTTP/1.1 200 OK" with a length, extra header lines ("Name: value\r\n") and this body.
[[nodiscard]] std::string ok(const std::string& body, const std::string& extra_headers = "");

class BadServer {
public:
    [[nodiscard]] static std::unique_ptr<BadServer> start(const boost::asio::any_io_executor& executor,
                                                          Manners manners);
    /// Asks the server to end; its executor has to run on until it has.
    ~BadServer();
    [[nodiscard]] std::uint16_t port() const;
    /// "http://127.0.0.1:port" or "https://…", and `path`.
    [[nodiscard]] std::string url(const std::string& path) const;
    [[nodiscard]] int accepted() const;
    [[nodiscard]] int open() const;
    /// Everything that read_request() read, in order.
    [[nodiscard]] const std::vector<std::string>& requests() const;

private:
    struct Impl;
    explicit BadServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

/// A port where nobody listens and nobody else can, for as long as this lives.
class RefusedPort {
public:
    explicit RefusedPort(const boost::asio::any_io_executor& executor);
    ~RefusedPort();
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin::test
