// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace serin {

/// A mapping all of whose keys begin with `$`, and that is not empty.
[[nodiscard]] bool is_marker_mapping(const nlohmann::json& pattern);
[[nodiscard]] std::vector<std::string> marker_names();

/// What a marker is held against.
enum class MarkerSubject {
    text,   ///< $regex, $contains: of a payload its text
    value,  ///< of a payload its JSON when it is some, else its text
    bytes,  ///< $hex
};
[[nodiscard]] MarkerSubject subject_of(std::string_view marker);

/// Whether one marker holds for `value` (null pointer: absent). Unknown markers and operands of a wrong type never
/// hold.
[[nodiscard]] bool marker_holds(std::string_view marker, const nlohmann::json& operand, const nlohmann::json* value);

/// What is wrong with one marker as written.
[[nodiscard]] std::optional<Error> marker_mistake(std::string_view marker, const nlohmann::json& operand);

/// The bytes that "0a ff" spells; nullopt: it is not hexadecimal.
[[nodiscard]] std::optional<std::string> bytes_from_hex(std::string_view hex);

}  // namespace serin
