// SPDX-License-Identifier: Apache-2.0
// A status page with one component in each state, and what is asked of its static forms.
#pragma once
#include <string>

#include "reports/alerts/status/status_page.hpp"

namespace serin::test {

/// 2020-12-09 11:52:31 UTC.
[[nodiscard]] Wall status_example_time();
/// Open, critical, confirmed on "us-east", class stored_not_pushed, began at 11:28 and paged at 11:30.
[[nodiscard]] Incident outage(const std::string& id, const std::string& service);
[[nodiscard]] StatusPage status_example();

/// The text of tests/golden/status/`name`; SERIN_APPROVE=1 writes it first.
[[nodiscard]] bool same_as_golden(const std::string& name, const std::string& text);

/// Every element that begins ends, in order; void elements of HTML, declarations and comments aside.
[[nodiscard]] bool well_nested(const std::string& markup);

}  // namespace serin::test
