// SPDX-License-Identifier: Apache-2.0
#include "core/time.hpp"

#include <catch2/catch.hpp>

namespace serin::test {

using namespace std::chrono_literals;

TEST_CASE("durations are read exactly, in any unit and in sums of units") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("2s") == 2s);
    CHECK(parse_duration("1m30s") == 90s);
    CHECK(parse_duration("1.5h") == 90min);
    CHECK(parse_duration("7d") == 168h);
    CHECK(parse_duration("300us") == 300us);
    CHECK(parse_duration("15ns") == 15ns);
    CHECK(parse_duration("0.1s") == 100ms);
    CHECK(parse_duration("0.000000001s") == 1ns);
    CHECK(parse_duration("1h2m3s4ms") == 1h + 2min + 3s + 4ms);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("what is no duration, or has no unit, is refused") {
    for (const char* text : {"", "5", "s", "-1s", "+1s", "1 s", " 1s", "1s ", ".5s", "1.s", "1e3s", "1x", "30s1m",
                             "1s1s", "1S", "1min", "1.2.3s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("a duration that does not fit is refused instead of wrapping round") {
    CHECK(parse_duration("106751d"));
    CHECK_FALSE(parse_duration("106752d"));
    CHECK_FALSE(parse_duration("99999999999999999999s"));
    CHECK_FALSE(parse_duration("106751d1000000h"));
}

TEST_CASE("durations are shown in the unit in which people read them") {
    CHECK(human_duration(87ms) == "87 ms");
    CHECK(human_duration(3412ms) == "3.41 s");
    CHECK(human_duration(412us) == "412 us");
    CHECK(human_duration(2s) == "2 s");
    CHECK(human_duration(90s) == "90 s");
    CHECK(human_duration(10min) == "10 min");
    CHECK(human_duration(90min) == "90 min");
    CHECK(human_duration(6h) == "6 h");
    CHECK(human_duration(24h * 7) == "7 d");
    CHECK(human_duration(15ns) == "15 ns");
    CHECK(human_duration(0s) == "0 ns");
    CHECK(human_duration(-87ms) == "-87 ms");
}

TEST_CASE("rounding to three digits carries into the next unit") {
    CHECK(human_duration(999'900us) == "1 s");
    CHECK(human_duration(999'400us) == "999 ms");
    CHECK(human_duration(1'235'000us) == "1.24 s");
}

TEST_CASE("the longest durations are shown without overflow") {
    CHECK_FALSE(human_duration(Duration::max()).empty());
    CHECK(human_duration(Duration::min()).front() == '-');
}

TEST_CASE("a deadline too far away to be told is never") {
    const Steady now = Steady() + 5s;
    CHECK(deadline_after(now, 2s).at == now + 2s);
    CHECK(deadline_after(now, Duration::max()).at == Steady::max());
    CHECK(Deadline::never().left(now) == Duration::max());
    CHECK(Deadline{now + 3s}.left(now) == 3s);
    CHECK(Deadline{now - 3s}.left(now) == 0s);
    CHECK(earliest(Deadline{now}, Deadline::never()).at == now);
}

TEST_CASE("points in time are written as RFC 3339 in UTC with milliseconds") {
    CHECK(rfc3339(Wall(std::chrono::milliseconds(1795309323004))) == "2026-11-22T01:02:03.004Z");
    CHECK(rfc3339(Wall()) == "1970-01-01T00:00:00.000Z");
    CHECK(rfc3339(Wall() - 1ms) == "1969-12-31T23:59:59.999Z");
}

}  // namespace serin::test
