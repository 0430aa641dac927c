// SPDX-License-Identifier: Apache-2.0
// What is printed from a table of keys, for tables beside the language's own too.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "scenarios/language/table.hpp"

namespace serin {

/// JSON Schema (draft 7) of a file that is the mapping type `root`, one of `types`; these may refer to each other and
/// to the types of the language.
[[nodiscard]] nlohmann::json schema_of_file(const char* title, std::string_view root,
                                            std::span<const MappingType> types);

/// The type's keys as a section of a reference page (Markdown).
[[nodiscard]] std::string reference_section(const MappingType& type);

}  // namespace serin
