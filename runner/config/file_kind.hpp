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
/// The targets of a targets file, or of a configuration: its inventory and what it discovers.
[[nodiscard]] LoadedTargets load_targets_of(const std::string& path, const ReadFile& read = read_file);

}  // namespace serin
