// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>

namespace serin {
namespace {

cxxopts::Options grammar() {
    cxxopts::Options options(
        "serin run", "Plays each scenario once, in every cell of its matrix, and says what users can no longer do.");
    options.custom_help("[OPTIONS]");
    options.positional_help("FILE…");
    options.set_width(110);
    using Texts = std::vector<std::string>;
    const auto text = [] { return cxxopts::value<std::string>(); };
    options.add_options("where and what")("target", "a value of the target, usually a URL: api=https://… ws=wss://…",
                                          cxxopts::value<Texts>(), "KEY=VALUE")(
        "targets", "a file of named targets (shards), or a serin.yaml", text(), "FILE")(
        "shard", "name of the target that `target` means", text(), "NAME")(
        "set", "a variable of the scenario's `vars:`", cxxopts::value<Texts>(), "NAME=VALUE")(
        "only", "only the cells with these axis values: \"sender=a receiver=b\"", cxxopts::value<Texts>(), "CELL")(
        "vantage", "where this prober stands, for reports", text(), "NAME")(
        "j,jobs", "runs at once (1–1000)", cxxopts::value<std::string>()->default_value("8"), "N");
    options.add_options("what is told")("v,verbose", "each step with what was said on the wire, secrets redacted")(
        "curl", "a curl line that repeats each HTTP step")(
        "report", "text, json, junit, github or tap; FORMAT=PATH writes a file; may be given again",
        cxxopts::value<Texts>(),
        "FORMAT[=PATH]")("no-colour", "no colours (also NO_COLOR=1)")("no-color", "the same")("h,help", "this text");
    options.add_options("files")("files", "", cxxopts::value<Texts>());
    options.parse_positional({"files"});
    return options;
}

/// cxxopts would split list values at commas; URLs and values hold commas, so each argument is kept whole by hand.
std::vector<std::string> values_of(const cxxopts::ParseResult& parsed, const std::string& name) {
    std::vector<std::string> values;
    for (const cxxopts::KeyValue& pair : parsed.arguments()) {
        if (pair.key() == name) values.push_back(pair.value());
    }
    return values;
}

Result<std::vector<std::pair<std::string, std::string>>> pairs(const std::vector<std::string>& texts,
                                                               const std::string& option) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == 0)
            return fail(fmt::format("{} {}: no name before the `=`", option, text), "write " + option + " NAME=VALUE");
        if (equals == std::string::npos) {
            return fail(fmt::format("{} {}: no `=`", option, text),
                        "write " + option + (option == "--target" ? " api=https://…" : " NAME=VALUE"));
        }
        all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

}  // namespace

std::string run_help() {
    return grammar().help({"where and what", "what is told"}) +
           "\n"
           "examples:\n"
           "  serin run chat-delivery.yaml --target api=https://chat.example.com --target ws=wss://chat.example.com\n"
           "  serin run chat-delivery.yaml --targets shards.yaml --only \"receiver=us-east-2\" -v\n"
           "  serin run checkout.yaml search.yaml --report junit=results.xml --report github\n"
           "  serin run search.yaml --target api=http://127.0.0.1:8080 --set term=canary --curl\n"
           "\n"
           "exit codes: 0 pass · 1 fail · 2 usage or file error · 3 the prober could not judge · 4 nothing ran · "
           "129/130/143 signal\n";
}

Result<RunOptions> parse_run_options(const Arguments& arguments) {
    RunOptions options;
    std::vector<const char*> argv{"serin run"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    try {
        const cxxopts::ParseResult parsed = grammar().parse(static_cast<int>(argv.size()), argv.data());
        options.help = parsed.count("help") > 0;
        if (options.help) return options;
        options.files = values_of(parsed, "files");
        for (const std::string& stray : parsed.unmatched()) options.files.push_back(stray);
        const auto set = pairs(values_of(parsed, "set"), "--set");
        if (!set) return std::unexpected(set.error());
        options.set = *set;
        const auto target = pairs(values_of(parsed, "target"), "--target");
        if (!target) return std::unexpected(target.error());
        options.target = *target;
        if (parsed.count("targets")) options.targets_file = parsed["targets"].as<std::string>();
        if (parsed.count("shard")) options.shard = parsed["shard"].as<std::string>();
        if (parsed.count("vantage")) options.vantage = parsed["vantage"].as<std::string>();
        options.only = values_of(parsed, "only");
        options.report = values_of(parsed, "report");
        options.verbose = parsed.count("verbose") > 0;
        options.curl = parsed.count("curl") > 0;
        options.no_colour = parsed.count("no-colour") + parsed.count("no-color") > 0;
        const std::string jobs = parsed["jobs"].as<std::string>();
        if (jobs.empty() || jobs.size() > 4 || jobs.find_first_not_of("0123456789") != std::string::npos ||
            std::stoul(jobs) < 1 || std::stoul(jobs) > 1000) {
            return fail("--jobs " + jobs + ": not a whole number from 1 to 1000");
        }
        options.jobs = std::stoul(jobs);
    } catch (const cxxopts::exceptions::exception& mistake) {
        return fail(mistake.what(), "see: serin run --help");
    }
    if (options.files.empty()) return fail("no scenario file", "serin run FILE…; to see one at work: serin demo");
    if (!options.target.empty() && !options.targets_file.empty()) {
        return fail("--target and --targets exclude each other", "put all targets into the file");
    }
    if (!options.target.empty() && !options.shard.empty()) {
        return fail("--shard chooses from --targets FILE, and --target is the only target there is",
                    "leave one of them out");
    }
    std::vector<std::string> files = options.files;
    std::ranges::sort(files);
    if (const auto twice = std::ranges::adjacent_find(files); twice != files.end()) {
        return fail(*twice + " is given twice", "each scenario is played once");
    }
    return options;
}

}  // namespace serin
