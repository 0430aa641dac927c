// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/timetable.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "runner/schedule/appointment.hpp"

namespace serin {
namespace {

/// The grid follows the wall clock when it is off by more than this: less is the noise of reading two clocks in turn.
constexpr Duration followed_within = std::chrono::milliseconds(1);

/// What the heap holds: one for the next slot of each entry, one for each re-check. `version` tells a current one from
/// one that was replaced, which stays in the heap until it comes up.
struct Ticket {
    Elapsed at{};
    std::size_t entry = 0;
    std::uint64_t version = 0;
    bool re_check = false;
};

/// For a heap with the earliest on top; ties in the order of add(), so that runs repeat.
bool comes_later(const Ticket& a, const Ticket& b) {
    return std::tie(a.at, a.entry, a.re_check) > std::tie(b.at, b.entry, b.re_check);
}

bool comes_first(const Slot& a, const Slot& b) {
    return std::tie(a.due, a.entry, a.re_check) < std::tie(b.due, b.entry, b.re_check);
}

struct ReCheck {
    std::uint64_t version = 0;
    Elapsed at{};
    Wall scheduled_at{};
};

struct Entry {
    Appointment next;
    std::uint64_t version = 0;
    std::optional<ReCheck> re_check;
};

}  // namespace

struct Timetable::Impl {
    Duration max_lateness;
    std::unordered_map<std::size_t, Entry> entries;
    std::vector<Ticket> heap;
    std::size_t last_entry = 0;
    std::uint64_t last_version = 0;
    std::size_t stale = 0;  ///< tickets in the heap that nobody holds any more
    Elapsed now{};
    Duration suspended{};
    std::optional<Duration> offset;  ///< wall time at elapsed zero, by which the grid stands

