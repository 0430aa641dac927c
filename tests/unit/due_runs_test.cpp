// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/due_runs.hpp"

#include <catch2/catch.hpp>

namespace serin::test {

namespace {

using namespace std::chrono_literals;

Record slot() {
    return {};
}

Gap gap_of(std::int64_t count) {
    Gap gap;
    gap.count = count;
    return gap;
}

}  // namespace

TEST_CASE("the share of due runs is of the last minute") {
    const Steady begin{1h};
    DueRuns runs(begin);
    CHECK(runs.share(begin) == 1.0);
    for (int i = 0; i < 9; ++i) runs.count(slot(), begin + i * 1s);
    runs.count(gap_of(1), begin + 10s);
    CHECK(runs.share(begin + 10s) == Approx(0.9));
    SECTION("what is older than a minute does not count") {
        CHECK(runs.share(begin + 69s) == 0.0);
        CHECK(runs.share(begin + 70s) == 1.0);
    }
    SECTION("a slot of the ring that is used again forgets what it held") {
        runs.count(slot(), begin + 70s);
        CHECK(runs.share(begin + 70s) == 1.0);
    }
}

TEST_CASE("runs that somebody asked for were not due") {
    const Steady begin{1h};
    DueRuns runs(begin);
    Record asked = slot();
    asked.on_request = true;
    runs.count(asked, begin);
    runs.count(gap_of(3), begin);
    CHECK(runs.share(begin) == 0.0);
}

TEST_CASE("a window closes a minute after the begin") {
    const Steady begin{1h};
    const DueRuns runs(begin);
    CHECK_FALSE(runs.window_closed(begin + 59s));
    CHECK(runs.window_closed(begin + 60s));
}

}  // namespace serin::test
