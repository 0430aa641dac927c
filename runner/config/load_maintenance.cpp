// SPDX-License-Identifier: Apache-2.0
// Maintenance windows.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/failure_classes.hpp"
#include "core/names.hpp"
#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/units.hpp"

namespace serin {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<LocalTime> local_time(const Fields& fields, std::string_view key, ConfigReading& reading) {
    const YamlNode* node = fields.find(key);
    if (node == nullptr) return std::nullopt;
    const std::optional<LocalTime> time = parse_local_time(node->text);
    if (!time)
        reading.complaints.error(
            node->place, fmt::format("there is no such time: {}", node->text), "",
            fmt::format("write year, month, day, hour and minute, as `{}: 2026-11-22T02:00`", key));
    return time;
}

void read_days(const Fields& fields, MaintenanceWindow& window, ConfigReading& reading) {
    for (const std::string& name : fields.texts("weekdays"))
        window.weekdays.push_back(static_cast<int>(std::ranges::find(weekday_names, name) - weekday_names.begin()) + 1);
    const YamlNode* days = fields.find("month_days");
    if (days == nullptr) return;
    for (const YamlNode& day : days->items) {
        const auto number = static_cast<int>(std::get<std::int64_t>(typed(day)));
        if (number == 0)
            reading.complaints.error(day.place, "no month has a day 0", "", "the first day is 1, the last one -1");
        window.month_days.push_back(number);
    }
}

void check_form(const Fields& fields, const Place& place, ConfigReading& reading) {
    const bool again = fields.find("at") != nullptr, start = fields.find("start") != nullptr;
    if (!again && !start) {
        reading.complaints.error(place, "this window never begins", "neither `start` nor `at`",
                                 "add `start: 2026-11-22T02:00`, or `at: \"02:00\"` for each day");
        return;
    }
    if (again) return;
    for (const std::string_view key : {"weekdays", "month_days", "until"}) {
        if (fields.find(key) == nullptr) continue;
        reading.complaints.error(fields.key_place(key), fmt::format("`{}` without `at`", key), "of a recurring window",
                                 "add `at: \"02:00\"`, or remove it");
    }
}

/// The zone first, on a window that is otherwise good: so the carets stand where the mistake is.
void check_with_zone(const Fields& fields, const MaintenanceWindow& window, ConfigReading& reading) {
    MaintenanceWindow good;
    good.zone = window.zone;
    good.start = LocalTime{.year = 2026, .month = 1, .day = 1, .hour = 12, .minute = 0, .second = 0};
    good.lasts = std::chrono::hours(1);
    if (const Result<void> zone = check(good); !zone) {
        const YamlNode* written = fields.find("zone");
        reading.complaints.error(
            written == nullptr ? window.place : written->place, zone.error().title, "",
            zone.error().remedy.empty() ? "give an IANA name, as Europe/Berlin" : zone.error().remedy);
    } else if (const Result<void> whole = check(window); !whole) {
        reading.complaints.error(window.place, whole.error().title, "",
                                 whole.error().remedy.empty() ? "change its days or times" : whole.error().remedy);
    }
}

/// A scenario's `diagnose` may name any class, so only what looks like a slip is told.
void read_failure_classes(const YamlNode& list, MaintenanceWindow& window, ConfigReading& reading) {
    std::vector<std::string> known{"slow",        "lost",       "late",  "duplicated",  "flaky",
                                   "budget_burn", "exhaustion", "stale", "missed_runs", "silent"};
    for (const FailureClass& each : failure_classes) known.emplace_back(each.name);
    for (const YamlNode& item : list.items) {
        window.failure_classes.push_back(item.text);
        const std::string meant = nearest(item.text, known);
        if (!meant.empty() && meant != item.text)
            reading.complaints.warning(item.place, fmt::format("no failure class of Serin is called `{}`", item.text),
                                       "unless a scenario names it", fmt::format("did you mean `{}`?", meant));
    }
}

MaintenanceWindow read_window(const YamlNode& node, const Place& owner, const std::vector<std::string>& probes,
                              ConfigReading& reading) {
    const std::size_t before = reading.complaints.errors();
    const Fields fields(node, config_type("maintenance window"), owner, reading.complaints);
    MaintenanceWindow window;
    if (!node.is_map()) return window;
    window.name = fields.text("name");
    const YamlNode* name = fields.find("name");
    window.place = name == nullptr ? node.place : name->place;
    if (fields.find("zone") != nullptr) window.zone = fields.text("zone");
    window.start = local_time(fields, "start", reading);
    window.until = local_time(fields, "until", reading);
    if (fields.find("at") != nullptr) window.at = parse_time_of_day(fields.text("at"));
    window.lasts = fields.duration("lasts").value_or(window.lasts);
    read_days(fields, window, reading);
    if (reading.complaints.errors() == before) check_form(fields, window.place, reading);
    if (reading.complaints.errors() == before) check_with_zone(fields, window, reading);
    if (const YamlNode* list = fields.find("probes"))
        window.probes = names_of(*list, "probe", probes, "probes", reading);
    if (const YamlNode* list = fields.find("targets"))
        window.targets = names_of(*list, "target", reading.target_names(), "targets", reading);
    if (const YamlNode* list = fields.find("vantages"))
        window.vantages = names_of(*list, "vantage", reading.vantages, "vantages", reading);
    if (const YamlNode* list = fields.find("failure_classes")) read_failure_classes(*list, window, reading);
    return window;
}

}  // namespace

std::vector<MaintenanceWindow> read_maintenance(const Fields& file, const std::vector<ProbeConfig>& probes,
                                                ConfigReading& reading) {
    std::vector<MaintenanceWindow> windows;
    const YamlNode* list = file.find("maintenance");
    if (list == nullptr) return windows;
    std::vector<std::string> names;
    for (const ProbeConfig& probe : probes) names.push_back(probe.name);
    for (const YamlNode& item : list->items) {
        MaintenanceWindow window = read_window(item, file.key_place("maintenance"), names, reading);
        if (!window.name.empty() && std::ranges::find(windows, window.name, &MaintenanceWindow::name) != windows.end())
            reading.complaints.error(window.place, fmt::format("a second window named `{}`", window.name), "",
                                     "give each its own name");
        windows.push_back(std::move(window));
    }
    return windows;
}

}  // namespace serin
