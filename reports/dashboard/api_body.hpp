// SPDX-License-Identifier: Apache-2.0
// Internal to reports/dashboard: the body of a request.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "core/result.hpp"
#include "net/http_server.hpp"

namespace serin {

/// The body as JSON; an empty one is an empty object.
[[nodiscard]] Result<nlohmann::json> json_body(const ServerRequest& request);

}  // namespace serin
