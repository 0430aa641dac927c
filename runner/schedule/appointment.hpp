// SPDX-License-Identifier: Apache-2.0
// One cell's place in the timetable: pure steps from one slot to the next, in elapsed time.
#pragma once
#include <cstdint>
#include <optional>

#include "runner/schedule/timetable.hpp"

namespace serin {

/// Elapsed time since some start, the time that the machine slept included (CLOCK_BOOTTIME); never steps.
using Elapsed = Duration;

/// The next slot of one cell, and all that decides when it starts.
class Appointment {
public:
    /// `offset`: wall time at elapsed zero. `now` and `after` as in Timetable::add().
    Appointment(const TimetableEntry& entry, Elapsed now, Duration offset, std::optional<Wall> after);

    [[nodiscard]] Wall slot() const { return slot_; }
    /// When it may start: `due`, unless the start before it was so late that they would stand too close.
    [[nodiscard]] Elapsed release() const { return release_; }

    struct Dealt {
        std::optional<Wall> started;  ///< the slot to start
        Elapsed due{};                ///< of that slot
        Wall first_missed{}, last_missed{};
        std::int64_t missed = 0;
    };
    /// Deals with every slot that is due; release() must not be after `now`. Ask again while it still is not.
    [[nodiscard]] Dealt deal(Elapsed now, Duration max_lateness);

    /// The wall clock was set: chooses the next slot on the moved grid. Nothing may be overdue at `now`.
    void move_grid(Elapsed now, Duration offset);

private:
    void plan(Wall slot, Elapsed base, Elapsed due);
    [[nodiscard]] Elapsed due_of(std::int64_t further) const;

    std::uint64_t hash_;
    Duration every_, jitter_, phase_;
    Wall slot_{};
    Elapsed base_{};  ///< where the slot stands in elapsed time, without jitter
    Elapsed due_{};   ///< base + jitter, or later when a step of the wall clock pushed it into the past
    Elapsed release_{};
    Elapsed not_before_;  ///< no slot before this one is ever the next: half an interval after the last one's base
    Elapsed least_due_;   ///< half an interval after the last one that started was due
    Elapsed apart_;       ///< … and after it did start: none starts before this
};

}  // namespace serin
