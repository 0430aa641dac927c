// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/drawing.hpp"
#include "runner/cli.hpp"
#include "runner/config/file_kind.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {
namespace {

constexpr const char* lint_help =
    "usage: serin lint [--strict] [--targets FILE] FILE…\n\n"
    "Checks files without touching the network: scenarios with the fragments they use, configurations (serin.yaml) "
    "with every\nscenario they name, targets files and fragments. Its top-level keys say what a file is. All mistakes "
    "of all files are shown.\n\n"
    "  --targets FILE  check this as a targets file, whatever its keys say (may be given again)\n"
    "  --strict        warnings count as errors\n\n"
    "examples:\n"
    "  serin lint scenarios/*.yaml\n"
    "  serin lint --strict serin.yaml\n\n"
    "exit codes: 0 fine (warnings are allowed without --strict) · 2 a mistake, or no file\n";

}  // namespace

ExitCode lint_command(const Arguments& arguments, Console& console) {
    std::vector<std::string> files, targets;
    bool strict = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--help" || word == "-h") {
            console.out(lint_help);
            return ExitCode::pass;
        }
        if (word == "--strict") {
            strict = true;
        } else if (word == "--targets" && i + 1 < arguments.size()) {
            targets.push_back(arguments[++i]);
        } else if (word.starts_with("-") && word != "-") {
            console.error({.title = "unknown or incomplete option `" + word + "`", .remedy = "see: serin lint --help"});
            return ExitCode::usage;
        } else {
            files.push_back(word);
        }
    }
    if (files.empty() && targets.empty()) {
        console.error({.title = "no file to check", .remedy = "serin lint FILE…"});
        return ExitCode::usage;
    }
    Mistakes mistakes;
    for (const std::string& file : files) {
        const Mistakes found = check_file(file);
        mistakes.insert(mistakes.end(), found.begin(), found.end());
    }
    for (const std::string& file : targets) {
        const LoadedTargets loaded = load_targets(file);
        mistakes.insert(mistakes.end(), loaded.mistakes.begin(), loaded.mistakes.end());
    }
    if (!mistakes.empty()) console.out(draw(mistakes, {.colour = console.colour()}) + "\n");
    const bool bad = strict
                         ? !mistakes.empty()
                         : std::ranges::any_of(mistakes, [](const Mistake& one) { return one.level == Level::error; });
    if (bad) return ExitCode::usage;
    const std::size_t count = files.size() + targets.size();
    console.out(std::to_string(count) + (count == 1 ? " file is fine\n" : " files are fine\n"));
    return ExitCode::pass;
}

}  // namespace serin
