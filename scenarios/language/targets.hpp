// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "scenarios/language/complaints.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {

/// The targets of a mapping of names to targets, as a targets file and the configuration have it.
[[nodiscard]] std::vector<Target> targets_of(const YamlNode& by_name, Complaints& complaints);

}  // namespace serin
