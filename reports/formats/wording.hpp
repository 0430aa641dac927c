// SPDX-License-Identifier: Apache-2.0
// What every format says of an outcome, in the same words. Texts come as the target gave them: escape them for the
// reader.
#pragma once
#include <string>
#include <vector>

#include "core/outcome.hpp"
#include "reports/formats/reporter.hpp"

namespace serin {

/// "chat-delivery sender=us-east-1 receiver=eu-west-2".
[[nodiscard]] std::string run_name(const Outcome& outcome);
/// "FAIL", "PASS", "DEGRADED", …
[[nodiscard]] std::string loud_name_of(Verdict verdict);
/// Why the verdict is what it is, never empty for anything but a pass; says whose fault an `error` is.
[[nodiscard]] std::string reason_of(const Outcome& outcome);
/// "12 runs: 10 passed, 2 failed in 3.4 s": each verdict that occurred, what never started and where cleanup failed.
[[nodiscard]] std::string totals_line(const Totals& totals);
/// "nothing ran", or that every run was skipped; empty when something was judged.
[[nodiscard]] std::string nothing_ran_line(const Totals& totals);
/// The runs that were planned and have no outcome, by name where `totals` knows it, else "run 3".
[[nodiscard]] std::vector<std::string> missing_runs(std::size_t planned, const Totals& totals);
/// For people: the first ten of many names, and then "and 32 more".
[[nodiscard]] std::vector<std::string> some_of(std::vector<std::string> names);

/// Findings of all steps and their children, each once, sorted by what they mean. Point into the outcome.
struct Findings {
    std::vector<const Finding*> hard, soft;  ///< soft: of severity degrade
    std::vector<const Finding*> cleanup;     ///< of `defer` and `cleanup`; they never decide the verdict
    /// Hard ones first.
    [[nodiscard]] std::vector<const Finding*> judged() const;
};
[[nodiscard]] Findings findings_of(const Outcome& outcome);
/// Where a reader should look first; nowhere when no finding has a place.
[[nodiscard]] Place first_place(const Findings& findings);

/// "cleanup failed: MESSAGE" for each cleanup finding, and "left behind: …" for each leaked thing. Empty: all is clean.
[[nodiscard]] std::vector<std::string> cleanup_lines(const Outcome& outcome, const Findings& findings);

/// A finding without its source line: "message", its place and note, explanation, a line each.
[[nodiscard]] std::vector<std::string> finding_lines(const Finding& finding);

/// Whether a step belongs to `defer` or `cleanup`.
[[nodiscard]] bool is_cleanup(const StepResult& step);

}  // namespace serin
