// SPDX-License-Identifier: Apache-2.0
// Every file of tests/golden/good loads without a word; every file of tests/golden/bad-yaml gives exactly the drawn
// mistakes of the
// `.err` file beside it. SERIN_APPROVE=1 rewrites the expectations; read the difference before you commit it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/drawing.hpp"
#include "scenarios/language/loader.hpp"
#include "tests/support/golden_files.hpp"

namespace serin::test {
namespace {

namespace fs = std::filesystem;

/// Loads `file` under its bare name, so that no mistake shows where the sources happen to lie.
Mistakes mistakes_of(const fs::path& file) {
    const fs::path folder = file.parent_path();
    const ReadFile read = [folder](const std::string& path) -> Result<std::string> {
        if (!fs::exists(folder / path)) return fail("cannot read " + path + ": no such file", "check the path");
        return read_file((folder / path).string());
    };
    const std::string name = file.filename().string();
    if (name.starts_with("targets")) return load_targets(name, read).mistakes;
    const Loaded loaded = load_scenario(name, read);
    const bool any_error =
        std::ranges::any_of(loaded.mistakes, [](const Mistake& each) { return each.level == Level::error; });
    CHECK(loaded.scenario.has_value() != any_error);
    return loaded.mistakes;
}

}  // namespace

TEST_CASE("every good example loads without error or warning") {
    const std::vector<fs::path> files = yaml_files(golden_folder("good"));
    REQUIRE(files.size() >= 7);
    for (const fs::path& file : files) {
        INFO(file.filename());
        CHECK(draw(mistakes_of(file), Palette{}) == "");
    }
}

TEST_CASE("every bad example is answered with the drawn mistakes beside it") {
    const bool approve = std::getenv("SERIN_APPROVE") != nullptr;  // NOLINT(concurrency-mt-unsafe)
    const std::vector<fs::path> files = yaml_files(golden_folder("bad-yaml"));
    REQUIRE(files.size() >= 100);
    for (const fs::path& file : files) {
        INFO(file.filename());
        const std::string drawn = draw(mistakes_of(file), Palette{});
        fs::path expectation = file;
        expectation.replace_extension(".err");
        if (approve) std::ofstream(expectation, std::ios::binary) << drawn;
        CHECK(drawn != "");
        CHECK(drawn == contents(expectation));
    }
}

TEST_CASE("every mistake in a bad example says the way out") {
    for (const fs::path& file : yaml_files(golden_folder("bad-yaml"))) {
        INFO(file.filename());
        for (const Mistake& mistake : mistakes_of(file)) {
            INFO(mistake.title);
            CHECK(mistake.remedy != "");
        }
    }
}

}  // namespace serin::test
