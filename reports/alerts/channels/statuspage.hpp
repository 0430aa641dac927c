// SPDX-License-Identifier: Apache-2.0
// Atlassian Statuspage, component API (developer.statuspage.io): only the states of components, by the rule of
// status_page(), only with `publish: true`, and only for incidents that are confirmed or vouched, that a person
// declared, or that a maintenance window covers. Incidents are never published: their drafts are for people.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/status/status_page.hpp"

namespace serin {

/// Components of the configuration: services that share an id are one.
[[nodiscard]] std::vector<Component> published_components(const ChannelConfig& config);
/// States by component id.
[[nodiscard]] std::map<std::string, ComponentState> published_states(const std::vector<Component>& components,
                                                                     const std::vector<Incident>& incidents, Wall now);
/// The body of PATCH /v1/pages/:page/components/:id.
[[nodiscard]] std::string component_patch(ComponentState state);
/// proven: 200 and the component with that state. 420 and 429: retry, after a minute if it does not say.
[[nodiscard]] SendResult statuspage_result(const Answer& answer, ComponentState state, const Redactor& redactor);

[[nodiscard]] std::unique_ptr<Channel> make_statuspage_channel(ArmedChannel armed, ChannelHouse house);

}  // namespace serin
