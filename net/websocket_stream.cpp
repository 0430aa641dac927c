// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_stream.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace serin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

/// The operation itself hears no cancellation: see CloseWhenCancelled.
auto as_result() {
    return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable));
}

beast::string_view beast_view(std::string_view text) {
    return {text.data(), text.size()};
}

/// Reads of a websocket are small; a buffer that once held a big message is given back when it is empty.
constexpr std::size_t kept_buffer = 16 << 10;

}  // namespace

struct WebsocketStream::Impl {
    beast::websocket::stream<AsyncStream, true> websocket;
    beast::flat_buffer buffer;

    explicit Impl(AsyncStream stream) : websocket(std::move(stream)) {
        websocket.auto_fragment(false);  // a message is one frame: some servers know no others
    }

    void set_deflate(bool enabled) {
        beast::websocket::permessage_deflate deflate;
        deflate.client_enable = enabled;
        deflate.server_enable = enabled;
        websocket.set_option(deflate);
    }
};

WebsocketStream::WebsocketStream(AsyncStream stream) : impl_(std::make_unique<Impl>(std::move(stream))) {}
WebsocketStream::~WebsocketStream() = default;

asio::awaitable<error_code> WebsocketStream::ask(const Upgrade& upgrade, Headers& answer) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, lower());
    impl_->set_deflate(upgrade.deflate);
    impl_->websocket.set_option(
        beast::websocket::stream_base::decorator([headers = upgrade.headers](beast::websocket::request_type& request) {
            for (const auto& [name, value] : headers) request.insert(beast_view(name), beast_view(value));
        }));
    beast::websocket::response_type response;
    const auto [error] = co_await impl_->websocket.async_handshake(response, beast_view(upgrade.host),
                                                                   beast_view(upgrade.target), as_result());
    for (const auto& field : response) {
        answer.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    co_return error;
}

asio::awaitable<error_code> WebsocketStream::accept(const Upgrade& request, const Headers& answer) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, lower());
    impl_->set_deflate(request.deflate);
    impl_->websocket.set_option(
        beast::websocket::stream_base::decorator([&answer](beast::websocket::response_type& response) {
            for (const auto& [name, value] : answer) response.insert(beast_view(name), beast_view(value));
        }));
    http::request<http::empty_body> message(http::verb::get, beast_view(request.target), 11);
    for (const auto& [name, value] : request.headers) message.insert(beast_view(name), beast_view(value));
    const auto [error] = co_await impl_->websocket.async_accept(message, as_result());
    co_return error;
}

asio::awaitable<WebsocketStream::Message> WebsocketStream::read() {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, lower());
    const auto [error, bytes] = co_await impl_->websocket.async_read(impl_->buffer, as_result());
    Message message{.error = error, .binary = impl_->websocket.got_binary(), .payload = {}};
    if (!error) message.payload.assign(static_cast<const char*>(impl_->buffer.data().data()), bytes);
    impl_->buffer.clear();
    if (impl_->buffer.capacity() > kept_buffer) impl_->buffer.shrink_to_fit();
    co_return message;
}

asio::awaitable<error_code> WebsocketStream::write(std::string_view payload, bool binary) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, lower());
    impl_->websocket.binary(binary);
    const auto [error, bytes] = co_await impl_->websocket.async_write(asio::buffer(payload), as_result());
    co_return error;
}

asio::awaitable<error_code> WebsocketStream::close(int code, std::string_view reason) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, lower());
    beast::websocket::close_reason why;
    why.code = static_cast<std::uint16_t>(code);
    std::size_t length = std::min(reason.size(), why.reason.max_size());
    while (length < reason.size() && length > 0 && (reason[length] & 0xc0) == 0x80) --length;  // whole UTF-8 characters
    why.reason = beast_view(reason.substr(0, length));
    const auto [error] = co_await impl_->websocket.async_close(why, as_result());
    co_return error;
}

void WebsocketStream::set_max_message(std::int64_t bytes) {
    // Beast takes 0 for "no limit".
    impl_->websocket.read_message_max(static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1)));
}

int WebsocketStream::close_code() const {
    return impl_->websocket.reason().code;
}
std::string WebsocketStream::close_reason() const {
    const auto& reason = impl_->websocket.reason().reason;
    return {reason.data(), reason.size()};
}
AsyncStream& WebsocketStream::lower() {
    return impl_->websocket.next_layer();
}

}  // namespace serin
