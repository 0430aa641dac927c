// SPDX-License-Identifier: Apache-2.0
#include "net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace serin {
namespace {

namespace asio = boost::asio;

struct Child {
    asio::cancellation_signal signal;
    std::size_t index = 0;  ///< where the group lists it
};

bool is_cancellation(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

/// Shared by the group and its children's completion handlers, whichever lives longer.
struct TaskGroup::State {
    // A timer that never expires is Asio's cheapest condition: it has no heap entry and makes no system call.
    explicit State(asio::any_io_executor group_executor)
        : executor(std::move(group_executor)), all_ended(executor, Steady::max()) {}

    void ended(const std::shared_ptr<Child>& child, const std::exception_ptr& thrown) {
        children[child->index] = std::move(children.back());
        children[child->index]->index = child->index;
        children.pop_back();
        if (thrown && !first_failure && !is_cancellation(thrown)) first_failure = thrown;
        if (children.empty()) all_ended.cancel();
    }

    void cancel() const {
        // A copy, because a child may end while it is told.
        const auto told = children;
        for (const auto& child : told) child->signal.emit(asio::cancellation_type::terminal);
    }

    using Steady = std::chrono::steady_clock::time_point;
    asio::any_io_executor executor;
    asio::steady_timer all_ended;
    std::vector<std::shared_ptr<Child>> children;
    std::exception_ptr first_failure;
};

namespace {

/// Asio 1.81 awaits a post after a coroutine that never had to wait. When that coroutine cancelled its own group, the
/// post would throw where nobody catches, and the group would wait forever for an end that is never told.
asio::awaitable<void> told_to_the_end(asio::awaitable<void> task) {
    std::exception_ptr thrown;
    try {
        co_await std::move(task);
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() {
    if (!state_->children.empty()) std::terminate();
}

void TaskGroup::spawn(asio::awaitable<void> task) {
    auto child = std::make_shared<Child>();
    child->index = state_->children.size();
    state_->children.push_back(child);
    const asio::cancellation_slot slot = child->signal.slot();
    asio::co_spawn(state_->executor, told_to_the_end(std::move(task)),
                   asio::bind_cancellation_slot(slot, [state = state_, child](const std::exception_ptr& thrown) {
                       state->ended(child, thrown);
                   }));
}

void TaskGroup::cancel() {
    state_->cancel();
}

std::size_t TaskGroup::running() const {
    return state_->children.size();
}

asio::awaitable<void> TaskGroup::join() {
    const auto state = state_;
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);  // or the waits below would throw and leave children behind
    const auto joiner = co_await asio::this_coro::cancellation_state;
    while (!state->children.empty() && joiner.cancelled() == asio::cancellation_type::none) {
        co_await state->all_ended.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    const bool cancelled = joiner.cancelled() != asio::cancellation_type::none;
    if (cancelled) state->cancel();
    while (!state->children.empty()) {
        // With an empty slot: the joiner's cancellation has been heard, and a second one cannot hurry the children.
        co_await state->all_ended.async_wait(
            asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)));
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    // A child's failure goes first: a defect must not hide behind a cancellation.
    if (state->first_failure) std::rethrow_exception(std::exchange(state->first_failure, nullptr));
    if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
}

namespace {

asio::awaitable<void> note_end(asio::awaitable<void> work, bool& ended_by_itself) {
    co_await std::move(work);
    ended_by_itself = true;
}

}  // namespace

asio::awaitable<bool> run_cancellable(asio::awaitable<void> work, std::function<void(std::function<void()>)> stop) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);  // `work` starts at once and may cancel us before we join it
    const auto group = std::make_shared<TaskGroup>(co_await asio::this_coro::executor);
    bool ended_by_itself = false;  // outlives the child, which is joined below
    group->spawn(note_end(std::move(work), ended_by_itself));
    stop([weak = std::weak_ptr(group)] {
        if (const auto running = weak.lock()) running->cancel();
    });
    std::exception_ptr thrown;
    try {
        co_await group->join();
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (thrown) std::rethrow_exception(thrown);
    co_return ended_by_itself;
}

}  // namespace serin
