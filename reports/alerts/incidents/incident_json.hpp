// SPDX-License-Identifier: Apache-2.0
// One JSON form for the store, the API, commands and channels: keys are the members' names, enums are words, times are
// RFC 3339 in UTC with microseconds, what is unset is null. Texts that are not UTF-8 need dump()'s `replace`.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/incidents/noise.hpp"
#include "reports/alerts/incidents/notice.hpp"

namespace serin {

[[nodiscard]] nlohmann::json incident_json(const Incident& incident);
/// nullopt for what incident_json() did not make. Unknown keys are passed over: an older program reads a newer store.
[[nodiscard]] std::optional<Incident> incident_from_json(const nlohmann::json& json);
[[nodiscard]] nlohmann::json notice_json(const Notice& notice);
[[nodiscard]] std::optional<Notice> notice_from_json(const nlohmann::json& json);
[[nodiscard]] nlohmann::json timeline_json(const TimelineEntry& entry);
[[nodiscard]] std::optional<TimelineEntry> timeline_from_json(const nlohmann::json& json);
[[nodiscard]] nlohmann::json mute_json(const Mute& mute);
[[nodiscard]] std::optional<Mute> mute_from_json(const nlohmann::json& json);
[[nodiscard]] nlohmann::json noise_json(const NoiseReport& report);

}  // namespace serin
