// SPDX-License-Identifier: Apache-2.0
// Time that stands still until the test lets it jump: exact, and no test waits for anything real.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "core/time.hpp"

namespace serin::test {

/// A clock whose time only advance() moves, from one thing that somebody waits for to the next. What is due at the same
/// instant happens in the order in which it was asked for. Must outlive its bells.
class VirtualClock final : public Clock {
public:
    explicit VirtualClock(boost::asio::any_io_executor executor);
    ~VirtualClock() override;

    [[nodiscard]] Steady now() const override { return now_; }
    [[nodiscard]] Wall wall() const override;
    [[nodiscard]] std::unique_ptr<Bell> make_bell() override;

    /// Since the clock was made.
    [[nodiscard]] Duration elapsed() const { return now_ - start(); }
    /// Calls `action` when the time has come: at once in virtual time for a past `when`, but never from within this
    /// call.
    void at(Steady when, std::function<void()> action);
    void after(Duration delay, std::function<void()> action) { at(deadline_after(now_, delay).at, std::move(action)); }

    /// Jumps to the earliest bell or action and sets it off; false when nothing is waited for.
    bool advance();

private:
    class VirtualBell;
    using Key = std::pair<Steady, std::uint64_t>;
    [[nodiscard]] static Steady start() { return Steady{} + std::chrono::hours(1); }  // Steady{} means "never" to some
    Key note(Steady when, std::function<void()> action);

    boost::asio::any_io_executor executor_;
    Steady now_ = start();
    std::uint64_t last_ = 0;
    std::map<Key, std::function<void()>> waiting_;
};

/// Runs `main` to its end in virtual time and rethrows its exception. Throws std::logic_error when everybody waits for
/// something that cannot come, or time jumps too often.
void run_virtually(boost::asio::io_context& context, VirtualClock& clock, boost::asio::awaitable<void> main);

}  // namespace serin::test
