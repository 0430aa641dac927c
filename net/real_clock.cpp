// SPDX-License-Identifier: Apache-2.0
#include "net/real_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;

class TimerBell final : public Bell {
public:
    explicit TimerBell(const asio::any_io_executor& executor) : timer_(executor) {}

    asio::awaitable<bool> wait_until(Steady until) override {
        if (std::exchange(rung_, false)) co_return true;
        timer_.expires_at(until);
        const auto [ended] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        // A ring and a cancellation both end the wait by operation_aborted; only the coroutine knows which it was. A
        // ring that meets a cancellation stays remembered.
        if (ended) {
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none)
                throw boost::system::system_error(asio::error::operation_aborted);
        }
        co_return std::exchange(rung_, false);
    }

    // Also right when the timer has already expired and its waiter is about to resume: the flag outlives the timer.
    void ring() override {
        rung_ = true;
        timer_.cancel();
    }

private:
    asio::steady_timer timer_;
    bool rung_ = false;
};

}  // namespace

std::unique_ptr<Bell> RealClock::make_bell() {
    return std::make_unique<TimerBell>(executor_);
}

}  // namespace serin
