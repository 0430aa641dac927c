// SPDX-License-Identifier: Apache-2.0
// Examples that lie in files, and what a schema says of them.
#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scenarios/language/document.hpp"

namespace serin::test {

/// tests/golden/FOLDER.
[[nodiscard]] std::filesystem::path golden_folder(const std::string& folder);
/// The .yaml files in it, sorted.
[[nodiscard]] std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder);
/// All bytes; empty when there is no such file.
[[nodiscard]] std::string contents(const std::filesystem::path& path);

/// The tree as a program that reads YAML 1.2 would see it.
[[nodiscard]] nlohmann::json json_of(const YamlNode& node);

/// A JSON Schema, as valijson understands it.
class SchemaCheck {
public:
    explicit SchemaCheck(const nlohmann::json& schema);
    ~SchemaCheck();
    SchemaCheck(const SchemaCheck&) = delete;
    SchemaCheck& operator=(const SchemaCheck&) = delete;
    /// What is wrong with `value`, a line each; empty when it is right.
    [[nodiscard]] std::string why_not(const nlohmann::json& value) const;
    [[nodiscard]] bool accepts(const nlohmann::json& value) const { return why_not(value).empty(); }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin::test
