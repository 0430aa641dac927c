// SPDX-License-Identifier: Apache-2.0
// Prometheus Alertmanager, API v2: every instance is told, for a cluster is not a queue. Its alerts live in memory and
// end at `endsAt`, so what goes on is told again each minute, and what was resolved for another 15 minutes (the rule of
// Prometheus itself, rules/alerting.go).
//
// Identity: an alert *is* its labels. Everything that may change while an incident lasts (scope, message, who
// acknowledged) is therefore an annotation, except `severity`, which routes are written for. When it rises, the alert
// under the old severity is resolved in the same batch; after a restart, when it is no longer known, it ends by itself
// within four minutes because nobody tells it again.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

inline constexpr Duration alert_refresh = std::chrono::minutes(1);
inline constexpr Duration alert_lasts = 4 * alert_refresh;  ///< survives two refreshes that are lost
inline constexpr Duration resolved_repeats = std::chrono::minutes(15);

struct ManagedAlert {
    std::map<std::string, std::string> labels{}, annotations{};
    Wall starts_at{}, ends_at{};
    std::string generator_url{};
};

/// Whether a notice says that the incident goes on.
[[nodiscard]] bool goes_on(const Notice& notice);
/// Labels of the configuration never replace our own.
[[nodiscard]] ManagedAlert alert_of(const Notice& notice, const NoticeWords& words, const ChannelConfig& config,
                                    const std::string& link, Wall now);
/// `[a-zA-Z_][a-zA-Z0-9_]*`: other characters become `_`.
[[nodiscard]] std::string alert_label_name(std::string_view text);
/// The body of POST /api/v2/alerts.
[[nodiscard]] std::string alerts_body(const std::vector<ManagedAlert>& alerts);

/// What an instance knows of an incident.
enum class Sighting {
    unreadable,  ///< no answer, or none of Alertmanager's
    absent,
    suppressed,  ///< silenced or inhibited there: nobody is told
    active,
};
/// From the answer to GET /api/v2/alerts?filter=incident="…".
[[nodiscard]] Sighting sighting_of(const std::string& body, const std::string& incident_id);

[[nodiscard]] std::unique_ptr<Channel> make_alertmanager_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
