// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reports/formats/escaping.hpp"
#include "reports/formats/store_listing.hpp"
#include "reports/formats/store_report.hpp"
#include "reports/formats/table.hpp"

namespace serin {
namespace {

Colour colour_of_share(std::optional<double> availability) {
    if (!availability) return Colour::dim;
    if (*availability >= 1) return Colour::green;
    return *availability >= 0.99 ? Colour::yellow : Colour::red;
}

std::vector<Field> fields_of(const std::string& name, const CellCounts& counts) {
    return {{.text = name},
            {.text = share_text(counts.availability()), .colour = colour_of_share(counts.availability())},
            {.text = share_text(counts.coverage())},
            {.text = counts_text(counts)},
            {.text = quantile_text(counts.took, 0.5)},
            {.text = quantile_text(counts.took, 0.95)},
            {.text = quantile_text(counts.took, 0.99)}};
}

std::vector<Column> columns(const char* first) {
    return {{.head = first, .widest = 40},
            {.head = "AVAILABLE", .widest = 10, .right = true},
            {.head = "JUDGED", .widest = 10, .right = true},
            {.head = "RUNS", .widest = 60},
            {.head = "P50", .widest = 9, .right = true},
            {.head = "P95", .widest = 9, .right = true},
            {.head = "P99", .widest = 9, .right = true}};
}

std::string cells_text(const ProbeReport& probe, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const MatrixCell& cell : probe.cells) rows.push_back(fields_of(cell_text(cell.key), cell.counts));
    return "\n" + fitted(probe.name, 100) + "\n" + table(columns("CELL"), rows, colours_on);
}

std::string changes_text(const StoreReport& report, bool colours_on) {
    std::vector<std::vector<Field>> rows;
    for (const Change& change : report.changes) {
        std::string shards;
        for (const std::string& shard : change.shards) shards += (shards.empty() ? "" : ", ") + shard;
        rows.push_back({{.text = short_time(change.started_at)},
                        {.text = change.ended_at ? short_time(*change.ended_at) : ""},
                        {.text = change.kind},
                        {.text = change.component},
                        {.text = shards.empty() ? "all" : shards},
                        {.text = change.title},
                        {.text = change.id, .colour = Colour::dim}});
    }
    return "\n" + table({{.head = "STARTED", .widest = 20},
                         {.head = "ENDED", .widest = 20},
                         {.head = "KIND", .widest = 9},
                         {.head = "COMPONENT", .widest = 20},
                         {.head = "SHARDS", .widest = 20},
                         {.head = "TITLE", .widest = 40},
                         {.head = "ID", .widest = 36}},
                        rows, colours_on);
}

}  // namespace

std::string store_report_text(const StoreReport& report, bool colours_on) {
    std::string text = "report of " + window_text(report);
    if (const std::string filter = filter_text(report.filter); !filter.empty()) text += "  " + printable(filter);
    text += "\n";
    if (report.nothing_ran())
        text += painted("error", Colour::red, colours_on) + ": " + nothing_ran_text(report) + "\n";
    std::vector<std::vector<Field>> rows;
    for (const ProbeReport& probe : report.probes) rows.push_back(fields_of(probe.name, probe.counts));
    if (!rows.empty()) text += "\n" + table(columns("PROBE"), rows, colours_on);
    for (const ProbeReport& probe : report.probes) text += cells_text(probe, colours_on);
    if (!report.alerts.empty()) text += "\n";
    for (const ReportedAlert& alert : report.alerts) text += printable(alert_line(alert)) + "\n";
    if (!report.changes.empty()) text += changes_text(report, colours_on);
    if (!report.deliveries.empty()) text += "\n" + account_line(report.deliveries) + "\n";
    if (!report.undelivered.empty()) text += deliveries_table(report.undelivered, colours_on);
    if (report.more_undelivered) text += "… and older ones: serin ledger\n";
    if (report.failed() > 0) {
        text += fmt::format("\n{} of {}\n", counted(std::ssize(report.failures), "example"),
                            counted(report.failed(), "run") + " of verdict fail or error");
    }
    for (const RunDetail& failure : report.failures) {
        text += "\n" + run_text(failure, {.colour = colours_on});
    }
    return text;
}

}  // namespace serin
