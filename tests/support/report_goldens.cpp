// SPDX-License-Identifier: Apache-2.0
#include "tests/support/report_goldens.hpp"

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/golden_files.hpp"
#include "tests/support/outcome_examples.hpp"

namespace serin::test {

std::string report(std::string_view format, const std::vector<Outcome>& outcomes, ReportOptions options,
                   const std::vector<std::string>& never_started) {
    const auto reporter = make_reporter(format, options);
    REQUIRE(reporter.has_value());
    Totals totals;
    std::string text = (*reporter)->begin(outcomes.size() + never_started.size());
    for (const Outcome& outcome : outcomes) {
        totals.count(outcome);
        text += (*reporter)->outcome(outcome);
    }
    totals.not_run = never_started.size();
    totals.never_started = never_started;
    totals.took = std::chrono::milliseconds(3400);
    return text + (*reporter)->end(totals);
}

std::string golden(std::string_view name) {
    INFO("golden file " << name);
    const std::string text = contents(golden_folder("reports") / name);
    REQUIRE_FALSE(text.empty());
    return text;
}

std::string golden_report(std::string_view format, ReportOptions options) {
    const std::vector<Outcome> outcomes{passed_run(),   undelivered_message(), flaky_run(),
                                        unjudged_run(), littering_run(),       skipped_run()};
    return report(format, outcomes, options, {"chat-delivery sender=us-east-1 receiver=sa-east-1"});
}

}  // namespace serin::test
