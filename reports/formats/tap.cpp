// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "reports/formats/escaping.hpp"
#include "reports/formats/formats.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

std::string yaml_list(std::string_view key, const std::vector<std::string>& items, std::string_view indent) {
    if (items.empty()) return {};
    std::string out = fmt::format("{}{}:\n", indent, key);
    for (const std::string& item : items) out += fmt::format("{}  - {}\n", indent, yaml_quoted(item));
    return out;
}

std::string yaml_finding(const Finding& finding) {
    std::string out = fmt::format("    - message: {}\n", yaml_quoted(finding.message));
    if (finding.place.known()) out += fmt::format("      at: {}\n", yaml_quoted(finding.place.text()));
    if (!finding.note.empty()) out += fmt::format("      note: {}\n", yaml_quoted(finding.note));
    return out + yaml_list("explanation", finding.explanation, "      ");
}

std::string diagnostics(const Outcome& outcome) {
    const Findings findings = findings_of(outcome);
    std::string out = fmt::format("  ---\n  verdict: {}\n", name_of(outcome.verdict));
    const auto add = [&out](std::string_view key, std::string_view value) {
        if (!value.empty()) out += fmt::format("  {}: {}\n", key, yaml_quoted(value));
    };
    add("failure_class", outcome.failure_class);
    add("message", reason_of(outcome));
    add("at", first_place(findings).text());
    const std::vector<const Finding*> judged = findings.judged();
    if (!judged.empty()) out += "  findings:\n";
    for (const Finding* finding : judged) out += yaml_finding(*finding);
    out += yaml_list("cleanup", cleanup_lines(outcome, findings), "  ");
    out += fmt::format("  duration_ms: {:.3f}\n", std::chrono::duration<double, std::milli>(outcome.took).count());
    add("run_id", outcome.run_id);
    add("trace_id", outcome.trace_id);
    add("again", outcome.again);
    return out + "  ...\n";
}

/// Test Anything Protocol, version 14. Only `fail`, `error`, `aborted` and what never started are "not ok"; a degraded
/// run is "ok" and says so in its diagnostics.
class TapReporter : public Reporter {
public:
    std::string begin(std::size_t planned) override {
        planned_ = planned;
        // "1..0" would mean that all was rightly skipped; with nothing to run, the one test point is that there was
        // something.
        return fmt::format("TAP version 14\n1..{}\n", std::max<std::size_t>(planned, 1));
    }

    std::string outcome(const Outcome& outcome) override {
        const bool skipped = outcome.verdict == Verdict::skipped;
        const bool ok = skipped || outcome.verdict == Verdict::pass || outcome.verdict == Verdict::degraded;
        std::string out = test_point(ok, run_name(outcome));
        if (skipped) return out + " # SKIP " + printable(reason_of(outcome)) + "\n";
        out += "\n";
        const bool clean_pass = outcome.verdict == Verdict::pass && !outcome.cleanup_failed && outcome.leaked.empty();
        return clean_pass ? out : out + diagnostics(outcome);
    }

    std::string end(const Totals& totals) override {
        std::string out;
        for (const std::string& name : missing_runs(planned_, totals)) {
            out += test_point(false, name) + "\n  ---\n  message: \"the run was planned, but never started\"\n  ...\n";
        }
        if (count_ == 0) out += test_point(false, "something ran") + "\n";
        if (totals.nothing_ran()) out += "Bail out! " + nothing_ran_line(totals) + "\n";
        return out + "# " + totals_line(totals) + "\n";
    }

private:
    std::string test_point(bool ok, std::string_view description) {
        return fmt::format("{} {} - {}", ok ? "ok" : "not ok", ++count_, tap_description(description));
    }

    std::size_t planned_ = 0, count_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_tap_reporter(ReportOptions) {
    return std::make_unique<TapReporter>();
}

}  // namespace serin
