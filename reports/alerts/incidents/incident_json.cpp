// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/incident_json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "reports/alerts/incidents/json_fields.hpp"
#include "reports/formats/moment.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

template <class E>
inline constexpr auto all_of = std::array<E, 0>{};
template <>
inline constexpr auto all_of<IncidentState> =
    std::array{IncidentState::open, IncidentState::watching, IncidentState::closed};
template <>
inline constexpr auto all_of<AlertSeverity> =
    std::array{AlertSeverity::info, AlertSeverity::warning, AlertSeverity::critical};
template <>
inline constexpr auto all_of<FaultScope> = std::array{FaultScope::cell,   FaultScope::target,   FaultScope::vantage,
                                                      FaultScope::global, FaultScope::schedule, FaultScope::named};
template <>
inline constexpr auto all_of<RuleKind> =
    std::array{RuleKind::hard,      RuleKind::soft,   RuleKind::lost,     RuleKind::late,  RuleKind::duplicated,
               RuleKind::latency,   RuleKind::burn,   RuleKind::forecast, RuleKind::stale, RuleKind::missed,
               RuleKind::heartbeat, RuleKind::prober, RuleKind::drill};
template <>
inline constexpr auto all_of<Usefulness> =
    std::array{Usefulness::unknown, Usefulness::actioned, Usefulness::no_action, Usefulness::false_alarm};
template <>
inline constexpr auto all_of<NoticeKind> =
    std::array{NoticeKind::opened,   NoticeKind::reopened,     NoticeKind::changed, NoticeKind::escalated,
               NoticeKind::repeated, NoticeKind::acknowledged, NoticeKind::resolved};

std::string precise(Wall t) {
    const auto whole = std::chrono::floor<std::chrono::microseconds>(t);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (whole - seconds).count());
}

template <class T>
Json written(const T& value);

