// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "scenarios/language/document.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {

enum class FileKind { scenario, fragment, targets, config };

/// What the top-level keys say that the file is meant to be, also when some of them are misspelt; scenario when they
/// say nothing.
[[nodiscard]] FileKind kind_of(const YamlNode& root);

/// All mistakes of a file of any kind, and of the files that it names.
[[nodiscard]] Mistakes check_file(const std::string& path, const ReadFile& read = read_file);

}  // namespace serin
