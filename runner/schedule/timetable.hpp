// SPDX-License-Identifier: Apache-2.0
// When is each cell due? An absolute grid in wall time: slot k of a cell is at k · every + phase since the Unix epoch,
// with a phase that is a stable hash of its key, so that starts spread and survive a restart. Pure: every function
// takes the time as a value.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/record.hpp"
#include "core/time.hpp"

namespace serin {

/// What all clocks say at one instant.
struct ClockReading {
    Wall wall{};
    Steady steady{};       ///< CLOCK_MONOTONIC: stands still while the machine sleeps
    Duration suspended{};  ///< slept since boot: CLOCK_BOOTTIME - CLOCK_MONOTONIC
};

/// 0 <= phase < every, the same on every machine and in every version (FNV-1a, 64 bits, over the key's fields).
[[nodiscard]] Duration phase_of(const CellKey& key, Duration every);
/// The first slot at or after `t`.
[[nodiscard]] Wall slot_at_or_after(Wall t, Duration every, Duration phase);
/// Shift of one start, uniform in [0, jitter): a hash of key and slot, so that a test and a restart see the same.
[[nodiscard]] Duration jitter_of(const CellKey& key, Wall slot, Duration jitter);

struct TimetableEntry {
    std::shared_ptr<const CellKey> key;
    Duration every{};   ///< at least 1 ms: less counts as 1 ms
    Duration jitter{};  ///< at most half of `every`: more counts as half
};

struct Slot {
    std::size_t entry = 0;  ///< id that add() gave
    Wall scheduled_at{};    ///< the slot of the grid; for a re-check, when it was to be
    Steady due{};           ///< when it should start: lateness is counted from here
    bool re_check = false;
};
struct MissedSlots {
    std::size_t entry = 0;
    Wall first_scheduled_at{}, last_scheduled_at{};
    std::int64_t count = 0;
};

/// The appointments of one worker.
///
/// **Late.** A slot that due() does not hand out within half of its interval (or `max_lateness`, whichever is less) is
/// missed: a start later than that would stand nearer to the next slot than to its own. Of several overdue slots of one
/// cell the latest one starts when it is young enough, and the others are missed, never started in a bunch. A process
/// that was away for a day costs one step a cell, not one a slot.
///
/// **Elapsed time** is steady + suspended. While nobody sets the wall clock, each slot of the grid after add() (or
/// after `after`) is handed out or told as missed exactly once; time that the machine slept is missed.
///
/// **A wall clock that is set**, forward or back, moves the grid but makes no slot missed, late or doubled in elapsed
/// time: after the last slot of a cell comes the first one of the moved grid that is at least half an interval later.
/// So two starts of a cell (re-checks aside) are never less than half an interval apart, and at most one and a half and
/// its jitter, as long as due() is asked in time. A slot that the step pushed into the past by d starts d from now, so
/// that a step makes no burst. Stepping back repeats wall times: `scheduled_at` may come a second time. What was due
/// before due() could see the step is dealt with by the old grid. A clock that is slewed is followed within a
/// millisecond.
///
/// O(log n) a slot; O(n) for each millisecond that the wall clock is moved. One thread.
class Timetable {
public:
    explicit Timetable(Duration max_lateness = std::chrono::seconds(10));
    ~Timetable();
    Timetable(Timetable&&) noexcept;
    Timetable& operator=(Timetable&&) noexcept;

    /// `after`: the last slot that is known to have been dealt with (by an earlier process); slots between it and now
    /// are missed and told by the next due(), the latest one starts when it is young enough. One that lies more than
    /// half an interval in the future comes from a clock that was wrong, and is ignored. Ids are never used again.
    std::size_t add(const TimetableEntry& entry, const ClockReading& now, std::optional<Wall> after = {});
    /// What was due and not handed out is dropped untold. Unknown ids are ignored.
    void remove(std::size_t entry);
    /// Starts once more `delay` from now, beside the grid; a later call replaces an earlier one, a slot that comes
    /// first does not cancel it. However late, it is never missed. Unknown ids are ignored.
    void re_check(std::size_t entry, const ClockReading& now, Duration delay);

    struct Due {
        std::vector<Slot> slots;  ///< in order of `due`
        std::vector<MissedSlots> missed;
    };
    [[nodiscard]] Due due(const ClockReading& now);
    /// When to ask due() again; Steady::max() when nothing is planned. With a wall clock that may be set, ask at least
    /// once a second.
    [[nodiscard]] Steady next() const;
    [[nodiscard]] std::optional<Wall> next_slot(std::size_t entry) const;
    [[nodiscard]] std::size_t size() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
