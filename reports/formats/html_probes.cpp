// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/html.hpp"

namespace serin {
namespace {

constexpr std::size_t most_sections = 60;  ///< probes that are drawn; all of them are in the table

struct CountColumn {
    const char* head;
    std::int64_t CellCounts::* member;
    bool always = false;  ///< also when no probe has any
};
constexpr CountColumn count_columns[] = {
    {"pass", &CellCounts::pass, true},     {"degraded", &CellCounts::degraded}, {"fail", &CellCounts::fail, true},
    {"error", &CellCounts::error, true},   {"skipped", &CellCounts::skipped},   {"aborted", &CellCounts::aborted},
    {"missed", &CellCounts::missed, true}, {"shed", &CellCounts::shed},         {"overlap", &CellCounts::overlap},
};

std::string probes_table(const StoreReport& report, const std::vector<const ProbeReport*>& drawn) {
    const auto shown = [&](const CountColumn& column) { return column.always || report.counts.*(column.member) > 0; };
    std::string text =
        "<section><h2>Probes</h2><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">probe</th>"
        "<th scope=\"col\">available</th><th scope=\"col\" class=\"num\">judged</th>";
    const auto head = [&](const char* name) { text += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", name); };
    for (const CountColumn& column : count_columns) {
        if (shown(column)) head(column.head);
    }
    for (const char* quantile : {"p50", "p95", "p99"}) head(quantile);
    text += "</tr></thead><tbody>";
    for (const ProbeReport& probe : report.probes) {
        const CellCounts& counts = probe.counts;
        const auto place = std::ranges::find(drawn, &probe);
        const std::string name = html_text(probe.name);
        text += "<tr><th scope=\"row\">";
        text +=
            place == drawn.end() ? name : fmt::format("<a href=\"#probe-{}\">{}</a>", place - drawn.begin() + 1, name);
        const std::string_view tone = tone_of(counts.availability());
        text += fmt::format("</th><td><span class=\"badge {}\">{} {}</span></td><td class=\"num\">{}</td>", tone,
                            sign_of(tone), share_text(counts.availability()), share_text(counts.coverage()));
        for (const CountColumn& column : count_columns) {
            if (shown(column)) text += html_count_cell(counts.*(column.member));
        }
        for (const double q : {0.5, 0.95, 0.99}) text += "<td class=\"num\">" + quantile_text(counts.took, q) + "</td>";
        text += "</tr>";
    }
    return text + "</tbody></table></div></section>\n";
}

/// Those that need to be looked at come before those that do not, should there be too many.
std::vector<const ProbeReport*> drawn_probes(const StoreReport& report) {
    std::vector<const ProbeReport*> drawn;
    for (const bool troubled : {true, false}) {
        for (const ProbeReport& probe : report.probes) {
            if ((probe.counts.judged() - probe.counts.fail < probe.counts.slots()) == troubled &&
                drawn.size() < most_sections)
                drawn.push_back(&probe);
        }
    }
    std::ranges::sort(drawn, {}, [](const ProbeReport* probe) { return probe->name; });
    return drawn;
}

std::string classes(const CellCounts& counts) {
    if (counts.failure_classes.empty()) return {};
    std::vector<std::pair<std::int64_t, std::string>> sorted;
    for (const auto& [name, count] : counts.failure_classes) sorted.emplace_back(-count, name);
    std::ranges::sort(sorted);
    std::string text = "<p class=\"small\">Failure classes: ";
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        text += fmt::format("{}<b>{}</b> × {}", i == 0 ? "" : " · ", html_text(sorted[i].second),
                            grouped(-sorted[i].first));
    }
    return text + "</p>";
}

std::string probe_section(const StoreReport& report, const ProbeReport& probe, std::size_t number) {
    const std::string_view tone = tone_of(probe.counts.availability());
    return fmt::format("<section id=\"probe-{}\"><h2>{} <span class=\"badge {}\">{} {}</span></h2>", number,
                       html_text(probe.name), tone, sign_of(tone), share_text(probe.counts.availability())) +
           html_heat_map(probe) + html_timeline(report, probe) + classes(probe.counts) + "</section>\n";
}

}  // namespace

std::string html_count_cell(std::int64_t count) {
    return "<td class=\"num\">" + (count == 0 ? std::string("–") : grouped(count)) + "</td>";
}

std::string html_probes(const StoreReport& report) {
    if (report.probes.empty()) return {};
    const std::vector<const ProbeReport*> drawn = drawn_probes(report);
    std::string text = probes_table(report, drawn);
    for (std::size_t i = 0; i < drawn.size(); ++i) text += probe_section(report, *drawn[i], i + 1);
    if (drawn.size() < report.probes.size()) {
        text += fmt::format(
            "<p class=\"muted\">{} more probes, without trouble or beyond what one page can show, are in the table "
            "only.</p>\n",
            report.probes.size() - drawn.size());
    }
    return text;
}

}  // namespace serin
