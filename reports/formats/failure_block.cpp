// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/failure_block.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/drawing.hpp"
#include "core/utf8.hpp"
#include "reports/formats/colour.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/evidence.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

constexpr std::size_t most_findings = 8;
constexpr std::size_t widest_label = 16;
constexpr int furthest_explanation = 40;  // columns; a line that is longer than the terminal is cut around its place

Colour colour_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return Colour::green;
        case Verdict::degraded:
            return Colour::yellow;
        case Verdict::skipped:
        case Verdict::blocked:
            return Colour::dim;
        case Verdict::fail:
        case Verdict::aborted:
        case Verdict::error:
            return Colour::red;
    }
    return Colour::red;
}

std::string gutter(const Place& place) {
    return std::string(std::max<std::size_t>(2, std::to_string(place.line).size()), ' ') + " ";
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).bytes) ++count;
    return count;
}
std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width - std::min(width, columns(text)), ' ');
}

/// The place with its note and the lines that explain it. These may point into the expression, so they begin under it.
std::string draw_finding(const Finding& finding, bool colours_on) {
    std::string out = draw_place(finding.place, printable(finding.note), Palette{.colour = colours_on});
    if (!finding.place.known() && !finding.note.empty()) out += gutter({}) + "= " + printable(finding.note) + "\n";
    const auto indent = static_cast<std::size_t>(std::clamp(finding.place.column - 1, 0, furthest_explanation));
    const std::string margin = gutter(finding.place) + "| " + std::string(indent, ' ');
    for (const std::string& line : finding.explanation) out += margin + printable(line) + "\n";
    return out;
}

/// `title`: what the block has already said; a finding that it quotes needs no line of its own.
std::string draw_findings(const std::vector<const Finding*>& findings, std::string_view title, bool colours_on) {
    std::string out;
    const std::size_t shown = std::min(findings.size(), most_findings);
    for (std::size_t i = 0; i < shown; ++i) {
        const Finding& finding = *findings[i];
        const bool soft = finding.verdict == Verdict::degraded;
        if (!title.contains(finding.message)) {
            out += painted(soft ? "warning" : "error", soft ? Colour::yellow : Colour::red, colours_on);
            out += ": " + printable(finding.message) + "\n";
        }
        out += draw_finding(finding, colours_on);
    }
    if (findings.size() > shown)
        out += fmt::format("… {} more finding{}\n", findings.size() - shown, findings.size() - shown == 1 ? "" : "s");
    return out;
}

std::string draw_cleanup(const Outcome& outcome, const Findings& findings, bool colours_on) {
    std::string out;
    const std::string warning = painted("warning", Colour::yellow, colours_on);
    for (const Finding* finding : findings.cleanup) {
        out += warning + ": cleanup failed: " + printable(finding->message) + "\n" + draw_finding(*finding, colours_on);
    }
    if (out.empty() && outcome.cleanup_failed) out = warning + ": cleanup failed\n";
    return out;
}

std::string draw_evidence(const std::vector<EvidenceLine>& lines, const std::string& margin, bool colours_on) {
    std::size_t label_width = 0, at_width = 0;
    for (const EvidenceLine& line : lines) {
        label_width = std::max(label_width, std::min(widest_label, columns(line.label)));
        at_width = std::max(at_width, line.at.size());
    }
    std::string out;
    for (const EvidenceLine& line : lines) {
        std::string text = "= " + padded(line.label, label_width) + "  ";
        if (at_width > 0) text += padded(line.at, at_width) + "  ";
        text += line.text;
        out.append(margin).append(painted(text, Colour::dim, colours_on)).append("\n");
    }
    return out;
}

std::string first_word(const Outcome& outcome, bool colours_on) {
    if (outcome.verdict == Verdict::degraded) return painted("warning", Colour::yellow, colours_on);
    if (outcome.verdict == Verdict::aborted) return painted("aborted", Colour::red, colours_on);
    return painted("error", Colour::red, colours_on);
}

}  // namespace

bool needs_block(const Outcome& outcome) {
    if (outcome.cleanup_failed || !outcome.leaked.empty() || outcome.attempts.size() > 1) return true;
    return outcome.verdict != Verdict::pass && outcome.verdict != Verdict::skipped;
}

std::string headline(const Outcome& outcome, const ReportOptions& options) {
    std::string line = painted(loud_name_of(outcome.verdict), colour_of(outcome.verdict), options.colour);
    line += " " + printable(outcome.scenario);
    const auto add = [&line](std::string_view prefix, std::string_view text) {
        if (!text.empty()) line.append("  ").append(prefix).append(printable(text));
    };
    add("", outcome.cell.text());
    add("vantage=", outcome.vantage);
    const bool skipped = outcome.verdict == Verdict::skipped;
    add("", skipped ? reason_of(outcome) : human_duration(outcome.took));
    if (needs_block(outcome)) {
        add("class=", outcome.failure_class);
        add("trace=", outcome.trace_id);
    }
    return line + "\n";
}

std::string failure_block(const Outcome& outcome, const ReportOptions& options) {
    const Findings findings = findings_of(outcome);
    const std::string reason = reason_of(outcome);
    std::string out = headline(outcome, options);
    if (!reason.empty()) out += first_word(outcome, options.colour) + ": " + printable(reason) + "\n";
    out += draw_findings(findings.judged(), reason, options.colour);
    out += draw_cleanup(outcome, findings, options.colour);

    const std::string margin = gutter(first_place(findings));
    out += draw_evidence(evidence_of(outcome), margin, options.colour);
    if (!outcome.again.empty()) out += margin + "= again:  " + printable(outcome.again) + "\n";
    return out;
}

}  // namespace serin
