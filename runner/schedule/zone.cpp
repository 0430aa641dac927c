// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/zone.hpp"

// How Debian builds the library: over the tzdata of the system, never downloaded. Its classes are laid out by this.
#ifndef USE_OS_TZDB
#define USE_OS_TZDB 1
#endif
#include <date/tz.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "core/ascii.hpp"
#include "core/names.hpp"

namespace serin {
namespace {

static_assert(USE_OS_TZDB == 1, "libdate-tz is built over the system's tzdata");

constexpr std::size_t at_most = 3;

/// The library reads the list of transitions only, which a "slim" tzdata file ends before today: such a zone would
/// quietly have no DST. New York keeps it in every summer that the law foresees.
bool tzdata_foresees_dst() {
    using namespace date::literals;
    const date::sys_seconds summer = date::sys_days(2036_y / 7 / 1);
    return date::locate_zone("America/New_York")->get_info(summer).save != std::chrono::minutes(0);
}

std::vector<std::string> known_zones() {
    std::vector<std::string> names{"UTC"};
    for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
    return names;
}

Error unknown_zone(const std::string& name) {
    const std::vector<std::string> meant = zones_like(name, known_zones());
    std::string remedy = "use an IANA name such as `Europe/Berlin`; `timedatectl list-timezones` lists them";
    if (!meant.empty()) {
        remedy = "did you mean ";
        for (std::size_t i = 0; i < meant.size(); ++i) remedy += (i == 0 ? "`" : " or `") + meant[i] + "`";
        remedy += "?";
    }
    return Error{.title = "unknown time zone `" + name + "`", .remedy = std::move(remedy)};
}

std::string_view city_of(std::string_view zone) {
    return zone.substr(zone.rfind('/') + 1);  // npos + 1 is 0: a name without continent is all city
}

}  // namespace

std::vector<std::string> zones_like(const std::string& typed, const std::vector<std::string>& names) {
    std::string wanted(trimmed(typed));
    std::ranges::replace(wanted, ' ', '_');
    std::vector<std::string> found;
    for (const std::string& name : names) {
        if (equal_ignoring_case(name, wanted)) return {name};
        if (equal_ignoring_case(city_of(name), city_of(wanted)) && found.size() < at_most) found.push_back(name);
    }
    if (!found.empty()) return found;
    if (std::string near = nearest(wanted, names); !near.empty()) found.push_back(std::move(near));
    return found;
}

Result<Zone> Zone::find(const std::string& name) {
    if (name == "UTC") return Zone(nullptr);
    try {
        static const bool foresees_dst = tzdata_foresees_dst();
        if (!foresees_dst)
            return fail("the system's time zone data ends before today",
                        "install a tzdata that is built in the fat format, as Debian's is; or use the zone `UTC`");
    } catch (const std::exception&) {
        return fail("the system has no time zone data", "install the package `tzdata`, or use the zone `UTC`");
    }
    try {
        return Zone(date::locate_zone(name));
    } catch (const std::runtime_error&) {
        return std::unexpected(unknown_zone(name));
    }
}

Instant Zone::first(date::local_seconds t) const {
    if (zone_ == nullptr) return Instant(t.time_since_epoch());
    return zone_->to_sys(t, date::choose::earliest);
}

date::local_days Zone::day_of(Instant t) const {
    if (zone_ == nullptr) return date::local_days(date::floor<date::days>(t).time_since_epoch());
    return date::floor<date::days>(zone_->to_local(t));
}

}  // namespace serin
