// SPDX-License-Identifier: Apache-2.0
// Every file of tests/golden/good-config loads without a word; every file of tests/golden/bad-config gives exactly the
// drawn mistakes of the `.err` file beside it, and the schema agrees. SERIN_APPROVE=1 rewrites the expectations; read
// the difference before you commit it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/drawing.hpp"
#include "runner/config/config.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/document.hpp"
#include "tests/support/golden_files.hpp"

namespace serin::test {
namespace {

namespace fs = std::filesystem;

/// Names in messages are as a person in the file's folder would write them, wherever the sources lie.
class InFolder {
public:
    explicit InFolder(const fs::path& folder) : outer_(fs::current_path()) { fs::current_path(folder); }
    ~InFolder() { fs::current_path(outer_); }
    InFolder(const InFolder&) = delete;
    InFolder& operator=(const InFolder&) = delete;

private:
    fs::path outer_;
};

LoadedConfig loaded(const fs::path& file) {
    const InFolder here(file.parent_path());
    return load_config(file.filename().string());
}

bool schema_accepts(const YamlNode& root) {
    static const SchemaCheck schema(config_schema());
    return schema.accepts(json_of(root));
}

}  // namespace

TEST_CASE("every good configuration loads without error or warning and pleases the schema") {
    const std::vector<fs::path> files = yaml_files(golden_folder("good-config"));
    REQUIRE(files.size() >= 3);
    for (const fs::path& file : files) {
        INFO(file.filename());
        const LoadedConfig config = loaded(file);
        CHECK(draw(config.mistakes, Palette{}) == "");
        CHECK(config.config.has_value());
        Mistakes mistakes;
        const Document document = parse_document(file.filename().string(), contents(file), mistakes);
        REQUIRE(document.root);
        CHECK(schema_accepts(*document.root));
    }
}

TEST_CASE("every bad configuration is answered with the drawn mistakes beside it") {
    const bool approve = std::getenv("SERIN_APPROVE") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    const std::vector<fs::path> files = yaml_files(golden_folder("bad-config"));
    REQUIRE(files.size() >= 100);
    for (const fs::path& file : files) {
        INFO(file.filename());
        const LoadedConfig config = loaded(file);
        const std::string drawn = draw(config.mistakes, Palette{});
        fs::path expectation = file;
        expectation.replace_extension(".err");
        if (approve) std::ofstream(expectation, std::ios::binary) << drawn;
        CHECK(drawn != "");
        CHECK(drawn == contents(expectation));
        const bool any_error =
            std::ranges::any_of(config.mistakes, [](const Mistake& each) { return each.level == Level::error; });
        CHECK(config.config.has_value() != any_error);
        for (const Mistake& mistake : config.mistakes) {
            INFO(mistake.title);
            CHECK(mistake.remedy != "");
        }
    }
}

TEST_CASE("the schema refuses every bad configuration that is not marked as beyond it") {
    int refused = 0;
    for (const fs::path& file : yaml_files(golden_folder("bad-config"))) {
        const std::string text = contents(file);
        Mistakes mistakes;
        const Document document = parse_document(file.filename().string(), text, mistakes);
        if (!document.root) continue;  // no YAML, so nothing that a schema could see
        INFO(file.filename());
        const bool beyond = text.starts_with("# schema: accepts\n");
        CHECK(schema_accepts(*document.root) == beyond);
        refused += beyond ? 0 : 1;
    }
    CHECK(refused > 30);
}

TEST_CASE("schema and reference page of the configuration know every key of its table") {
    const std::string schema = config_schema().dump();
    const std::string page = config_reference();
    for (const MappingType& type : config_types()) {
        INFO(type.name);
        CHECK(page.find("### " + std::string(type.name)) != std::string::npos);
        for (const Key& key : type.keys) {
            INFO(key.name);
            CHECK(!key.meaning.empty());
            CHECK(!key.example.empty());
            CHECK(schema.find("\"" + std::string(key.name) + "\":") != std::string::npos);
            CHECK(page.find("| `" + std::string(key.name) + "` |") != std::string::npos);
        }
    }
}

}  // namespace serin::test
