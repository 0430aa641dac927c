// SPDX-License-Identifier: Apache-2.0
#include "runner/command_line.hpp"

#include <cxxopts.hpp>

namespace serin {
namespace {

cxxopts::Options grammar(const CommandRules& rules) {
    cxxopts::Options options(rules.command, rules.about);
    options.custom_help("[OPTIONS]");
    options.positional_help(rules.words);
    options.set_width(110);
    using Texts = std::vector<std::string>;
    auto adder = options.add_options("");
    for (const OptionRule& rule : rules.options) {
        if (rule.value == nullptr) {
            adder(rule.name, rule.about);
        } else {
            adder(rule.name, rule.about, cxxopts::value<Texts>(), rule.value);
        }
    }
    adder("h,help", "this text");
    options.add_options("words")("words", "", cxxopts::value<Texts>());
    options.parse_positional({"words"});
    return options;
}

}  // namespace

std::string CommandLine::one(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() || found->second.empty() ? std::string() : found->second.back();
}

std::vector<std::string> CommandLine::all(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::vector<std::string>() : found->second;
}

Result<CommandLine> read_command_line(const CommandRules& rules, const Arguments& arguments) {
    const std::string see_help = std::string("see: ") + rules.command + " --help";
    std::vector<const char*> argv{rules.command};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    CommandLine line;
    try {
        const cxxopts::ParseResult parsed = grammar(rules).parse(static_cast<int>(argv.size()), argv.data());
        // Taken as it was typed: cxxopts would split the values of a list at commas.
        for (const cxxopts::KeyValue& pair : parsed.arguments()) {
            if (pair.key() == "words") {
                line.words.push_back(pair.value());
            } else {
                line.values[pair.key()].push_back(pair.value());
            }
        }
        for (const std::string& stray : parsed.unmatched()) line.words.push_back(stray);
    } catch (const cxxopts::exceptions::exception& mistake) {
        return fail(mistake.what(), see_help);
    }
    if (*rules.words == '\0' && !line.words.empty() && !line.has("help"))
        return fail("`" + line.words.front() + "` belongs to no option", see_help);
    return line;
}

std::string help_of(const CommandRules& rules) {
    return grammar(rules).help({""}) + "\n" + rules.after;
}

}  // namespace serin
