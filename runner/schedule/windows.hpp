// SPDX-License-Identifier: Apache-2.0
// Maintenance windows: one-off and recurring, in the wall time of an IANA zone, right over DST. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/place.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// A local date and time in some zone, without seconds' fractions: "2026-11-22T02:00" or with ":30".
struct LocalTime {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    auto operator<=>(const LocalTime&) const = default;
};
[[nodiscard]] std::optional<LocalTime> parse_local_time(std::string_view text);

struct MaintenanceWindow {
    std::string name;
    Place place;
    std::string zone = "UTC";        ///< IANA name
    std::optional<LocalTime> start;  ///< one-off: its begin; recurring: not before
    std::optional<LocalTime> until;  ///< recurring: closed from then on, also one that is open; one-off: not set
    std::vector<int> weekdays;       ///< recurring: ISO 1 (Monday) … 7; empty and `at` set: every day
    /// Recurring: 1 … 31, or -1 for the last; days that a month lacks are left out. With weekdays too, a day must be in
    /// both: Mondays and 1 … 7 are the first Monday of each month.
    std::vector<int> month_days;
    std::optional<int> at;  ///< recurring: minute of the local day, 0 … 1439
    Duration lasts{};       ///< elapsed time, not wall time: two hours are two hours on a DST night
    std::vector<std::string> probes, targets, vantages;  ///< scope; empty: all
    std::vector<std::string> failure_classes;            ///< told nobody while it is open; empty: all
};

/// Is `t` inside the window (its begin included, its end not)? A recurring begin that DST skips starts at the first
/// instant after the gap; one that happens twice starts at the first of the two. Zones come from the system's tzdata;
/// what check() refuses is never open, and nothing is before 1970. Any thread; about a microsecond.
[[nodiscard]] bool covers(const MaintenanceWindow& window, Wall t);
/// Is a cell in its scope, whatever the time?
[[nodiscard]] bool in_scope(const MaintenanceWindow& window, std::string_view probe, std::string_view target,
                            std::string_view vantage);
/// … and is notification of this failure class suppressed?
[[nodiscard]] bool in_scope(const MaintenanceWindow& window, std::string_view probe, std::string_view target,
                            std::string_view vantage, std::string_view failure_class);
/// An Error when the zone is unknown (with the nearest names), tzdata is missing, or the window can never be open. A
/// window that recurs lasts 366 days at most.
[[nodiscard]] Result<void> check(const MaintenanceWindow& window);

}  // namespace serin
