// SPDX-License-Identifier: Apache-2.0
// `serin incidents …`: which of its subcommands was meant.
#include "core/names.hpp"
#include "runner/alert_commands.hpp"
#include "runner/incidents_parts.hpp"

namespace serin {
namespace {

struct Subcommand {
    const char* name;
    const char* about;
    ExitCode (*run)(const Arguments&, Console&);
};

constexpr Subcommand subcommands[] = {
    {"list", "incidents that go on, or of a stretch of time, and what is muted", list_incidents},
    {"show", "one incident with its timeline and who was told", show_incident},
    {"ack", "acknowledge an incident: somebody is on it", acknowledge_incident},
    {"close", "close an incident, or say what its page was worth", close_incident},
    {"declare", "tell of an incident that a person found first", declare_incident},
    {"mute", "tell nobody of a service for a while", mute_service},
    {"unmute", "end a mute", unmute_service},
    {"mutes", "what is muted, by whom, why and until when", list_mutes},
    {"export", "a post-mortem in Markdown, to fill in", export_incident},
    {"noise", "what the pages of each rule were worth", show_noise},
};

std::string help() {
    std::string text =
        "What was wrong, what is wrong, and who was told.\n\n"
        "usage: serin incidents SUBCOMMAND [OPTIONS]\n\nsubcommands:\n";
    for (const Subcommand& each : subcommands) {
        std::string name = each.name;
        name.resize(9, ' ');
        text += "  " + name + each.about + "\n";
    }
    text +=
        "\n  serin incidents SUBCOMMAND --help   its options and examples\n\n"
        "Reading asks the alert database (--store FILE), also beside a running daemon. Whatever changes something is\n"
        "decided by the daemon: send it there (--server URL), or write it into its database (--store FILE).\n\n"
        "examples:\n"
        "  serin incidents list --store serin.db\n"
        "  serin incidents ack inc-3f7k2m9q1x --note \"rolling back\" --store serin.db\n"
        "  serin incidents mute --service search --reason \"known, fixed on Monday\" --lasts 2d --server "
        "http://127.0.0.1:9464\n\n"
        "exit codes: 0 done · 1 the daemon refused it · 2 usage, or the database cannot be read · 3 it could not be "
        "written or sent · 4 no such incident\n";
    return text;
}

}  // namespace

std::string alert_database_of(const CommandLine& line) {
    const std::string path = line.one("store");
    return path.ends_with(".alerts.db") ? path : alert_path_of(path);
}

Result<std::unique_ptr<AlertReader>> open_alerts(const CommandLine& line) {
    if (!line.has("store")) return fail("no store", "name the database of `serin serve`: --store FILE");
    return AlertReader::open(alert_database_of(line));
}

ExitCode refuse(Console& console, const Error& error, ExitCode code) {
    console.error(error);
    return code;
}

Typed read_typed(const CommandRules& rules, const Arguments& arguments, std::size_t words, const char* what,
                 Console& console) {
    Typed typed;
    Result<CommandLine> line = read_command_line(rules, arguments);
    if (!line) {
        console.error(line.error());
        return typed;
    }
    if (line->has("help")) {
        console.out(help_of(rules));
        typed.code = ExitCode::pass;
        return typed;
    }
    if (line->words.size() != words) {
        console.error({.title = std::string(line->words.size() < words ? "no " : "more than one ") + what,
                       .remedy = std::string("see: ") + rules.command + " --help"});
        return typed;
    }
    typed.line = *std::move(line);
    typed.go_on = true;
    return typed;
}

ExitCode incidents_command(const Arguments& arguments, Console& console) {
    if (arguments.empty()) {
        console.err(help());
        return ExitCode::usage;
    }
    const std::string& first = arguments.front();
    if (first == "--help" || first == "-h" || first == "help") {
        console.out(help());
        return ExitCode::pass;
    }
    std::vector<std::string> names;
    for (const Subcommand& each : subcommands) {
        if (first == each.name) return each.run({arguments.begin() + 1, arguments.end()}, console);
        names.emplace_back(each.name);
    }
    return refuse(console, {.title = "unknown subcommand `" + clipped(first, 60) + "`",
                            .remedy = did_you_mean(first, names, "subcommands")});
}

}  // namespace serin
