// SPDX-License-Identifier: Apache-2.0
// Rows of the store as JSON: keys are the members' names (and the SQL columns'), durations in milliseconds as `*_ms`,
// times in RFC 3339, null for what is not known. A cell's key stands flat in its row: probe, vantage, target, profile,
// cell.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/store/reader.hpp"

namespace serin {

[[nodiscard]] nlohmann::json run_row_json(const RunRow& row);
/// The row, and `outcome`: the whole outcome, or null for a thin row.
[[nodiscard]] nlohmann::json run_detail_json(const RunDetail& detail);
/// Without a key, the five members of it are null.
[[nodiscard]] nlohmann::json delivery_row_json(const DeliveryRow& row);
/// Each count; `judged`, `slots`, `availability` and `coverage` (null without data); `took` and `lateness` as
/// {"count", "p50_ms", "p95_ms", "p99_ms", "max_ms"}.
[[nodiscard]] nlohmann::json cell_counts_json(const CellCounts& counts);
[[nodiscard]] nlohmann::json matrix_cell_json(const MatrixCell& cell);
[[nodiscard]] nlohmann::json rollup_row_json(const RollupRow& row);

/// Text for a terminal, a file or a socket: ASCII only, so that nothing in it steers who shows it; bytes that are no
/// UTF-8 become U+FFFD. `indent` -1: one line.
[[nodiscard]] std::string json_text(const nlohmann::json& json, int indent = -1);

}  // namespace serin
