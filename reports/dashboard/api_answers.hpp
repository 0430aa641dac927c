// SPDX-License-Identifier: Apache-2.0
// Answers of the API: JSON, and what every answer carries.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/result.hpp"
#include "net/http_server.hpp"

namespace serin {

[[nodiscard]] ServerResponse json_answer(const nlohmann::json& json, int status = 200);
/// {"error": {"title", "remedy"}}.
[[nodiscard]] ServerResponse error_answer(int status, const std::string& title, const std::string& remedy);
[[nodiscard]] ServerResponse error_answer(int status, const Error& error);
/// Of a page: null instead of "" when it was the last one.
[[nodiscard]] nlohmann::json next_cursor_json(const std::string& cursor);
/// Adds what keeps browsers from guessing, caching and embedding. An answer's own Content-Security-Policy stays.
void harden(ServerResponse& response);

}  // namespace serin
