// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/deliveries.hpp"

#include <algorithm>
#include <set>

namespace serin {

std::string_view delivery_state(const Expected& expected, const std::vector<Seen>& seen, Steady now) {
    const auto matches = std::ranges::count_if(seen, &Seen::matched);
    if (seen.empty() && expected.rejected) return "rejected";
    if (expected.exactly > 0 && matches > expected.exactly) return "duplicated";
    const Steady start = expected.sent.value_or(Steady{});
    const Deadline in_time = expected.sent ? deadline_after(start, expected.within) : Deadline::never();
    const bool delivered =
        std::ranges::any_of(seen, [&](const Seen& one) { return one.matched && !(one.at > in_time.at); });
    if (delivered) return "delivered";
    if (matches > 0) return "late";
    if (!seen.empty()) return "corrupted";
    if (expected.sent && expected.horizon && deadline_after(start, *expected.horizon).passed(now)) return "lost";
    return expected.acknowledged ? "outstanding" : "unknown";
}

bool reordered(const std::vector<int>& sent_order) {
    int highest = -1;
    std::set<int> known;
    for (const int order : sent_order) {
        if (!known.insert(order).second) continue;
        if (order < highest) return true;
        highest = std::max(highest, order);
    }
    return false;
}

}  // namespace serin
