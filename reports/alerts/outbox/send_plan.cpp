// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/send_plan.hpp"

#include <algorithm>
#include <tuple>

namespace serin {
namespace {

using State = OutboxRow::State;

constexpr Duration longest_failover_after = std::chrono::seconds(120);
/// No row may be put off further than this, whatever the clock did while the process was away.
constexpr Duration longest_page_pause = std::chrono::minutes(6), longest_pause = std::chrono::minutes(72);
/// A clock that is set back by less is only being trimmed.
constexpr Duration trim = std::chrono::seconds(2);

Duration bounded(Duration failover_after) {
    return std::clamp(failover_after, Duration::zero(), longest_failover_after);
}

/// The newer one says all that the older one would have said.
bool makes_needless(const OutboxRow& newer, const OutboxRow& older) {
    if (newer.notice.kind == NoticeKind::changed)
        return older.notice.kind == NoticeKind::changed && (newer.notice.page || !older.notice.page);
    if (newer.notice.kind == NoticeKind::resolved)
        return !older.notice.page && older.notice.kind != NoticeKind::resolved;
    return false;
}

bool tells_that_it_is_over(NoticeKind kind) {
    return kind == NoticeKind::resolved || kind == NoticeKind::acknowledged;
}

}  // namespace

const char* name_of(Took took) {
    switch (took) {
        case Took::proven:
            return "proven";
        case Took::accepted:
            return "accepted";
        case Took::retry:
            return "retry";
        case Took::refused:
            return "refused";
        case Took::broken:
            return "broken";
    }
    return "retry";
}

const char* name_of(OutboxRow::State state) {
    switch (state) {
        case State::waiting:
            return "waiting";
        case State::pending:
            return "pending";
        case State::accepted:
            return "accepted";
        case State::delivered:
            return "delivered";
        case State::refused:
            return "refused";
        case State::superseded:
            return "superseded";
    }
    return "pending";
}

SendPlan::SendPlan(SendRules rules, std::uint64_t seed) : random_(seed) {
    replace_rules(std::move(rules));
}

void SendPlan::replace_rules(SendRules rules) {
    rules_ = std::move(rules);
    if (rules_.schedule.empty())
        for (const int seconds : {0, 2, 5, 15, 30, 60}) rules_.schedule.emplace_back(std::chrono::seconds(seconds));
    rules_.jitter = std::clamp(rules_.jitter, 0.0, 1.0);
    rules_.failover_after = bounded(rules_.failover_after);
    rules_.circuit_after = std::max(rules_.circuit_after, 1);
}

std::vector<OutboxRow> SendPlan::rows_of(const Notice& notice, std::int64_t first_id, Duration failover_after) {
    std::vector<OutboxRow> rows;
    std::set<std::string> named;
    const auto tell = [&](const std::string& channel, int order) {
        if (!named.insert(channel).second) return false;
        rows.push_back({.id = first_id++,
                        .notice = notice,
                        .channel = channel,
                        .order = order,
                        .state = order == 0 ? State::pending : State::waiting,
                        .due_at = notice.made_at + order * bounded(failover_after)});
        return true;
    };
    for (const std::string& channel : notice.channels) tell(channel, 0);
    if (!notice.page || notice.incident.drill) return rows;
    // Without a first channel the first failover is the first.
    int order = rows.empty() ? 0 : 1;
    for (const std::string& channel : notice.failover) order += tell(channel, order) ? 1 : 0;
    return rows;
}

std::vector<OutboxRow> SendPlan::rows_for(const Notice& notice, std::int64_t first_id) const {
    const auto told = told_by_failover_.find(notice.incident.id);
    if (told == told_by_failover_.end() || !tells_that_it_is_over(notice.kind))
        return rows_of(notice, first_id, rules_.failover_after);
    Notice wider = notice;
    wider.channels.insert(wider.channels.end(), told->second.begin(), told->second.end());
    return rows_of(wider, first_id, rules_.failover_after);
}

void SendPlan::restore_told(const std::string& incident_id, const std::string& channel) {
    told_by_failover_[incident_id].insert(channel);
}

void SendPlan::know_channel(const std::string& channel, ChannelWorth worth) {
    Line& line = lines_[channel];
    line.worth = worth;
    line.health.broken = line.health.circuit_open = false;
    line.health.failures_in_a_row = 0;
    line.closed_until = line.held_until = {};
}

void SendPlan::add(std::vector<OutboxRow> rows) {
    std::ranges::sort(rows, {}, &OutboxRow::id);
    std::set<std::string> touched;
    Wall newest{};
    for (OutboxRow& row : rows) {
        if (row.settled_at || rows_.contains(row.id)) continue;
        const std::string& incident = row.notice.incident.id;
        newest = std::max(newest, row.notice.made_at);
        touched.insert(row.notice.id);
        supersede_before(row, row.due_at);
        Told& told = notices_[row.notice.id];
        told.rows.insert(row.id);
        // A page was under way by failover when the process ended.
        if (row.order > 0 && row.state != State::waiting) {
            told.failover_begun = true;
            told_by_failover_[incident].insert(row.channel);
        }
        if (row.notice.kind == NoticeKind::resolved) {
            if (const auto known = told_by_failover_.find(incident); known != told_by_failover_.end()) {
                known->second.erase(row.channel);
                if (known->second.empty()) told_by_failover_.erase(known);
            }
        }
        lines_.try_emplace(row.channel);
        lanes_[{incident, row.channel}].insert(row.id);
        const Wall accepted_at = row.first_attempt_at.value_or(row.notice.made_at);
        const std::int64_t id = row.id;
        rows_.emplace(id, Entry{.row = std::move(row), .accepted_at = accepted_at});
    }
    // Pages whose channel is known to be out do not wait for it.
    for (const std::string& notice : touched) hurry(notice, newest, Left::some);
}

void SendPlan::supersede_before(const OutboxRow& newer, Wall& due_at) {
    const auto lane = lanes_.find({newer.notice.incident.id, newer.channel});
    if (lane == lanes_.end()) return;
    const std::set<std::int64_t> ids = lane->second;
    for (const std::int64_t id : ids) {
        Entry& older = rows_.at(id);
        const bool unsent = !older.sending && older.row.attempts == 0 &&
                            (older.row.state == State::pending || older.row.state == State::waiting);
        if (id >= newer.id || !unsent || !makes_needless(newer, older.row)) continue;
        // A stream of changes must not put a page off for ever.
        due_at = std::min(due_at, older.row.due_at);
        older.row.said = std::string("the notice ") + name_of(newer.notice.kind) + " came before it was sent";
        leave(id, State::superseded, newer.notice.made_at);
    }
}

void SendPlan::follow_clock(Wall now) {
    const Duration back = newest_ - now;
    newest_ = now;
    if (back > trim && back < Wall::duration::max() / 2) {
        for (auto& [id, entry] : rows_) {
            entry.row.due_at -= back;
            entry.accepted_at -= back;
        }
        for (auto& [name, line] : lines_) {
            if (line.closed_until != Wall{}) line.closed_until -= back;
            if (line.held_until != Wall{}) line.held_until -= back;
        }
    }
    for (auto& [id, entry] : rows_) {
        const Duration longest = entry.row.state == State::waiting ? entry.row.order * rules_.failover_after
                                 : entry.row.notice.page           ? longest_page_pause
                                                                   : longest_pause;
        entry.row.due_at = std::min(entry.row.due_at, now + longest);
    }
}

/// Nullopt: not before something else has been settled.
std::optional<Wall> SendPlan::ready_at(const Entry& entry) const {
    if (entry.sending) return std::nullopt;
    if (entry.row.state == State::accepted) return entry.row.due_at;
    for (const std::int64_t id : lanes_.at({entry.row.notice.incident.id, entry.row.channel})) {
        if (id >= entry.row.id) break;
        if (rows_.at(id).row.state == State::pending) return std::nullopt;
    }
    const Line& line = lines_.at(entry.row.channel);
    const Wall free_at = std::max(entry.row.due_at, line.held_until);
    if (!line.health.circuit_open) return free_at;
    if (line.sending > 0) return std::nullopt;
    return std::max(free_at, line.closed_until);
}

std::vector<OutboxRow> SendPlan::due(Wall now) {
    follow_clock(now);
    std::vector<std::tuple<bool, std::int64_t>> ready;
    for (const auto& [id, entry] : rows_) {
        const std::optional<Wall> at = ready_at(entry);
        if (at && *at <= now) ready.emplace_back(!entry.row.notice.page, id);
    }
    std::ranges::sort(ready);
    std::vector<OutboxRow> handed;
    for (const auto& [later, id] : ready) {
        Entry& entry = rows_.at(id);
        // One probing attempt at a time, and one row of a lane.
        const std::optional<Wall> at = ready_at(entry);
        if (!at || *at > now) continue;
        entry.sending = true;
        if (entry.row.state != State::accepted) {
            ++lines_.at(entry.row.channel).sending;
            if (!entry.row.first_attempt_at) entry.row.first_attempt_at = now;
            entry.row.state = State::pending;
        }
        if (entry.row.order > 0) {
            notices_.at(entry.row.notice.id).failover_begun = true;
            told_by_failover_[entry.row.notice.incident.id].insert(entry.row.channel);
        }
        handed.push_back(entry.row);
    }
    return handed;
}

std::optional<Wall> SendPlan::next_due() const {
    std::optional<Wall> next;
    for (const auto& [id, entry] : rows_) {
        const std::optional<Wall> at = ready_at(entry);
        if (at && (!next || *at < *next)) next = at;
    }
    return next;
}

std::map<std::string, SendPlan::ChannelHealth> SendPlan::health() const {
    std::map<std::string, ChannelHealth> all;
    for (const auto& [name, line] : lines_) all[name] = line.health;
    for (const auto& [id, entry] : rows_) all[entry.row.channel].pending += entry.row.state == State::pending ? 1 : 0;
    return all;
}

std::int64_t SendPlan::pending() const {
    return std::ranges::count_if(
        rows_, [this](const auto& each) { return each.second.row.state == State::pending && counts(each.second); });
}

std::optional<Wall> SendPlan::oldest() const {
    std::optional<Wall> oldest;
    for (const auto& [id, entry] : rows_) {
        if (entry.row.state != State::pending || !counts(entry) || notices_.at(entry.row.notice.id).taken) continue;
        if (!oldest || entry.row.notice.made_at < *oldest) oldest = entry.row.notice.made_at;
    }
    return oldest;
}

}  // namespace serin
