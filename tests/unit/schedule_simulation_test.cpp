// SPDX-License-Identifier: Apache-2.0
// Timetable, admission and maintenance windows together, over hours.
#include "tests/support/schedule_simulation.hpp"

#include <catch2/catch.hpp>

namespace serin::test {

using namespace std::chrono_literals;

namespace {

/// Two hours of fifty probes from midnight UTC on, in the night in which Berlin's clocks go back (at 01:00 UTC).
SimulatedDay night() {
    SimulatedDay day;
    day.begin = Wall(std::chrono::seconds(1'792'886'400));  // 2026-10-25T00:00:00Z
    day.length = 2h;
    day.probes = 50;
    return day;
}
constexpr std::int64_t all = 50 * 720;

}  // namespace

TEST_CASE("an undisturbed night starts every slot in time") {
    const SimulatedResults results = simulate(night());
    CHECK(results.started == all);
    CHECK(results.slots() == all);
    CHECK(results.worst_lateness < 1ms);
    CHECK(results.closest_starts > 10s - 1ms);
    CHECK(results.widest_starts < 10s + 1ms);
    CHECK(results.most_in_flight < 30);
    CHECK(results.most_in_flight > 2);
}

TEST_CASE("a recurring window over the end of DST covers its hour and not two") {
    SimulatedDay day = night();
    MaintenanceWindow window;
    window.zone = "Europe/Berlin";
    window.at = 150;  // 02:30 comes twice: at 00:30 UTC and at 01:30 UTC
    window.lasts = 1h;
    day.maintenance = {window};
    const SimulatedResults results = simulate(day);
    CHECK(results.in_maintenance == 50 * 360);
    CHECK(results.started == all);
}

TEST_CASE("a night with a clock step and a suspend loses what it slept and nothing else") {
    SimulatedDay day = night();
    day.events = {{.at = 20min, .step = 3s + 700ms, .sleep = {}, .stall = {}},
                  {.at = 40min, .step = -1h, .sleep = {}, .stall = {}},
                  {.at = 60min, .step = {}, .sleep = 10min, .stall = {}},
                  {.at = 90min, .step = 1h, .sleep = {}, .stall = {}}};
    const SimulatedResults results = simulate(day);
    // Ten minutes are 60 slots of each; of the last ones about half are young enough to start on waking.
    CHECK(results.missed >= 50 * 59);
    CHECK(results.missed <= 50 * 60);
    CHECK(results.shed == 0);
    CHECK(results.slots() >= all - 50);
    CHECK(results.slots() <= all + 50);
    CHECK(results.closest_starts >= 5s - 1ms);
    CHECK(results.worst_lateness <= 5s + 50ms);
}

TEST_CASE("a stalled loop misses slots and starts no bunch") {
    SimulatedDay day = night();
    day.events = {{.at = 30min, .step = {}, .sleep = {}, .stall = 63s}};
    const SimulatedResults results = simulate(day);
    CHECK(results.missed >= 50 * 5);
    CHECK(results.missed <= 50 * 6 + 50);
    CHECK(results.slots() == all);
    CHECK(results.closest_starts >= 5s - 1ms);
}

TEST_CASE("what does not fit is shed or skipped and counted") {
    SimulatedDay slow = night();
    slow.shortest_run = 15s;
    slow.longest_run = 15s;
    const SimulatedResults overlapping = simulate(slow);
    CHECK(overlapping.slots() == all);
    CHECK(overlapping.overlapped == all / 2);

    slow.overlap = 2;
    CHECK(simulate(slow).started == all);

    slow.target_cap = 5;  // of the 7.5 runs that each of ten targets would have in flight
    const SimulatedResults shedding = simulate(slow);
    CHECK(shedding.slots() == all);
    CHECK(shedding.shed > all / 5);
    CHECK(shedding.most_in_flight <= 50);

    slow.target_cap = 64;
    slow.process_cap = 20;
    const SimulatedResults capped = simulate(slow);
    CHECK(capped.most_in_flight == 20);
    CHECK(capped.slots() == all);
    CHECK(capped.shed > 0);
}

TEST_CASE("the same seed gives the same night") {
    SimulatedDay day = night();
    day.jitter = 2s;
    day.overlap = 2;
    const SimulatedResults one = simulate(day);
    const SimulatedResults other = simulate(day);
    CHECK(one.started == other.started);
    CHECK(one.worst_lateness == other.worst_lateness);
    CHECK(one.most_in_flight == other.most_in_flight);
    CHECK(one.closest_starts >= 8s - 1ms);
}

}  // namespace serin::test
