// SPDX-License-Identifier: Apache-2.0
// Internal to net/: one byte stream over TCP or TLS whose type does not say which, so that Beast is instantiated once.
#pragma once
#include <openssl/types.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/role.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/time.hpp"

namespace serin {

/// A completion handler whose type is forgotten, but not where it runs and how it is cancelled. (Asio's own
/// any_completion_handler came with Boost 1.82.)
class IoHandler {
public:
    using executor_type = boost::asio::any_io_executor;
    using cancellation_slot_type = boost::asio::cancellation_slot;

    template <class Handler>
    IoHandler(Handler handler, const boost::asio::any_io_executor& fallback)
        : executor_(boost::asio::get_associated_executor(handler, fallback)),
          slot_(boost::asio::get_associated_cancellation_slot(handler)),
          call_(std::move(handler)) {}

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }
    void operator()(boost::system::error_code error, std::size_t bytes) { call_(error, bytes); }

private:
    executor_type executor_;
    cancellation_slot_type slot_;
    std::move_only_function<void(boost::system::error_code, std::size_t)> call_;
};

/// A few buffers that go out together, so that a frame's header and payload leave in one segment.
class GatheredBuffers {
public:
    using value_type = boost::asio::const_buffer;
    using const_iterator = const value_type*;

    /// Takes as many non-empty ones as fit; a partial write is what write_some() promises anyway.
    template <class Buffers>
    explicit GatheredBuffers(const Buffers& buffers) {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto each = boost::asio::buffer_sequence_begin(buffers); each != end && count_ < buffers_.size(); ++each) {
            const value_type buffer = *each;
            if (buffer.size() > 0) buffers_[count_++] = buffer;
        }
    }
    [[nodiscard]] const_iterator begin() const { return buffers_.data(); }
    [[nodiscard]] const_iterator end() const { return buffers_.data() + count_; }

private:
    std::array<value_type, 8> buffers_;
    std::size_t count_ = 0;
};

/// What passed through a stream while somebody watched: the times, and the first bytes that came. Once `limit` bytes
/// came, the stream pretends to be at its end, so that a peer that never stops talking is bounded.
struct StreamTap {
    std::size_t limit = 64 << 10;
    std::string received;
    Steady sent{};  ///< the first write was taken by the kernel
    Steady first_received{};
};

/// How long the end of a connection waits for the peer's FIN before the socket is closed anyway.
inline constexpr Duration linger_time = std::chrono::seconds(1);

/// Meets Asio's AsyncStream. Movable; one read and one write at a time; one thread. Closing the socket ends both.
class AsyncStream {
public:
    using executor_type = boost::asio::any_io_executor;
    struct Inner;

    /// Over a connected socket.
    explicit AsyncStream(boost::asio::ip::tcp::socket socket);
    AsyncStream(AsyncStream&&) noexcept;
    AsyncStream& operator=(AsyncStream&&) noexcept;
    ~AsyncStream();

    [[nodiscard]] executor_type get_executor() const { return executor_; }
    /// Null for plain TCP.
    [[nodiscard]] SSL* ssl() const;
    /// "address:port" of the other end, also after close().
    [[nodiscard]] const std::string& remote() const { return remote_; }

    /// Puts TLS on top of plain TCP; nothing is sent before tls_connect() or tls_accept(). Takes a reference of its own
    /// to `context`.
    void add_tls(SSL_CTX* context);
    boost::asio::awaitable<boost::system::error_code> tls_connect();
    boost::asio::awaitable<boost::system::error_code> tls_accept();

    struct Read {
        boost::system::error_code error;
        std::size_t bytes = 0;
    };
    boost::asio::awaitable<Read> read_some(boost::asio::mutable_buffer buffer);
    /// All of `bytes`, which must outlive the await.
    boost::asio::awaitable<boost::system::error_code> write_all(std::string_view bytes);
    /// The next read gives these bytes first: what a parser read too much.
    void unread(std::string bytes) { unread_ = std::move(bytes); }
    void watch(std::shared_ptr<StreamTap> tap) { tap_ = std::move(tap); }

