// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/appointments.hpp"

#include <algorithm>
#include <utility>

namespace serin {
namespace {

/// A wall clock may be set at any time; the timetable has to look at it now and then.
constexpr Duration look_at_the_clock = std::chrono::seconds(1);

bool judged_well(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::degraded;
}

}  // namespace

Appointments::Appointments(Parts parts)
    : parts_(std::move(parts)), bell_(parts_.clock.make_bell()), runs_(parts_.executor) {}

ClockReading Appointments::reading() const {
    return {.wall = parts_.clock.wall(), .steady = parts_.clock.now(), .suspended = parts_.suspended()};
}

void Appointments::replace(const CellPlans& cells, const std::map<CellKey, Wall>& last) {
    const ClockReading now = reading();
    std::map<CellKey, std::size_t> before = std::exchange(entry_of_, {});
    for (const std::shared_ptr<const CellPlan>& plan : cells) {
        const auto known = before.find(*plan->key);
        if (known != before.end()) {
            const std::size_t entry = known->second;
            std::shared_ptr<const CellPlan>& standing = entries_.at(entry);
            before.erase(known);
            if (standing->every == plan->every && standing->jitter == plan->jitter) {
                standing = plan;
                entry_of_.emplace(*plan->key, entry);
                continue;
            }
            timetable_.remove(entry);
            entries_.erase(entry);
        }
        const auto after = last.find(*plan->key);
        const std::size_t entry =
            timetable_.add({.key = plan->key, .every = plan->every, .jitter = plan->jitter}, now,
                           after == last.end() ? std::nullopt : std::optional<Wall>(after->second));
        entries_.emplace(entry, plan);
        entry_of_.emplace(*plan->key, entry);
    }
    for (const auto& [key, entry] : before) {
        timetable_.remove(entry);
        entries_.erase(entry);
    }
    bell_->ring();
}

boost::asio::awaitable<void> Appointments::serve() {
    while (!stopping_) {
        keep_appointments();
        if (deliver_at_ <= parts_.clock.now()) deliver_pending();
        const Steady until =
            std::min({timetable_.next(), deliver_at_, deadline_after(parts_.clock.now(), look_at_the_clock).at});
        const bool rung = co_await bell_->wait_until(until);
        if (!rung) worst_lag_ = std::max(worst_lag_, Duration(parts_.clock.now() - until));
    }
    co_await runs_.join();
    deliver_pending();
}

void Appointments::stop() {
    stopping_ = true;
    bell_->ring();
}

void Appointments::keep_appointments() {
    const Timetable::Due due = timetable_.due(reading());
    for (const MissedSlots& slots : due.missed) {
        if (const auto entry = entries_.find(slots.entry); entry != entries_.end())
            tell_gap(*entry->second, GapReason::missed, slots);
    }
    for (const Slot& slot : due.slots) {
        if (const auto entry = entries_.find(slot.entry); entry != entries_.end())
            start(slot, entry->second, slot.re_check);
    }
}

int Appointments::start_now(const std::string& probe, const std::string& target) {
    int started = 0;
    const ClockReading now = reading();
    for (const auto& [key, entry] : entry_of_) {
        if (key.probe != probe || (!target.empty() && key.target != target)) continue;
        const Slot at_once{.entry = entry, .scheduled_at = now.wall, .due = now.steady, .re_check = false};
        if (start(at_once, entries_.at(entry), true)) ++started;
    }
    return started;
}

bool Appointments::start(const Slot& slot, const std::shared_ptr<const CellPlan>& plan, bool on_request) {
    if (stopping_) return false;
    // A re-check never pushes out a slot: else an outage would be looked at less than health.
    const auto& rivals = on_request ? plan->state->in_flight : plan->state->slots_in_flight;
    const int own = rivals.load(std::memory_order_relaxed);
    Admission::Answer answer = Admission::ask(own, plan->overlap, plan->target, parts_.process);
    if (answer.refused) {
        // A re-check that finds no place is no slot of the grid: nothing is missing without it.
        if (!on_request) {
            tell_gap(*plan, *answer.refused,
                     {.entry = slot.entry,
                      .first_scheduled_at = slot.scheduled_at,
                      .last_scheduled_at = slot.scheduled_at,
                      .count = 1});
        }
        return false;
    }
    Record record{.key = plan->key, .scheduled_at = slot.scheduled_at, .on_request = on_request, .outcome = nullptr};
    record.maintenance = std::ranges::any_of(
        plan->maintenance, [&](const MaintenanceWindow& window) { return covers(window, slot.scheduled_at); });
    plan->state->in_flight.fetch_add(1, std::memory_order_relaxed);
    if (!on_request) plan->state->slots_in_flight.fetch_add(1, std::memory_order_relaxed);
    runs_.spawn(play(plan, slot, std::move(record), std::move(answer.admission)));
    return true;
}

boost::asio::awaitable<void> Appointments::play(std::shared_ptr<const CellPlan> plan, Slot slot, Record record,
                                                Admission admission) {
    record.start_lateness = std::max(Duration(parts_.clock.now() - slot.due), Duration::zero());
    Outcome outcome = co_await parts_.play(plan, interrupt_);
    record.outcome = std::make_shared<const Outcome>(std::move(outcome));
    plan->state->in_flight.fetch_sub(1, std::memory_order_relaxed);
    if (!record.on_request) plan->state->slots_in_flight.fetch_sub(1, std::memory_order_relaxed);
    admission = {};
    finished(*plan, slot.entry, std::move(record));
}

void Appointments::finished(const CellPlan& plan, std::size_t entry, Record record) {
    const bool well = judged_well(record.outcome->verdict);
    if (!well && plan.confirm && !stopping_ && entries_.contains(entry)) {
        timetable_.re_check(entry, reading(), *plan.confirm);
        bell_->ring();
    }
    tell(std::move(record), !well);
}

void Appointments::tell_gap(const CellPlan& plan, GapReason reason, const MissedSlots& slots) {
    tell(Gap{.key = plan.key,
             .reason = reason,
             .first_scheduled_at = slots.first_scheduled_at,
             .last_scheduled_at = slots.last_scheduled_at,
             .count = slots.count},
         false);
}

void Appointments::tell(StoreEntry entry, bool at_once) {
    pending_.push_back(std::move(entry));
    if (at_once) {
        deliver_pending();
    } else if (deliver_at_ == Steady::max()) {
        deliver_at_ = deadline_after(parts_.clock.now(), parts_.hold).at;
        // The loop may be waiting for longer than that.
        if (timetable_.next() > deliver_at_) bell_->ring();
    }
}

void Appointments::deliver_pending() {
    deliver_at_ = Steady::max();
    if (!pending_.empty()) parts_.deliver(std::exchange(pending_, {}));
}

}  // namespace serin
