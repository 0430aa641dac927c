// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "reports/formats/html.hpp"
#include "reports/formats/store_listing.hpp"

namespace serin {
namespace {

/// All cells of one vantage and target: data profiles and the probe's own matrix taken together.
struct Field {
    CellCounts counts;
    int cells = 0, failing = 0, errors = 0;
    std::optional<Wall> failing_since;
};

void add(Field& field, const MatrixCell& cell) {
    field.counts.add(cell.counts);
    ++field.cells;
    field.failing += cell.verdict == "fail" ? 1 : 0;
    field.errors += cell.verdict == "error" ? 1 : 0;
    if (cell.failing_since && (!field.failing_since || *cell.failing_since < *field.failing_since))
        field.failing_since = cell.failing_since;
}

std::string standing(const Field& field) {
    if (field.failing + field.errors == 0) return {};
    std::string text = field.failing > 0 ? "failing" : "not judged";
    if (field.cells > 1) text += fmt::format(" in {} of {} cells", field.failing + field.errors, field.cells);
    if (field.failing_since) text += " since " + short_time(*field.failing_since).substr(5, 11) + "Z";
    return "<span>now " + text + "</span>";
}

std::string field_html(const Field* field) {
    if (field == nullptr) return "<td class=\"none\"><b>–</b><span>no such cell</span></td>";
    const std::string_view tone = tone_of(field->counts.availability());
    std::string text =
        fmt::format("<td class=\"{}\"><b>{} {}</b>", tone, sign_of(tone), share_text(field->counts.availability()));
    if (field->counts.judged() > 0) {
        text +=
            fmt::format("<span>{} of {} failed</span>", grouped(field->counts.fail), grouped(field->counts.judged()));
        text += fmt::format("<span>p95 {}</span>", quantile_text(field->counts.took, 0.95));
    }
    if (const std::int64_t blind = field->counts.slots() - field->counts.judged(); blind > 0)
        text += fmt::format("<span>{} not judged</span>", grouped(blind));
    return text + standing(*field) + "</td>";
}

std::string all_cells(const ProbeReport& probe) {
    std::string text = fmt::format(
        "<details><summary>All {} cells</summary><div class=\"scroll\" tabindex=\"0\"><table><thead><tr>"
        "<th scope=\"col\">cell</th><th scope=\"col\">available</th><th scope=\"col\">runs</th>"
        "<th scope=\"col\" class=\"num\">p50</th><th scope=\"col\" class=\"num\">p95</th>"
        "<th scope=\"col\" class=\"num\">p99</th><th scope=\"col\">last pass</th></tr></thead><tbody>",
        probe.cells.size());
    for (const MatrixCell& cell : probe.cells) {
        const std::string_view tone = tone_of(cell.counts.availability());
        text += fmt::format(
            "<tr><th scope=\"row\">{}</th><td><span class=\"badge {}\">{} {}</span></td><td>{}</td>"
            "<td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td "
            "class=\"nowrap\">{}</td></tr>",
            html_text(cell_text(cell.key)), tone, sign_of(tone), share_text(cell.counts.availability()),
            counts_text(cell.counts), quantile_text(cell.counts.took, 0.5), quantile_text(cell.counts.took, 0.95),
            quantile_text(cell.counts.took, 0.99), cell.last_pass_at ? short_time(*cell.last_pass_at) : "never");
    }
    return text + "</tbody></table></div></details>";
}

}  // namespace

std::string html_heat_map(const ProbeReport& probe) {
    std::map<std::string, std::map<std::string, Field>> by_vantage;
    std::set<std::string> targets;
    bool joined = false;
    for (const MatrixCell& cell : probe.cells) {
        Field& field = by_vantage[cell.key.vantage][cell.key.target];
        add(field, cell);
        joined = joined || field.cells > 1;
        targets.insert(cell.key.target);
    }
    std::string text =
        "<div class=\"scroll\" tabindex=\"0\"><table class=\"heat\"><caption>Availability by vantage (rows) and target "
        "(columns)</caption><thead><tr><td></td>";
    for (const std::string& target : targets)
        text += "<th scope=\"col\">" + (target.empty() ? "the scenario’s own" : html_text(target)) + "</th>";
    text += "</tr></thead><tbody>";
    for (const auto& [vantage, fields] : by_vantage) {
        text += "<tr><th scope=\"row\">" + (vantage.empty() ? "–" : html_text(vantage)) + "</th>";
        for (const std::string& target : targets) {
            const auto field = fields.find(target);
            text += field_html(field == fields.end() ? nullptr : &field->second);
        }
        text += "</tr>";
    }
    text += "</tbody></table></div>";
    return joined ? text + all_cells(probe) : text;
}

}  // namespace serin
