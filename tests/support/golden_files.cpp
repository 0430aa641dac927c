// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden_files.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <variant>

namespace serin::test {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path golden_folder(const std::string& folder) {
    return fs::path(SERIN_SOURCE_DIR) / "tests" / "golden" / folder;
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Json json_of(const YamlNode& node) {
    if (node.is_scalar()) return std::visit([](const auto& value) { return Json(value); }, typed(node));
    if (node.is_list()) {
        Json list = Json::array();
        for (const YamlNode& item : node.items) list.push_back(json_of(item));
        return list;
    }
    if (!node.is_map()) return nullptr;
    Json map = Json::object();
    for (const YamlEntry& entry : node.entries) map[entry.key] = json_of(entry.value);
    return map;
}

struct SchemaCheck::Impl {
    valijson::Schema schema;
};

SchemaCheck::SchemaCheck(const Json& schema) : impl_(std::make_unique<Impl>()) {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), impl_->schema);
}
SchemaCheck::~SchemaCheck() = default;

std::string SchemaCheck::why_not(const Json& value) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(impl_->schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) return {};
    std::string all = "refused:";
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const std::string& part : error.context) all += " " + part;
        all += ": " + error.description + "\n";
    }
    return all;
}

}  // namespace serin::test
