// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "net/response_stream.hpp"
#include "net/server_websocket.hpp"
#include "net/wire_text.hpp"

namespace serin {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

/// Bytes of one write after which a slow client's time starts anew.
constexpr std::size_t write_piece = 64 << 10;

/// A request, or why there is none.
struct Incoming {
    std::optional<ServerRequest> request;
    std::optional<ServerResponse> refusal;  ///< neither: the client is gone, or never began
    bool keep_alive = false;
    bool upgrade = false;
    Framing framing = Framing::chunked;  ///< that the client understands, for a body of unknown length
};

class Connection {
public:
    Connection(AsyncStream stream, const HttpServer::Options& options, RequestRate& rate)
        : stream_(std::move(stream)), options_(options), rate_(rate), client_(client_of(stream_.remote())) {}

    asio::awaitable<void> serve() {
        bool open = true;
        while (open) {
            Incoming incoming = co_await receive();
            if (incoming.refusal) co_await send(*incoming.refusal, false, false);
            if (!incoming.request) break;
            if (const auto wait = rate_.refuse(client_, steady_clock::now())) {
                open = co_await send(too_many(*wait), false, incoming.keep_alive) && incoming.keep_alive;
                continue;
            }
            if (incoming.upgrade) {
                const std::optional<ServerResponse> refusal = refuse_upgrade(*incoming.request);
                if (!refusal) {
                    const std::string protocol = choose_protocol(*incoming.request);
                    stream_.unread(rest());
                    co_return co_await serve_websocket(std::move(stream_), std::move(*incoming.request), protocol,
                                                       options_);
                }
                open = co_await send(*refusal, false, incoming.keep_alive) && incoming.keep_alive;
                continue;
            }
            const bool head_only = incoming.request->method == "HEAD";
            const ServerResponse response = co_await answer(std::move(*incoming.request));
            if (response.status == 0) co_return stream_.close();
            if (response.stream && !head_only) {
                co_await send_stream(stream_, response, incoming.framing, options_.limits.body_time);
                break;
            }
            open = co_await send(response, head_only, incoming.keep_alive) && incoming.keep_alive;
        }
        co_await stream_.finish(steady_clock::now() + linger_time);
    }

private:
    using Parser = http::request_parser<http::string_body>;

    asio::awaitable<Incoming> receive() {
        Parser parser;
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(options_.limits.max_header));
        parser.body_limit(static_cast<std::uint64_t>(options_.limits.max_body));
        // The time counts for the whole head and the whole body: a byte now and then buys none.
        const Duration first_wait =
            answered_ && buffer_.size() == 0 ? options_.limits.idle_time : options_.limits.header_time;
        Alarm alarm(stream_.get_executor(), steady_clock::now() + first_wait, stream_.interrupter());
        bool head_was_done = false;
        while (true) {
            std::size_t taken = 0;
            error_code error;
            if (buffer_.size() > 0) {
                taken = parser.put(buffer_.data(), error);
                buffer_.consume(taken);
                began_ = true;
            }
            if (error && error != http::error::need_more) co_return refuse(error);
            if (parser.is_done()) co_return take(parser);
            if (parser.is_header_done() && !std::exchange(head_was_done, true)) {
                alarm.move_to(steady_clock::now() + options_.limits.body_time);
                if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
                    co_await stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n");
                }
            }
            if (taken > 0 && buffer_.size() > 0 && !error) continue;
            const AsyncStream::Read read = co_await stream_.read_some(buffer_.prepare(4096));
            buffer_.commit(read.bytes);
            if (!began_ && answered_ && read.bytes > 0)
                alarm.move_to(steady_clock::now() + options_.limits.header_time);
            if (read.error)
                co_return alarm.went_off() && began_ ? refusing(408, "the request took too long") : Incoming();
        }
    }

    static Incoming refusing(int status, std::string_view text) {
        Incoming incoming;
        incoming.refusal = plain_response(status, text);
        return incoming;
    }

    static Incoming refuse(const error_code& error) {
        if (error == http::error::header_limit) return refusing(431, "the headers are too long");
        if (error == http::error::body_limit) return refusing(413, "the body is too long");
        return refusing(400, fmt::format("this is not HTTP/1.1: {}", error.message()));
    }

    Incoming take(Parser& parser) {
        began_ = false;
        answered_ = true;
        Incoming incoming;
        incoming.framing = parser.get().version() < 11 ? Framing::until_close : Framing::chunked;
        incoming.keep_alive = parser.keep_alive();
        incoming.upgrade = boost::beast::websocket::is_upgrade(parser.get());
        ServerRequest& request = incoming.request.emplace();
        request.method = std::string(parser.get().method_string());
        request.target = std::string(parser.get().target());
        for (const auto& field : parser.get()) {
            request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        }
        request.body = std::move(parser.get().body());
        request.remote = stream_.remote();
        return incoming;
    }

    asio::awaitable<ServerResponse> answer(ServerRequest request) {
        if (!options_.handler) co_return plain_response(404, "nothing is served here");
        try {
            co_return co_await options_.handler(std::move(request));
        } catch (...) {
            // A cancelled one ends here too: the next await throws again.
            co_return plain_response(500, "the server made a mistake");
        }
    }

    static ServerResponse too_many(Duration wait) {
        ServerResponse response = plain_response(429, "too many requests");
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        response.headers.emplace_back("Retry-After", std::to_string(seconds));
        return response;
    }

    [[nodiscard]] std::optional<ServerResponse> refuse_upgrade(const ServerRequest& request) const {
        if (!options_.websocket) return plain_response(426, "no websocket is served here");
        return options_.upgrade_guard ? options_.upgrade_guard(request) : std::nullopt;
    }

    [[nodiscard]] std::string choose_protocol(const ServerRequest& request) const {
        const std::string offered = request.header("Sec-WebSocket-Protocol");
        for (const std::string& ours : options_.websocket_protocols) {
            if (http::token_list{offered}.exists(ours)) return ours;
        }
        return {};
    }

    /// False: the connection is of no use any more.
    asio::awaitable<bool> send(const ServerResponse& response, bool head_only, bool keep_alive) {
        const std::string text = wire_text(response, head_only, keep_alive);
        Alarm alarm(stream_.get_executor(), Steady::max(), stream_.closer());
        for (std::size_t sent = 0; sent < text.size(); sent += write_piece) {
            alarm.move_to(steady_clock::now() + options_.limits.body_time);
            if (co_await stream_.write_all(std::string_view(text).substr(sent, write_piece))) co_return false;
        }
        co_return true;
    }

    /// What was read beyond the request.
    [[nodiscard]] std::string rest() const { return {static_cast<const char*>(buffer_.data().data()), buffer_.size()}; }

    AsyncStream stream_;
    const HttpServer::Options& options_;
    RequestRate& rate_;
    std::string client_;
    boost::beast::flat_buffer buffer_;
    bool began_ = false;     ///< a part of a request has come, so its sender is told when it comes too late
    bool answered_ = false;  ///< it is not the first request that is waited for
};

}  // namespace

asio::awaitable<void> serve_http(AsyncStream stream, const HttpServer::Options& options, RequestRate& rate) {
    Connection connection(std::move(stream), options, rate);
    co_await connection.serve();
}

}  // namespace serin
