// SPDX-License-Identifier: Apache-2.0
// Days of schedule in seconds: one worker's timetable and admission over clocks that only the simulation moves.
#pragma once
#include <cstdint>
#include <vector>

#include "core/time.hpp"
#include "runner/schedule/windows.hpp"

namespace serin::test {

/// What happens to the machine `at` so long after the begin. Several at once happen in this order.
struct ClockEvent {
    Duration at{};
    Duration step{};   ///< somebody sets the wall clock, forward or (negative) back
    Duration sleep{};  ///< the machine is suspended
    Duration stall{};  ///< the worker's loop does not get to run
};

struct SimulatedDay {
    Wall begin{};
    Duration length = std::chrono::hours(24);
    int probes = 500;
    int targets = 10;  ///< the probes are spread over them
    Duration every = std::chrono::seconds(10);
    Duration jitter{};
    Duration shortest_run = std::chrono::milliseconds(20);  ///< run times are uniform between the two
    Duration longest_run = std::chrono::seconds(3);
    Duration start_cost = std::chrono::microseconds(50);  ///< time that the worker is busy with each start
    int overlap = 1, target_cap = 64, process_cap = 2000;
    std::uint64_t seed = 1;
    std::vector<ClockEvent> events;  ///< in order of `at`
    std::vector<MaintenanceWindow> maintenance;
};

struct SimulatedResults {
    std::int64_t started = 0, missed = 0, shed = 0, overlapped = 0;
    std::int64_t in_maintenance = 0;  ///< of those that started
    int most_in_flight = 0;
    Duration worst_lateness{};                  ///< start - due, awake
    Duration closest_starts = Duration::max();  ///< of one cell, in elapsed time
    Duration widest_starts = Duration::zero();
    /// Every slot of the grid that was told of, in whatever way.
    [[nodiscard]] std::int64_t slots() const { return started + missed + shed + overlapped; }
};

[[nodiscard]] SimulatedResults simulate(const SimulatedDay& day);

}  // namespace serin::test
