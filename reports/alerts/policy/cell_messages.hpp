// SPDX-License-Identifier: Apache-2.0
// What became of a cell's messages lately.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/outcome.hpp"

namespace serin {

/// `bad` by lost, late, duplicated, in this order.
struct MessageCounts {
    static constexpr std::size_t kinds = 3;
    std::int64_t judged = 0;  ///< not outstanding, not unknown
    std::array<std::int64_t, kinds> bad{};
};
[[nodiscard]] MessageCounts count_messages(const std::vector<Delivery>& deliveries);

/// Bounded: runs that end within a 64th of the window of each other are one entry.
class MessageWindow {
public:
    void add(const MessageCounts& counts, Wall began_at, Wall ended_at, Duration longest_window);
    /// The clock went back: what ended later than `now` ended now.
    void turn_back(Wall now);
    struct Sum {
        std::int64_t judged = 0, bad = 0;
        Wall first_bad_began_at{};
    };
    /// Of one kind, over what ended later than `after` and was not forgotten.
    [[nodiscard]] Sum sum(std::size_t kind, Wall after) const;
    /// Of that kind nothing counts that ended up to `until`.
    void forget(std::size_t kind, Wall until) { forgotten_[kind] = until; }

private:
    struct Entry {
        MessageCounts counts{};
        Wall began_at{}, ended_at{};
        std::array<Wall, MessageCounts::kinds> bad_began_at{};
    };
    std::deque<Entry> entries_;
    std::array<Wall, MessageCounts::kinds> forgotten_{};
};

}  // namespace serin
