// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_answers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/formats/store_json.hpp"

namespace serin {

ServerResponse json_answer(const nlohmann::json& json, int status) {
    ServerResponse response;
    response.status = status;
    response.body = json_text(json) + "\n";
    return response;
}

ServerResponse error_answer(int status, const std::string& title, const std::string& remedy) {
    return json_answer({{"error", {{"title", title}, {"remedy", remedy}}}}, status);
}

ServerResponse error_answer(int status, const Error& error) {
    return error_answer(status, error.title, error.remedy);
}

nlohmann::json next_cursor_json(const std::string& cursor) {
    return cursor.empty() ? nlohmann::json(nullptr) : nlohmann::json(cursor);
}

void harden(ServerResponse& response) {
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Cache-Control", "no-store");
    constexpr const char* policy = "Content-Security-Policy";
    if (std::ranges::none_of(response.headers, [](const auto& header) { return header.first == policy; }))
        response.headers.emplace_back(policy, "default-src 'none'; frame-ancestors 'none'");
}

}  // namespace serin
