// SPDX-License-Identifier: Apache-2.0
// A receiver of one's own, by Standard Webhooks 1.0.0 (standard-webhooks/spec): signed, with an id that stays the same
// over retries, so that the receiver can drop what it has seen.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// The spec wants less than 20 kB.
inline constexpr std::size_t longest_webhook = 20'000;

/// `{"type": "serin.incident.opened", "timestamp": …, "data": {"notice", "title", "text", "link", "level", "page",
/// "dedup_key", "incident": {…}}}`, shorter than longest_webhook: long lists of the incident are cut, and `trimmed`
/// says which. The same for every attempt.
[[nodiscard]] std::string webhook_body(const Notice& notice, const NoticeWords& words, const std::string& link);
/// The notice's id without full stops, which the spec forbids.
[[nodiscard]] std::string webhook_id(const Notice& notice);
/// webhook-id, webhook-timestamp (of the attempt), webhook-signature: one signature a key, newest first; none without
/// keys. An Error when a key is unusable.
[[nodiscard]] Result<Headers> webhook_headers(const std::string& id, Wall now, const std::string& body,
                                              const std::vector<Secret>& keys);
/// proven: 2xx. 3xx is never followed and tried again, as the spec says. 410: broken.
[[nodiscard]] SendResult webhook_result(const Answer& answer, const Redactor& redactor);

[[nodiscard]] std::unique_ptr<Channel> make_webhook_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
