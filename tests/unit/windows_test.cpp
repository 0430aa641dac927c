// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/windows.hpp"

#include <date/date.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "runner/schedule/zone.hpp"

namespace serin::test {

using namespace std::chrono_literals;

namespace {

/// "2026-11-22T02:00:00Z" as an instant.
Wall utc(const std::string& text) {
    std::istringstream in(text);
    date::sys_seconds t;
    in >> date::parse("%FT%TZ", t);
    if (in.fail()) throw std::invalid_argument("not an instant: " + text);
    return t;
}

MaintenanceWindow once(const char* zone, const char* start, Duration lasts) {
    MaintenanceWindow window;
    window.zone = zone;
    window.start = parse_local_time(start);
    window.lasts = lasts;
    return window;
}

MaintenanceWindow daily(const char* zone, int hour, int minute, Duration lasts) {
    MaintenanceWindow window;
    window.zone = zone;
    window.at = hour * 60 + minute;
    window.lasts = lasts;
    return window;
}

/// Open from `begin` to before `end`, and closed on either side.
void check_open(const MaintenanceWindow& window, const std::string& begin, const std::string& end) {
    CAPTURE(window.zone, begin, end);
    REQUIRE(check(window));
    CHECK_FALSE(covers(window, utc(begin) - 1ns));
    CHECK(covers(window, utc(begin)));
    CHECK(covers(window, utc(begin) + (utc(end) - utc(begin)) / 2));
    CHECK(covers(window, utc(end) - 1ns));
    CHECK_FALSE(covers(window, utc(end)));
}

std::string refusal(const MaintenanceWindow& window) {
    const Result<void> checked = check(window);
    return checked ? "accepted" : checked.error().title + " / " + checked.error().remedy;
}

}  // namespace

TEST_CASE("a local time is read strictly") {
    const auto full = parse_local_time("2026-11-22T02:00:30");
    REQUIRE(full);
    CHECK(*full == LocalTime{.year = 2026, .month = 11, .day = 22, .hour = 2, .minute = 0, .second = 30});
    CHECK(parse_local_time("2028-02-29T23:59"));
    for (const char* text : {"", "2026-11-22", "2026-11-22 02:00", "2026-11-22T2:00", "2026-11-22T02:00Z",
                             "2026-11-22T02:00:", "2026-11-22T02:00:3", "2026-11-22T24:00", "2026-11-22T02:60",
                             "2026-11-22T02:00:60", "2026-02-29T02:00", "2026-13-01T02:00", "2026-00-01T02:00",
                             "2026-04-31T02:00", "0000-01-01T00:00", "+026-11-22T02:00", "2026-11-22T02:00:30+01:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_local_time(text));
    }
}

TEST_CASE("a window that is open once begins in its zone and lasts in elapsed time") {
    check_open(once("UTC", "2026-11-22T02:00", 2h), "2026-11-22T02:00:00Z", "2026-11-22T04:00:00Z");
    check_open(once("Europe/Berlin", "2026-11-22T02:00", 2h), "2026-11-22T01:00:00Z", "2026-11-22T03:00:00Z");
    check_open(once("Asia/Kathmandu", "2026-11-22T02:00:30", 90s), "2026-11-21T20:15:30Z", "2026-11-21T20:17:00Z");
    // Over the night of the change: two hours are two hours.
    check_open(once("Europe/Berlin", "2026-10-25T01:30", 2h), "2026-10-24T23:30:00Z", "2026-10-25T01:30:00Z");
    check_open(once("America/New_York", "2026-03-08T01:00", 2h), "2026-03-08T06:00:00Z", "2026-03-08T08:00:00Z");
}

TEST_CASE("a begin that DST skips is the first instant after the gap") {
    check_open(once("Europe/Berlin", "2026-03-29T02:30", 1h), "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
    check_open(once("America/New_York", "2026-03-08T02:00", 1h), "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z");
    // Lord Howe moves by half an hour only: 02:00 to 02:30 on 2026-10-04.
    check_open(once("Australia/Lord_Howe", "2026-10-04T02:15", 1h), "2026-10-03T15:30:00Z", "2026-10-03T16:30:00Z");
    const MaintenanceWindow nightly = daily("Europe/Berlin", 2, 30, 1h);
    check_open(nightly, "2026-03-28T01:30:00Z", "2026-03-28T02:30:00Z");
    check_open(nightly, "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
    check_open(nightly, "2026-03-30T00:30:00Z", "2026-03-30T01:30:00Z");
}

TEST_CASE("a begin that comes twice is the first of the two") {
    const MaintenanceWindow nightly = daily("Europe/Berlin", 2, 30, 1h);
    check_open(nightly, "2026-10-24T00:30:00Z", "2026-10-24T01:30:00Z");
    check_open(nightly, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
    check_open(nightly, "2026-10-26T01:30:00Z", "2026-10-26T02:30:00Z");
    CHECK_FALSE(covers(nightly, utc("2026-10-25T01:45:00Z")));  // 02:45 for the second time
    check_open(daily("America/New_York", 1, 30, 30min), "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z");
    check_open(daily("Australia/Lord_Howe", 1, 45, 15min), "2026-04-04T14:45:00Z", "2026-04-04T15:00:00Z");
}

TEST_CASE("a window over midnight and the end of DST stays open for its time") {
    MaintenanceWindow weekend = daily("Europe/Berlin", 23, 0, 6h);
    weekend.weekdays = {6};  // Saturday night to Sunday
    check_open(weekend, "2026-10-24T21:00:00Z", "2026-10-25T03:00:00Z");
    check_open(weekend, "2026-10-31T22:00:00Z", "2026-11-01T04:00:00Z");
    CHECK_FALSE(covers(weekend, utc("2026-10-23T22:00:00Z")));
    CHECK_FALSE(covers(weekend, utc("2026-10-25T22:30:00Z")));
}

TEST_CASE("a window for some weekdays opens on these days of its zone") {
    MaintenanceWindow window = daily("America/New_York", 22, 0, 1h);
    window.weekdays = {1, 3};
    check_open(window, "2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z");  // Monday the 23rd in New York
    check_open(window, "2026-11-26T03:00:00Z", "2026-11-26T04:00:00Z");
    CHECK_FALSE(covers(window, utc("2026-11-25T03:30:00Z")));
    CHECK_FALSE(covers(window, utc("2026-11-23T03:30:00Z")));
}

TEST_CASE("the last day of each month and days that a month lacks") {
    MaintenanceWindow last = daily("UTC", 3, 0, 1h);
    last.month_days = {-1};
    for (const char* day : {"2026-01-31", "2026-02-28", "2028-02-29", "2026-04-30", "2026-12-31"}) {
        const std::string text = day;
        check_open(last, text + "T03:00:00Z", text + "T04:00:00Z");
    }
    CHECK_FALSE(covers(last, utc("2028-02-28T03:30:00Z")));

    MaintenanceWindow late = daily("UTC", 3, 0, 1h);
    late.month_days = {29, 31};
    check_open(late, "2028-02-29T03:00:00Z", "2028-02-29T04:00:00Z");
    check_open(late, "2026-03-31T03:00:00Z", "2026-03-31T04:00:00Z");
    for (const char* closed : {"2026-02-28T03:30:00Z", "2026-03-01T03:30:00Z", "2026-04-30T03:30:00Z"})
        CHECK_FALSE(covers(late, utc(closed)));
}

TEST_CASE("weekdays and days of the month together must both hold") {
    MaintenanceWindow first_monday = daily("UTC", 3, 0, 1h);
    first_monday.weekdays = {1};
    first_monday.month_days = {1, 2, 3, 4, 5, 6, 7};
    check_open(first_monday, "2026-11-02T03:00:00Z", "2026-11-02T04:00:00Z");
    CHECK_FALSE(covers(first_monday, utc("2026-11-09T03:30:00Z")));
    CHECK_FALSE(covers(first_monday, utc("2026-11-03T03:30:00Z")));
}

TEST_CASE("a window that recurs keeps between its start and its end") {
    MaintenanceWindow window = daily("Europe/Berlin", 2, 0, 2h);
    window.start = parse_local_time("2026-11-22T02:00");
    window.until = parse_local_time("2026-11-24T03:00");
    CHECK_FALSE(covers(window, utc("2026-11-21T01:30:00Z")));
    check_open(window, "2026-11-22T01:00:00Z", "2026-11-22T03:00:00Z");
    check_open(window, "2026-11-23T01:00:00Z", "2026-11-23T03:00:00Z");
    check_open(window, "2026-11-24T01:00:00Z", "2026-11-24T02:00:00Z");  // cut short
    CHECK_FALSE(covers(window, utc("2026-11-25T01:30:00Z")));
    window.start = parse_local_time("2026-11-22T02:30");  // one that began before is left out
    CHECK_FALSE(covers(window, utc("2026-11-22T02:00:00Z")));
    CHECK(covers(window, utc("2026-11-23T02:00:00Z")));
}

TEST_CASE("a window that is longer than its period is always open") {
    const MaintenanceWindow window = daily("Europe/Berlin", 2, 0, 30h);
    REQUIRE(check(window));
    for (int hour = 0; hour < 24 * 14; ++hour) CHECK(covers(window, utc("2026-10-20T00:00:00Z") + hour * 1h));
    MaintenanceWindow long_weekend = daily("UTC", 18, 0, 62h);
    long_weekend.weekdays = {5};
    check_open(long_weekend, "2026-11-20T18:00:00Z", "2026-11-23T08:00:00Z");
    MaintenanceWindow month = daily("UTC", 0, 0, 20 * 24h);
    month.month_days = {1};
    check_open(month, "2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z");
}

TEST_CASE("the search for an occurrence agrees with trying every hour") {
    // The slow way: every begin of two years, day by day, against the fast answer at each half hour of some weeks.
    for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "UTC"}) {
        MaintenanceWindow window = daily(zone, 0, 30, 5h);
        window.weekdays = {7, 1, 4};
        const Result<Zone> known = Zone::find(zone);
        REQUIRE(known);
        std::vector<Wall> begins;
        for (auto day = date::local_days(date::year(2026) / 1 / 1); day < date::local_days(date::year(2027) / 1 / 1);
             day += date::days(1)) {
            const auto number = date::weekday(day).iso_encoding();
            if (number == 7 || number == 1 || number == 4) begins.emplace_back(known->first(day + 30min));
        }
        int wrong = 0;
        for (Wall t = utc("2026-01-10T00:00:00Z"); t < utc("2026-12-20T00:00:00Z"); t += 30min) {
            const bool open = std::ranges::any_of(begins, [&](Wall begin) { return begin <= t && t < begin + 5h; });
            if (open != covers(window, t)) ++wrong;
        }
        CAPTURE(zone);
        CHECK(wrong == 0);
    }
}

TEST_CASE("a window holds for the cells in its scope") {
    MaintenanceWindow window = once("UTC", "2026-11-22T02:00", 2h);
    CHECK(in_scope(window, "login", "s1", "v1"));
    window.targets = {"s1", "s2"};
    CHECK(in_scope(window, "login", "s2", "v1"));
    CHECK_FALSE(in_scope(window, "login", "s3", "v1"));
    CHECK_FALSE(in_scope(window, "login", "", "v1"));
    window.probes = {"login"};
    window.vantages = {"v1"};
    CHECK(in_scope(window, "login", "s1", "v1"));
    CHECK_FALSE(in_scope(window, "mail", "s1", "v1"));
    CHECK_FALSE(in_scope(window, "login", "s1", "v2"));
}

TEST_CASE("an unknown zone is refused with the nearest names and never open") {
    CHECK(refusal(once("Europe/berlin", "2026-11-22T02:00", 1h)) ==
          "unknown time zone `Europe/berlin` / did you mean `Europe/Berlin`?");
    CHECK(refusal(once("Europe/Belrin", "2026-11-22T02:00", 1h)) ==
          "unknown time zone `Europe/Belrin` / did you mean `Europe/Berlin`?");
    CHECK(refusal(once("new york", "2026-11-22T02:00", 1h)) ==
          "unknown time zone `new york` / did you mean `America/New_York`?");
    CHECK(refusal(once("Gondor/Minas_Tirith", "2026-11-22T02:00", 1h)).find("such as `Europe/Berlin`") !=
          std::string::npos);
    CHECK(refusal(once("../../etc/passwd", "2026-11-22T02:00", 1h)).starts_with("unknown time zone"));
    CHECK(refusal(once("", "2026-11-22T02:00", 1h)).starts_with("unknown time zone"));
    CHECK_FALSE(covers(once("Europe/Belrin", "2026-11-22T02:00", 1h), utc("2026-11-22T02:30:00Z")));
}

TEST_CASE("names like the typed one are told once each and three at most") {
    const std::vector<std::string> names{"America/Indiana/Knox", "Africa/Knox", "Asia/Knox", "Europe/Knox", "UTC"};
    CHECK(zones_like("knox", names).size() == 3);
    CHECK(zones_like(" utc ", names) == std::vector<std::string>{"UTC"});
    CHECK(zones_like("nothing of the kind", names).empty());
}

TEST_CASE("a window that can never be open is refused") {
    const MaintenanceWindow good = daily("UTC", 3, 0, 1h);
    CHECK(refusal(good) == "accepted");
    const auto with = [&](auto change) {
        MaintenanceWindow window = good;
        change(window);
        // A window without sense must not hush an alert.
        if (!check(window)) {
            for (int hour = 0; hour < 48; ++hour) CHECK_FALSE(covers(window, utc("2026-11-22T03:30:00Z") + hour * 1h));
        }
        return refusal(window);
    };
    CHECK(with([](auto& w) { w.lasts = 0s; }).starts_with("a maintenance window needs a positive `lasts`"));
    CHECK(with([](auto& w) { w.lasts = -1h; }).starts_with("a maintenance window needs a positive `lasts`"));
    CHECK(with([](auto& w) { w.lasts = 367 * 24h; }).starts_with("a window that recurs may last for 366 days"));
    CHECK(with([](auto& w) { w.at = 1440; }).starts_with("minute 1440 is in no day"));
    CHECK(with([](auto& w) { w.at = -1; }).starts_with("minute -1 is in no day"));
    CHECK(with([](auto& w) { w.weekdays = {0}; }).starts_with("0 is no weekday"));
    CHECK(with([](auto& w) { w.weekdays = {8}; }).starts_with("8 is no weekday"));
    CHECK(with([](auto& w) { w.month_days = {0}; }).starts_with("0 is no day of a month"));
    CHECK(with([](auto& w) { w.month_days = {32}; }).starts_with("32 is no day of a month"));
    CHECK(with([](auto& w) { w.month_days = {-2}; }).starts_with("-2 is no day of a month"));
    CHECK(with([](auto& w) { w.at.reset(); }).starts_with("a maintenance window needs a `start`"));
    CHECK(with([](auto& w) { w.at.reset(), w.weekdays = {1}; }).starts_with("a window that recurs needs the time"));
    CHECK(with([](auto& w) {
              w.start = LocalTime{.year = 2026, .month = 2, .day = 30};
          }).starts_with("there is no such date"));
    CHECK(with([](auto& w) {
              w.start = parse_local_time("2026-11-22T04:00");
              w.until = parse_local_time("2026-11-23T03:00");
          }).starts_with("this maintenance window ends before it is open"));
    CHECK(with([](auto& w) {
              w.start = parse_local_time("2026-11-22T04:00");
              w.until = parse_local_time("2026-11-23T03:01");
          }) == "accepted");
    CHECK(with([](auto& w) {
              w.until = parse_local_time("1960-01-01T00:00");
          }).starts_with("this maintenance window ends before"));
    MaintenanceWindow one_off = once("UTC", "2026-11-22T02:00", 1h);
    one_off.until = parse_local_time("2026-11-23T02:00");
    CHECK(refusal(one_off).starts_with("`until` ends a window that recurs"));
}

TEST_CASE("what makes no sense is never open and times at the ends of the range do not overflow") {
    MaintenanceWindow window = daily("UTC", 0, 0, 24h);
    window.at = 99'999;
    CHECK_FALSE(covers(window, utc("2026-11-22T03:30:00Z")));
    window.at = 0;
    window.lasts = -1h;
    CHECK_FALSE(covers(window, utc("2026-11-22T03:30:00Z")));
    window.lasts = 24h;
    CHECK(covers(window, Wall::max()));
    CHECK_FALSE(covers(window, Wall::min()));
    CHECK(covers(window, Wall{}));
    CHECK_FALSE(covers(once("UTC", "9999-01-01T00:00", 1h), Wall::max()));
    CHECK_FALSE(covers(once("Europe/Berlin", "0001-01-01T00:00", 1h), Wall{}));
    CHECK(covers(once("UTC", "2000-01-01T00:00", Duration::max()), utc("2250-01-01T00:00:00Z")));
}

}  // namespace serin::test
