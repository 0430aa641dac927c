// SPDX-License-Identifier: Apache-2.0
// From configuration and store to what the alert desk is opened with.
#pragma once
#include <optional>
#include <vector>

#include "reports/alerts/desk/desk.hpp"
#include "reports/store/reader.hpp"
#include "runner/config/config.hpp"
#include "runner/serve/plan.hpp"

namespace serin {

/// Only the probes that this vantage plays have rules: of the others it will hear nothing. `plans`: their cells.
[[nodiscard]] DeskRules desk_rules_of(const Config& config, const CellPlans& plans);

/// The newest runs of each probe's cells, oldest first, as far as the rules look back on them: verdicts and times only.
/// What cannot be read is left out: then the rules begin anew.
[[nodiscard]] std::vector<Record> recent_runs(StoreReader& reader, const Config& config, Wall now);
/// Changes that can still be suspects.
[[nodiscard]] std::vector<Change> recent_changes(StoreReader& reader, Duration within, Wall now);

/// Messages of an incident's cells since it began; nullopt when the store cannot be read.
[[nodiscard]] std::optional<Account> account_of(StoreReader& reader, const Incident& incident);

}  // namespace serin
