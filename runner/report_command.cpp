// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/names.hpp"
#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/formats/store_report.hpp"
#include "runner/store_query.hpp"

namespace serin {
namespace {

const std::vector<OptionRule>& report_options() {
    static const std::vector<OptionRule> options = with_filter_options(
        {{.name = "format", .about = "text (otherwise), json, junit, markdown or html", .value = "FORMAT"},
         {.name = "o,output", .about = "write the report to this file instead of standard output", .value = "FILE"}});
    return options;
}

CommandRules report_rules() {
    return {.command = "serin report",
            .about =
                "Tells what a stretch of time looked like: availability, latency, failures with evidence, messages, "
                "changes.",
            .words = "",
            .options = report_options(),
            .after =
                "Without --since and --from: of the last 24 hours. The HTML report is one file that loads nothing.\n\n"
                "examples:\n"
                "  serin report --store serin.db --since 7d --format html -o week.html\n"
                "  serin report --store serin.db --probe chat-delivery --from -6h --to -1h\n"
                "  serin report --store serin.db --format markdown -o post-mortem.md\n\n"
                "exit codes: 0 the report was written, whatever it says · 2 usage, or the store cannot be read · 3 the "
                "report could not be written · 4 nothing was judged in that window\n"};
}

ExitCode refused(Console& console, const Error& error, ExitCode code = ExitCode::usage) {
    console.error(error);
    return code;
}

Result<std::string> format_of(const CommandLine& line) {
    std::string format = line.has("format") ? line.one("format") : "text";
    const std::vector<std::string>& known = report_formats();
    if (std::ranges::find(known, format) != known.end()) return format;
    return fail("--format " + format + ": no such format", did_you_mean(format, known, "formats"));
}

Result<void> write_file(const std::string& path, const std::string& text) {
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const auto failed = [&] {
        const int why = errno;
        return fail(path +
                    " could not be written: " + std::strerror(why));  // NOLINT(concurrency-mt-unsafe): one thread
    };
    std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wb"));
    if (!file) return failed();
    if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) return failed();
    if (std::fclose(file.release()) != 0) return failed();
    return {};
}

/// Of the alert database beside the store; none when there is none, or it cannot be read.
std::vector<ReportedAlert> alerts_beside(const std::string& store, const StoreReport& report, Wall now) {
    constexpr int most = 50;
    std::vector<ReportedAlert> alerts;
    const auto reader = AlertReader::open(alert_path_of(store));
    if (!reader) return alerts;
    AlertReader::Filter window;
    window.until = report.until;
    window.limit = most;
    for (const Incident& each : (*reader)->incidents(window).value_or(std::vector<Incident>())) {
        if (each.closed_at && *each.closed_at < report.from) continue;
        alerts.push_back({.kind = ReportedAlert::Kind::incident,
                          .id = each.id,
                          .service = each.service,
                          .failure_class = each.failure_class,
                          .state = name_of(each.state),
                          .text = headline(each, now),
                          .at = each.opened_at,
                          .until = each.closed_at});
    }
    for (const Mute& mute : (*reader)->mutes(now).value_or(std::vector<Mute>())) {
        alerts.push_back({.kind = ReportedAlert::Kind::mute,
                          .service = mute.service,
                          .failure_class = mute.failure_class,
                          .text = mute.reason,
                          .owner = mute.owner,
                          .at = mute.at,
                          .until = mute.until});
    }
    return alerts;
}

}  // namespace

ExitCode report_command(const Arguments& arguments, Console& console) {
    const Result<CommandLine> line = read_command_line(report_rules(), arguments);
    if (!line) return refused(console, line.error());
    if (line->has("help")) {
        console.out(help_of(report_rules()));
        return ExitCode::pass;
    }
    const Result<std::string> format = format_of(*line);
    if (!format) return refused(console, format.error());
    const Wall now = wall_now();
    const Result<StoreFilter> filter = filter_of(*line, now);
    if (!filter) return refused(console, filter.error());
    Result<std::unique_ptr<StoreReader>> reader = open_store(*line);
    if (!reader) return refused(console, reader.error());
    Result<StoreReport> report = gather_report(**reader, *filter, now);
    if (report) report->alerts = alerts_beside(line->one("store"), *report, now);
    if (!report) return refused(console, report.error());
    const std::string path = line->one("output");
    const std::string text = report_in(*format, *report, path.empty() && console.colour());
    if (path.empty()) {
        console.out(text);
    } else if (const auto written = write_file(path, text); !written) {
        return refused(console, written.error(), ExitCode::cannot_judge);
    }
    if (!report->nothing_ran()) return ExitCode::pass;
    return refused(console,
                   {.title = nothing_ran_text(*report), .remedy = "look at a longer window, or leave a filter out"},
                   ExitCode::nothing_ran);
}

}  // namespace serin
