// SPDX-License-Identifier: Apache-2.0
#include "net/response_stream.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "net/task_group.hpp"

namespace serin {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

/// How long the last bytes of a body may take when nothing more is to come.
constexpr Duration last_words_time = std::chrono::seconds(1);

/// Bytes that a client may send while it is told something: more than that has no meaning.
constexpr std::size_t max_ignored = 64 << 10;

class Listener final : public ResponseStream {
public:
    Listener(AsyncStream& connection, Framing framing, Duration write_time)
        : connection_(connection), framing_(framing), write_time_(write_time) {}

    asio::awaitable<bool> write(std::string piece) override {
        if (piece.empty()) co_return !gone_;
        if (framing_ == Framing::chunked) piece = fmt::format("{:x}\r\n", piece.size()) + piece + "\r\n";
        co_return co_await send(std::move(piece), write_time_);
    }

    asio::awaitable<bool> send(std::string bytes, Duration time) {
        constexpr std::size_t slice = 64 << 10;
        Alarm alarm(connection_.get_executor(), Steady::max(), connection_.closer());
        for (std::size_t sent = 0; sent < bytes.size() && !gone_; sent += slice) {
            alarm.move_to(steady_clock::now() + time);
            if (co_await connection_.write_all(std::string_view(bytes).substr(sent, slice))) gone_ = true;
        }
        co_return !gone_;
    }

    /// Ends when the client does, or when the stream's reads are interrupted.
    asio::awaitable<void> watch() {
        // A cancellation would close the connection before the body is ended; interrupting the read does not.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        std::array<char, 4096> ignored;
        std::size_t bytes = 0;
        while (bytes < max_ignored && !done_) {
            const AsyncStream::Read read = co_await connection_.read_some(asio::buffer(ignored));
            if (read.error) break;
            bytes += read.bytes;
        }
        if (done_) co_return;
        gone_ = true;
        if (cancel_) cancel_();
    }

    /// Called with what cancels the producer.
    void on_departure(std::function<void()> cancel) { cancel_ = std::move(cancel); }
    /// The producer has ended: what ends the watch from here on is not the client.
    void done() { done_ = true; }

private:
    AsyncStream& connection_;
    Framing framing_;
    Duration write_time_;
    bool gone_ = false;
    bool done_ = false;
    std::function<void()> cancel_;
};

}  // namespace

asio::awaitable<void> send_stream(AsyncStream& connection, const ServerResponse& response, Framing framing,
                                  Duration write_time) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);  // the watch below must be joined whatever happens
    const auto caller = co_await asio::this_coro::cancellation_state;
    Listener listener(connection, framing, write_time);
    TaskGroup watching(connection.get_executor());
    std::exception_ptr thrown;
    if (co_await listener.send(wire_head(response, framing, false), write_time)) {
        watching.spawn(listener.watch());
        bool complete = true;  // a body that a defect broke off must not look so
        try {
            co_await run_cancellable(response.stream(listener), [&listener](std::function<void()> cancel) {
                listener.on_departure(std::move(cancel));
            });
        } catch (const boost::system::system_error& error) {
            thrown = std::current_exception();
            complete = error.code() == asio::error::operation_aborted;
        } catch (...) {
            thrown = std::current_exception();
            complete = false;
        }
        listener.done();
        if (complete && framing == Framing::chunked) co_await listener.send("0\r\n\r\n", last_words_time);
    }
    connection.interrupter()();
    try {
        co_await watching.join();
    } catch (...) {
        if (!thrown) thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (caller.cancelled() != asio::cancellation_type::none && thrown) std::rethrow_exception(thrown);
}

}  // namespace serin
