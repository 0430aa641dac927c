// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "runner/config/reading.hpp"

namespace serin {

/// What names services must name some that there are: `depends_on` (without circles) and components. Names of probes,
/// gauges and heartbeats must differ.
void check_services(const Fields& file, const std::optional<Fields>& alerts, const Config& config,
                    ConfigReading& reading);

}  // namespace serin
