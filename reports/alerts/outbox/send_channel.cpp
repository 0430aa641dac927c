// SPDX-License-Identifier: Apache-2.0
// What is known of a channel, and which failovers need not wait because of it.
#include <algorithm>
#include <utility>

#include "reports/alerts/outbox/send_plan.hpp"

namespace serin {
namespace {

using State = OutboxRow::State;

/// A channel that refuses everything is seldom right again within seconds.
constexpr int broken_factor = 10;

}  // namespace

void SendPlan::channel_answers(const std::string& channel, Wall now) {
    Line& line = lines_.at(channel);
    line.health.failures_in_a_row = 0;
    line.health.broken = false;
    if (!std::exchange(line.health.circuit_open, false)) return;
    for (auto& [id, entry] : rows_) {
        if (entry.row.channel == channel && entry.row.state == State::pending && !entry.sending)
            entry.row.due_at = std::min(entry.row.due_at, now);
    }
}

void SendPlan::channel_fails(const std::string& channel, const SendResult& result, Wall now) {
    Line& line = lines_.at(channel);
    ++line.health.failures_in_a_row;
    line.health.last_failure_at = now;
    line.health.said = result.said;
    const bool broken = result.took == Took::broken;
    if (!broken && line.health.failures_in_a_row < rules_.circuit_after) return;
    line.health.circuit_open = true;
    line.closed_until = now + rules_.circuit_for * (broken ? broken_factor : 1);
    hurry_channel(channel, now);
}

void SendPlan::hurry_channel(const std::string& channel, Wall now) {
    std::set<std::string> notices;
    for (const auto& [id, entry] : rows_)
        if (entry.row.channel == channel) notices.insert(entry.row.notice.id);
    for (const std::string& notice : notices) hurry(notice, now, Left::some);
}

/// Will not prove anything in time for the failover, as far as can be said.
bool SendPlan::hopeless(const Entry& entry) const {
    if (entry.row.state == State::accepted || entry.row.state == State::waiting) return false;
    const Line& line = lines_.at(entry.row.channel);
    return line.health.circuit_open || line.held_until > newest_ + rules_.failover_after;
}

void SendPlan::hurry(const std::string& notice_id, Wall now, Left left) {
    const auto found = notices_.find(notice_id);
    if (found == notices_.end() || found->second.taken) return;
    std::vector<Entry*> waiting;
    bool left_here = false;
    for (const std::int64_t id : found->second.rows) {
        Entry& entry = rows_.at(id);
        if (entry.row.state == State::waiting) {
            waiting.push_back(&entry);
        } else if (counts(entry)) {
            if (!hopeless(entry)) return;
            left_here = true;
        }
    }
    if (left == Left::some && !left_here) return;
    std::ranges::sort(waiting, {}, [](const Entry* entry) { return entry->row.order; });
    Wall due_at = now;
    for (Entry* const entry : waiting) {
        if (entry->row.due_at > due_at) {
            entry->row.due_at = due_at;
            changed_[entry->row.id] = entry->row;
        }
        // The next one follows at once only when this one's channel is out as well.
        if (due_at != now || !lines_.at(entry->row.channel).health.circuit_open) due_at += rules_.failover_after;
    }
}

}  // namespace serin
