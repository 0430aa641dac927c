// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/formats/escaping.hpp"
#include "reports/formats/failure_block.hpp"
#include "reports/formats/formats.hpp"
#include "reports/formats/step_listing.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

/// "::error file=…,line=…,col=…,endColumn=…,title=…::message".
std::string annotation(std::string_view level, const Place& place, std::string_view title, std::string_view message) {
    std::string command = "::" + std::string(level) + " ";
    if (place.known()) {
        command += "file=" + github_property(place.source->name) + ",line=" + std::to_string(place.line) +
                   ",col=" + std::to_string(place.column) +
                   ",endColumn=" + std::to_string(place.column + std::max(place.length, 1)) + ",";
    }
    return command + "title=" + github_property(title) + "::" + github_message(message) + "\n";
}

/// For GitHub Actions: one annotation a run, as GitHub keeps ten of a kind a step, and the whole block in a folded
/// group.
class GithubReporter : public Reporter {
public:
    explicit GithubReporter(ReportOptions options) : options_(options) { options_.colour = false; }

    std::string begin(std::size_t planned) override {
        planned_ = planned;
        return {};
    }

    std::string outcome(const Outcome& outcome) override {
        const std::string steps = step_listing(outcome, options_);
        if (!needs_block(outcome)) return github_plain(headline(outcome, options_) + steps);
        return annotations(outcome) + "::group::" + github_message(title_of(outcome)) + "\n" +
               github_plain(failure_block(outcome, options_) + steps) + "::endgroup::\n";
    }

    std::string end(const Totals& totals) override {
        std::string out;
        for (const std::string& name : some_of(missing_runs(planned_, totals))) {
            out += annotation("error", {}, "NEVER STARTED " + name, "the run was planned, but never started");
        }
        if (const std::string nothing = nothing_ran_line(totals); !nothing.empty()) {
            out += annotation("error", {}, "serin", nothing);
        }
        return out + totals_line(totals) + "\n";
    }

private:
    static std::string title_of(const Outcome& outcome) {
        return loud_name_of(outcome.verdict) + " " + run_name(outcome);
    }

    static std::string annotations(const Outcome& outcome) {
        const Findings findings = findings_of(outcome);
        std::string out;
        if (outcome.verdict != Verdict::pass && outcome.verdict != Verdict::skipped) {
            std::string message = reason_of(outcome);
            for (const Finding* finding : findings.judged()) {
                for (const std::string& line : finding_lines(*finding)) {
                    if (!message.contains(line)) message += "\n" + line;
                }
            }
            if (!outcome.trace_id.empty()) message += "\ntrace " + outcome.trace_id;
            if (!outcome.again.empty()) message += "\nagain: " + outcome.again;
            const std::string_view level = outcome.verdict == Verdict::degraded ? "warning" : "error";
            out += annotation(level, first_place(findings), title_of(outcome), message);
        }
        std::string left;
        for (const std::string& line : cleanup_lines(outcome, findings)) left += (left.empty() ? "" : "\n") + line;
        if (!left.empty()) {
            const Place place = findings.cleanup.empty() ? Place{} : findings.cleanup.front()->place;
            out += annotation("warning", place, "CLEANUP " + run_name(outcome), left);
        }
        return out;
    }

    ReportOptions options_;
    std::size_t planned_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_github_reporter(ReportOptions options) {
    return std::make_unique<GithubReporter>(options);
}

}  // namespace serin
