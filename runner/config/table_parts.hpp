// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "scenarios/language/table.hpp"

namespace serin {

/// Blocks that describe the daemon: vantage, store, listen, limits, log, discovery.
[[nodiscard]] std::vector<MappingType> daemon_types();
/// What is probed and when: profile, probe, maintenance window.
[[nodiscard]] std::vector<MappingType> probe_types();
/// Who is told, and when: alerts, escalation, drills, status page.
[[nodiscard]] std::vector<MappingType> alert_types();
/// When something is wrong: rules of probes, gauge, heartbeat.
[[nodiscard]] std::vector<MappingType> rule_types();
/// How they are told: channel, and each of its kinds.
[[nodiscard]] std::vector<MappingType> channel_types();

}  // namespace serin
