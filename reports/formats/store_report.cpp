// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/store_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "reports/formats/store_listing.hpp"

namespace serin {
namespace {

using std::chrono::minutes;

constexpr std::int64_t most_steps = 96;
constexpr std::size_t most_examples = 40;
constexpr int most_of_a_kind = 3;
constexpr int most_looked_at = 2000;
constexpr int most_undelivered = 50;
constexpr int most_changes = 200;

/// The shortest round step with which the window has at most 96 of them.
Duration step_for(Duration window) {
    constexpr std::array<int, 12> round_minutes{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440};
    for (const int candidate : round_minutes) {
        if (window / minutes(candidate) < most_steps) return minutes(candidate);
    }
    const std::int64_t days = window / (minutes(1440) * most_steps) + 1;
    return minutes(1440) * days;
}

class Gathering {
public:
    Gathering(StoreReader& reader, StoreReport& report) : reader_(reader), report_(report) {}

    Result<void> run() {
        if (auto done = matrix(); !done) return done;
        if (auto done = timelines(); !done) return done;
        if (auto done = failures(); !done) return done;
        if (auto done = deliveries(); !done) return done;
        return changes();
    }

private:
    Result<void> matrix() {
        auto cells = reader_.matrix(report_.filter);
        if (!cells) return std::unexpected(cells.error());
        for (MatrixCell& cell : *cells) {
            if (report_.probes.empty() || report_.probes.back().name != cell.key.probe)
                report_.probes.push_back({.name = cell.key.probe, .counts = {}, .cells = {}, .timeline = {}});
            ProbeReport& probe = report_.probes.back();
            probe.counts.add(cell.counts);
            report_.counts.add(cell.counts);
            probe.cells.push_back(std::move(cell));
        }
        return {};
    }

    Result<void> timelines() {
        for (ProbeReport& probe : report_.probes) {
            for (Wall at = report_.from; at < report_.until;
                 at += std::chrono::duration_cast<Wall::duration>(report_.step)) {
                probe.timeline.push_back({.at = at, .counts = {}});
            }
        }
        return reader_.each_rollup(report_.filter, [&](const RollupRow& row) {
            const auto probe = std::ranges::lower_bound(report_.probes, row.key.probe, {}, &ProbeReport::name);
            if (probe == report_.probes.end() || probe->name != row.key.probe || probe->timeline.empty()) return;
            // The first minute may have begun before the window.
            const std::int64_t place = std::max<std::int64_t>(0, (row.minute - report_.from) / report_.step);
            probe->timeline[std::min(static_cast<std::size_t>(place), probe->timeline.size() - 1)].counts.add(
                row.counts);
        });
    }

    /// A few of each kind, so that a flood of one failure hides no other.
    Result<void> failures() {
        StoreFilter filter = report_.filter;
        filter.verdicts = {"fail", "error"};
        std::map<std::tuple<std::string, std::string, std::string>, int> seen;
        PageRequest page{.limit = 200, .cursor = {}};
        for (int looked_at = 0; looked_at < most_looked_at && report_.failures.size() < most_examples;) {
            const auto rows = reader_.runs(filter, page);
            if (!rows) return std::unexpected(rows.error());
            for (const RunRow& row : rows->rows) {
                ++looked_at;
                if (report_.failures.size() == most_examples) break;
                if (++seen[{row.key.probe, row.key.target, row.failure_class}] > most_of_a_kind) continue;
                auto detail = reader_.run(row.run_id);
                if (!detail) return std::unexpected(detail.error());
                if (*detail) report_.failures.push_back(**std::move(detail));
            }
            if (rows->next_cursor.empty()) break;
            page.cursor = rows->next_cursor;
        }
        return {};
    }

    Result<void> deliveries() {
        auto counts = reader_.delivery_counts(report_.filter);
        if (!counts) return std::unexpected(counts.error());
        report_.deliveries = *std::move(counts);
        StoreFilter filter = report_.filter;
        filter.except_state = "delivered";
        auto page = reader_.deliveries(filter, {.limit = most_undelivered, .cursor = {}});
        if (!page) return std::unexpected(page.error());
        report_.undelivered = std::move(page->rows);
        report_.more_undelivered = !page->next_cursor.empty();
        return {};
    }

    Result<void> changes() {
        auto page = reader_.changes(report_.filter, {.limit = most_changes, .cursor = {}});
        if (!page) return std::unexpected(page.error());
        report_.changes = std::move(page->rows);
        std::ranges::reverse(report_.changes);
        report_.more_changes = !page->next_cursor.empty();
        return {};
    }

