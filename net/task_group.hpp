// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>

namespace serin {

/// The children of one coroutine; nothing in Serin is spawned outside a group (rule C2: no detached work). A spawned
/// coroutine must own its arguments. Thread: the executor's only.
class TaskGroup {
public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    /// The group must have been joined: destroying one that still runs is a defect and terminates.
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(boost::asio::awaitable<void> task);
    /// Asks every child to stop (Asio's terminal cancellation); they still have to be joined.
    void cancel();
    /// Waits until every child has ended, also when the waiting coroutine is itself cancelled (then the children are
    /// cancelled first and operation_aborted is thrown at the end). Rethrows the first exception of a child; a child's
    /// operation_aborted counts as a normal end. Asio lets a coroutine that *has been* cancelled start no further
    /// await: one that can be cancelled between spawn() and join() first awaits `this_coro::throw_if_cancelled(false)`.
    boost::asio::awaitable<void> join();
    [[nodiscard]] std::size_t running() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Runs `work` and returns when it has ended. `stop` is handed a function that cancels `work`; calling it later than
/// the end of `work` does nothing. True when `work` ended by itself, false when it was cancelled; other exceptions
/// travel. The caller itself is not cancelled by it, so it can clean up afterwards.
boost::asio::awaitable<bool> run_cancellable(boost::asio::awaitable<void> work,
                                             std::function<void(std::function<void()>)> stop);

}  // namespace serin
