// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "reports/dashboard/alert_orders.hpp"
#include "reports/formats/store_json.hpp"
#include "runner/alert_commands.hpp"
#include "runner/incidents_parts.hpp"
#include "runner/server_client.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

constexpr OptionRule heartbeat_options[] = {{.name = "fail", .about = "the job ran, and failed"},
                                            {.name = "note", .about = "one line or more for people", .value = "TEXT"},
                                            server_option,
                                            token_option,
                                            ca_option};

constexpr CommandRules heartbeat_rules{
    .command = "serin heartbeat",
    .about = "Tells a running daemon that a job is alive. Its silence alerts.",
    .words = "NAME",
    .options = heartbeat_options,
    .after =
        "Names stand under `heartbeats` in serin.yaml; a token of scope `report` is enough.\n\n"
        "examples:\n"
        "  backup.sh && serin heartbeat backup --server http://127.0.0.1:9464\n"
        "  backup.sh || serin heartbeat backup --fail --note \"no space left\" --server http://127.0.0.1:9464\n\n"
        "exit codes: 0 it was heard · 1 no heartbeat of this name · 2 a mistake in what was typed · 3 it could not "
        "be sent\n"};

}  // namespace

ExitCode heartbeat_command(const Arguments& arguments, Console& console) {
    const auto [line, go_on, code] = read_typed(heartbeat_rules, arguments, 1, "NAME", console);
    if (!go_on) return code;
    if (!line.has("server"))
        return refuse(console, {.title = "no daemon", .remedy = "name the one that listens: --server URL"});
    nlohmann::json body{{"failed", line.has("fail")}};
    if (line.has("note")) body["note"] = line.one("note");
    const std::string& name = line.words.front();
    if (const auto fine = heartbeat_report(body, name, wall_now()); !fine) return refuse(console, fine.error());
    const Result<Server> server = server_of(line);
    if (!server) return refuse(console, server.error());
    const ServerCall call{.path = "/api/v1/heartbeats/" + path_segment(name),
                          .body = json_text(body),
                          .what = "the heartbeat",
                          .scope = "report"};
    const auto answers = ask_server(*server, {call});
    if (answers) return ExitCode::pass;
    return refuse(console, answers.error().error, answers.error().decided() ? ExitCode::fail : ExitCode::cannot_judge);
}

}  // namespace serin
