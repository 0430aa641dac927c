// SPDX-License-Identifier: Apache-2.0
// The loader and the published schema come from one table; here each checks the other on every example.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/language/document.hpp"
#include "scenarios/language/loader.hpp"
#include "scenarios/language/names.hpp"
#include "scenarios/language/table.hpp"
#include "tests/support/golden_files.hpp"

namespace serin::test {
namespace {

struct Example {
    std::string name, text;
    bool targets = false;
};
std::vector<Example> examples(const std::string& folder) {
    std::vector<Example> all;
    for (const auto& file : yaml_files(golden_folder(folder))) {
        const std::string name = file.filename().string();
        all.push_back({.name = name, .text = contents(file), .targets = name.starts_with("targets")});
    }
    return all;
}

struct Schemas {
    SchemaCheck scenario{scenario_schema()};
    SchemaCheck targets{targets_schema()};

    [[nodiscard]] bool accept(const Example& example, const YamlNode& root) const {
        return (example.targets ? targets : scenario).accepts(json_of(root));
    }
};
const Schemas& schemas() {
    static const Schemas both;
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
