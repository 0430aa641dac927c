// SPDX-License-Identifier: Apache-2.0
// Questions to the store. Blocking: the daemon asks on a thread of its own, commands ask directly.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/change.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "reports/store/sketch.hpp"

namespace serin {

/// What to look at; empty members do not restrict. Times: from <= t < until, where t is a run's start, a message's
/// sending, a roll-up's minute (each that the window touches) or a change's start; a change that began earlier also
/// counts when it ended at `from` or later.
struct StoreFilter {
    std::string probe, vantage, target, profile, cell;
    std::vector<std::string> verdicts;  ///< words of Verdict
    std::string failure_class;
    std::string run_id, nonce, state;  ///< of deliveries
    std::string except_state;          ///< of deliveries: every state but this one
    std::optional<Wall> from, until;
};

/// Newest first: runs and changes by start, messages by sending. What is stored while somebody turns pages neither
/// doubles nor hides a row that was there before. `cursor` is opaque: the one of the page before, empty for the first
/// page. A cursor that was not made by this reader is an Error.
struct PageRequest {
    int limit = 100;  ///< 1 … 1000
    std::string cursor;
};
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::string next_cursor;  ///< empty: that was the last page
};

struct RunRow {
    std::string run_id;
    CellKey key;
    Wall scheduled_at{}, started_at{};
    Duration start_lateness{}, took{};
    std::string verdict, failure_class, message;
    bool maintenance = false, on_request = false, cleanup_failed = false;
    int attempts = 1;
    bool has_evidence = false;
};
struct RunDetail {
    RunRow row;
    std::string outcome_json;  ///< outcome_json() as text; empty for a thin row (a pass)
};

/// One message on its way to one receiver; or, with an empty receiver and state `unknown`, one whose run never told.
struct DeliveryRow {
    std::string nonce, run_id, scenario, step, sender, receiver;
    std::optional<CellKey> key;  ///< unset when the run is not (or no longer) in the store
    Wall sent_at{};
    std::string state;        ///< now: delivered late lost duplicated …
    std::string first_state;  ///< as its run settled it
    int copies = 0;
    std::optional<Duration> send_to_receive, ack_to_receive;
    std::optional<Wall> reclassified_at;
};

/// Counts of one cell over one stretch of time.
struct CellCounts {
    std::int64_t pass = 0, degraded = 0, fail = 0, error = 0, skipped = 0, aborted = 0;
    std::int64_t missed = 0, shed = 0, overlap = 0;
    std::map<std::string, std::int64_t> failure_classes;
    Sketch took;      ///< seconds, of runs that were judged (pass, degraded, fail)
    Sketch lateness;  ///< seconds, of starts
    void add(const CellCounts& other);
    /// Runs that say something of the target: pass, degraded, fail.
    [[nodiscard]] std::int64_t judged() const { return pass + degraded + fail; }
    /// Everything that was to be: runs of each verdict and what did not become a run.
    [[nodiscard]] std::int64_t slots() const { return judged() + error + skipped + aborted + missed + shed + overlap; }
    /// Share of the judged runs in which users could do what they came for (pass, degraded); unset when none was
    /// judged.
    [[nodiscard]] std::optional<double> availability() const;
    /// Share of the slots that were judged; unset without slots. What it lacks to 1 is what nobody knows.
    [[nodiscard]] std::optional<double> coverage() const;
};
struct RollupRow {
    CellKey key;
    Wall minute{};
    CellCounts counts;
};

/// The matrix: what each cell says now, and its counts over the window asked for.
struct MatrixCell {
    CellKey key;
    std::string verdict;  ///< of its latest run in the window that was not skipped or aborted; empty: no data
    std::string failure_class, message, run_id;
    Wall last_run_at{};
    std::optional<Wall> last_pass_at;
    std::optional<Wall> failing_since;  ///< start of the unbroken streak of runs that are neither pass nor degraded
    CellCounts counts;
};

class StoreReader {
public:
    /// Opens read-only; an Error when there is no store, it is newer than this program, or it is not a store.
    static Result<std::unique_ptr<StoreReader>> open(const std::string& path);
    ~StoreReader();
    StoreReader(const StoreReader&) = delete;
    StoreReader& operator=(const StoreReader&) = delete;

    [[nodiscard]] Result<Page<RunRow>> runs(const StoreFilter& filter, const PageRequest& page);
    [[nodiscard]] Result<std::optional<RunDetail>> run(const std::string& run_id);
    [[nodiscard]] Result<Page<DeliveryRow>> deliveries(const StoreFilter& filter, const PageRequest& page);
    /// state → count, over the filter: the reconciled account.
    [[nodiscard]] Result<std::map<std::string, std::int64_t>> delivery_counts(const StoreFilter& filter);
    [[nodiscard]] Result<Page<Change>> changes(const StoreFilter& filter, const PageRequest& page);
    /// By minute, then by key. For long windows of many cells: each_rollup().
    [[nodiscard]] Result<std::vector<RollupRow>> rollups(const StoreFilter& filter);
    /// The same, one at a time.
    [[nodiscard]] Result<void> each_rollup(const StoreFilter& filter, const std::function<void(const RollupRow&)>& see);
    /// Every cell that the filter names, by key; also one without any data in the window.
    [[nodiscard]] Result<std::vector<MatrixCell>> matrix(const StoreFilter& filter);

    /// Ends the question that is being answered, with an Error, so that a stop does not wait for it. From any thread.
    void interrupt();

private:
    struct Impl;
    explicit StoreReader(std::unique_ptr<Impl> impl);
    [[nodiscard]] Result<void> read_rollups(const StoreFilter& filter, bool in_order,
                                            const std::function<void(std::int64_t cell_id, const RollupRow&)>& see);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
