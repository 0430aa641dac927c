// SPDX-License-Identifier: Apache-2.0
#include "runner/cli.hpp"

#include <csignal>
#include <exception>

#include "core/names.hpp"
#include "runner/alert_commands.hpp"
#include "runner/version.hpp"

namespace serin {
namespace {

struct Command {
    const char* name;
    const char* about;
    ExitCode (*run)(const Arguments&, Console&);
};

constexpr Command commands[] = {
    {"run", "play scenarios now and say what users can and cannot do", run_command},
    {"serve", "play probes on a schedule, keep the results, tell them over HTTP", serve_command},
    {"runs", "what the store knows of single runs", runs_command},
    {"ledger", "what became of every message that was sent", ledger_command},
    {"report", "a report of the store: text, JSON, JUnit, Markdown or one HTML file", report_command},
    {"change", "record a deploy, migration, flag flip or other change", change_command},
    {"incidents", "what users could not do: list, acknowledge, mute, close, export", incidents_command},
    {"drill", "prove that a page arrives: send a marked one through the real way", drill_command},
    {"heartbeat", "report to a running daemon that a job is alive", heartbeat_command},
    {"lint", "check scenarios and configurations without touching the network", lint_command},
    {"schema", "print the JSON Schema for editors, or the reference page", schema_command},
    {"demo", "see it work: a stand-in chat service whose shards begin to drop messages", demo_command},
};

std::string help() {
    std::string text =
        "serin: scripted client-side scenarios against a live service\n\n"
        "usage: serin COMMAND [OPTIONS] [FILE…]\n\ncommands:\n";
    for (const Command& command : commands) {
        std::string name = command.name;
        name.resize(11, ' ');
        text += "  " + name + command.about + "\n";
    }
    text +=
        "\n  serin COMMAND --help   options and examples of a command\n"
        "  serin --version        what this binary was built from\n\n"
        "examples:\n"
        "  serin demo\n"
        "  serin run chat-delivery.yaml --target api=https://chat.example.com --target ws=wss://chat.example.com\n"
        "  serin lint scenarios/*.yaml\n"
        "  serin serve serin.yaml\n\n"
        "exit codes: 0 pass · 1 fail · 2 usage or file error · 3 the prober could not judge · 4 nothing ran · "
        "129/130/143 "
        "signal\n";
    return text;
}

ExitCode dispatch(const Arguments& arguments, Console& console) {
    if (arguments.empty()) {
        console.err(help());
        return ExitCode::usage;
    }
    const std::string& first = arguments.front();
    if (first == "--help" || first == "-h" || first == "help") {
        console.out(help());
        return ExitCode::pass;
    }
    if (first == "--version" || first == "-V" || first == "version") {
        console.out(version_text());
        return ExitCode::pass;
    }
    std::vector<std::string> names;
    for (const Command& command : commands) {
        if (first == command.name) return command.run({arguments.begin() + 1, arguments.end()}, console);
        names.emplace_back(command.name);
    }
    const bool looks_like_file = first.ends_with(".yaml") || first.ends_with(".yml");
    console.error({.title = "unknown command `" + first + "`",
                   .remedy = looks_like_file ? "to play a scenario: serin run " + first
                                             : did_you_mean(first, names, "commands")});
    return ExitCode::usage;
}

}  // namespace

ExitCode run_cli(const Arguments& arguments, Console& console) {
    std::signal(SIGPIPE, SIG_IGN);  // a peer or a pager that goes away is an error code, not our death
    try {
        const ExitCode code = dispatch(arguments, console);
        if (code == ExitCode::pass && !console.flush()) {
            console.error({.title = "standard output could not be written whole",
                           .remedy = "is the disk full, or its reader gone?"});
            return ExitCode::cannot_judge;
        }
        return code;
    } catch (const std::exception& defect) {
        console.error({.title = std::string("a defect of Serin: ") + defect.what(),
                       .remedy = "please report it with the command line"});
        return ExitCode::cannot_judge;
    }
}

}  // namespace serin
