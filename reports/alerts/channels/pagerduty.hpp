// SPDX-License-Identifier: Apache-2.0
// PagerDuty, Events API v2 (PagerDuty/developer-docs, events-API-v2). Its 202 is no delivery: events were answered so
// and dropped for 85 minutes in May 2022. Proof is the incident itself, by REST or by its v3 webhook to us.
#pragma once
#include <memory>
#include <string>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// trigger, acknowledge or resolve.
[[nodiscard]] const char* pager_action(NoticeKind kind);

/// The body of POST /v2/enqueue. Drills are of severity `info`, so that a service with dynamic urgency wakes nobody.
[[nodiscard]] std::string pager_event(const Notice& notice, const NoticeWords& words, const ChannelConfig& config,
                                      const std::string& link, const Secret& routing_key);
/// The body of POST /v2/change/enqueue.
[[nodiscard]] std::string pager_change(const Change& change, const Secret& routing_key, const std::string& vantage);
/// accepted: 202 in PagerDuty's own words. A 400 that speaks of the routing key: broken. 429 without Retry-After: 30 s.
[[nodiscard]] SendResult pager_result(const Answer& answer, const Redactor& redactor);

/// What GET /incidents?incident_key=… (statuses triggered, acknowledged, resolved) shows.
struct PagerIncidents {
    int triggered = 0, acknowledged = 0, resolved = 0;
};
/// nullopt: that is no list of incidents.
[[nodiscard]] std::optional<PagerIncidents> pager_incidents(const std::string& body);
/// Whether they are as they should be after this notice. A trigger on an acknowledged alert rings no phone again: so a
/// page needs one that is triggered, unless somebody had acknowledged the incident here when the notice was made.
[[nodiscard]] bool pager_proves(const PagerIncidents& incidents, const Notice& notice);
/// Why they do not, for people.
[[nodiscard]] const char* pager_lacks(const PagerIncidents& incidents, const Notice& notice);
/// The REST API that belongs to an Events API: that of the same service region.
[[nodiscard]] std::string pager_api_of(const std::string& events_url);

/// `budget`: shared by all channels with this routing key (the vendor counts 120 calls a minute for each).
[[nodiscard]] std::unique_ptr<Channel> make_pagerduty_channel(ArmedChannel armed, ChannelHouse house,
                                                              std::shared_ptr<CallBudget> budget);
[[nodiscard]] std::shared_ptr<CallBudget> pager_budget();

}  // namespace serin
