// SPDX-License-Identifier: Apache-2.0
#include "net/stream.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace serin {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// The operation itself hears no cancellation: see CloseWhenCancelled.
auto as_result() {
    return asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable));
}

std::string text_of(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    const std::string port = std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

std::string remote_of(const tcp::socket& socket) {
    error_code error;
    const tcp::endpoint endpoint = socket.remote_endpoint(error);
    return error ? std::string() : text_of(endpoint);
}

}  // namespace

struct AsyncStream::Inner {
    virtual ~Inner() = default;
    virtual void read(asio::mutable_buffer buffer, IoHandler handler) = 0;
    virtual void write(const GatheredBuffers& buffers, IoHandler handler) = 0;
    virtual tcp::socket& socket() = 0;
    virtual SSL* ssl() { return nullptr; }
    virtual asio::awaitable<error_code> handshake(asio::ssl::stream_base::handshake_type) { co_return error_code(); }
    /// Tells the peer that nothing more comes, above TCP.
    virtual asio::awaitable<void> say_goodbye() { co_return; }
};

namespace {

struct Plain final : AsyncStream::Inner {
    explicit Plain(tcp::socket socket) : socket_(std::move(socket)) {}
    void read(asio::mutable_buffer buffer, IoHandler handler) override {
        socket_.async_read_some(asio::mutable_buffers_1(buffer), std::move(handler));
    }
    void write(const GatheredBuffers& buffers, IoHandler handler) override {
        socket_.async_write_some(buffers, std::move(handler));
    }
    tcp::socket& socket() override { return socket_; }

    tcp::socket socket_;
};

struct Secure final : AsyncStream::Inner {
    /// `context` is only looked at: the SSL made from it keeps a reference of its own.
    Secure(tcp::socket socket, asio::ssl::context context) : stream_(std::move(socket), context) {}
    void read(asio::mutable_buffer buffer, IoHandler handler) override {
        stream_.async_read_some(asio::mutable_buffers_1(buffer), std::move(handler));
    }
    void write(const GatheredBuffers& buffers, IoHandler handler) override {
        stream_.async_write_some(buffers, std::move(handler));
    }
    tcp::socket& socket() override { return stream_.next_layer(); }
    SSL* ssl() override { return stream_.native_handle(); }
    asio::awaitable<error_code> handshake(asio::ssl::stream_base::handshake_type type) override {
        const auto [error] = co_await stream_.async_handshake(type, as_result());
        shaken_ = !error;
        co_return error;
    }
    asio::awaitable<void> say_goodbye() override {
        if (!shaken_) co_return;
        co_await stream_.async_shutdown(as_result());
    }

private:
    bool shaken_ = false;
    asio::ssl::stream<tcp::socket> stream_;
};

/// Asio's context frees what it is given, so it is given a reference of its own.
asio::ssl::context sharing(SSL_CTX* context) {
    SSL_CTX_up_ref(context);
    return asio::ssl::context(context);
}

}  // namespace

AsyncStream::AsyncStream(tcp::socket socket)
    : executor_(socket.get_executor()),
      remote_(remote_of(socket)),
      inner_(std::make_shared<Plain>(std::move(socket))) {}
AsyncStream::AsyncStream(AsyncStream&&) noexcept = default;
AsyncStream& AsyncStream::operator=(AsyncStream&&) noexcept = default;
AsyncStream::~AsyncStream() = default;

SSL* AsyncStream::ssl() const {
    return inner_->ssl();
}

void AsyncStream::add_tls(SSL_CTX* context) {
    inner_ = std::make_shared<Secure>(std::move(inner_->socket()), sharing(context));
}
asio::awaitable<error_code> AsyncStream::tls_connect() {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, *this);
    co_return co_await inner_->handshake(asio::ssl::stream_base::client);
}
asio::awaitable<error_code> AsyncStream::tls_accept() {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, *this);
    co_return co_await inner_->handshake(asio::ssl::stream_base::server);
}

void AsyncStream::start_nothing(IoHandler handler) {
    asio::post(executor_, [handler = std::move(handler)]() mutable { handler(error_code(), 0); });
}

