// SPDX-License-Identifier: Apache-2.0
// The reporters that make_reporter() chooses from; each is at home in the .cpp file of its name.
#pragma once
#include <memory>

#include "reports/formats/reporter.hpp"

namespace serin {

[[nodiscard]] std::unique_ptr<Reporter> make_text_reporter(ReportOptions options);
[[nodiscard]] std::unique_ptr<Reporter> make_json_reporter(ReportOptions options);
[[nodiscard]] std::unique_ptr<Reporter> make_junit_reporter(ReportOptions options);
[[nodiscard]] std::unique_ptr<Reporter> make_github_reporter(ReportOptions options);
[[nodiscard]] std::unique_ptr<Reporter> make_tap_reporter(ReportOptions options);

}  // namespace serin
