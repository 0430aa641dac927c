// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace serin {
namespace {

bool same(const Finding& a, const Finding& b) {
    return a.place.source == b.place.source && a.place.line == b.place.line && a.place.column == b.place.column &&
           a.message == b.message && a.note == b.note;
}

/// A repeat or a call may report what its children found as its own.
void add_once(std::vector<const Finding*>& all, const Finding& finding) {
    const bool known = std::ranges::any_of(all, [&](const Finding* each) { return same(*each, finding); });
    if (!known) all.push_back(&finding);
}

void collect(const std::vector<StepResult>& steps, Findings& found) {
    for (const StepResult& step : steps) {
        if (step.part == "diagnose") continue;  // its failures are evidence, not findings
        for (const Finding& finding : step.findings) {
            const bool soft = finding.verdict == Verdict::degraded;
            add_once(is_cleanup(step) ? found.cleanup : soft ? found.soft : found.hard, finding);
        }
        collect(step.children, found);
    }
}

}  // namespace

bool is_cleanup(const StepResult& step) {
    return step.part == "defer" || step.part == "cleanup";
}

std::string run_name(const Outcome& outcome) {
    const std::string cell = outcome.cell.text();
    return cell.empty() ? outcome.scenario : outcome.scenario + " " + cell;
}

std::string loud_name_of(Verdict verdict) {
    std::string name = name_of(verdict);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

std::string reason_of(const Outcome& outcome) {
    std::string reason = outcome.message;
    if (reason.empty() && outcome.verdict != Verdict::pass) {
        const std::vector<const Finding*> judged = findings_of(outcome).judged();
        reason = !judged.empty() ? judged.front()->message : outcome.failure_class;
        if (reason.empty()) reason = "no reason was recorded";
    }
    return outcome.verdict == Verdict::error ? "the prober could not judge: " + reason : reason;
}

std::string totals_line(const Totals& totals) {
    struct Part {
        std::size_t count;
        std::string_view word;
    };
    std::string parts;
    for (const Part& part :
         {Part{totals.pass, "passed"}, Part{totals.degraded, "degraded"}, Part{totals.fail, "failed"},
          Part{totals.error, "could not be judged"}, Part{totals.aborted, "aborted"}, Part{totals.skipped, "skipped"},
          Part{totals.not_run, "never started"}}) {
        if (part.count > 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part.count, part.word);
    }
    std::string line = fmt::format("{} run{}: {} in {}", totals.runs(), totals.runs() == 1 ? "" : "s",
                                   parts.empty() ? "nothing ran" : parts, human_duration(totals.took));
    if (totals.cleanup_failed > 0) line += fmt::format("; cleanup failed in {}", totals.cleanup_failed);
    return line;
}

std::string nothing_ran_line(const Totals& totals) {
    if (!totals.nothing_ran()) return {};
    if (totals.skipped > 0) return "every run was skipped, so nothing was judged";
    return "nothing ran, so nothing was judged";
}

std::vector<std::string> missing_runs(std::size_t planned, const Totals& totals) {
    const std::size_t unaccounted = planned > totals.runs() ? planned - totals.runs() : 0;
    const std::size_t count = std::max({unaccounted, totals.not_run, totals.never_started.size()});
    std::vector<std::string> names = totals.never_started;
    while (names.size() < count) names.push_back(fmt::format("run {}", totals.runs() + names.size() + 1));
    return names;
}

std::vector<std::string> some_of(std::vector<std::string> names) {
    constexpr std::size_t most = 10;
    if (names.size() <= most) return names;
    const std::size_t more = names.size() - most;
    names.resize(most);
    names.push_back(fmt::format("and {} more", more));
    return names;
}

std::vector<const Finding*> Findings::judged() const {
    std::vector<const Finding*> all = hard;
    all.insert(all.end(), soft.begin(), soft.end());
    return all;
}

Findings findings_of(const Outcome& outcome) {
    Findings found;
    collect(outcome.steps, found);
    return found;
}

Place first_place(const Findings& findings) {
    for (const auto* list : {&findings.hard, &findings.soft, &findings.cleanup}) {
        for (const Finding* finding : *list) {
            if (finding->place.known()) return finding->place;
        }
    }
    return {};
}

std::vector<std::string> cleanup_lines(const Outcome& outcome, const Findings& findings) {
    std::vector<std::string> lines;
    lines.reserve(findings.cleanup.size() + outcome.leaked.size() + 1);
    for (const Finding* finding : findings.cleanup) lines.push_back("cleanup failed: " + finding->message);
    if (lines.empty() && outcome.cleanup_failed) lines.emplace_back("cleanup failed");
    for (const std::string& what : outcome.leaked) lines.push_back("left behind: " + what);
    return lines;
}

std::vector<std::string> finding_lines(const Finding& finding) {
    std::vector<std::string> lines{finding.message};
    if (finding.place.known()) lines.push_back("at " + finding.place.text());
    if (!finding.note.empty() && finding.note != finding.message) lines.push_back(finding.note);
    lines.insert(lines.end(), finding.explanation.begin(), finding.explanation.end());
    return lines;
}

}  // namespace serin
