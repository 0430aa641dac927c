// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace serin {

/// One event loop of one thread (rule C1).
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] boost::asio::any_io_executor executor();
    /// Runs `main` and everything it starts on this thread, until `main` has ended; rethrows its exception.
    void run(boost::asio::awaitable<void> main);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Calls `handler` on the executor's thread for each of `signals` (SIGINT, SIGTERM, …) until destroyed.
class SignalListener {
public:
    SignalListener(const boost::asio::any_io_executor& executor, const std::vector<int>& signals,
                   std::function<void(int)> handler);
    ~SignalListener();
    SignalListener(const SignalListener&) = delete;
    SignalListener& operator=(const SignalListener&) = delete;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace serin
