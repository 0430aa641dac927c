// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/appointment.hpp"

#include <algorithm>

#include "runner/schedule/grid.hpp"

namespace serin {
namespace {

constexpr Duration shortest_interval = std::chrono::milliseconds(1);

}  // namespace

Appointment::Appointment(const TimetableEntry& entry, Elapsed now, Duration offset, std::optional<Wall> after)
    : hash_(hash_of(*entry.key)),
      every_(std::max(entry.every, shortest_interval)),
      jitter_(std::clamp(entry.jitter, Duration::zero(), every_ / 2)),
      phase_(phase_of(hash_, every_)),
      not_before_(now),
      least_due_(Elapsed::min()),
      apart_(Elapsed::min()) {
    const Wall wall = Wall(offset + now);
    Wall first = slot_at_or_after(wall, every_, phase_);
    if (after && *after <= wall + every_ / 2) {
        // Nothing was dealt with before the epoch; the limit keeps the arithmetic in range.
        first = slot_at_or_after(std::max(*after, Wall{}) + Duration(1), every_, phase_);
        not_before_ = std::min(now, first.time_since_epoch() - offset);
    }
    const Elapsed base = first.time_since_epoch() - offset;
    plan(first, base, base + jitter_of(hash_, first, jitter_));
}

void Appointment::plan(Wall slot, Elapsed base, Elapsed due) {
    slot_ = slot;
    base_ = base;
    due_ = std::max(due, least_due_);
    release_ = std::max(due, apart_);
}

/// Of the slot so many after the next one; not before half an interval after this one's own, which may be late by a
/// step.
Elapsed Appointment::due_of(std::int64_t further) const {
    if (further == 0) return due_;
    const Duration ahead = further * every_;
    return std::max(base_ + ahead + jitter_of(hash_, slot_ + ahead, jitter_), due_ + every_ / 2);
}

Appointment::Dealt Appointment::deal(Elapsed now, Duration max_lateness) {
    std::int64_t latest = std::max<std::int64_t>((now - base_) / every_, 0);
    while (latest > 0 && due_of(latest) > now) --latest;
    const Elapsed due = due_of(latest);
    const Duration late = now - (latest == 0 ? release_ : due);
    const bool young = late <= std::min(every_ / 2, max_lateness);

    Dealt dealt;
    dealt.missed = young ? latest : latest + 1;
    if (dealt.missed > 0) {
        dealt.first_missed = slot_;
        dealt.last_missed = slot_ + (dealt.missed - 1) * every_;
    }
    const Wall last = slot_ + latest * every_;
    const Elapsed base = base_ + latest * every_;
    if (young) {
        dealt.started = last;
        dealt.due = due;
        least_due_ = due + every_ / 2;
        apart_ = now + every_ / 2;
    }
    not_before_ = base + every_ / 2;
    plan(last + every_, base + every_, base + every_ + jitter_of(hash_, last + every_, jitter_));
    return dealt;
}

void Appointment::move_grid(Elapsed now, Duration offset) {
    const Wall slot = slot_at_or_after(Wall(not_before_ + offset), every_, phase_);
    const Elapsed base = slot.time_since_epoch() - offset;
    Elapsed due = base + jitter_of(hash_, slot, jitter_);
    if (due < now) {
        const Elapsed latest = std::max(now, not_before_ + every_);
        due = std::min(now + (now - due), latest);
        // The same slot, moved again: a clock that is being slewed must not put it off for ever.
        if (slot == slot_) due = std::min(due, std::max(due_, now));
    }
    plan(slot, base, due);
}

}  // namespace serin
