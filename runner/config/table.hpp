// SPDX-License-Identifier: Apache-2.0
// The one table of serin.yaml: the loader's checks, the JSON Schema and the reference page all come from it. A new key
// is one line in table.cpp, and its reader.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/table.hpp"

namespace serin {

/// The first is the file itself. `target` is the language's.
[[nodiscard]] const std::vector<MappingType>& config_types();
/// The type of that name, which must exist.
[[nodiscard]] const MappingType& config_type(std::string_view name);

/// The JSON Schema (draft 7) of serin.yaml.
[[nodiscard]] nlohmann::json config_schema();
/// Every key with its value, default and meaning (Markdown).
[[nodiscard]] std::string config_reference();

}  // namespace serin
