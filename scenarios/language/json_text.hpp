// SPDX-License-Identifier: Apache-2.0
// JSON as text, safe against what a service may send: nlohmann's parser takes any depth, but copying, comparing and
// printing such a value recurses.
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace serin {

inline constexpr int deepest_json = 200;

[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

/// A lower bound of the memory that `value` takes; SIZE_MAX when it nests deeper than `deepest_json`.
[[nodiscard]] std::size_t json_weight(const nlohmann::json& value);

/// Compact; bytes that are not UTF-8 are replaced; at most `bytes` long, with "…" where it was cut or nests too deeply.
[[nodiscard]] std::string json_excerpt(const nlohmann::json& value, std::size_t bytes);

/// For people: `503  (integer)`, `"a"  (string)`, `[1,2]  (list of 2)`, `null  (JSON null)`.
[[nodiscard]] std::string with_type(const nlohmann::json& value);

/// As it reads inside a text: strings bare, whole floats without ".0", lists and objects compact.
/// `value` must not be deeper than `deepest_json`.
[[nodiscard]] std::string plain_text(const nlohmann::json& value);

}  // namespace serin
