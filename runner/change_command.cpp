// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "reports/formats/change_json.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/store_json.hpp"
#include "reports/store/change_writer.hpp"
#include "runner/command_line.hpp"
#include "runner/server_client.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_input = 1 << 20;
constexpr std::size_t most_changes = 1000;

constexpr OptionRule change_options[] = {
    {.name = "kind", .about = "deploy, migration, config, flag, capacity, manual, rollback or other", .value = "KIND"},
    {.name = "component", .about = "what was changed", .value = "NAME"},
    {.name = "id", .about = "of the change: the same id again updates it (otherwise one is made)", .value = "ID"},
    {.name = "title", .about = "one line for people", .value = "TEXT"},
    {.name = "shard", .about = "a target it was done to; may be given again (otherwise: all)", .value = "NAME"},
    {.name = "author", .about = "who did it", .value = "NAME"},
    {.name = "contact", .about = "whom to ask", .value = "TEXT"},
    {.name = "rollback-plan", .about = "how to undo it", .value = "TEXT"},
    {.name = "link", .about = "where more is said", .value = "URL"},
    {.name = "start", .about = "when it began (otherwise now): 2026-11-22T01:02:03Z, now, -10m", .value = "TIME"},
    {.name = "end", .about = "when it was done", .value = "TIME"},
    {.name = "stdin", .about = "read the change, or a list of them, as JSON from standard input"},
    {.name = "store", .about = "write into this database, also while `serin serve` runs on it", .value = "FILE"},
    server_option,
    token_option,
    ca_option,
};

constexpr CommandRules change_rules{
    .command = "serin change",
    .about = "Records what somebody did to production, so that failures can be laid beside it.",
    .words = "",
    .options = change_options,
    .after =
        "The id of each change is printed. To record its end, give the id again with --start and --end: the later "
        "words replace the earlier ones.\n\n"
        "examples:\n"
        "  serin change --kind deploy --component api --id deploy-4711 --shard b --author pipeline --store serin.db\n"
        "  serin change --kind flag --component checkout --title \"new cart on\" --server https://serin:8443 "
        "--token-env SERIN_TOKEN\n"
        "  echo '{\"kind\": \"migration\", \"component\": \"mail\", \"started_at\": \"-10m\"}' | serin change --stdin "
        "--store serin.db\n\n"
        "exit codes: 0 recorded · 2 a mistake in what was typed, nothing was recorded · 3 it could not be written or "
        "sent\n"};

ExitCode refused(Console& console, const Error& error, ExitCode code = ExitCode::usage) {
    console.error(error);
    return code;
}

Result<Json> json_from_standard_input() {
    std::string text(most_input + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), stdin));
    if (std::ferror(stdin) != 0) return fail("standard input cannot be read");
    if (text.size() > most_input) return fail("standard input holds more than 1 MiB", "record fewer changes at a time");
    constexpr bool throwing = false;
    Json json = Json::parse(text, nullptr, throwing);
    if (json.is_discarded())
        return fail("standard input is no JSON", R"(write {"kind": "deploy", "component": "api"}, or a list of such)");
    return json;
}

/// The flags as the JSON that --stdin would have brought, so that both are checked alike.
Json json_from_flags(const CommandLine& line) {
    Json json = Json::object();
    constexpr std::pair<const char*, const char*> texts[] = {
        {"kind", "kind"},     {"component", "component"},
        {"id", "id"},         {"title", "title"},
        {"author", "author"}, {"contact", "contact"},
        {"link", "link"},     {"start", "started_at"},
        {"end", "ended_at"},  {"rollback-plan", "rollback_plan"},
    };
    for (const auto& [option, key] : texts) {
        if (line.has(option)) json[key] = line.one(option);
    }
    if (line.has("shard")) json["shards"] = line.all("shard");
    return json;
}

/// All changes, or every mistake in any of them.
Result<std::vector<Change>> read_changes(const Json& json, Wall now) {
    if (json.is_array() && json.empty()) return fail("the list holds no change");
    if (json.is_array() && json.size() > most_changes)
        return fail("the list holds " + std::to_string(json.size()) + " changes", "record at most 1000 at a time");
    std::vector<Change> changes;
    Error mistakes;
    const Json one = Json::array({json});
    const Json& list = json.is_array() ? json : one;
    for (std::size_t i = 0; i < list.size(); ++i) {
        Result<Change> change = change_from_json(list[i], now);
        if (change) {
            changes.push_back(*std::move(change));
            continue;
        }
        const std::string which = list.size() > 1 ? "change " + std::to_string(i + 1) + ": " : "";
        mistakes.title += (mistakes.title.empty() ? "" : "\n  ") + which + change.error().title;
        if (!change.error().remedy.empty())
            mistakes.remedy += (mistakes.remedy.empty() ? "" : "\n          ") + which + change.error().remedy;
    }
    if (!mistakes.title.empty()) return std::unexpected(mistakes);
    return changes;
}

Result<void> send(const Server& server, const std::vector<Change>& changes) {
    std::vector<ServerCall> calls;
    for (const Change& change : changes) {
        ServerCall call{
            .path = "/api/v1/changes", .body = json_text(change_json(change)), .what = {}, .scope = "change"};
        call.what = "change " + change.id;
        calls.push_back(std::move(call));
    }
    const auto answers = ask_server(server, calls);
    if (!answers) return std::unexpected(answers.error().error);
    return {};
}

ExitCode record(const CommandLine& line, const std::vector<Change>& changes, Console& console) {
    Result<void> done;
    if (line.has("store")) {
        done = write_changes(line.one("store"), changes);
    } else {
        const Result<Server> server = server_of(line);
        if (!server) return refused(console, server.error());
        done = send(*server, changes);
    }
    if (!done) return refused(console, done.error(), ExitCode::cannot_judge);
    for (const Change& change : changes) console.out(printable(change.id) + "\n");
    return ExitCode::pass;
}

}  // namespace

ExitCode change_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(change_rules, arguments);
    if (!line) return refused(console, line.error());
    if (line->has("help")) {
        console.out(help_of(change_rules));
        return ExitCode::pass;
    }
    if (line->has("store") == line->has("server"))
        return refused(
            console, {.title = line->has("store") ? "--store and --server exclude each other" : "nowhere to record it",
                      .remedy = "name a database with --store FILE, or a daemon with --server URL"});
    Json json = json_from_flags(*line);
    if (line->has("stdin")) {
        if (!json.empty())
            return refused(console, {.title = "--stdin excludes the options that describe a change",
                                     .remedy = "put all of it into the JSON"});
        Result<Json> read = json_from_standard_input();
        if (!read) return refused(console, read.error());
        json = *std::move(read);
    }
    const Result<std::vector<Change>> changes = read_changes(json, wall_now());
    if (!changes) return refused(console, changes.error());
    return record(*line, *changes, console);
}

}  // namespace serin
