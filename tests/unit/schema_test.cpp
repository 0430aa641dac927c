// SPDX-License-Identifier: Apache-2.0
// The loader and the published schema come from one table; here each checks the other on every example.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "scenarios/language/document.hpp"
#include "scenarios/language/loader.hpp"
#include "scenarios/language/names.hpp"
#include "scenarios/language/table.hpp"

namespace serin::test {
namespace {

namespace fs = std::filesystem;

nlohmann::json json_of(const YamlNode& node) {
    switch (node.kind) {
        case YamlKind::null:
            return nullptr;
        case YamlKind::scalar:
            return std::visit([](const auto& value) { return nlohmann::json(value); }, typed(node));
        case YamlKind::list: {
            auto list = nlohmann::json::array();
            for (const YamlNode& item : node.items) list.push_back(json_of(item));
            return list;
        }
        case YamlKind::map:
            break;
    }
    auto map = nlohmann::json::object();
    for (const YamlEntry& entry : node.entries) map[entry.key] = json_of(entry.value);
    return map;
}

class SchemaCheck {
public:
    explicit SchemaCheck(const nlohmann::json& document) {
        valijson::SchemaParser parser;
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema_);
    }
    bool accepts(const nlohmann::json& value) {
        valijson::Validator validator;
        return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
    }

private:
    valijson::Schema schema_;
};

struct Example {
    std::string name, text;
    bool targets = false;
};
std::vector<Example> examples(const std::string& folder) {
    std::vector<Example> all;
    for (const auto& entry : fs::directory_iterator(fs::path(SERIN_SOURCE_DIR) / "tests" / "golden" / folder)) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        const std::string name = entry.path().filename().string();
        all.push_back({.name = name, .text = text.str(), .targets = name.starts_with("targets")});
    }
    return all;
}

struct Schemas {
    SchemaCheck scenario{scenario_schema()};
    SchemaCheck targets{targets_schema()};

    bool accept(const Example& example, const YamlNode& root) {
        return (example.targets ? targets : scenario).accepts(json_of(root));
    }
};
Schemas& schemas() {
    static Schemas both;
    return both;
}

}  // namespace

TEST_CASE("the schema accepts every good example") {
    for (const std::string folder : {"good", "good/lib"}) {
        for (const Example& example : examples(folder)) {
            Mistakes mistakes;
            const Document document = parse_document(example.name, example.text, mistakes);
            INFO(folder << "/" << example.name);
            REQUIRE(document.root);
            CHECK(schemas().accept(example, *document.root));
        }
    }
}

TEST_CASE("the schema refuses every bad example that is not marked as beyond it") {
    int refused = 0;
    for (const Example& example : examples("bad-yaml")) {
        Mistakes mistakes;
        const Document document = parse_document(example.name, example.text, mistakes);
        if (!document.root) continue;  // no YAML, so nothing that a schema could see
        INFO(example.name);
        const bool beyond = example.text.starts_with("# schema: accepts\n");
        CHECK(schemas().accept(example, *document.root) == beyond);
        refused += beyond ? 0 : 1;
    }
    CHECK(refused > 30);
}

TEST_CASE("the schema knows every key of the table") {
    const std::string text = scenario_schema().dump() + targets_schema().dump();
    for (const StepKind& kind : step_kinds()) {
        for (const Key& key : kind.keys) CHECK(text.find("\"" + std::string(key.name) + "\":") != std::string::npos);
    }
    for (const MappingType& type : mapping_types()) {
        for (const Key& key : type.keys) CHECK(text.find("\"" + std::string(key.name) + "\":") != std::string::npos);
    }
}

TEST_CASE("the reference page names every key, kind, run name and function") {
    const std::string page = reference_page();
    for (const StepKind& kind : step_kinds()) {
        INFO(kind.name);
        CHECK(page.find("`" + std::string(kind.name) + ": ") != std::string::npos);
        for (const Key& key : kind.keys) CHECK(page.find("`" + std::string(key.name) + ": ") != std::string::npos);
    }
    for (const RunName& name : run_names())
        CHECK(page.find("| `" + std::string(name.name) + "` |") != std::string::npos);
    for (const BuiltinName& each : builtin_names()) CHECK(page.find(each.meaning) != std::string::npos);
}

TEST_CASE("every key of the table says what it means and has an example") {
    const auto check = [](const std::vector<Key>& keys) {
        for (const Key& key : keys) {
            INFO(key.name);
            CHECK(!key.meaning.empty());
            CHECK(!key.example.empty());
        }
    };
    for (const StepKind& kind : step_kinds()) check(kind.keys);
    for (const MappingType& type : mapping_types()) check(type.keys);
    check(common_step_keys());
}

}  // namespace serin::test
