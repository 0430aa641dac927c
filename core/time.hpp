// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace serin {

using Duration = std::chrono::nanoseconds;
using Steady = std::chrono::steady_clock::time_point;
using Wall = std::chrono::system_clock::time_point;

/// A point in time after which nobody waits any more. Made once where the work starts, handed down, never lengthened.
struct Deadline {
    Steady at = Steady::max();

    [[nodiscard]] static Deadline never() { return {}; }
    /// Time left at `now`, never negative; Duration::max() for never().
    [[nodiscard]] Duration left(Steady now) const;
    [[nodiscard]] bool passed(Steady now) const { return at <= now; }
};
[[nodiscard]] inline Deadline earliest(Deadline a, Deadline b) {
    return a.at < b.at ? a : b;
}
/// `now + d` without overflow: a very long duration gives never().
[[nodiscard]] Deadline deadline_after(Steady now, Duration d);

/// Wakes one waiting coroutine. Lives on the thread of its executor; not thread-safe. Must outlive its wait.
class Bell {
public:
    virtual ~Bell() = default;
    /// Waits until rung or until `until`; true when rung. A ring with nobody waiting is remembered for the next wait.
    /// Throws boost::system::system_error(operation_aborted) when the waiting coroutine is cancelled.
    virtual boost::asio::awaitable<bool> wait_until(Steady until) = 0;
    virtual void ring() = 0;
};

/// The only source of time. The real one is net/real_clock; tests use a virtual one.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Steady now() const = 0;  ///< for durations and deadlines; never steps
    [[nodiscard]] virtual Wall wall() const = 0;   ///< for people and for storage; may step
    [[nodiscard]] virtual std::unique_ptr<Bell> make_bell() = 0;
};

/// Sleeps on `clock`; throws operation_aborted when cancelled.
boost::asio::awaitable<void> sleep_until(Clock& clock, Steady until);

/// "250ms", "2s", "1m30s", "1.5h", "7d", "300us" to a duration; nullopt for anything else, a negative value or an
/// overflow. A bare number has no unit and is refused: a reader cannot tell seconds from milliseconds.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// The shortest of "87 ms", "3.41 s", "412 us" that a person wants to read: three significant digits.
[[nodiscard]] std::string human_duration(Duration d);
/// RFC 3339 in UTC with milliseconds: "2026-11-22T01:02:03.004Z".
[[nodiscard]] std::string rfc3339(Wall t);

}  // namespace serin