struct Writer {
    Json json = Json::object();
    template <class T>
    void operator()(const char* key, const T& value) {
        json[key] = written(value);
    }
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
Json written(const T& value) {
    if constexpr (std::is_same_v<T, Wall>) {
        return precise(value);
    } else if constexpr (std::is_enum_v<T>) {
        return name_of(value);
    } else if constexpr (std::is_floating_point_v<T>) {
        return std::isfinite(value) ? Json(value) : Json(nullptr);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string> ||
                         std::is_same_v<T, DeliveryCounts>) {
        return value;
    } else if constexpr (IsOptional<T>::value) {
        return value ? written(*value) : Json(nullptr);
    } else if constexpr (IsVector<T>::value) {
        Json list = Json::array();
        for (const auto& one : value) list.push_back(written(one));
        return list;
    } else {
        Writer writer;
        Fields<T>::each(writer, value);
        return std::move(writer.json);
    }
}

template <class T>
bool read(const Json& json, T& value);

/// What is missing keeps its default: a newer program reads an older store.
struct Reader {
    const Json& json;
    bool good = true;
    template <class T>
    void operator()(const char* key, T& value) {
        const auto found = json.find(key);
        if (good && found != json.end()) good = read(*found, value);
    }
};

bool read_time(const Json& json, Wall& value) {
    if (!json.is_string()) return false;
    const auto& text = json.get_ref<const std::string&>();
    if (text.empty() || text.front() < '0' || text.front() > '9') return false;  // no "now", no distance
    const Result<Wall> at = parse_moment(text, Wall{});
    if (at) value = *at;
    return at.has_value();
}

template <class T>
bool read_number(const Json& json, T& value) {
    if constexpr (std::is_floating_point_v<T>) {
        if (!json.is_number()) return false;
        value = json.get<T>();
        return true;
    } else {
        if (!json.is_number_integer()) return false;
        const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                    : std::in_range<T>(json.get<std::int64_t>());
        if (fits) value = json.get<T>();
        return fits;
    }
}

bool read_counts(const Json& json, DeliveryCounts& counts) {
    if (!json.is_object()) return false;
    for (const auto& [state, count] : json.items()) {
        if (!read_number(count, counts[state])) return false;
    }
    return true;
}

template <class E>
bool read_word(const Json& json, E& value) {
    if (!json.is_string()) return false;
    for (const E one : all_of<E>) {
        if (json.get_ref<const std::string&>() != name_of(one)) continue;
        value = one;
        return true;
    }
    return false;
}

template <class T>
bool read_list(const Json& json, std::vector<T>& list) {
    if (!json.is_array()) return false;
    list.clear();
    for (const Json& one : json) {
        if (!read(one, list.emplace_back())) return false;
    }
    return true;
}

template <class T>
bool read(const Json& json, T& value) {
    if constexpr (std::is_same_v<T, Wall>) {
        return read_time(json, value);
    } else if constexpr (std::is_enum_v<T>) {
        return read_word(json, value);
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
        const bool right = std::is_same_v<T, bool> ? json.is_boolean() : json.is_string();
        if (right) value = json.get<T>();
        return right;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return read_number(json, value);
    } else if constexpr (std::is_same_v<T, DeliveryCounts>) {
        return read_counts(json, value);
    } else if constexpr (IsOptional<T>::value) {
        value.reset();
        return json.is_null() || read(json, value.emplace());
    } else if constexpr (IsVector<T>::value) {
        return read_list(json, value);
    } else {
        if (!json.is_object()) return false;
        Reader reader{.json = json};
        Fields<T>::each(reader, value);
        return reader.good;
    }
}

template <class T>
std::optional<T> whole(const Json& json, std::initializer_list<const char*> needed) {
    T value;
    if (!read(json, value)) return std::nullopt;
    for (const char* key : needed) {
        if (!json.contains(key)) return std::nullopt;
    }
    return value;
}

Json seconds_of(const std::optional<Duration>& duration) {
    return duration ? Json(std::chrono::duration<double>(*duration).count()) : Json(nullptr);
}
Json interval_json(const Interval& interval) {
    return {{"low", interval.low}, {"high", interval.high}};
}

Json rule_json(const RuleNoise& rule) {
    return {{"service", rule.service},
            {"rule", rule.rule},
            {"pages", rule.pages},
            {"pending", rule.pending},
            {"acknowledged", rule.acknowledged},
            {"actioned", rule.actioned},
            {"no_action", rule.no_action},
            {"false_alarms", rule.false_alarms},
            {"auto_closed", rule.auto_closed},
            {"precision", written(rule.precision)},
            {"interval", interval_json(rule.interval)},
            {"mean_seconds_to_acknowledge", seconds_of(rule.mean_time_to_acknowledge)},
            {"mean_seconds_to_detect", seconds_of(rule.mean_time_to_detect)}};
}

}  // namespace

Json incident_json(const Incident& incident) {
    return written(incident);
}
std::optional<Incident> incident_from_json(const Json& json) {
    return whole<Incident>(json, {"id", "service", "failure_class", "state", "severity", "began_at", "opened_at"});
}
Json notice_json(const Notice& notice) {
    return written(notice);
}
std::optional<Notice> notice_from_json(const Json& json) {
    auto notice = whole<Notice>(json, {"id", "kind", "incident", "made_at", "channels"});
    if (notice && !incident_from_json(json["incident"])) return std::nullopt;
    return notice;
}
Json timeline_json(const TimelineEntry& entry) {
    return written(entry);
}
std::optional<TimelineEntry> timeline_from_json(const Json& json) {
    return whole<TimelineEntry>(json, {"incident_id", "at", "event"});
}
Json mute_json(const Mute& mute) {
    return written(mute);
}
std::optional<Mute> mute_from_json(const Json& json) {
    return whole<Mute>(json, {"service", "owner", "until"});
}

Json noise_json(const NoiseReport& report) {
    Json rules = Json::array();
    for (const RuleNoise& rule : report.rules) rules.push_back(rule_json(rule));
    Json reviews = Json::array();
    for (const Review& review : report.reviews) {
        reviews.push_back({{"service", review.service},
                           {"rule", review.rule},
                           {"owner", review.owner},
                           {"text", review.text},
                           {"due_at", precise(review.due_at)}});
    }
    return {{"rules", std::move(rules)},
            {"declared", report.declared},
            {"found_first", report.found_first},
            {"recall", written(report.recall)},
            {"recall_interval", interval_json(report.recall_interval)},
            {"reviews", std::move(reviews)}};
}

}  // namespace serin