    StoreReader& reader_;
    StoreReport& report_;
};

}  // namespace

Result<StoreReport> gather_report(StoreReader& reader, StoreFilter filter, Wall now) {
    StoreReport report;
    report.made_at = now;
    report.until = filter.until.value_or(now);
    report.from = filter.from.value_or(report.until - std::chrono::hours(24));
    if (report.from >= report.until)
        return fail("the window of the report is empty", "its beginning comes before its end");
    filter.from = report.from;
    filter.until = report.until;
    report.filter = std::move(filter);
    report.step = step_for(report.until - report.from);
    if (const auto done = Gathering(reader, report).run(); !done) return std::unexpected(done.error());
    return report;
}

std::vector<Episode> episodes_of(const StoreReport& report) {
    std::vector<Episode> episodes;
    for (const ProbeReport& probe : report.probes) {
        bool open = false;
        for (const TimelineStep& step : probe.timeline) {
            const bool failing = step.counts.fail > 0;
            if (failing && !open)
                episodes.push_back({.probe = probe.name, .from = step.at, .until = step.at, .failed = 0, .judged = 0});
            open = failing;
            if (!failing) continue;
            Episode& episode = episodes.back();
            episode.until = std::min(report.until, step.at + std::chrono::duration_cast<Wall::duration>(report.step));
            episode.failed += step.counts.fail;
            episode.judged += step.counts.judged();
        }
    }
    std::ranges::sort(episodes, {}, [](const Episode& episode) { return std::pair(episode.from, episode.probe); });
    return episodes;
}

std::string share_text(std::optional<double> share) {
    if (!share) return "no data";
    if (*share >= 1) return "100 %";
    return fmt::format("{:.2f} %", std::floor(*share * 10'000) / 100);
}

std::string quantile_text(const Sketch& sketch, double q) {
    const std::optional<double> seconds = sketch.quantile(q);
    if (!seconds) return "–";
    return human_duration(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds)));
}

std::string counts_text(const CellCounts& counts) {
    const std::pair<const char*, std::int64_t> all[] = {
        {"pass", counts.pass},     {"degraded", counts.degraded}, {"fail", counts.fail},
        {"error", counts.error},   {"skipped", counts.skipped},   {"aborted", counts.aborted},
        {"missed", counts.missed}, {"shed", counts.shed},         {"overlap", counts.overlap},
    };
    std::string text;
    for (const auto& [name, count] : all) {
        if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
    }
    return text.empty() ? "nothing" : text;
}

std::string filter_text(const StoreFilter& filter) {
    const std::pair<const char*, const std::string*> all[] = {{"probe", &filter.probe},
                                                              {"vantage", &filter.vantage},
                                                              {"target", &filter.target},
                                                              {"profile", &filter.profile},
                                                              {"cell", &filter.cell}};
    std::string text;
    for (const auto& [name, value] : all) {
        if (!value->empty()) text += (text.empty() ? "" : " ") + std::string(name) + "=" + *value;
    }
    return text;
}

std::string window_text(const StoreReport& report) {
    return short_time(report.from) + " – " + short_time(report.until);
}

std::string nothing_ran_text(const StoreReport& report) {
    const std::string counts = counts_text(report.counts);
    return "no run was judged in " + window_text(report) + (counts == "nothing" ? "" : ": " + counts) +
           ", so nothing can be said";
}

const std::vector<std::string>& report_formats() {
    static const std::vector<std::string> formats{"text", "json", "junit", "markdown", "html"};
    return formats;
}

std::string report_in(std::string_view format, const StoreReport& report, bool colours_on) {
    if (format == "json") return store_report_json(report);
    if (format == "junit") return store_report_junit(report);
    if (format == "markdown") return store_report_markdown(report);
    if (format == "html") return store_report_html(report);
    return store_report_text(report, colours_on);
}

std::string alert_line(const ReportedAlert& alert) {
    if (alert.kind == ReportedAlert::Kind::mute) {
        return "muted: " + alert.service + (alert.failure_class.empty() ? "" : " " + alert.failure_class) + " until " +
               (alert.until ? short_time(*alert.until) : "?") + " by " + alert.owner + ": " + alert.text;
    }
    return "incident " + alert.id + " (" + alert.state + ", opened " + short_time(alert.at) +
           (alert.until ? ", closed " + short_time(*alert.until) : "") + "): " + alert.text;
}

}  // namespace serin
