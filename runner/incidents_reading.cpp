// SPDX-License-Identifier: Apache-2.0
// The subcommands of `serin incidents` that look only.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/alerts/incidents/post_mortem.hpp"
#include "reports/dashboard/alert_views.hpp"
#include "reports/formats/store_json.hpp"
#include "runner/incidents_parts.hpp"
#include "runner/incidents_text.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr OptionRule since_option{.name = "since", .about = "of the last 2h, 7d, …", .value = "DURATION"};
constexpr OptionRule from_option{.name = "from", .about = "not before: 2026-11-22T01:02:03Z, or -2h", .value = "TIME"};
constexpr OptionRule to_option{.name = "to", .about = "before: 2026-11-22T01:02:03Z, or -1h", .value = "TIME"};

constexpr int most_incidents = 100'000;

Result<std::vector<std::string>> states_of(const CommandLine& line) {
    const bool window = line.has("since") || line.has("from") || line.has("to");
    if (!line.has("state")) {
        return window ? std::vector<std::string>()
                      : std::vector<std::string>{name_of(IncidentState::open), name_of(IncidentState::watching)};
    }
    std::vector<std::string> known;
    for (const IncidentState each : {IncidentState::open, IncidentState::watching, IncidentState::closed})
        known.emplace_back(name_of(each));
    for (const std::string& word : line.all("state")) {
        if (std::ranges::find(known, word) == known.end())
            return fail("--state " + clipped(word, 60) + ": no such state", did_you_mean(word, known, "states"));
    }
    return line.all("state");
}

Result<AlertReader::Filter> incident_filter(const CommandLine& line, Wall now) {
    const Result<StoreFilter> window = filter_of(line, now);
    if (!window) return std::unexpected(window.error());
    Result<std::vector<std::string>> states = states_of(line);
    if (!states) return std::unexpected(states.error());
    AlertReader::Filter filter;
    filter.service = line.one("service");
    filter.failure_class = line.one("class");
    filter.from = window->from;
    filter.until = window->until;
    filter.states = *std::move(states);
    filter.drills = line.has("drills");
    return filter;
}

Json mutes_json(const std::vector<Mute>& mutes) {
    Json list = Json::array();
    for (const Mute& mute : mutes) list.push_back(mute_json(mute));
    return list;
}

void print_list(std::vector<Incident> incidents, int limit, const std::vector<Mute>& mutes, const CommandLine& line,
                Console& console) {
    const bool more = std::ssize(incidents) > limit;
    if (more) incidents.resize(static_cast<std::size_t>(limit));
    if (line.has("json")) {
        Json list = Json::array();
        for (const Incident& incident : incidents) list.push_back(incident_json(incident));
        console.out(json_text({{"schema", "serin.incidents/1"},
                               {"incidents", std::move(list)},
                               {"mutes", mutes_json(mutes)},
                               {"more", more}},
                              2) +
                    "\n");
        return;
    }
    console.out(incidents.empty() ? "no incident\n" : incidents_table(incidents, console.colour()));
    if (more) console.out("… and older ones: raise --limit\n");
    if (!mutes.empty()) console.out("\n" + mutes_table(mutes, console.colour()));
}

/// The incident that the command names, or what to end with.
struct Found {
    CommandLine line{};
    std::optional<IncidentDetail> detail{};
    ExitCode code = ExitCode::usage;
};

Found find_incident(const CommandRules& rules, const Arguments& arguments, Console& console) {
    Found found;
    Typed typed = read_typed(rules, arguments, 1, "INCIDENT_ID", console);
    found.code = typed.code;
    if (!typed.go_on) return found;
    found.line = std::move(typed.line);
    const std::string& id = found.line.words.front();
    const auto refused = [&](const Error& error, ExitCode code) {
        found.code = refuse(console, error, code);
        return found;
    };
    const auto reader = open_alerts(found.line);
    if (!reader) return refused(reader.error(), ExitCode::usage);
    auto detail = read_incident(**reader, id);
    if (!detail) return refused(detail.error(), ExitCode::usage);
    if (!*detail)
        return refused(
            {.title = "the database holds no incident " + clipped(id, 80),
             .remedy = "list those it holds: serin incidents list --since 90d --store " + found.line.one("store")},
            ExitCode::nothing_ran);
    found.detail = *std::move(detail);
    return found;
}

}  // namespace

