// SPDX-License-Identifier: Apache-2.0
#include "net/loop_thread.hpp"

#include <pthread.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <thread>
#include <utility>

namespace serin {

namespace asio = boost::asio;

void post(const asio::any_io_executor& executor, std::function<void()> work) {
    asio::post(executor, std::move(work));
}

asio::awaitable<void> run_on(asio::any_io_executor elsewhere, std::function<void()> work) {
    // Tracked: the loop here must not run out of work while it waits for the one there.
    const asio::any_io_executor here =
        asio::prefer(co_await asio::this_coro::executor, asio::execution::outstanding_work.tracked);
    std::exception_ptr failure;
    const auto handled = [here, &elsewhere, &work, &failure](auto handler) {
        asio::post(elsewhere, [here, handler = std::move(handler), &work, &failure]() mutable {
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            // The last touch of the caller's frame: it may resume, and be gone, as soon as this is posted.
            asio::post(here, std::move(handler));
        });
    };
    co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(handled, asio::use_awaitable);
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> play_on(asio::any_io_executor elsewhere, asio::awaitable<void> work) {
    // No cancellation slot: it would be emitted on this thread into a coroutine of the other.
    co_await asio::co_spawn(elsewhere, std::move(work),
                            asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

struct LoopThread::Impl {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    std::thread thread;
};

LoopThread::LoopThread(const std::string& name) : impl_(std::make_unique<Impl>()) {
    impl_->thread = std::thread([this] { impl_->context.run(); });
    pthread_setname_np(impl_->thread.native_handle(), name.substr(0, 15).c_str());
}

LoopThread::~LoopThread() {
    stop();
}

asio::any_io_executor LoopThread::executor() {
    return impl_->context.get_executor();
}

void LoopThread::stop() {
    impl_->guard.reset();
    if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace serin
