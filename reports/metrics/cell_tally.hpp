// SPDX-License-Identifier: Apache-2.0
// What is counted of one cell. Parts that not every cell needs (deliveries, HTTP, failures, exemplars) are made when
// they are first needed, so that a quiet cell stays small.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "reports/metrics/histogram.hpp"

namespace serin {

/// The words that `serin_deliveries_total` may have as its state; any other is counted as the last one.
inline constexpr std::array<std::string_view, 10> delivery_states{
    "delivered", "late",         "lost",     "duplicated",  "reordered",
    "corrupted", "misdelivered", "rejected", "outstanding", "unknown"};
inline constexpr std::array<Verdict, 6> run_verdicts{Verdict::pass, Verdict::degraded, Verdict::error,
                                                     Verdict::fail, Verdict::skipped,  Verdict::aborted};
/// Index in run_verdicts.
[[nodiscard]] std::size_t index_of(Verdict verdict);
inline constexpr std::array<std::string_view, 5> http_phases{"dns", "connect", "tls", "first_byte", "body"};
/// dns + connect + tls + first_byte + body == total.
[[nodiscard]] std::array<Duration, 5> phases_of(const HttpTimings& timings);
/// Empty when the run has no id that can be written as it is.
[[nodiscard]] Exemplar exemplar_of(const Outcome& outcome, Wall at);
inline constexpr std::size_t max_failure_classes = 8;

/// Slots of the grid by outcome: started, and the reasons of Gap in their order.
using SlotCounts = std::array<std::uint64_t, 4>;
using RunCounts = std::array<std::uint64_t, run_verdicts.size()>;

struct RunHistogram : Histogram<histogram_bounds::run.size()> {
    std::array<Exemplar, histogram_bounds::run.size() + 1> exemplars{};
};
struct DeliveryTally {
    std::array<std::uint64_t, delivery_states.size()> states{};
    RunHistogram took;
};
struct HttpTally {
    std::uint64_t exchanges = 0;
    std::array<Duration, http_phases.size()> phases{};
};
struct FailureTally {
    std::string more;  ///< `,failure_class="not_in_time"`
    std::uint64_t count = 0;
    Exemplar newest;
};

struct CellTally {
    /// Asks for that many series beyond the base ones; false when the budget is used up.
    using Reserve = std::function<bool(int series)>;

    std::shared_ptr<const CellKey> key;
    Duration interval{};
    std::size_t labels_at = 0, labels_size = 0;  ///< in the text of all labels
    int extra_series = 0;                        ///< reserved beyond the base ones

    RunCounts runs{};
    SlotCounts slots{};
    std::uint64_t good = 0, bad = 0, retries = 0, cleanup_failures = 0, leaked = 0;
    std::optional<Wall> newest_started, newest_ended, newest_pass, certificate_expiry;
    int verdict = 0;  ///< of the newest run, as serin_verdict says it
    bool maintenance = false;
    Histogram<histogram_bounds::run.size()> took;
    std::unique_ptr<std::array<Exemplar, histogram_bounds::run.size() + 1>> took_exemplars;
    std::unique_ptr<HttpTally> http;
    std::unique_ptr<DeliveryTally> deliveries;
    std::vector<FailureTally> failures;

    void count(const Record& record, const Reserve& reserve);

private:
    [[nodiscard]] bool newest(const Outcome& outcome, Wall ended) const;
    [[nodiscard]] bool take(const Reserve& reserve, int series);
    void count_failure(const Outcome& outcome, const Exemplar& exemplar, const Reserve& reserve);
    void count_exchanges(const Outcome& outcome, const Reserve& reserve);
    void count_deliveries(const Outcome& outcome, const Exemplar& exemplar, const Reserve& reserve);
};

}  // namespace serin
