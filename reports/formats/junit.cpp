// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>

#include "reports/formats/escaping.hpp"
#include "reports/formats/failure_block.hpp"
#include "reports/formats/formats.hpp"
#include "reports/formats/step_listing.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
    return fmt::format(" {}=\"{}\"", name, xml_attribute(value));
}

std::string seconds(Duration d) {
    return fmt::format("{:.3f}", std::chrono::duration<double>(d).count());
}

std::string element(std::string_view indent, std::string_view name, std::string_view text) {
    return fmt::format("{0}<{1}>{2}</{1}>\n", indent, name, xml_text(text));
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

/// For CI servers, in the shape that Ant, Maven Surefire and Jenkins share. A run is a test suite with one test case,
/// because only a suite may bear properties, a start and a host in every dialect of that schema. Only `fail` is a
/// failure; what could not be judged, was aborted or never started is an error. A degraded run passes and says so in
/// its system-out.
class JunitReporter : public Reporter {
public:
    explicit JunitReporter(ReportOptions options) : options_(options) { options_.colour = false; }

    std::string begin(std::size_t planned) override {
        planned_ = planned;
        return {};
    }

    std::string outcome(const Outcome& outcome) override {
        const bool failed = outcome.verdict == Verdict::fail;
        const bool skipped = outcome.verdict == Verdict::skipped;
        const bool passed = outcome.verdict == Verdict::pass || outcome.verdict == Verdict::degraded;
        const Counts counts{.failures = failed ? 1U : 0U,
                            .errors = failed || skipped || passed ? 0U : 1U,
                            .skipped = skipped ? 1U : 0U};
        std::string attributes = attribute("timestamp", rfc3339(outcome.started_at));
        if (!outcome.vantage.empty()) attributes += attribute("hostname", outcome.vantage);
        open_suite(run_name(outcome), counts, outcome.took, attributes);
        add_properties(outcome);
        open_case(run_name(outcome), outcome.scenario, outcome.took);
        add_result(outcome);
        add_output(outcome);
        close_case_and_suite();
        return {};
    }

    std::string end(const Totals& totals) override {
        for (const std::string& name : missing_runs(planned_, totals))
            add_error(name, "the run was planned, but never started");
        if (totals.nothing_ran()) add_error("nothing ran", nothing_ran_line(totals));
        return fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"serin\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n{}</testsuites>\n",
            tests_, counts_.failures, counts_.errors, seconds(totals.took), suites_);
    }

private:
    struct Counts {
        std::size_t failures = 0, errors = 0, skipped = 0;
    };

    void open_suite(std::string_view name, Counts counts, Duration took, std::string_view attributes) {
        ++tests_;
        counts_.failures += counts.failures;
        counts_.errors += counts.errors;
        suites_ += fmt::format(
            "  <testsuite{} tests=\"1\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"{}>\n",
            attribute("name", name), counts.failures, counts.errors, counts.skipped, seconds(took), attributes);
    }

    void open_case(std::string_view name, std::string_view class_name, Duration took) {
        suites_ += fmt::format("    <testcase{}{} time=\"{}\">\n", attribute("name", name),
                               attribute("classname", class_name), seconds(took));
    }

    void close_case_and_suite() { suites_ += "    </testcase>\n  </testsuite>\n"; }

    void add_properties(const Outcome& outcome) {
        suites_ += "    <properties>\n";
        const auto add = [this](std::string_view name, std::string_view value) {
            if (!value.empty())
                suites_ += fmt::format("      <property{}{}/>\n", attribute("name", name), attribute("value", value));
        };
        add("verdict", name_of(outcome.verdict));
        add("failure_class", outcome.failure_class);
        add("file", outcome.file);
        for (const auto& [name, value] : outcome.cell.axes) add("cell." + name, value);
        add("run_id", outcome.run_id);
        add("nonce", outcome.nonce);
        add("trace_id", outcome.trace_id);
        add("again", outcome.again);
        suites_ += "    </properties>\n";
    }

    void add_result(const Outcome& outcome) {
        const std::string reason = reason_of(outcome);
        if (outcome.verdict == Verdict::pass || outcome.verdict == Verdict::degraded) return;
        if (outcome.verdict == Verdict::skipped) {
            suites_ += fmt::format("      <skipped{}/>\n", attribute("message", reason));
            return;
        }
        const std::string_view name = outcome.verdict == Verdict::fail ? "failure" : "error";
        std::string details;
        for (const Finding* finding : findings_of(outcome).judged()) details += joined(finding_lines(*finding));
        const std::string type = outcome.failure_class.empty() ? name_of(outcome.verdict) : outcome.failure_class;
        suites_ += fmt::format("      <{0}{1}{2}>{3}</{0}>\n", name, attribute("message", reason),
                               attribute("type", type), xml_text(details));
    }

    void add_output(const Outcome& outcome) {
        std::string text = needs_block(outcome) ? failure_block(outcome, options_) : "";
        text += step_listing(outcome, options_);
        if (!text.empty()) suites_ += element("      ", "system-out", text);
        const std::vector<std::string> cleanup = cleanup_lines(outcome, findings_of(outcome));
        if (!cleanup.empty()) suites_ += element("      ", "system-err", joined(cleanup));
    }

    void add_error(std::string_view name, std::string_view message) {
        open_suite(name, Counts{.errors = 1}, Duration::zero(), "");
        open_case(name, "serin", Duration::zero());
        suites_ += fmt::format("      <error{} type=\"not_run\"/>\n", attribute("message", message));
        close_case_and_suite();
    }

    ReportOptions options_;
    std::size_t planned_ = 0, tests_ = 0;
    Counts counts_;
    std::string suites_;
};

}  // namespace

std::unique_ptr<Reporter> make_junit_reporter(ReportOptions options) {
    return std::make_unique<JunitReporter>(options);
}

}  // namespace serin