    /// A polite end: TLS close_notify and FIN are sent, then the peer's FIN is awaited until `until`, then the socket
    /// is closed. Without the wait, bytes of the peer still under way would make the kernel send a reset, which can
    /// destroy our own last words; and the side that closes last keeps no TIME_WAIT.
    boost::asio::awaitable<void> finish(Steady until);
    /// At once; pending operations end with operation_aborted.
    void close();
    /// A function that closes this stream's socket, harmless once the stream is gone; for timers.
    [[nodiscard]] std::function<void()> closer() const;
    /// The same, but the socket stays usable: pending operations end with operation_aborted.
    [[nodiscard]] std::function<void()> interrupter() const;

    template <class MutableBuffers, class Token>
    auto async_read_some(const MutableBuffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const MutableBuffers& into) {
                start_read(first_of(into), IoHandler(std::move(handler), executor_));
            },
            token, buffers);
    }
    template <class ConstBuffers, class Token>
    auto async_write_some(const ConstBuffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const ConstBuffers& from) {
                start_write(GatheredBuffers(from), IoHandler(std::move(handler), executor_));
            },
            token, buffers);
    }
    /// Completes with success from the executor's queue.
    void start_nothing(IoHandler handler);

private:
    template <class MutableBuffers>
    static boost::asio::mutable_buffer first_of(const MutableBuffers& buffers) {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto each = boost::asio::buffer_sequence_begin(buffers); each != end; ++each) {
            const boost::asio::mutable_buffer buffer = *each;
            if (buffer.size() > 0) return buffer;
        }
        return {};
    }
    void start_read(boost::asio::mutable_buffer buffer, IoHandler handler);
    void start_write(const GatheredBuffers& buffers, IoHandler handler);

    executor_type executor_;
    std::string remote_;
    std::string unread_;
    std::shared_ptr<StreamTap> tap_;
    std::shared_ptr<Inner> inner_;  // shared only with the weak pointers of closer()
};

/// Beast's customisation points. Its own teardown waits for the peer without bound and hides behind read(); ours does
/// nothing, and whoever owns the stream calls finish() with a deadline.
template <class Handler>
void async_teardown(boost::beast::role_type, AsyncStream& stream, Handler&& handler) {
    boost::asio::async_initiate<Handler, void(boost::system::error_code)>(
        [&stream](auto completion) {
            const auto executor = boost::asio::get_associated_executor(completion, stream.get_executor());
            stream.start_nothing(
                IoHandler([completion = std::move(completion)](boost::system::error_code error,
                                                               std::size_t) mutable { completion(error); },
                          executor));
        },
        handler);
}
void beast_close_socket(AsyncStream& stream);

/// While it lives, a cancellation of the coroutine whose state is given closes the stream; await with an unconnected
/// slot meanwhile. A composed operation hears a cancellation only while it waits, not between two of its steps, and
/// would then go on for ever; that its socket is closed it notices at the next step.
class CloseWhenCancelled {
public:
    CloseWhenCancelled(boost::asio::cancellation_state caller, const AsyncStream& stream);
    ~CloseWhenCancelled();
    CloseWhenCancelled(const CloseWhenCancelled&) = delete;
    CloseWhenCancelled& operator=(const CloseWhenCancelled&) = delete;

private:
    boost::asio::cancellation_slot slot_;
};

/// Closes a stream (or does whatever `expire` does) at a point in time; destroying it calls that off. The one way in
/// which net/ bounds an operation: the operation then ends by itself with operation_aborted, so nothing has to be
/// raced.
class Alarm {
public:
    Alarm(const boost::asio::any_io_executor& executor, Steady at, std::function<void()> expire);
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    /// Another time, as long as it has not gone off.
    void move_to(Steady at);
    /// Earlier, never later.
    void advance_to(Steady at);
    [[nodiscard]] bool went_off() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace serin
