// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace serin {

/// What this binary is and what it was built from, for bug reports.
[[nodiscard]] std::string version_text();
/// "0.1.0"
[[nodiscard]] std::string version_number();

}  // namespace serin
