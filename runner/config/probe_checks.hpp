// SPDX-License-Identifier: Apache-2.0
// What a probe says must fit its own times and the scenario that it plays.
#pragma once
#include <string>
#include <vector>

#include "runner/config/reading.hpp"

namespace serin {

/// As Cell spells the value of an axis.
[[nodiscard]] std::string axis_value(const YamlNode& scalar);

/// `labels`: the node of what probe.target_labels holds. Labels that no target has are mistakes.
void check_selection(const ProbeConfig& probe, const YamlNode& labels, ConfigReading& reading);
/// `every`, `jitter`, `confirm`, `timeout` and `overlap` beside each other; notes a warning when runs would overlap.
void check_times(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading);
/// Variables, axes and values of axes, and, when the probe is `fine` so far, that any cell is left.
void check_against_scenario(const ProbeConfig& probe, const Fields& fields, bool fine, ConfigReading& reading);
/// Variables of its profiles that the scenario does not declare.
void check_profile_vars(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading);
/// Lays out the scenario's matrix as it will be played, with made-up secrets: an empty one is a mistake.
void check_cells(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading);
/// Secrets of a profile that none of its scenarios declares.
void warn_of_useless_secrets(const std::vector<ProbeConfig>& probes, ConfigReading& reading);

}  // namespace serin