void AsyncStream::start_read(asio::mutable_buffer buffer, IoHandler handler) {
    if (!unread_.empty()) {
        const std::size_t bytes = asio::buffer_copy(buffer, asio::buffer(unread_));
        unread_.erase(0, bytes);
        asio::post(executor_, [handler = std::move(handler), bytes]() mutable { handler(error_code(), bytes); });
        return;
    }
    if (!tap_) return inner_->read(buffer, std::move(handler));
    if (tap_->received.size() >= tap_->limit) {
        asio::post(executor_, [handler = std::move(handler)]() mutable {
            handler(asio::error::make_error_code(asio::error::eof), 0);
        });
        return;
    }
    auto watched = [tap = tap_, buffer, then = std::move(handler)](error_code error, std::size_t bytes) mutable {
        if (bytes > 0 && tap->received.empty()) tap->first_received = std::chrono::steady_clock::now();
        tap->received.append(static_cast<const char*>(buffer.data()), bytes);
        then(error, bytes);
    };
    inner_->read(buffer, IoHandler(std::move(watched), executor_));
}

void AsyncStream::start_write(const GatheredBuffers& buffers, IoHandler handler) {
    if (!tap_) return inner_->write(buffers, std::move(handler));
    auto watched = [tap = tap_, then = std::move(handler)](error_code error, std::size_t bytes) mutable {
        if (tap->sent == Steady()) tap->sent = std::chrono::steady_clock::now();
        then(error, bytes);
    };
    inner_->write(buffers, IoHandler(std::move(watched), executor_));
}

asio::awaitable<AsyncStream::Read> AsyncStream::read_some(asio::mutable_buffer buffer) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, *this);
    const auto [error, bytes] = co_await async_read_some(asio::mutable_buffers_1(buffer), as_result());
    co_return Read{error, bytes};
}

asio::awaitable<error_code> AsyncStream::write_all(std::string_view bytes) {
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, *this);
    while (!bytes.empty()) {
        const auto [error, written] = co_await async_write_some(asio::buffer(bytes), as_result());
        if (error) co_return error;
        bytes.remove_prefix(written);
    }
    co_return error_code();
}

asio::awaitable<void> AsyncStream::finish(Steady until) {
    const Alarm alarm(executor_, until, closer());
    const std::shared_ptr<Inner> inner = inner_;
    const CloseWhenCancelled cancellable(co_await asio::this_coro::cancellation_state, *this);
    tap_.reset();
    co_await inner->say_goodbye();
    error_code error;
    inner->socket().shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 4096> rest;
    while (!error) {
        const auto [failure, bytes] = co_await inner->socket().async_read_some(asio::buffer(rest), as_result());
        error = failure;
    }
    close();
}

void AsyncStream::close() {
    error_code ignored;
    inner_->socket().close(ignored);
}

std::function<void()> AsyncStream::closer() const {
    return [weak = std::weak_ptr<Inner>(inner_)] {
        error_code ignored;
        if (const auto inner = weak.lock()) inner->socket().close(ignored);
    };
}

std::function<void()> AsyncStream::interrupter() const {
    return [weak = std::weak_ptr<Inner>(inner_)] {
        error_code ignored;
        if (const auto inner = weak.lock()) inner->socket().cancel(ignored);
    };
}

void beast_close_socket(AsyncStream& stream) {
    stream.close();
}

CloseWhenCancelled::CloseWhenCancelled(asio::cancellation_state caller, const AsyncStream& stream)
    : slot_(caller.slot()) {
    if (slot_.is_connected()) slot_.assign([close = stream.closer()](asio::cancellation_type) { close(); });
}
CloseWhenCancelled::~CloseWhenCancelled() {
    if (slot_.is_connected()) slot_.clear();
}

struct Alarm::State {
    asio::steady_timer timer;
    std::function<void()> expire;  // empty: gone off, or called off
    bool went_off = false;

    static void arm(std::shared_ptr<State> state) {
        State& self = *state;
        self.timer.async_wait([state = std::move(state)](error_code error) {
            // A move or the owner's end may come after the timer expired, when this call was already queued.
            if (error || !state->expire || state->timer.expiry() > std::chrono::steady_clock::now()) return;
            state->went_off = true;
            std::exchange(state->expire, nullptr)();
        });
    }
};

Alarm::Alarm(const asio::any_io_executor& executor, Steady at, std::function<void()> expire)
    : state_(std::make_shared<State>(State{asio::steady_timer(executor, at), std::move(expire)})) {
    if (at != Steady::max()) State::arm(state_);
}
Alarm::~Alarm() {
    state_->expire = nullptr;
    state_->timer.cancel();
}
void Alarm::move_to(Steady at) {
    state_->timer.expires_at(at);
    if (at != Steady::max()) State::arm(state_);
}
void Alarm::advance_to(Steady at) {
    if (at < state_->timer.expiry()) move_to(at);
}
bool Alarm::went_off() const {
    return state_->went_off;
}

}  // namespace serin
