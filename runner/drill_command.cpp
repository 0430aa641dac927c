// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/formats/store_json.hpp"
#include "runner/alert_commands.hpp"
#include "runner/incidents_parts.hpp"
#include "runner/incidents_text.hpp"
#include "runner/server_client.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr OptionRule drill_options[] = {server_option, token_option, ca_option, json_option};

constexpr CommandRules drill_rules{
    .command = "serin drill",
    .about =
        "Sends a marked incident through rule, outbox and channel of a running daemon, reads it back, resolves it, "
        "and reads that back.",
    .words = "[CHANNEL]",
    .options = drill_options,
    .after =
        "Without a channel: those of `drills` in serin.yaml, or each that pages and can prove it. It may take some "
        "minutes.\n\n"
        "examples:\n"
        "  serin drill --server http://127.0.0.1:9464\n"
        "  serin drill pager --server https://serin:8443 --token-env SERIN_TOKEN --json\n\n"
        "exit codes: 0 every channel proved it · 1 one did not · 2 usage, or no such channel · 3 the daemon did "
        "not answer\n"};

std::optional<Duration> duration_of(const Json& row, const char* key) {
    const auto found = row.find(key);
    if (found == row.end() || !found->is_number()) return std::nullopt;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(found->get<double>()));
}

std::string text_of(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found == row.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

/// Nothing that is no drill counts as a good one.
std::vector<DrillRow> rows_of(const Json& answer) {
    std::vector<DrillRow> rows;
    const Json list = answer.is_object() ? answer.value("drills", Json::array()) : Json::array();
    for (const Json& row : list) {
        if (!row.is_object()) continue;
        DrillRow drill;
        drill.channel = text_of(row, "channel");
        drill.good = row.contains("good") && row["good"] == true;
        drill.delivered_after = duration_of(row, "delivered_after_ms");
        drill.resolved_after = duration_of(row, "resolved_after_ms");
        drill.said = text_of(row, "said");
        rows.push_back(std::move(drill));
    }
    return rows;
}

}  // namespace

ExitCode drill_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(drill_rules, arguments);
    if (!line) return refuse(console, line.error());
    if (line->has("help")) {
        console.out(help_of(drill_rules));
        return ExitCode::pass;
    }
    if (line->words.size() > 1)
        return refuse(console, {.title = "more than one channel", .remedy = "name one, or none for all"});
    if (!line->has("server"))
        return refuse(console,
                      {.title = "no daemon", .remedy = "name the one whose channels are drilled: --server URL"});
    const Result<Server> server = server_of(*line);
    if (!server) return refuse(console, server.error());
    const std::string channel = line->words.empty() ? std::string() : line->words.front();
    ServerCall call{.path = "/api/v1/drills", .body = {}, .what = "the drill", .scope = "operate"};
    call.body = json_text(channel.empty() ? Json::object() : Json{{"channel", channel}});
    call.timeout = std::chrono::minutes(15);
    const auto answers = ask_server(*server, {call});
    if (!answers)
        return refuse(console, answers.error().error,
                      answers.error().decided() ? ExitCode::usage : ExitCode::cannot_judge);
    const std::vector<DrillRow> rows = rows_of(answers->front());
    if (rows.empty())
        return refuse(console, {.title = "the answer names no drill", .remedy = "is that a `serin serve`?"},
                      ExitCode::cannot_judge);
    if (line->has("json")) {
        Json json = answers->front();
        json["schema"] = "serin.drills/1";
        console.out(json_text(json, 2) + "\n");
    } else {
        console.out(drills_table(rows, console.colour()));
    }
    return std::ranges::all_of(rows, &DrillRow::good) ? ExitCode::pass : ExitCode::fail;
}

}  // namespace serin
