// SPDX-License-Identifier: Apache-2.0
// What a status page says of an incident, by its failure class: what users notice, never that there are "errors". Plain
// text that may hold what targets and scenarios chose: escape it for the reader. Pure.
#pragma once
#include <string>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// "messages are stored but not delivered live in us-east": what users notice, and where when that is not everywhere.
/// By what the rule found and by the failure class, not by the message, which tells what the probe saw; of a class that
/// only a scenario knows, its name in words. Of a declared incident what the person said.
[[nodiscard]] std::string effect_on_users(const Incident& incident);
/// The same with a capital letter.
[[nodiscard]] std::string draft_title(const Incident& incident);
/// Sentences for the incident's state: since when, what we do; from when to when it was.
[[nodiscard]] std::string draft_text(const Incident& incident);

}  // namespace serin
