// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "core/outcome.hpp"
#include "reports/formats/store_json.hpp"
#include "reports/formats/store_listing.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

const std::vector<OptionRule>& runs_options() {
    static const std::vector<OptionRule> options = with_filter_options(
        {{.name = "verdict",
          .about = "pass, degraded, fail, error, skipped or aborted; may be given again",
          .value = "WORD"},
         {.name = "class", .about = "with this failure class only", .value = "NAME"},
         {.name = "limit", .about = "at most so many runs, the newest (1–10000, otherwise 50)", .value = "N"},
         {.name = "v,verbose", .about = "of one run: each step with what was said on the wire"},
         {.name = "json", .about = "JSON instead of a table"}});
    return options;
}

CommandRules runs_rules() {
    return {.command = "serin runs",
            .about = "Lists runs from the store, newest first, or shows one run with its evidence.",
            .words = "[RUN_ID]",
            .options = runs_options(),
            .after =
                "examples:\n"
                "  serin runs --store serin.db --verdict fail --since 2h\n"
                "  serin runs --store serin.db --probe chat-delivery --target b --limit 500 --json\n"
                "  serin runs --store serin.db 019ab3c2-6f00-7c3a-8c1e-2b1d5e3f4a60\n\n"
                "exit codes: 0 something was found · 2 usage, or the store cannot be read · 4 no such run\n"};
}

Result<void> read_verdicts(const CommandLine& line, StoreFilter& filter) {
    filter.verdicts = line.all("verdict");
    std::vector<std::string> known;
    for (const Verdict verdict :
         {Verdict::pass, Verdict::degraded, Verdict::fail, Verdict::error, Verdict::skipped, Verdict::aborted}) {
        known.emplace_back(name_of(verdict));
    }
    for (const std::string& word : filter.verdicts) {
        if (std::ranges::find(known, word) == known.end())
            return fail("--verdict " + word + ": no such verdict", did_you_mean(word, known, "verdicts"));
    }
    return {};
}

ExitCode refused(Console& console, const Error& error, ExitCode code = ExitCode::usage) {
    console.error(error);
    return code;
}

ExitCode show_one(StoreReader& reader, const std::string& run_id, const CommandLine& line, Console& console) {
    const Result<std::optional<RunDetail>> detail = reader.run(run_id);
    if (!detail) return refused(console, detail.error());
    if (!*detail) {
        return refused(console,
                       {.title = "the store holds no run " + clipped(run_id, 80),
                        .remedy = "list the runs it holds: serin runs --store " + line.one("store")},
                       ExitCode::nothing_ran);
    }
    if (line.has("json")) {
        console.out(json_text(run_detail_json(**detail), 2) + "\n");
    } else {
        console.out(run_text(**detail, {.colour = console.colour(), .verbose = line.has("verbose")}));
    }
    return ExitCode::pass;
}

ExitCode list_runs(StoreReader& reader, const CommandLine& line, Console& console) {
    Result<StoreFilter> filter = filter_of(line, wall_now());
    if (!filter) return refused(console, filter.error());
    if (const auto fine = read_verdicts(line, *filter); !fine) return refused(console, fine.error());
    filter->failure_class = line.one("class");
    const Result<int> limit = limit_of(line, 50, 10'000);
    if (!limit) return refused(console, limit.error());
    bool more = false;
    const auto rows =
        first_rows<RunRow>(*limit, [&](const PageRequest& page) { return reader.runs(*filter, page); }, more);
    if (!rows) return refused(console, rows.error());
    if (line.has("json")) {
        nlohmann::json list = nlohmann::json::array();
        for (const RunRow& row : *rows) list.push_back(run_row_json(row));
        console.out(json_text({{"schema", "serin.runs/1"}, {"runs", list}, {"more", more}}, 2) + "\n");
    } else if (!rows->empty()) {
        console.out(runs_table(*rows, console.colour()));
        if (more) console.out("… and older ones: raise --limit\n");
    }
    if (!rows->empty()) return ExitCode::pass;
    return refused(console, {.title = "no run is as asked for", .remedy = "widen --since, or leave a filter out"},
                   ExitCode::nothing_ran);
}

}  // namespace

ExitCode runs_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(runs_rules(), arguments);
    if (!line) return refused(console, line.error());
    if (line->has("help")) {
        console.out(help_of(runs_rules()));
        return ExitCode::pass;
    }
    if (line->words.size() > 1)
        return refused(console, {.title = "more than one run", .remedy = "name one RUN_ID, or none for a list"});
    Result<std::unique_ptr<StoreReader>> reader = open_store(*line);
    if (!reader) return refused(console, reader.error());
    if (!line->words.empty()) return show_one(**reader, line->words.front(), *line, console);
    return list_runs(**reader, *line, console);
}

}  // namespace serin
