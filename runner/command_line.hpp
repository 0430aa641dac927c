// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "runner/cli.hpp"

namespace serin {

/// One option of a command. All take a value but those without a word for it.
struct OptionRule {
    const char* name;  ///< "limit", or "o,output" with a letter
    const char* about;
    const char* value = nullptr;  ///< "FILE"; null: a flag
};

/// What was typed. An option that is given twice keeps both values.
struct CommandLine {
    std::map<std::string, std::vector<std::string>> values;  ///< by long name
    std::vector<std::string> words;                          ///< that belong to no option
    [[nodiscard]] bool has(const std::string& name) const { return values.contains(name); }
    /// The last value; empty when there is none.
    [[nodiscard]] std::string one(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> all(const std::string& name) const;
};

struct CommandRules {
    const char* command;  ///< "serin runs"
    const char* about;    ///< a sentence
    const char* words;    ///< what stands beside the options: "[RUN_ID]"; empty: nothing may
    std::span<const OptionRule> options;
    const char* after;  ///< examples and exit codes
};

/// `--help` is understood always. An Error names the option and the way out.
[[nodiscard]] Result<CommandLine> read_command_line(const CommandRules& rules, const Arguments& arguments);
[[nodiscard]] std::string help_of(const CommandRules& rules);

}  // namespace serin
