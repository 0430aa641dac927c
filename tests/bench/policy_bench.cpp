// SPDX-License-Identifier: Apache-2.0
// What judging costs: outcomes a second of PROBES probes seen from three vantages, and 30 simulated days of PROBES
// probes once a minute, both with benign noise, on one core.
//
//   policy_bench [PROBES [DAYS]]     500 and 30 when not given; one line of JSON
#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "tests/bench/measure.hpp"
#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

struct Timed {
    FleetResult result{};
    double seconds = 0;
};

Timed timed(const Fleet& fleet) {
    const auto began = std::chrono::steady_clock::now();
    Timed timed;
    timed.result = play_fleet(fleet);
    timed.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return timed;
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const auto probes = parse_count(argc > 1 ? argv[1] : "500");
    const auto days = parse_count(argc > 2 ? argv[2] : "30");
    if (!probes || !days || argc > 3) {
        fmt::print(stderr, "usage: policy_bench [PROBES [DAYS]]\n");
        return 2;
    }
    Fleet day;
    day.probes = static_cast<int>(*probes);
    day.rounds = 24L * 60;
    day.outage_at = 700;
    Fleet month = day;
    month.vantages = 1;
    month.rounds = *days * 24 * 60;
    month.outage_at = -1;
    const Timed fast = timed(day), full = timed(month);
    fmt::print(R"({{"runs":{},"wall_s":{:.3f},"runs_per_s":{:.0f},"critical":{},"month_runs":{},"month_wall_s":{:.3f},)"
               R"("month_failed":{},"month_critical":{},"peak_rss_kib":{}}})"
               "\n",
               fast.result.runs, fast.seconds, static_cast<double>(fast.result.runs) / fast.seconds,
               fast.result.critical, full.result.runs, full.seconds, full.result.failed, full.result.critical,
               peak_rss_kib());
    return 0;
}
