// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "scenarios/language/table.hpp"

namespace serin {

/// Blocks that describe the daemon: vantage, store, listen, limits, log, discovery.
[[nodiscard]] std::vector<MappingType> daemon_types();
/// What is probed and when: profile, probe, maintenance window.
[[nodiscard]] std::vector<MappingType> probe_types();

}  // namespace serin
