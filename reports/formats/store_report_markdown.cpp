// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/escaping.hpp"
#include "reports/formats/markdown.hpp"
#include "reports/formats/store_listing.hpp"
#include "reports/formats/store_report.hpp"

namespace serin {
namespace {

std::string row(std::initializer_list<std::string> fields) {
    std::string text = "|";
    for (const std::string& field : fields) text += " " + field + " |";
    return text + "\n";
}

std::string counts_row(const std::string& name, const CellCounts& counts) {
    return row({markdown_text(name), share_text(counts.availability()), share_text(counts.coverage()),
                counts_text(counts), quantile_text(counts.took, 0.5), quantile_text(counts.took, 0.95),
                quantile_text(counts.took, 0.99)});
}

std::string impact(const StoreReport& report) {
    std::string text = "## Impact\n\n";
    if (report.nothing_ran()) return text + "**" + markdown_text(nothing_ran_text(report)) + ".**\n\n";
    text += fmt::format("Of {} judged runs, {} failed: availability {}. Judged was {} of what was to be.\n\n",
                        report.counts.judged(), report.counts.fail, share_text(report.counts.availability()),
                        share_text(report.counts.coverage()));
    text +=
        row({"probe", "available", "judged", "runs", "p50", "p95", "p99"}) + "|:---|---:|---:|:---|---:|---:|---:|\n";
    for (const ProbeReport& probe : report.probes) text += counts_row(probe.name, probe.counts);
    text += "\n| probe | where | available | judged | runs | failing since |\n|:---|:---|---:|---:|:---|:---|\n";
    for (const ProbeReport& probe : report.probes) {
        for (const MatrixCell& cell : probe.cells) {
            text += row({markdown_text(probe.name), markdown_text(cell_text(cell.key)),
                         share_text(cell.counts.availability()), share_text(cell.counts.coverage()),
                         counts_text(cell.counts), cell.failing_since ? short_time(*cell.failing_since) : "–"});
        }
    }
    return text + "\n";
}

std::string change_line(const Change& change) {
    std::string text = "**" + markdown_text(change.kind) + "** of " + markdown_text(change.component);
    if (!change.title.empty()) text += ": " + markdown_text(change.title);
    if (!change.shards.empty()) {
        text += " (on";
        for (const std::string& shard : change.shards) text += " " + markdown_text(shard);
        text += ")";
    }
    if (!change.author.empty()) text += " by " + markdown_text(change.author);
    if (change.ended_at) text += ", done " + short_time(*change.ended_at);
    if (!change.rollback_plan.empty()) text += "; rollback plan: " + markdown_text(change.rollback_plan);
    if (!change.link.empty()) text += "; " + markdown_link(change.link);
    return text;
}

/// Changes and stretches of failures in one order of time.
std::string timeline(const StoreReport& report) {
    std::vector<std::pair<Wall, std::string>> events;
    for (const Change& change : report.changes) events.emplace_back(change.started_at, change_line(change));
    for (const Episode& episode : episodes_of(report)) {
        events.emplace_back(episode.from,
                            fmt::format("{} fails: {} of {} judged runs until {}", markdown_text(episode.probe),
                                        episode.failed, episode.judged, short_time(episode.until)));
    }
    std::ranges::sort(events);
    std::string text = "## Timeline\n\n";
    if (events.empty()) text += "No change was recorded, and no run failed.\n";
    for (const auto& [at, what] : events) text += "- " + short_time(at) + " " + what + "\n";
    if (report.more_changes) text += "- … more changes were recorded than are shown\n";
    return text + "\n";
}

std::string alerts(const StoreReport& report) {
    if (report.alerts.empty()) return {};
    std::string text = "## Incidents and mutes\n\n";
    for (const ReportedAlert& alert : report.alerts) text += "- " + markdown_text(alert_line(alert)) + "\n";
    return text + "\n";
}

std::string deliveries(const StoreReport& report) {
    if (report.deliveries.empty()) return {};
    std::string text = "## Messages\n\n" + markdown_text(account_line(report.deliveries)) + ".\n\n";
    if (report.undelivered.empty()) return text;
    text += "| sent | state | from → to | probe | nonce |\n|:---|:---|:---|:---|:---|\n";
    for (const DeliveryRow& one : report.undelivered) {
        text += row({one.sent_at == Wall{} ? "?" : short_time(one.sent_at), markdown_text(one.state),
                     markdown_text(one.sender) + " → " + (one.receiver.empty() ? "?" : markdown_text(one.receiver)),
                     markdown_text(one.key ? one.key->text() : one.scenario), markdown_text(one.nonce)});
    }
    if (report.more_undelivered) text += "\n… and older ones.\n";
    return text + "\n";
}

std::string evidence(const StoreReport& report) {
    if (report.failures.empty()) return {};
    std::string text =
        "## Evidence\n\n" + fmt::format("{} of {} failed runs.\n\n", report.failures.size(), report.failed());
    for (const RunDetail& failure : report.failures) {
        text += "### " + short_time(failure.row.started_at) + " " + markdown_text(failure.row.key.text()) + "\n\n" +
                markdown_block(run_text(failure, {})) + "\n";
    }
    return text;
}

}  // namespace

std::string store_report_markdown(const StoreReport& report) {
    std::string text = "# Report of " + window_text(report) + "\n\n";
    if (const std::string filter = filter_text(report.filter); !filter.empty())
        text += "Only " + markdown_text(filter) + ".\n\n";
    text += "## Summary\n\n_What users could not do, for how long, and why: to be written._\n\n";
    text += impact(report) + alerts(report) + timeline(report);
    text += "## Cause\n\n_To be written._\n\n## What we do about it\n\n_To be written._\n\n";
    text += deliveries(report) + evidence(report);
    return text;
}

}  // namespace serin
