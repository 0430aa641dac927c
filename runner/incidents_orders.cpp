// SPDX-License-Identifier: Apache-2.0
// The subcommands of `serin incidents` that change something. The daemon decides; either it is asked over HTTP, or the
// order is written into its database, where it takes it within a second.
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "reports/dashboard/alert_orders.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/store_json.hpp"
#include "runner/incidents_parts.hpp"
#include "runner/server_client.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* exit_codes =
    "\nexit codes: 0 done, or recorded for the daemon's next start · 1 the daemon refused it · 2 a mistake in what was "
    "typed · 3 it could not be written or sent\n";

constexpr OptionRule by_option{.name = "by", .about = "who does it (otherwise $USER)", .value = "NAME"};
constexpr OptionRule note_option{.name = "note", .about = "for the timeline", .value = "TEXT"};
constexpr OptionRule service_option{.name = "service", .about = "whose incidents", .value = "NAME"};
constexpr OptionRule class_option{
    .name = "class", .about = "with this failure class only (otherwise: all)", .value = "NAME"};

/// One thing that the daemon is asked to do, in both of its forms.
struct Request {
    AlertCommand command;
    ServerCall call;
    std::string done;  ///< "acknowledged inc-…"
};

std::string who(const CommandLine& line) {
    if (line.has("by")) return line.one("by");
    for (const char* name : {"USER", "LOGNAME"}) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
        if (value != nullptr && *value != '\0') return value;
    }
    return {};
}

/// The flags as the body that the API would be sent, so that both are checked alike.
Json body_of(const CommandLine& line, std::initializer_list<std::pair<const char*, const char*>> keys) {
    Json body = Json::object();
    for (const auto& [option, key] : keys) {
        if (line.has(option)) body[key] = line.one(option);
    }
    return body;
}

void tell(const std::string& outcome, const std::string& text, const CommandLine& line, Console& console) {
    if (line.has("json")) {
        console.out(json_text({{"schema", "serin.order/1"}, {"outcome", outcome}, {"text", text}}, 2) + "\n");
    } else {
        console.out(printable(text) + "\n");
    }
}

ExitCode send(const Request& request, const CommandLine& line, Console& console) {
    const Result<Server> server = server_of(line);
    if (!server) return refuse(console, server.error());
    const auto answers = ask_server(*server, {request.call});
    if (!answers)
        return refuse(console, answers.error().error,
                      answers.error().decided() ? ExitCode::fail : ExitCode::cannot_judge);
    tell("done", request.done, line, console);
    return ExitCode::pass;
}

/// What the daemon made of it, within three seconds; empty: it has not looked.
Result<std::string> outcome_of(const std::string& path, std::int64_t id) {
    Result<std::unique_ptr<AlertReader>> reader = AlertReader::open(path);
    if (!reader) return std::unexpected(reader.error());
    for (int looks = 0; looks < 30; ++looks) {
        const auto command = (*reader)->command(id);
        if (!command) return std::unexpected(command.error());
        if (*command && !(*command)->outcome.empty()) return (*command)->outcome;
        std::this_thread::sleep_for(100ms);
    }
    return std::string();
}

ExitCode write(const Request& request, const CommandLine& line, Console& console) {
    const std::string path = alert_database_of(line);
    const Result<std::int64_t> id = write_command(path, request.command);
    if (!id) return refuse(console, id.error(), ExitCode::cannot_judge);
    const Result<std::string> outcome = outcome_of(path, *id);
    if (!outcome) return refuse(console, outcome.error(), ExitCode::cannot_judge);
    if (outcome->empty()) {
        tell("recorded", "recorded: it is applied when `serin serve` runs on this database", line, console);
        return ExitCode::pass;
    }
    if (*outcome != "done")
        return refuse(console, {.title = "the daemon refused it: " + printable(*outcome), .remedy = ""},
                      ExitCode::fail);
    tell("done", request.done, line, console);
    return ExitCode::pass;
}

ExitCode carry_out(Result<AlertCommand> command, ServerCall call, std::string done, const CommandLine& line,
                   Console& console) {
    if (!command) return refuse(console, command.error());
    if (line.has("store") == line.has("server"))
        return refuse(console,
                      {.title = line.has("store") ? "--store and --server exclude each other" : "nowhere to send it",
                       .remedy = "name a database with --store FILE, or a daemon with --server URL"});
    call.scope = "operate";
    const Request request{.command = *std::move(command), .call = std::move(call), .done = std::move(done)};
    return line.has("store") ? write(request, line, console) : send(request, line, console);
}

}  // namespace

ExitCode acknowledge_incident(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {
        by_option,
        note_option,
        {.name = "lasts", .about = "how long it holds (otherwise as serin.yaml says): 30m", .value = "DURATION"},
        alert_store_option,
        server_option,
        token_option,
        ca_option,
        json_option};
    const std::string after =
        std::string(
            "Escalation and repeats stop until it expires, or until the incident widens.\n\nexamples:\n"
            "  serin incidents ack inc-3f7k2m9q1x --note \"rolling back\" --store serin.db\n"
            "  serin incidents ack inc-3f7k2m9q1x --lasts 2h --server https://serin:8443 --token-env SERIN_TOKEN\n") +
        exit_codes;
    const CommandRules rules{.command = "serin incidents ack",
                             .about = "Somebody is on it.",
                             .words = "INCIDENT_ID",
                             .options = options,
                             .after = after.c_str()};
    const auto [line, go_on, code] = read_typed(rules, arguments, 1, "INCIDENT_ID", console);
    if (!go_on) return code;
    const std::string& id = line.words.front();
    Json body = body_of(line, {{"note", "note"}, {"lasts", "lasts"}});
    body["by"] = who(line);
    ServerCall call{.path = "/api/v1/incidents/" + path_segment(id) + "/acknowledge",
                    .body = json_text(body),
                    .what = "the acknowledgement"};
    return carry_out(acknowledge_order(body, id, "", wall_now()), std::move(call), "acknowledged " + id, line, console);
}

