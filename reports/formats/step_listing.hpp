// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/outcome.hpp"
#include "reports/formats/reporter.hpp"

namespace serin {

/// With `verbose` every step that ran, its exchange (headers, bodies cut to a few KiB) and its frames; with `curl` the
/// shell line that repeats each HTTP step. Empty with neither. Ends with a line break. Safe for a terminal.
[[nodiscard]] std::string step_listing(const Outcome& outcome, const ReportOptions& options);

}  // namespace serin
