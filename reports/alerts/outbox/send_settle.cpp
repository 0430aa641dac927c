// SPDX-License-Identifier: Apache-2.0
// What follows from how a channel took a notice.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reports/alerts/outbox/send_plan.hpp"

namespace serin {
namespace {

using State = OutboxRow::State;

constexpr Duration longest_wish_of_page = std::chrono::minutes(5), longest_wish = std::chrono::hours(1);
constexpr Duration least_pause = std::chrono::milliseconds(50);
/// How long a page that has no failover is read back.
constexpr Duration reading_ends_after = std::chrono::minutes(10);

Duration read_pause(int reads) {
    if (reads < 3) return std::chrono::milliseconds(500 << reads);  // within the shortest failover_after, twice
    if (reads < 6) return std::chrono::seconds(3);
    return std::chrono::seconds(reads < 10 ? 10 : 30);
}

/// SplitMix64: 0 <= x < 1.
double next_random(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1.0p-53;
}

Duration wish_of(const SendResult& result, bool page) {
    return std::clamp(result.retry_after.value_or(Duration::zero()), Duration::zero(),
                      page ? longest_wish_of_page : longest_wish);
}

}  // namespace

std::vector<OutboxRow> SendPlan::settle(std::int64_t id, const SendResult& result, Wall now) {
    follow_clock(now);
    const auto found = rows_.find(id);
    if (found == rows_.end()) return take_changed();
    Entry& entry = found->second;
    const bool reading = entry.row.state == State::accepted;
    if (entry.sending && !reading) --lines_.at(entry.row.channel).sending;
    entry.sending = false;
    entry.row.said = result.said;
    if (!result.reference.empty()) entry.row.reference = result.reference;
    changed_[id] = entry.row;
    const std::string channel = entry.row.channel;
    const bool answered = result.took != Took::retry && result.took != Took::broken;
    if (!reading) {
        ++entry.row.attempts;
        if (!entry.row.first_attempt_at) entry.row.first_attempt_at = now;
        if (entry.row.state == State::waiting) entry.row.state = State::pending;
        if (answered) channel_answers(channel, now);
        if (result.took == Took::refused) {
            lines_.at(channel).health.last_failure_at = now;
            lines_.at(channel).health.said = result.said;
        }
    }
    switch (result.took) {
        case Took::proven:
            was_proven(id, now);
            break;
        case Took::accepted:
            was_accepted(id, true, now);
            break;
        case Took::retry:
            // A failure to look says nothing of what was sent.
            if (reading)
                was_accepted(id, true, now);
            else
                try_again(id, result, now);
            break;
        case Took::refused:
            was_refused(id, now);
            break;
        case Took::broken:
            if (reading)
                was_accepted(id, false, now);
            else
                was_broken(id, result, now);
            break;
    }
    if (!reading && !answered) channel_fails(channel, result, now);
    return take_changed();
}

void SendPlan::was_proven(std::int64_t id, Wall now) {
    const OutboxRow row = rows_.at(id).row;
    lines_.at(row.channel).health.last_proven_at = now;
    std::set<std::int64_t> siblings;
    if (lines_.at(row.channel).worth.pages) siblings = notices_.at(row.notice.id).rows;
    for (const std::int64_t other : siblings) {
        Entry& sibling = rows_.at(other);
        const bool unsent = sibling.row.state == State::waiting ||
                            (sibling.row.state == State::pending && sibling.row.attempts == 0 && !sibling.sending);
        if (sibling.row.order == 0 || sibling.row.order <= row.order || !unsent) continue;
        sibling.row.said = "proven on " + row.channel;
        leave(other, State::superseded, now);
    }
    leave(id, State::delivered, now);
}

void SendPlan::was_accepted(std::int64_t id, bool more_to_learn, Wall now) {
    Entry& entry = rows_.at(id);
    // Of a drill everything is read back, the resolve too: that is what it is for.
    const ChannelWorth worth = lines_.at(entry.row.channel).worth;
    const bool page = entry.row.notice.page && worth.pages;
    if (!page && !entry.row.notice.incident.drill) return leave(id, State::delivered, now);
    Told& told = notices_.at(entry.row.notice.id);
    if (entry.row.state != State::accepted) {
        entry.row.state = State::accepted;
        entry.accepted_at = now;
    }
    const bool over = told.failover_begun || now - entry.accepted_at >= reading_ends_after;
    if (over || !more_to_learn || !worth.provable) {
        told.taken = true;
        return leave(id, State::accepted, now);
    }
    entry.row.due_at = now + read_pause(entry.reads++);
    changed_[id] = entry.row;
}

Duration SendPlan::pause_after(const Entry& entry, const SendResult& result) {
    const auto last = rules_.schedule.size() - 1;
    const Duration planned = rules_.schedule[std::min<std::size_t>(static_cast<std::size_t>(entry.row.attempts), last)];
    const double factor = 1 + rules_.jitter * (2 * next_random(random_) - 1);
    const auto jittered = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(planned) * factor);
    return std::max({jittered, least_pause, wish_of(result, entry.row.notice.page)});
}

