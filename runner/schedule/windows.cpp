// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/windows.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>

#include "runner/schedule/zone.hpp"

namespace serin {
namespace {

using std::chrono::seconds;

constexpr int minutes_of_day = 24 * 60;
constexpr Duration longest_recurring = std::chrono::hours(24 * 366);

date::year_month_day date_of(const LocalTime& t) {
    return date::year(t.year) / date::month(static_cast<unsigned>(t.month)) / date::day(static_cast<unsigned>(t.day));
}

bool exists(const LocalTime& t) {
    const bool in_range = t.year >= 1 && t.year <= 9999 && t.month >= 1 && t.day >= 1 && t.hour >= 0 && t.hour <= 23 &&
                          t.minute >= 0 && t.minute <= 59 && t.second >= 0 && t.second <= 59;
    return in_range && date_of(t).ok();
}

date::local_seconds local(const LocalTime& t) {
    return date::local_days(date_of(t)) + std::chrono::hours(t.hour) + std::chrono::minutes(t.minute) +
           seconds(t.second);
}

bool recurring(const MaintenanceWindow& window) {
    return window.at || !window.weekdays.empty() || !window.month_days.empty();
}

bool on_this_day(const MaintenanceWindow& window, date::local_days day) {
    if (!window.weekdays.empty()) {
        const auto weekday = static_cast<int>(date::weekday(day).iso_encoding());
        if (std::ranges::find(window.weekdays, weekday) == window.weekdays.end()) return false;
    }
    if (window.month_days.empty()) return true;
    const date::year_month_day when(day);
    const date::year_month_day_last end(when.year(), date::month_day_last(when.month()));
    const auto number = static_cast<int>(static_cast<unsigned>(when.day()));
    const bool last = when.day() == end.day();
    return std::ranges::any_of(window.month_days,
                               [&](int wanted) { return wanted == number || (wanted == -1 && last); });
}

Instant begin_on(const MaintenanceWindow& window, const Zone& zone, date::local_days day) {
    return zone.first(day + std::chrono::minutes(*window.at));
}

/// begin <= t < begin + lasts, without ever writing a far `begin` in nanoseconds.
bool within(Instant begin, Duration lasts, Wall t) {
    const Instant whole = date::floor<seconds>(t);
    if (whole < begin) return false;
    const seconds open_for = whole - begin;
    const auto lasts_whole = date::floor<seconds>(lasts);
    return open_for != lasts_whole ? open_for < lasts_whole : t - whole < lasts - lasts_whole;
}

/// All occurrences last equally long, so the latest one that has begun decides. Days further back than it could still
/// be open from are not looked at.
bool covered_by_latest(const MaintenanceWindow& window, const Zone& zone, Wall t) {
    const Instant whole = date::floor<seconds>(t);
    const date::local_days today = zone.day_of(whole);
    const auto reach = date::days(date::ceil<date::days>(std::min(window.lasts, longest_recurring)).count() + 1);
    for (date::local_days day = today + date::days(1); day >= today - reach; day -= date::days(1)) {
        if (!on_this_day(window, day)) continue;
        const Instant begin = begin_on(window, zone, day);
        if (begin > whole) continue;
        if (window.start && begin < zone.first(local(*window.start))) return false;
        return within(begin, window.lasts, t);
    }
    return false;
}

bool covers_in(const MaintenanceWindow& window, const Zone& zone, Wall t) {
    if (!recurring(window)) return window.start && within(zone.first(local(*window.start)), window.lasts, t);
    if (window.until && date::floor<seconds>(t) >= zone.first(local(*window.until))) return false;
    return covered_by_latest(window, zone, t);
}

bool names(const std::vector<std::string>& scope, std::string_view name) {
    return scope.empty() || std::ranges::find(scope, name) != scope.end();
}

/// The calendar repeats after 28 years, save for centuries: whatever does not come in so many days never comes.
std::optional<Instant> first_begin(const MaintenanceWindow& window, const Zone& zone, Instant from) {
    const date::local_days first = zone.day_of(from);
    for (date::local_days day = first; day < first + date::days(40 * 366); day += date::days(1)) {
        if (!on_this_day(window, day)) continue;
        if (const Instant begin = begin_on(window, zone, day); begin >= from) return begin;
    }
    return std::nullopt;
}

Result<void> check_fields(const MaintenanceWindow& window) {
    if (window.lasts <= Duration::zero())
        return fail("a maintenance window needs a positive `lasts`", "as in `lasts: 2h`");
    for (const std::optional<LocalTime>& when : {window.start, window.until}) {
        if (when && !exists(*when)) return fail("there is no such date or time", "as in `2026-11-22T02:00`");
    }
    for (const int day : window.weekdays) {
        if (day < 1 || day > 7)
            return fail(fmt::format("{} is no weekday", day), "weekdays are 1 (Monday) to 7 (Sunday)");
    }
    for (const int day : window.month_days) {
        if (day != -1 && (day < 1 || day > 31))
            return fail(fmt::format("{} is no day of a month", day), "days are 1 to 31, or -1 for the last one");
    }
    return {};
}

Result<void> check_one_off(const MaintenanceWindow& window) {
    if (!window.start)
        return fail("a maintenance window needs a `start`, or `at` for one that recurs",
                    "as in `start: 2026-11-22T02:00`");
    if (window.until)
        return fail("`until` ends a window that recurs, and this one does not", "say how long it `lasts`");
    return {};
}

Result<void> check_recurring(const MaintenanceWindow& window) {
    if (!window.at) return fail("a window that recurs needs the time of day at which it begins", "as in `at: 02:00`");
    if (*window.at < 0 || *window.at >= minutes_of_day)
        return fail(fmt::format("minute {} is in no day", *window.at), "times of day are 00:00 to 23:59");
    if (window.lasts > longest_recurring)
        return fail("a window that recurs may last for 366 days at most",
                    "without `at` it is open once, for as long as you say");
    return {};
}

/// All that can be told without a zone, and cheaply: covers() asks too.
Result<void> check_sense(const MaintenanceWindow& window) {
    if (auto fields = check_fields(window); !fields) return fields;
    return recurring(window) ? check_recurring(window) : check_one_off(window);
}

Result<void> check_comes(const MaintenanceWindow& window, const Zone& zone) {
    const Instant from = window.start ? zone.first(local(*window.start)) : Instant{};
    const std::optional<Instant> first = first_begin(window, zone, from);
    if (!first) return fail("this maintenance window never comes", "look at its weekdays and days of the month");
    if (window.until && *first >= zone.first(local(*window.until)))
        return fail("this maintenance window ends before it is open for the first time", "look at its `until`");
    return {};
}

}  // namespace

std::optional<LocalTime> parse_local_time(std::string_view text) {
    // Positions are fixed: "2026-11-22T02:00" and, at will, ":30".
    if (text.size() != 16 && text.size() != 19) return std::nullopt;
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
        return value;
    };
    const LocalTime t{.year = number(0, 4),
                      .month = number(5, 2),
                      .day = number(8, 2),
                      .hour = number(11, 2),
                      .minute = number(14, 2),
                      .second = text.size() == 19 ? number(17, 2) : 0};
    if (!exists(t)) return std::nullopt;
    return t;
}

bool covers(const MaintenanceWindow& window, Wall t) {
    if (t < Wall{} || !check_sense(window)) return false;
    const Result<Zone> zone = Zone::find(window.zone);
    return zone && covers_in(window, *zone, t);
}

bool in_scope(const MaintenanceWindow& window, std::string_view probe, std::string_view target,
              std::string_view vantage) {
    return names(window.probes, probe) && names(window.targets, target) && names(window.vantages, vantage);
}

bool in_scope(const MaintenanceWindow& window, std::string_view probe, std::string_view target,
              std::string_view vantage, std::string_view failure_class) {
    return in_scope(window, probe, target, vantage) && names(window.failure_classes, failure_class);
}

Result<void> check(const MaintenanceWindow& window) {
    if (auto sense = check_sense(window); !sense) return sense;
    const Result<Zone> zone = Zone::find(window.zone);
    if (!zone) return std::unexpected(zone.error());
    return recurring(window) ? check_comes(window, *zone) : Result<void>{};
}

}  // namespace serin
