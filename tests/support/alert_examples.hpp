// SPDX-License-Identifier: Apache-2.0
// Incidents as alerting keeps them, for those that show them.
#pragma once
#include <string>

#include "reports/alerts/outbox/alert_store.hpp"

namespace serin::test {

/// Open, acknowledged, with every member set to something.
[[nodiscard]] Incident rich_incident(Wall opened_at);
/// "inc-0000000<number>" of service `chat`, closed an hour after it opened.
[[nodiscard]] Incident closed_incident(int number, Wall opened_at);

/// What keep_examples() writes, around `now`:
/// inc-rich (open, of chat, 10 min ago) with timeline and two notices; inc-watch (watching, of mail, 20 min ago);
/// inc-00000000 … inc-00000024 (closed, of chat, hours ago); a drill of 5 min ago; a mute of search until tomorrow; the
/// last drills of pager (good) and mail (not).
[[nodiscard]] AlertBatch example_batch(Wall now);
/// Writes them into a new alert database. Throws when it cannot.
void keep_examples(const std::string& path, Wall now);

}  // namespace serin::test
