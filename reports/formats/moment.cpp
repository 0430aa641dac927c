// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/moment.hpp"

#include <chrono>
#include <optional>
#include <string>

#include "core/names.hpp"

namespace serin {
namespace {

constexpr const char* remedy = "write 2026-11-22T01:02:03Z, now, or a distance from now such as -10m";

/// Takes exactly `digits` digits off the front of `text`.
std::optional<int> number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> date(std::string_view& text) {
    const auto year = number(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = number(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day whole{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    if (!whole.ok() || *year < 1970 || *year > 2199) return std::nullopt;
    return std::chrono::sys_days(whole);
}

/// "01:02:03.5"; the leap second :60 counts as the first second of the next minute.
std::optional<std::chrono::microseconds> time_of_day(std::string_view& text) {
    const auto hour = number(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
    const auto minute = number(text, 2);
    if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
    const auto second = number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    std::int64_t fraction = 0;
    if (take(text, ".")) {
        std::int64_t weight = 100'000;
        bool any = false;
        for (auto digit = number(text, 1); digit; digit = number(text, 1)) {
            fraction += *digit * weight;
            weight /= 10;
            any = true;
        }
        if (!any) return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
           std::chrono::microseconds(fraction);
}

std::optional<std::chrono::minutes> offset(std::string_view& text) {
    if (take(text, "Zz")) return std::chrono::minutes(0);
    const int sign = text.starts_with('-') ? -1 : 1;
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = number(text, 2);
    if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
    const auto minutes = number(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

Result<Wall> distance(std::string_view text, Wall now) {
    const std::optional<Duration> length = parse_duration(text.substr(1));
    const Wall least{}, most{std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)};
    if (!length) return fail("`" + clipped(text, 60) + "` is no distance from now", remedy);
    if (text.front() == '-') {
        if (now < least || now - least < *length) return fail("`" + clipped(text, 60) + "` is before 1970", remedy);
        return now - std::chrono::duration_cast<Wall::duration>(*length);
    }
    if (now >= most || most - now <= *length) return fail("`" + clipped(text, 60) + "` is after 2199", remedy);
    return now + std::chrono::duration_cast<Wall::duration>(*length);
}

}  // namespace

Result<Wall> parse_moment(std::string_view text, Wall now) {
    if (text == "now") return now;
    if (text.starts_with('-') || text.starts_with('+')) return distance(text, now);
    std::string_view left = text;
    const auto day = date(left);
    if (!day || !take(left, "Tt ")) return fail("`" + clipped(text, 60) + "` is no point in time", remedy);
    const auto time = time_of_day(left);
    if (!time) return fail("`" + clipped(text, 60) + "` is no point in time", remedy);
    if (left.empty()) {
        return fail("`" + clipped(text, 60) + "` does not say in which zone", "add Z for UTC, or an offset: +01:00");
    }
    const auto from_utc = offset(left);
    if (!from_utc || !left.empty()) return fail("`" + clipped(text, 60) + "` is no point in time", remedy);
    const Wall at = Wall(*day) + *time - *from_utc;
    if (at < Wall{}) return fail("`" + clipped(text, 60) + "` is before 1970", remedy);
    return at;
}

}  // namespace serin
