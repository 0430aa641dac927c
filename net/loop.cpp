// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <exception>

namespace serin {

namespace asio = boost::asio;

struct Loop::Impl {
    asio::io_context context{1};  // one thread: Asio may then skip some locking
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

asio::any_io_executor Loop::executor() {
    return impl_->context.get_executor();
}

void Loop::run(asio::awaitable<void> main) {
    std::exception_ptr thrown;
    impl_->context.restart();
    asio::co_spawn(impl_->context, std::move(main), [&](const std::exception_ptr& error) {
        thrown = error;
        impl_->context.stop();
    });
    // One call, not one for each event: Asio recycles the memory of handlers and coroutine frames within a call only.
    impl_->context.run();
    if (thrown) std::rethrow_exception(thrown);
}

struct SignalListener::Impl : std::enable_shared_from_this<Impl> {
    Impl(const asio::any_io_executor& executor, std::function<void(int)> call)
        : signals(executor), handler(std::move(call)) {}

    void wait() {
        signals.async_wait([self = shared_from_this()](const boost::system::error_code& error, int number) {
            if (error) return;  // the listener is gone
            self->handler(number);
            self->wait();
        });
    }

    asio::signal_set signals;
    std::function<void(int)> handler;
};

SignalListener::SignalListener(const asio::any_io_executor& executor, const std::vector<int>& signals,
                               std::function<void(int)> handler)
    : impl_(std::make_shared<Impl>(executor, std::move(handler))) {
    for (const int number : signals) impl_->signals.add(number);
    impl_->wait();
}

SignalListener::~SignalListener() {
    impl_->handler = [](int) {};
    boost::system::error_code ignored;
    impl_->signals.cancel(ignored);
}

}  // namespace serin
