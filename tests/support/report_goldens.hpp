// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/outcome.hpp"
#include "reports/formats/reporter.hpp"

namespace serin::test {

/// The whole report: begin, each outcome, end with their totals after 3.4 s. `never_started` runs are planned on top.
[[nodiscard]] std::string report(std::string_view format, const std::vector<Outcome>& outcomes,
                                 ReportOptions options = {}, const std::vector<std::string>& never_started = {});

/// The text of tests/golden/reports/`name`. Fails the test when there is no such file.
[[nodiscard]] std::string golden(std::string_view name);

/// One run of each kind that report() is asked for in the goldens.
[[nodiscard]] std::string golden_report(std::string_view format, ReportOptions options = {});

}  // namespace serin::test
