// SPDX-License-Identifier: Apache-2.0
// Rows of the store for a terminal. Every text is made printable.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/colour.hpp"
#include "reports/formats/reporter.hpp"
#include "reports/store/reader.hpp"

namespace serin {

/// "2026-11-22 01:02:03Z": to the second, for tables.
[[nodiscard]] std::string short_time(Wall t);
/// "us-east-1 → b profile=heavy sender=a": the cell without its probe.
[[nodiscard]] std::string cell_text(const CellKey& key);
/// Of a word of Verdict; dim for one that is unknown.
[[nodiscard]] Colour colour_of_verdict(std::string_view verdict);
/// "1 message", "2 messages".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view what);

[[nodiscard]] std::string runs_table(const std::vector<RunRow>& rows, bool colours_on);
/// One run with what the store keeps of it: for a pass a line, otherwise the block that `serin run` shows.
[[nodiscard]] std::string run_text(const RunDetail& detail, const ReportOptions& options);

/// "1204 messages: 1200 delivered, 3 late, 1 lost".
[[nodiscard]] std::string account_line(const std::map<std::string, std::int64_t>& counts);
/// Messages, newest first.
[[nodiscard]] std::string deliveries_table(const std::vector<DeliveryRow>& rows, bool colours_on);

}  // namespace serin
