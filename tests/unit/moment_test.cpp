// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/moment.hpp"

#include <catch2/catch.hpp>
#include <chrono>

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const Wall now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 1h;

std::string read(std::string_view text) {
    const Result<Wall> at = parse_moment(text, now);
    return at ? rfc3339(*at) : "error: " + at.error().title;
}

}  // namespace

TEST_CASE("a point in time in RFC 3339 with each kind of offset") {
    CHECK(read("2026-11-22T01:02:03Z") == "2026-11-22T01:02:03.000Z");
    CHECK(read("2026-11-22t01:02:03z") == "2026-11-22T01:02:03.000Z");
    CHECK(read("2026-11-22 01:02:03.5+01:00") == "2026-11-22T00:02:03.500Z");
    CHECK(read("2026-11-22T00:30:00-05:30") == "2026-11-22T06:00:00.000Z");
    CHECK(read("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000Z");
    CHECK(read("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000Z");
    CHECK(parse_moment("2026-11-22T01:02:03.123456789Z", now).value() -
              Wall(std::chrono::floor<std::chrono::seconds>(parse_moment("2026-11-22T01:02:03Z", now).value())) ==
          123456us);
}

TEST_CASE("what rfc3339 writes is read back to the millisecond") {
    for (const Wall t : {now, now + 7ms, Wall{}, Wall(std::chrono::sys_days(std::chrono::year(2199) / 12 / 31))})
        CHECK(parse_moment(rfc3339(t), now).value() == t);
}

TEST_CASE("now and distances from now") {
    CHECK(read("now") == "2026-11-22T01:00:00.000Z");
    CHECK(read("-10m") == "2026-11-22T00:50:00.000Z");
    CHECK(read("+1h30m") == "2026-11-22T02:30:00.000Z");
    CHECK(read("-99999d").starts_with("error: `-99999d` is before 1970"));
    CHECK(read("+99999d").starts_with("error: `+99999d` is after 2199"));
}

TEST_CASE("a time without an offset is refused, with the remedy") {
    const Result<Wall> at = parse_moment("2026-11-22T01:02:03", now);
    REQUIRE_FALSE(at.has_value());
    CHECK(at.error().title == "`2026-11-22T01:02:03` does not say in which zone");
    CHECK(at.error().remedy == "add Z for UTC, or an offset: +01:00");
}

TEST_CASE("what is no point in time is refused") {
    for (const char* text : {"",
                             "yesterday",
                             "10m",
                             "-",
                             "+",
                             "-10",
                             "-m",
                             "2026-11-22",
                             "2026-13-01T00:00:00Z",
                             "2026-02-30T00:00:00Z",
                             "2026-11-22T24:00:00Z",
                             "2026-11-22T00:60:00Z",
                             "2026-11-22T00:00:61Z",
                             "2026-11-22T00:00:00.Z",
                             "2026-11-22T00:00:00+1:00",
                             "2026-11-22T00:00:00+24:00",
                             "2026-11-22T00:00:00Z ",
                             "1969-12-31T23:59:59Z",
                             "9999-01-01T00:00:00Z",
                             "1970-01-01T00:00:00+00:01",
                             "NOW",
                             "2026-11-22T00:00:00ZZ"}) {
        INFO(text);
        CHECK_FALSE(parse_moment(text, now).has_value());
    }
}

}  // namespace serin::test