ExitCode close_incident(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {
        by_option,
        note_option,
        {.name = "usefulness", .about = "what its page was worth: actioned, no_action or false_alarm", .value = "WORD"},
        alert_store_option,
        server_option,
        token_option,
        ca_option,
        json_option};
    const std::string after = std::string(
                                  "An incident whose fault goes on is not closed by a wish. Of one that is closed "
                                  "already, what it was worth can\n"
                                  "still be said.\n\nexamples:\n"
                                  "  serin incidents close inc-3f7k2m9q1x --usefulness actioned --note \"reverted "
                                  "deploy-4711\" --store serin.db\n") +
                              exit_codes;
    const CommandRules rules{.command = "serin incidents close",
                             .about = "It is over, and this is what it was worth.",
                             .words = "INCIDENT_ID",
                             .options = options,
                             .after = after.c_str()};
    const auto [line, go_on, code] = read_typed(rules, arguments, 1, "INCIDENT_ID", console);
    if (!go_on) return code;
    const std::string& id = line.words.front();
    Json body = body_of(line, {{"note", "note"}, {"usefulness", "usefulness"}});
    body["by"] = who(line);
    ServerCall call{
        .path = "/api/v1/incidents/" + path_segment(id) + "/close", .body = json_text(body), .what = "the close"};
    return carry_out(close_order(body, id, "", wall_now()), std::move(call), "closed " + id, line, console);
}

ExitCode declare_incident(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {
        service_option,
        {.name = "message", .about = "what users could not do, one line", .value = "TEXT"},
        by_option,
        {.name = "began", .about = "when (otherwise now): 2026-11-22T01:02:03Z, -40m", .value = "TIME"},
        {.name = "ended", .about = "when it was over (otherwise it goes on)", .value = "TIME"},
        alert_store_option,
        server_option,
        token_option,
        ca_option,
        json_option};
    const std::string after =
        std::string(
            "It counts against the recall of the rules when none of them had seen it by then.\n\nexamples:\n"
            "  serin incidents declare --service chat --message \"messages come twice\" --began -40m --store "
            "serin.db\n") +
        exit_codes;
    const CommandRules rules{.command = "serin incidents declare",
                             .about = "Tells of an incident that a person, or a customer, found first.",
                             .words = "",
                             .options = options,
                             .after = after.c_str()};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    Json body =
        body_of(line, {{"service", "service"}, {"message", "message"}, {"began", "began_at"}, {"ended", "ended_at"}});
    body["by"] = who(line);
    const Wall now = wall_now();
    Result<AlertCommand> command = declare_order(body, "", now);
    if (command) body["began_at"] = rfc3339(command->began_at);  // not when the request arrives
    if (command && command->ended_at) body["ended_at"] = rfc3339(*command->ended_at);
    ServerCall call{.path = "/api/v1/incidents", .body = json_text(body), .what = "the incident"};
    return carry_out(std::move(command), std::move(call), "declared", line, console);
}

ExitCode mute_service(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {
        service_option,
        class_option,
        {.name = "reason", .about = "why nobody needs to be told", .value = "TEXT"},
        {.name = "lasts", .about = "at most 14d", .value = "DURATION"},
        {.name = "owner", .about = "who answers for it (otherwise $USER)", .value = "NAME"},
        alert_store_option,
        server_option,
        token_option,
        ca_option,
        json_option};
    const std::string after =
        std::string(
            "Every report shows it. A critical failure that a quorum of vantages sees overrides it.\n\nexamples:\n"
            "  serin incidents mute --service search --class slow --reason \"new index on Monday\" --lasts 2d --store "
            "serin.db\n") +
        exit_codes;
    const CommandRules rules{.command = "serin incidents mute",
                             .about = "Tells nobody of a service for a while.",
                             .words = "",
                             .options = options,
                             .after = after.c_str()};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    Json body =
        body_of(line, {{"service", "service"}, {"class", "failure_class"}, {"reason", "reason"}, {"lasts", "lasts"}});
    body["owner"] = line.has("owner") ? line.one("owner") : who(line);
    ServerCall call{.path = "/api/v1/mutes", .body = json_text(body), .what = "the mute"};
    return carry_out(mute_order(body, "", wall_now()), std::move(call), "muted " + line.one("service"), line, console);
}

ExitCode unmute_service(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {service_option, class_option, by_option, alert_store_option,
                                             server_option,  token_option, ca_option, json_option};
    const std::string after = std::string(
                                  "Name it as it was muted: `serin incidents mutes` lists them.\n\nexamples:\n"
                                  "  serin incidents unmute --service search --class slow --store serin.db\n") +
                              exit_codes;
    const CommandRules rules{.command = "serin incidents unmute",
                             .about = "Ends a mute.",
                             .words = "",
                             .options = options,
                             .after = after.c_str()};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    const std::string service = line.one("service"), failure_class = line.one("class"), by = who(line);
    if (service.empty()) return refuse(console, {.title = "no --service", .remedy = "name it as it was muted"});
    if (by.empty()) return refuse(console, {.title = "no --by", .remedy = "say who you are"});
    ServerCall call{.method = "DELETE",
                    .path = "/api/v1/mutes?service=" + path_segment(service),
                    .body = {},
                    .what = "the end of the mute"};
    if (!failure_class.empty()) call.path += "&failure_class=" + path_segment(failure_class);
    call.path += "&by=" + path_segment(by);
    return carry_out(unmute_order(service, failure_class, by, wall_now()), std::move(call), "unmuted " + service, line,
                     console);
}

}  // namespace serin
