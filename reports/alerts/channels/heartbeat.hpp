// SPDX-License-Identifier: Apache-2.0
// Our dead man's switch, in the manner of healthchecks.io: a beat says that the whole chain works, silence alerts
// there.
// `/fail` is never used: a chain that can still say that it fails would tell so by other channels.
#pragma once
#include <memory>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"

namespace serin {

/// More than five pings a minute may be discarded.
inline constexpr Duration between_beats = std::chrono::seconds(15);

/// proven: 2xx. healthchecks answers 200 also to what it does not take: "OK (not found)" is broken, "OK (rate limited)"
/// is retried.
[[nodiscard]] SendResult heartbeat_result(const Answer& answer, const Redactor& redactor);

[[nodiscard]] std::unique_ptr<Channel> make_heartbeat_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