ExitCode list_incidents(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {
        alert_store_option,
        {.name = "service", .about = "of this service only", .value = "NAME"},
        {.name = "class", .about = "with this failure class only", .value = "NAME"},
        {.name = "state", .about = "open, watching or closed; may be given again", .value = "WORD"},
        since_option,
        from_option,
        to_option,
        {.name = "drills", .about = "drills too"},
        {.name = "limit", .about = "at most so many, the newest (1–10000, otherwise 50)", .value = "N"},
        json_option};
    const CommandRules rules{
        .command = "serin incidents list",
        .about =
            "Lists the incidents that go on, the newest first, and what is muted. With a stretch of time: all "
            "that opened in it.",
        .words = "",
        .options = options,
        .after =
            "examples:\n"
            "  serin incidents list --store serin.db\n"
            "  serin incidents list --store serin.db --since 7d --service chat --json\n\n"
            "exit codes: 0 listed, also when there is none · 2 usage, or the database cannot be read\n"};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    const Wall now = wall_now();
    Result<AlertReader::Filter> filter = incident_filter(line, now);
    if (!filter) return refuse(console, filter.error());
    const Result<int> limit = limit_of(line, 50, 10'000);
    if (!limit) return refuse(console, limit.error());
    const auto reader = open_alerts(line);
    if (!reader) return refuse(console, reader.error());
    auto incidents = read_incidents(**reader, *std::move(filter), *limit + 1);
    if (!incidents) return refuse(console, incidents.error());
    const auto mutes = (*reader)->mutes(now);
    if (!mutes) return refuse(console, mutes.error());
    print_list(*std::move(incidents), *limit, *mutes, line, console);
    return ExitCode::pass;
}

ExitCode show_incident(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {alert_store_option, json_option};
    const CommandRules rules{
        .command = "serin incidents show",
        .about = "One incident: what users cannot do, where, since when, why, what happened, and who was told.",
        .words = "INCIDENT_ID",
        .options = options,
        .after =
            "examples:\n"
            "  serin incidents show inc-3f7k2m9q1x --store serin.db\n\n"
            "exit codes: 0 shown · 2 usage, or the database cannot be read · 4 no such incident\n"};
    const Found found = find_incident(rules, arguments, console);
    if (!found.detail) return found.code;
    if (found.line.has("json")) {
        Json json = incident_detail_json(*found.detail);
        json["schema"] = "serin.incident/1";
        console.out(json_text(json, 2) + "\n");
    } else {
        console.out(incident_text(*found.detail, wall_now(), console.colour()));
    }
    return ExitCode::pass;
}

ExitCode export_incident(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {alert_store_option, json_option};
    const CommandRules rules{
        .command = "serin incidents export",
        .about =
            "A post-mortem in Markdown: figures, timeline, cells, suspects and mitigations, the reconciled account "
            "of messages, and what is left to fill in.",
        .words = "INCIDENT_ID",
        .options = options,
        .after =
            "examples:\n"
            "  serin incidents export inc-3f7k2m9q1x --store serin.db > post-mortem.md\n\n"
            "exit codes: 0 written · 2 usage, or the database cannot be read · 4 no such incident\n"};
    const Found found = find_incident(rules, arguments, console);
    if (!found.detail) return found.code;
    const std::string text = post_mortem(found.detail->incident, found.detail->timeline, wall_now());
    if (found.line.has("json")) {
        console.out(json_text({{"schema", "serin.post_mortem/1"}, {"markdown", text}}, 2) + "\n");
    } else {
        console.out(text);
    }
    return ExitCode::pass;
}

ExitCode list_mutes(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {alert_store_option, json_option};
    const CommandRules rules{.command = "serin incidents mutes",
                             .about = "What is muted, by whom, why and until when.",
                             .words = "",
                             .options = options,
                             .after =
                                 "examples:\n"
                                 "  serin incidents mutes --store serin.db\n\n"
                                 "exit codes: 0 listed · 2 usage, or the database cannot be read\n"};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    const auto reader = open_alerts(line);
    if (!reader) return refuse(console, reader.error());
    const auto mutes = (*reader)->mutes(wall_now());
    if (!mutes) return refuse(console, mutes.error());
    if (line.has("json")) {
        console.out(json_text({{"schema", "serin.mutes/1"}, {"mutes", mutes_json(*mutes)}}, 2) + "\n");
    } else {
        console.out(mutes->empty() ? "nothing is muted\n" : mutes_table(*mutes, console.colour()));
    }
    return ExitCode::pass;
}

ExitCode show_noise(const Arguments& arguments, Console& console) {
    static constexpr OptionRule options[] = {alert_store_option, since_option, from_option, to_option, json_option};
    const CommandRules rules{
        .command = "serin incidents noise",
        .about =
            "What the pages of each rule were worth: how many led to action, how many incidents no rule found. "
            "It never mutes anything.",
        .words = "",
        .options = options,
        .after =
            "Without --since and --from: of the last 30 days. Precision is ACTIONED of PAGES without PENDING (still "
            "open\n"
            "and younger than a day); recall, what rules found of all that is known. Both with their 95 % (Wilson)\n"
            "intervals. Actioned: said so when it was closed, or acknowledged and longer than 5 min.\n\n"
            "examples:\n"
            "  serin incidents noise --store serin.db --since 90d\n\n"
            "exit codes: 0 shown · 2 usage, or the database cannot be read\n"};
    const auto [line, go_on, code] = read_typed(rules, arguments, 0, "", console);
    if (!go_on) return code;
    const Wall now = wall_now();
    const Result<StoreFilter> window = filter_of(line, now);
    if (!window) return refuse(console, window.error());
    const Wall until = window->until.value_or(now);
    const Wall from = window->from.value_or(until - std::chrono::hours(24 * 30));
    const auto reader = open_alerts(line);
    if (!reader) return refuse(console, reader.error());
    AlertReader::Filter filter;
    filter.from = from;
    filter.until = until;
    const auto incidents = read_incidents(**reader, filter, most_incidents);
    if (!incidents) return refuse(console, incidents.error());
    const NoiseReport report = noise_of(*incidents, from, until);
    if (line.has("json")) {
        Json json = noise_json(report);
        json["schema"] = "serin.noise/1";
        json["from"] = rfc3339(from);
        json["until"] = rfc3339(until);
        console.out(json_text(json, 2) + "\n");
    } else {
        console.out(noise_text(report, console.colour()));
    }
    return ExitCode::pass;
}

}  // namespace serin
