// SPDX-License-Identifier: Apache-2.0
#include "net/mail_wire.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "core/ascii.hpp"
#include "net/dial.hpp"
#include "net/tls_client.hpp"
#include "net/wire_errors.hpp"

namespace serin {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

/// RFC 5321 §4.5.3.1.5 says 512; servers exceed it.
constexpr std::size_t longest_line = 8192;

bool is_loopback(const std::string& host) {
    if (equal_ignoring_case(host, "localhost")) return true;
    error_code not_numeric;
    const asio::ip::address address = asio::ip::make_address(host, not_numeric);
    return !not_numeric && address.is_loopback();
}

}  // namespace

std::optional<MailTarget> mail_target(const MailServer& server, std::string_view scheme, std::uint16_t port,
                                      std::uint16_t tls_port) {
    const std::size_t end = server.url.find("://");
    if (end == std::string::npos) return std::nullopt;
    const std::string_view given = std::string_view(server.url).substr(0, end);
    MailTarget target;
    target.tls_first = equal_ignoring_case(given, std::string(scheme) + "s");
    if (!target.tls_first && !equal_ignoring_case(given, scheme)) return std::nullopt;
    // The generic parts are those of any URL with an authority; only the default port is another.
    const std::optional<Url> url = parse_url("http" + server.url.substr(end));
    if (!url) return std::nullopt;
    target.url = *url;
    if (url->default_port) target.url.port = target.tls_first ? tls_port : port;
    target.url.scheme = "tcp";  // dial() shall leave TLS to us
    target.starttls = !target.tls_first && !is_loopback(url->host);
    const std::size_t colon = url->credentials.find(':');
    target.user = server.user.empty() ? url->credentials.substr(0, colon) : server.user;
    if (!server.user.empty()) {
        target.password = server.password;
    } else if (colon != std::string::npos) {
        target.password = url->credentials.substr(colon + 1);
    }
    return target;
}

asio::awaitable<bool> MailWire::open(const MailTarget& target, const Route& route, Deadline deadline) {
    deadline_ = deadline;
    const auto executor = co_await asio::this_coro::executor;
    Dialled dialled;
    if (std::optional<WireFailure> failure = co_await dial(executor, target.url, route, deadline, dialled)) {
        failure_ = std::move(*failure);
        co_return false;
    }
    stream_ = std::move(dialled.stream);
    alarm_.emplace(executor, deadline.at, stream_->closer());
    if (!target.tls_first) co_return true;
    co_return co_await start_tls(target, route.tls);
}

asio::awaitable<bool> MailWire::start_tls(const MailTarget& target, const TlsOptions& tls) {
    const auto report = std::make_shared<CertificateReport>();
    const auto context = make_tls_client(tls, report);
    if (!context) {
        failure_ = context.error();
        co_return false;
    }
    SSL_CTX_set_alpn_protos(context->get(), nullptr, 0);  // mail servers refuse who wants to speak HTTP
    stream_->add_tls(context->get());
    set_server_name(stream_->ssl(), target.url.host);
    const error_code error = co_await stream_->tls_connect();
    if (!error) co_return true;
    const std::optional<WireFailure> named = name_tls_failure(error, *report, target.url.host);
    failure_ = named ? *named : wire_failure("tls_failure", "the TLS handshake broke off: " + error.message());
    co_return false;
}

asio::awaitable<bool> MailWire::say(std::string_view bytes) {
    const error_code error = co_await stream_->write_all(bytes);
    if (error) failure_ = name_socket_failure(error, stream_->remote());
    co_return !error;
}

asio::awaitable<std::optional<std::string>> MailWire::hear() {
    std::array<char, 2048> piece;
    while (true) {
        if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            co_return line;
        }
        if (buffer_.size() > longest_line) {
            failure_ = wire_failure("protocol_error", stream_->remote() + " answered with a line without end");
            co_return std::nullopt;
        }
        const AsyncStream::Read read = co_await stream_->read_some(asio::buffer(piece));
        if (read.error) {
            failure_ = name_socket_failure(read.error, stream_->remote());
            co_return std::nullopt;
        }
        buffer_.append(piece.data(), read.bytes);
    }
}

asio::awaitable<void> MailWire::leave(std::string word) {
    if (!stream_ || late()) co_return;
    if (co_await say(word)) co_await stream_->finish(std::min(deadline_.at, steady_clock::now() + linger_time));
}

}  // namespace serin
