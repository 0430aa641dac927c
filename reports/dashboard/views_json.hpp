// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself as JSON, in the words of reports/formats/store_json.hpp: durations as `*_ms`, times in
// RFC 3339, null for what is not known.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "core/record.hpp"
#include "reports/dashboard/control.hpp"

namespace serin {

[[nodiscard]] nlohmann::json probe_json(const ProbeView& probe);
[[nodiscard]] nlohmann::json status_json(const DaemonStatus& status);
/// Events of the stream.
[[nodiscard]] nlohmann::json record_json(const Record& record);
[[nodiscard]] nlohmann::json gap_json(const Gap& gap);

}  // namespace serin
