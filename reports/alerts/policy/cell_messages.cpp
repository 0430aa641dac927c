// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/cell_messages.hpp"

#include <algorithm>

namespace serin {

MessageCounts count_messages(const std::vector<Delivery>& deliveries) {
    MessageCounts counts;
    for (const Delivery& delivery : deliveries) {
        if (delivery.state == "unknown" || delivery.state == "outstanding") continue;
        ++counts.judged;
        if (delivery.state == "lost") ++counts.bad[0];
        if (delivery.state == "late") ++counts.bad[1];
        if (delivery.state == "duplicated") ++counts.bad[2];
    }
    return counts;
}

void MessageWindow::add(const MessageCounts& counts, Wall began_at, Wall ended_at, Duration longest_window) {
    while (!entries_.empty() && entries_.front().ended_at <= ended_at - longest_window) entries_.pop_front();
    const bool forgotten = !entries_.empty() && std::ranges::any_of(forgotten_, [&](Wall until) {
        return entries_.back().ended_at <= until && until < ended_at;
    });
    if (entries_.empty() || forgotten || ended_at - entries_.back().began_at > longest_window / 64)
        entries_.push_back({.counts = {}, .began_at = began_at, .ended_at = ended_at, .bad_began_at = {}});
    Entry& entry = entries_.back();
    entry.ended_at = std::max(entry.ended_at, ended_at);
    entry.counts.judged += counts.judged;
    for (std::size_t kind = 0; kind < MessageCounts::kinds; ++kind) {
        if (counts.bad[kind] > 0 && entry.counts.bad[kind] == 0) entry.bad_began_at[kind] = began_at;
        entry.counts.bad[kind] += counts.bad[kind];
    }
}

void MessageWindow::turn_back(Wall now) {
    for (Entry& entry : entries_) {
        entry.began_at = std::min(entry.began_at, now);
        entry.ended_at = std::min(entry.ended_at, now);
    }
    for (Wall& until : forgotten_) until = std::min(until, now);
}

MessageWindow::Sum MessageWindow::sum(std::size_t kind, Wall after) const {
    Sum sum;
    for (const Entry& entry : entries_) {
        if (entry.ended_at <= after || entry.ended_at <= forgotten_[kind]) continue;
        if (entry.counts.bad[kind] > 0 && sum.bad == 0) sum.first_bad_began_at = entry.bad_began_at[kind];
        sum.judged += entry.counts.judged;
        sum.bad += entry.counts.bad[kind];
    }
    return sum;
}

}  // namespace serin
