// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "core/failure_classes.hpp"
#include "core/names.hpp"
#include "runner/cli.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {
namespace {

constexpr const char* schema_help =
    "usage: serin schema [scenario|targets|config|reference|config-reference|failures]\n\n"
    "  scenario          JSON Schema (draft 7) of scenario and fragment files (default)\n"
    "  targets           JSON Schema of a targets file\n"
    "  config            JSON Schema of a configuration (serin.yaml)\n"
    "  reference         every key of scenarios with its type, default and meaning, as Markdown\n"
    "  config-reference  every key of a configuration, as Markdown\n"
    "  failures          every failure class with its meaning, as Markdown\n\n"
    "example: serin schema > scenario.schema.json, and as the first line of a scenario:\n"
    "  # yaml-language-server: $schema=scenario.schema.json\n";

std::string failures_page() {
    std::string page =
        "# Failure classes\n\nMade by `serin schema failures`. *Whose*: a failure of the prober itself makes the "
        "verdict `error`, never "
        "`fail`. A scenario's `diagnose` may name further classes.\n\n| class | whose | meaning |\n|---|---|---|\n";
    for (const FailureClass& each : failure_classes) {
        page += "| `" + std::string(each.name) + "` | " + (each.own_fault ? "the prober's" : "the target's") + " | " +
                std::string(each.meaning) + " |\n";
    }
    return page;
}

}  // namespace

ExitCode schema_command(const Arguments& arguments, Console& console) {
    const std::string what = arguments.empty() ? "scenario" : arguments.front();
    if (what == "--help" || what == "-h") {
        console.out(schema_help);
    } else if (arguments.size() > 1) {
        console.error({.title = "one word at most", .remedy = "see: serin schema --help"});
        return ExitCode::usage;
    } else if (what == "scenario") {
        console.out(scenario_schema().dump(2) + "\n");
    } else if (what == "targets") {
        console.out(targets_schema().dump(2) + "\n");
    } else if (what == "config") {
        console.out(config_schema().dump(2) + "\n");
    } else if (what == "config-reference") {
        console.out(config_reference());
    } else if (what == "reference") {
        console.out(reference_page());
    } else if (what == "failures") {
        console.out(failures_page());
    } else {
        console.error(
            {.title = "unknown schema `" + what + "`",
             .remedy = did_you_mean(
                 what, {"scenario", "targets", "config", "reference", "config-reference", "failures"}, "schemas")});
        return ExitCode::usage;
    }
    return ExitCode::pass;
}

}  // namespace serin
