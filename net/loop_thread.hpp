// SPDX-License-Identifier: Apache-2.0
// Threads and the only ways between them: a function is posted to another loop, or awaited there.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

namespace serin {

/// Runs `work` on the executor's thread, later; from any thread, without waiting. FIFO per posting thread.
void post(const boost::asio::any_io_executor& executor, std::function<void()> work);

/// Runs `work` on the thread of `elsewhere` and resumes here when it has ended; rethrows its exception. `work` is not
/// interrupted by a cancellation: the await ends when it does.
boost::asio::awaitable<void> run_on(boost::asio::any_io_executor elsewhere, std::function<void()> work);

/// Plays the coroutine `work` on the thread of `elsewhere` and resumes here when it has ended; rethrows its exception.
/// Not interrupted by a cancellation either.
boost::asio::awaitable<void> play_on(boost::asio::any_io_executor elsewhere, boost::asio::awaitable<void> work);

/// A thread with an event loop that runs until stop(). For blocking work (SQLite) and for workers.
class LoopThread {
public:
    /// `name`: shown by ps and top, at most 15 characters.
    explicit LoopThread(const std::string& name);
    /// Stops and joins.
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    [[nodiscard]] boost::asio::any_io_executor executor();
    /// Everything posted before is still run; then the thread ends. Returns when it has. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