    void read(const ClockReading& reading);
    void push(Ticket ticket);
    void pop();
    [[nodiscard]] bool current(const Ticket& ticket) const;
    void drop_stale();
    void rebuild();
    void follow(const ClockReading& reading);
    void hand_out(const Ticket& ticket, Due& due);
    void hand_out_slots(std::size_t id, Entry& entry, Due& due);
    [[nodiscard]] Steady steady(Elapsed at) const { return Steady(at - suspended); }
};

/// Elapsed time never runs back: its two parts are read one after the other.
void Timetable::Impl::read(const ClockReading& reading) {
    suspended = reading.suspended;
    now = std::max(now, reading.steady.time_since_epoch() + reading.suspended);
}

void Timetable::Impl::push(Ticket ticket) {
    heap.push_back(ticket);
    std::ranges::push_heap(heap, comes_later);
}

void Timetable::Impl::pop() {
    std::ranges::pop_heap(heap, comes_later);
    heap.pop_back();
}

bool Timetable::Impl::current(const Ticket& ticket) const {
    const auto found = entries.find(ticket.entry);
    if (found == entries.end()) return false;
    const Entry& entry = found->second;
    if (ticket.re_check) return entry.re_check && entry.re_check->version == ticket.version;
    return entry.version == ticket.version;
}

/// The top is always current; and the stale never outnumber the current for long.
void Timetable::Impl::drop_stale() {
    if (stale > 64 && stale > heap.size() / 2) rebuild();
    while (stale > 0 && !heap.empty() && !current(heap.front())) {
        pop();
        --stale;
    }
}

void Timetable::Impl::rebuild() {
    heap.clear();
    stale = 0;
    for (const auto& [id, entry] : entries) {
        heap.push_back({.at = entry.next.release(), .entry = id, .version = entry.version, .re_check = false});
        if (entry.re_check)
            heap.push_back(
                {.at = entry.re_check->at, .entry = id, .version = entry.re_check->version, .re_check = true});
    }
    std::ranges::make_heap(heap, comes_later);
}

void Timetable::Impl::follow(const ClockReading& reading) {
    const Duration here = reading.wall.time_since_epoch() - now;
    if (!offset) offset = here;
    if (std::chrono::abs(here - *offset) <= followed_within) return;
    offset = here;
    for (auto& [id, entry] : entries) entry.next.move_grid(now, here);
    rebuild();
}

void Timetable::Impl::hand_out_slots(std::size_t id, Entry& entry, Due& due) {
    const Appointment::Dealt dealt = entry.next.deal(now, max_lateness);
    if (dealt.missed > 0) {
        due.missed.push_back({.entry = id,
                              .first_scheduled_at = dealt.first_missed,
                              .last_scheduled_at = dealt.last_missed,
                              .count = dealt.missed});
    }
    if (dealt.started)
        due.slots.push_back({.entry = id, .scheduled_at = *dealt.started, .due = steady(dealt.due), .re_check = false});
    entry.version = ++last_version;
    push({.at = entry.next.release(), .entry = id, .version = entry.version, .re_check = false});
}

void Timetable::Impl::hand_out(const Ticket& ticket, Due& due) {
    Entry& entry = entries.at(ticket.entry);
    if (!ticket.re_check) {
        hand_out_slots(ticket.entry, entry, due);
        return;
    }
    const ReCheck& again = *entry.re_check;
    due.slots.push_back(
        {.entry = ticket.entry, .scheduled_at = again.scheduled_at, .due = steady(again.at), .re_check = true});
    entry.re_check.reset();
}

Timetable::Timetable(Duration max_lateness) : impl_(std::make_unique<Impl>()) {
    impl_->max_lateness = max_lateness;
}
Timetable::~Timetable() = default;
Timetable::Timetable(Timetable&&) noexcept = default;
Timetable& Timetable::operator=(Timetable&&) noexcept = default;

std::size_t Timetable::add(const TimetableEntry& entry, const ClockReading& now, std::optional<Wall> after) {
    Impl& our = *impl_;
    our.read(now);
    const std::size_t id = ++our.last_entry;
    // By what the clocks say here, not by where the others stand: due() may not have seen a step yet.
    const Duration offset = now.wall.time_since_epoch() - our.now;
    if (our.entries.empty()) our.offset = offset;
    const auto [place, _] = our.entries.emplace(
        id, Entry{.next = Appointment(entry, our.now, offset, after), .version = ++our.last_version, .re_check = {}});
    our.push({.at = place->second.next.release(), .entry = id, .version = place->second.version, .re_check = false});
    return id;
}

void Timetable::remove(std::size_t entry) {
    const auto found = impl_->entries.find(entry);
    if (found == impl_->entries.end()) return;
    impl_->stale += found->second.re_check ? 2 : 1;
    impl_->entries.erase(found);
    impl_->drop_stale();
}

void Timetable::re_check(std::size_t entry, const ClockReading& now, Duration delay) {
    Impl& our = *impl_;
    our.read(now);
    const auto found = our.entries.find(entry);
    if (found == our.entries.end()) return;
    if (found->second.re_check) ++our.stale;
    const Duration ahead = std::max(delay, Duration::zero());
    const ReCheck again{.version = ++our.last_version, .at = our.now + ahead, .scheduled_at = now.wall + ahead};
    found->second.re_check = again;
    our.push({.at = again.at, .entry = entry, .version = again.version, .re_check = true});
    our.drop_stale();
}

Timetable::Due Timetable::due(const ClockReading& now) {
    Impl& our = *impl_;
    our.read(now);
    Due due;
    while (!our.heap.empty() && our.heap.front().at <= our.now) {
        const Ticket ticket = our.heap.front();
        our.pop();
        our.hand_out(ticket, due);
        our.drop_stale();
    }
    our.follow(now);
    std::ranges::sort(due.slots, comes_first);
    return due;
}

Steady Timetable::next() const {
    return impl_->heap.empty() ? Steady::max() : impl_->steady(impl_->heap.front().at);
}

std::optional<Wall> Timetable::next_slot(std::size_t entry) const {
    const auto found = impl_->entries.find(entry);
    if (found == impl_->entries.end()) return std::nullopt;
    return found->second.next.slot();
}

std::size_t Timetable::size() const {
    return impl_->entries.size();
}

}  // namespace serin
