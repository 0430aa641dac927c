// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/outcome.hpp"
#include "reports/formats/reporter.hpp"

namespace serin {

/// True when one line cannot say all of it: not passed, passed on a second attempt, or left something behind.
[[nodiscard]] bool needs_block(const Outcome& outcome);

/// "FAIL chat-delivery  sender=a receiver=b  3.41 s  class=…  trace=…" and a line break.
[[nodiscard]] std::string headline(const Outcome& outcome, const ReportOptions& options);

/// The headline and everything under it: each finding with its place, the evidence, how to run it again. Ends with a
/// line break. Safe for a terminal.
[[nodiscard]] std::string failure_block(const Outcome& outcome, const ReportOptions& options);

}  // namespace serin
