// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_body.hpp"

#include <nlohmann/json.hpp>

namespace serin {

Result<nlohmann::json> json_body(const ServerRequest& request) {
    if (request.body.empty()) return nlohmann::json::object();
    constexpr bool throwing = false;
    nlohmann::json json = nlohmann::json::parse(request.body, nullptr, throwing);
    if (json.is_discarded()) return fail("the body is no JSON", R"(write {"key": "value"})");
    return json;
}

}  // namespace serin