void SendPlan::try_again(std::int64_t id, const SendResult& result, Wall now) {
    Entry& entry = rows_.at(id);
    if (entry.needless) return leave(id, State::superseded, now);
    if (now - entry.row.notice.made_at >= rules_.give_up) {
        entry.row.said = fmt::format("given up after {}: {}", human_duration(rules_.give_up), result.said);
        return was_refused(id, now);
    }
    entry.row.due_at = now + pause_after(entry, result);
    changed_[id] = entry.row;
    if (result.retry_after) {
        // A limit of rate is the channel's, not the row's.
        Line& line = lines_.at(entry.row.channel);
        line.held_until = std::max(line.held_until, now + wish_of(result, true));
        hurry(entry.row.notice.id, now, Left::some);
    }
}

void SendPlan::was_refused(std::int64_t id, Wall now) {
    const std::string notice = rows_.at(id).row.notice.id;
    const bool mattered = counts(rows_.at(id));
    leave(id, State::refused, now);
    if (mattered) hurry(notice, now, Left::none);
}

bool SendPlan::others_carry(const Entry& entry) const {
    const Told& told = notices_.at(entry.row.notice.id);
    if (told.proven) return true;
    return std::ranges::any_of(told.rows, [&](std::int64_t id) {
        const Entry& other = rows_.at(id);
        return id != entry.row.id && counts(other) && lines_.at(other.row.channel).worth.provable;
    });
}

void SendPlan::was_broken(std::int64_t id, const SendResult& result, Wall now) {
    Entry& entry = rows_.at(id);
    lines_.at(entry.row.channel).health.broken = true;
    if (entry.needless) return leave(id, State::superseded, now);
    // The last that could carry it keeps trying: somebody may put the channel right.
    // Only a page is handed over: of a resolve that met a passing 403 nobody else could take care.
    if (entry.row.notice.page && counts(entry) && others_carry(entry)) return was_refused(id, now);
    try_again(id, result, now);
}

std::vector<OutboxRow> SendPlan::acknowledged(const std::string& incident_id, Wall now) {
    untaken_.erase(incident_id);
    std::vector<std::int64_t> needless;
    const auto first = lanes_.lower_bound({incident_id, ""});
    for (auto lane = first; lane != lanes_.end() && lane->first.first == incident_id; ++lane) {
        for (const std::int64_t id : lane->second) {
            Entry& entry = rows_.at(id);
            const NoticeKind kind = entry.row.notice.kind;
            const bool again = kind == NoticeKind::escalated || kind == NoticeKind::repeated;
            const bool failover = entry.row.order > 0 && (entry.row.attempts == 0 || again);
            if (entry.row.state == State::accepted || (!again && !failover)) continue;
            if (entry.sending) {
                entry.needless = true;
            } else {
                needless.push_back(id);
            }
        }
    }
    for (const std::int64_t id : needless) {
        rows_.at(id).row.said = "acknowledged, or over, before it was sent";
        leave(id, State::superseded, now);
    }
    return take_changed();
}

void SendPlan::leave(std::int64_t id, OutboxRow::State state, Wall now) {
    OutboxRow row = std::move(rows_.at(id).row);
    rows_.erase(id);
    const auto lane = lanes_.find({row.notice.incident.id, row.channel});
    lane->second.erase(id);
    if (lane->second.empty()) lanes_.erase(lane);
    const auto told = notices_.find(row.notice.id);
    told->second.rows.erase(id);
    if (row.notice.page && !row.notice.incident.drill && lines_.at(row.channel).worth.pages) {
        told->second.proven = told->second.proven || state == OutboxRow::State::delivered;
        told->second.taken = told->second.taken || told->second.proven;
        if (told->second.taken) untaken_.erase(row.notice.incident.id);
        if (!told->second.taken && told->second.rows.empty() && state == OutboxRow::State::refused)
            untaken_.insert(row.notice.incident.id);
    }
    if (told->second.rows.empty()) notices_.erase(told);
    row.state = state;
    row.settled_at = now;
    changed_[id] = std::move(row);
}

std::vector<OutboxRow> SendPlan::withdraw(std::int64_t id, Wall now) {
    const auto entry = rows_.find(id);
    if (entry == rows_.end() || !entry->second.needless || entry->second.row.state == State::accepted) return {};
    if (entry->second.sending) --lines_.at(entry->second.row.channel).sending;
    entry->second.row.said = "acknowledged, or over, before it was sent";
    leave(id, OutboxRow::State::superseded, now);
    return take_changed();
}

std::vector<OutboxRow> SendPlan::rows() const {
    std::vector<OutboxRow> rows;
    rows.reserve(rows_.size());
    for (const auto& [id, entry] : rows_) rows.push_back(entry.row);
    return rows;
}

std::vector<OutboxRow> SendPlan::take_changed() {
    std::vector<OutboxRow> changed;
    changed.reserve(changed_.size());
    for (auto& [id, row] : changed_) {
        const auto kept = rows_.find(id);
        changed.push_back(kept != rows_.end() ? kept->second.row : std::move(row));
    }
    changed_.clear();
    return changed;
}

}  // namespace serin
