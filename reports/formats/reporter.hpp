// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/outcome.hpp"
#include "core/result.hpp"

namespace serin {

struct ReportOptions {
    bool colour = false;
    bool verbose = false;  ///< each step with its exchange and frames, also of passing runs
    bool curl = false;     ///< a shell line for each HTTP step
};

/// Counts of a whole `serin run`; the sum of the verdicts is the number of outcomes.
struct Totals {
    std::size_t pass = 0, degraded = 0, fail = 0, error = 0, skipped = 0, aborted = 0;
    std::size_t not_run = 0;                   ///< planned, but ended before they could start
    std::vector<std::string> never_started{};  ///< names of those, as far as they are known: "chat-delivery shard=b"
    std::size_t cleanup_failed = 0;
    Duration took{};
    void count(const Outcome& outcome);
    [[nodiscard]] std::size_t runs() const { return pass + degraded + fail + error + skipped + aborted; }
    /// No run was judged: there was none, or every one was skipped or never started. Never a success, in no format.
    [[nodiscard]] bool nothing_ran() const { return runs() == skipped; }
};

/// Turns outcomes into one format. Prints nothing: each call gives the text to append to the report, so a report that
/// was cut short holds every outcome that was known by then (json is written at end(); junit too, for their counts
/// stand first). Outcomes may hold any bytes that a target sent: none of them steers a terminal, a CI runner or a
/// parser.
class Reporter {
public:
    virtual ~Reporter() = default;
    [[nodiscard]] virtual std::string begin(std::size_t planned) = 0;
    [[nodiscard]] virtual std::string outcome(const Outcome& outcome) = 0;
    [[nodiscard]] virtual std::string end(const Totals& totals) = 0;
};

/// "text", "json", "junit", "github", "tap".
[[nodiscard]] const std::vector<std::string>& reporter_names();
/// An Error names the formats and the nearest one.
[[nodiscard]] Result<std::unique_ptr<Reporter>> make_reporter(std::string_view name, ReportOptions options);

/// One outcome as JSON: keys are the member names of Outcome, durations in milliseconds as `*_ms`, times in RFC 3339.
[[nodiscard]] nlohmann::json outcome_json(const Outcome& outcome);

}  // namespace serin
