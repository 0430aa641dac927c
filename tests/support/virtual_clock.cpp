// SPDX-License-Identifier: Apache-2.0
#include "tests/support/virtual_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <stdexcept>

namespace serin::test {

namespace asio = boost::asio;

/// Waits on a timer that never expires by itself: a ring, the clock or a cancellation ends the wait.
class VirtualClock::VirtualBell final : public Bell {
public:
    explicit VirtualBell(VirtualClock& clock) : clock_(clock), timer_(clock.executor_, Steady::max()) {}

    asio::awaitable<bool> wait_until(Steady until) override {
        if (std::exchange(rung_, false)) co_return true;
        Waiting waiting(clock_);
        if (until != Steady::max()) waiting.key = clock_.note(until, [this] { timer_.cancel(); });
        const auto [ended] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(ended);  // always operation_aborted: whose doing it was is told by what follows
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
        co_return std::exchange(rung_, false);
    }

    void ring() override {
        rung_ = true;
        timer_.cancel();
    }

private:
    /// Takes the bell off the clock's list however the wait ends.
    struct Waiting {
        explicit Waiting(VirtualClock& owner) : clock(owner) {}
        ~Waiting() { clock.waiting_.erase(key); }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        VirtualClock& clock;
        Key key{};
    };

    VirtualClock& clock_;
    asio::steady_timer timer_;
    bool rung_ = false;
};

VirtualClock::VirtualClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}
VirtualClock::~VirtualClock() = default;

Wall VirtualClock::wall() const {
    const auto new_year_2026 = Wall{} + std::chrono::seconds(1'767'225'600);
    return new_year_2026 + elapsed();
}

std::unique_ptr<Bell> VirtualClock::make_bell() {
    return std::make_unique<VirtualBell>(*this);
}

VirtualClock::Key VirtualClock::note(Steady when, std::function<void()> action) {
    const Key key{std::max(when, now_), ++last_};
    waiting_.emplace(key, std::move(action));
    return key;
}

void VirtualClock::at(Steady when, std::function<void()> action) {
    note(when, std::move(action));
}

bool VirtualClock::advance() {
    if (waiting_.empty()) return false;
    auto next = waiting_.extract(waiting_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
}

void run_virtually(asio::io_context& context, VirtualClock& clock, asio::awaitable<void> main) {
    constexpr int most_jumps = 200'000;
    std::exception_ptr thrown;
    bool ended = false;
    asio::co_spawn(context, std::move(main), [&](const std::exception_ptr& error) {
        thrown = error;
        ended = true;
    });
    for (int jumps = 0;; ++jumps) {
        context.restart();
        context.poll();
        if (ended) break;
        if (jumps == most_jumps) throw std::logic_error("virtual time goes on and on: somebody waits in a loop");
        if (!clock.advance()) throw std::logic_error("everybody waits, and nothing is left that could come");
    }
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace serin::test
