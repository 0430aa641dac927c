// SPDX-License-Identifier: Apache-2.0
// What a stretch of time looked like, from the store: gathered once, then told in one of several formats.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "reports/store/reader.hpp"

namespace serin {

/// One stretch of a probe's timeline.
struct TimelineStep {
    Wall at{};
    CellCounts counts;
};

struct ProbeReport {
    std::string name;
    CellCounts counts;                   ///< of all its cells
    std::vector<MatrixCell> cells;       ///< by key; also those without data in the window
    std::vector<TimelineStep> timeline;  ///< without holes: StoreReport::step apart, from StoreReport::from on
};

/// A stretch in which every step of a probe's timeline held failures.
struct Episode {
    std::string probe;
    Wall from{}, until{};
    std::int64_t failed = 0, judged = 0;
};

/// An incident of the window, or a mute that is in force: whoever reads a report must see what nobody is told of.
struct ReportedAlert {
    enum class Kind { incident, mute } kind = Kind::incident;
    std::string id{};                        ///< of an incident
    std::string service{}, failure_class{};  ///< empty class: all
    std::string state{};                     ///< of an incident: open, watching, closed
    std::string text{};                      ///< its first line; of a mute: the reason
    std::string owner{};                     ///< of a mute
    Wall at{};                               ///< opened; muted
    std::optional<Wall> until{};             ///< closed; end of the mute
};

struct StoreReport {
    Wall made_at{}, from{}, until{};
    Duration step{};  ///< of the timelines; whole minutes
    StoreFilter filter;
    CellCounts counts;
    std::vector<ProbeReport> probes;  ///< by name
    std::vector<RunDetail> failures;  ///< newest first; a few of each probe, target and failure class
    std::map<std::string, std::int64_t> deliveries;
    std::vector<DeliveryRow> undelivered;  ///< newest first, bounded
    bool more_undelivered = false;
    std::vector<Change> changes;  ///< oldest first, bounded
    bool more_changes = false;
    std::vector<ReportedAlert> alerts{};  ///< incidents newest first, then mutes; empty without alerting

    /// Runs of verdict fail or error in the window, of which `failures` are examples.
    [[nodiscard]] std::int64_t failed() const { return counts.fail + counts.error; }
    /// No run said anything: there was none, or every one was skipped or aborted. Never a success, in no format.
    [[nodiscard]] bool nothing_ran() const { return counts.judged() + counts.error == 0; }
};

/// The last 24 hours when the filter names no `from`; up to `now` when it names no `until`.
[[nodiscard]] Result<StoreReport> gather_report(StoreReader& reader, StoreFilter filter, Wall now);

/// Of all probes, by time.
[[nodiscard]] std::vector<Episode> episodes_of(const StoreReport& report);

/// "99.98 %", rounded down so that only all of it reads "100 %"; "no data" when unset.
[[nodiscard]] std::string share_text(std::optional<double> share);
/// A quantile of a sketch of seconds: "412 ms"; "–" when it is empty.
[[nodiscard]] std::string quantile_text(const Sketch& sketch, double q);
/// "12 pass, 1 fail, 3 missed": the counts that are not zero; "nothing" when all are.
[[nodiscard]] std::string counts_text(const CellCounts& counts);
/// "probe=chat-delivery target=b"; empty for everything.
[[nodiscard]] std::string filter_text(const StoreFilter& filter);
/// "2026-11-21 01:02:03Z – 2026-11-22 01:02:03Z".
[[nodiscard]] std::string window_text(const StoreReport& report);
/// "inc-… (open since …): what users cannot do", "muted until … by …: why". One line, as it was written.
[[nodiscard]] std::string alert_line(const ReportedAlert& alert);
/// Why nothing can be said, for a report that ran nothing.
[[nodiscard]] std::string nothing_ran_text(const StoreReport& report);

/// "text", "json", "junit", "markdown", "html".
[[nodiscard]] const std::vector<std::string>& report_formats();
/// The whole report. `format` is one of report_formats(); colours are for text only. Texts in it that a target chose
/// steer no terminal, browser or parser.
[[nodiscard]] std::string report_in(std::string_view format, const StoreReport& report, bool colours_on);

// Each is at home in a .cpp file of its name.
[[nodiscard]] std::string store_report_text(const StoreReport& report, bool colours_on);
[[nodiscard]] std::string store_report_json(const StoreReport& report);
[[nodiscard]] std::string store_report_junit(const StoreReport& report);
/// Sections of a post-mortem, those that people write left open.
[[nodiscard]] std::string store_report_markdown(const StoreReport& report);
/// One self-contained page: nothing is loaded, nothing is executed.
[[nodiscard]] std::string store_report_html(const StoreReport& report);

}  // namespace serin
