// SPDX-License-Identifier: Apache-2.0
// What keeping appointments costs: simulated hours of PROBES probes every 10 s through the timetable and the admission
// of one worker, with run times between 20 ms and 3 s, one step of the wall clock and one suspend. No network.
//
//   schedule_bench [PROBES [HOURS]]     500 and 24 when not given; one line of JSON
#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "tests/bench/measure.hpp"
#include "tests/support/schedule_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

SimulatedDay simulated_day(long probes, long hours) {
    SimulatedDay day;
    day.begin = Wall(std::chrono::seconds(1'792'886'400));  // 2026-10-25, when Europe's clocks go back
    day.length = hours * 1h;
    day.probes = static_cast<int>(probes);
    day.targets = day.probes / 50 + 1;
    day.process_cap = day.probes;
    day.events = {{.at = day.length / 3, .step = 47min + 3141ms, .sleep = {}, .stall = {}},
                  {.at = day.length / 2, .step = {}, .sleep = 95s, .stall = {}}};
    MaintenanceWindow night;
    night.zone = "Europe/Berlin";
    night.at = 150;
    night.lasts = 1h;
    day.maintenance = {night};
    return day;
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const auto probes = parse_count(argc > 1 ? argv[1] : "500");
    const auto hours = parse_count(argc > 2 ? argv[2] : "24");
    if (!probes || !hours || argc > 3) {
        fmt::print(stderr, "usage: schedule_bench [PROBES [HOURS]]\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const SimulatedResults results = simulate(simulated_day(*probes, *hours));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    const std::chrono::duration<double, std::milli> late = results.worst_lateness;
    fmt::print(R"({{"slots":{},"started":{},"missed":{},"shed":{},"overlap":{},"in_maintenance":{},)"
               R"("most_in_flight":{},"worst_lateness_ms":{:.3f},"wall_s":{:.3f}}})"
               "\n",
               results.slots(), results.started, results.missed, results.shed, results.overlapped,
               results.in_maintenance, results.most_in_flight, late.count(), wall.count());
    return 0;
}
