// SPDX-License-Identifier: Apache-2.0
// What people and jobs ask of alerting, as JSON: bodies of the API, and of the commands that build them from flags.
// Each reader refuses what it does not know, names every mistake at once, and takes null for absent. `by` may be left
// out where somebody is known otherwise (`caller`); texts are bounded UTF-8; durations are "30m", times as
// parse_moment() reads them.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/alerts/policy/policy.hpp"

namespace serin {

/// A mute may not last longer: after two weeks somebody looks again.
inline constexpr Duration longest_mute = std::chrono::hours(24 * 14);

/// {by, note, lasts}: kind acknowledge.
[[nodiscard]] Result<AlertCommand> acknowledge_order(const nlohmann::json& json, const std::string& incident_id,
                                                     const std::string& caller, Wall now);
/// {by, note, usefulness}: kind close.
[[nodiscard]] Result<AlertCommand> close_order(const nlohmann::json& json, const std::string& incident_id,
                                               const std::string& caller, Wall now);
/// {service, message, by, began_at, ended_at}: kind declare; `note` is the message, `began_at` is now when not given.
[[nodiscard]] Result<AlertCommand> declare_order(const nlohmann::json& json, const std::string& caller, Wall now);
/// {service, failure_class, owner, reason, lasts}: kind mute; `by` is the owner, `note` the reason. No failure class:
/// all.
[[nodiscard]] Result<AlertCommand> mute_order(const nlohmann::json& json, const std::string& caller, Wall now);
/// Kind unmute.
[[nodiscard]] AlertCommand unmute_order(const std::string& service, const std::string& failure_class,
                                        const std::string& by, Wall now);
/// {channel}: of the drill; empty: all.
[[nodiscard]] Result<std::string> drill_order(const nlohmann::json& json);
/// {failed, note}.
[[nodiscard]] Result<Heartbeat> heartbeat_report(const nlohmann::json& json, const std::string& name, Wall now);
/// {value, at}.
[[nodiscard]] Result<GaugeSample> gauge_report(const nlohmann::json& json, const std::string& name, Wall now);

}  // namespace serin
