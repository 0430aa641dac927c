// SPDX-License-Identifier: Apache-2.0
// Every metric that Serin exposes: the code that renders and docs/metrics.md are both held against this table.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace serin {

enum class MetricType { counter, gauge, histogram, info };
[[nodiscard]] constexpr const char* name_of(MetricType type) {
    switch (type) {
        case MetricType::counter:
            return "counter";
        case MetricType::gauge:
            return "gauge";
        case MetricType::histogram:
            return "histogram";
        case MetricType::info:
            return "info";
    }
    return "unknown";
}

enum class MetricScope {
    cell,     ///< one set of series a cell, with its labels: probe, vantage, target, profile, cell
    vantage,  ///< one set a process, with the label vantage
    process,  ///< one set a process, without labels: the names that every Prometheus client library uses
};

struct MetricFamily {
    std::string_view name;  ///< of a counter with its `_total`, of an info with its `_info`
    MetricType type = MetricType::gauge;
    MetricScope scope = MetricScope::cell;
    std::string_view unit;    ///< "seconds", "bytes" or none
    std::string_view labels;  ///< beside those of the scope
    int series = 1;           ///< at most, a cell (or a process); 0: as many as there are workers
    bool always = true;       ///< false: shows only once there is something to say
    std::string_view help;
    std::string_view
        each{};  ///< `series` are so many for each of these: "channel", "heartbeat"; empty: as `scope` says
};

namespace metric_table {
using enum MetricType;
using enum MetricScope;

inline constexpr std::array families{
    // what users can do
    MetricFamily{"serin_verdict", gauge, cell, "", "", 1, false,
                 "Verdict of the cell's newest run: 0 not judged (skipped, aborted), 1 pass, 2 degraded, 3 error (the "
                 "prober's own fault), 4 fail. Absent before the first run."},
    MetricFamily{"serin_runs_total", counter, cell, "", "verdict", 6, true,
                 "Runs that ended, by verdict; re-checks and runs on request included."},
    MetricFamily{"serin_slots_good_total", counter, cell, "", "", 1, true,
                 "Slots of the grid whose run passed or was degraded. Availability is good / (good + bad)."},
    MetricFamily{"serin_slots_bad_total", counter, cell, "", "", 1, true, "Slots of the grid whose run failed."},
    MetricFamily{"serin_run_duration_seconds", histogram, cell, "seconds", "le", 15, true,
                 "Duration of runs that were judged (pass, degraded, fail)."},
    MetricFamily{"serin_failures_total", counter, cell, "", "failure_class", 9, false,
                 "Runs that were degraded, failed or could not be judged, by failure class; beyond 8 classes of a cell "
                 "the class is `other`."},
    MetricFamily{"serin_last_run_timestamp_seconds", gauge, cell, "seconds", "", 1, false,
                 "When the newest run ended."},
    MetricFamily{"serin_last_pass_timestamp_seconds", gauge, cell, "seconds", "", 1, false,
                 "When the newest run that passed or was degraded ended."},
    MetricFamily{"serin_interval_seconds", gauge, cell, "seconds", "", 1, true,
                 "How often the configuration wants a run."},
    MetricFamily{"serin_maintenance", gauge, cell, "", "", 1, true,
                 "1 while a maintenance window covered the newest run: measured as usual, nobody is told."},
    MetricFamily{"serin_retries_total", counter, cell, "", "", 1, true,
                 "Attempts beyond the first, of scenarios that allow `retry`."},
    MetricFamily{"serin_cleanup_failures_total", counter, cell, "", "", 1, true, "Runs whose cleanup failed."},
    MetricFamily{"serin_leaked_objects_total", counter, cell, "", "", 1, true,
                 "Objects that runs created and cleanup could not remove."},
    MetricFamily{"serin_certificate_expiry_timestamp_seconds", gauge, cell, "seconds", "", 1, false,
                 "When the first certificate that the newest TLS run saw expires."},
    MetricFamily{"serin_http_exchanges_total", counter, cell, "", "", 1, false, "HTTP exchanges of steps."},
    MetricFamily{"serin_http_phase_seconds_total", counter, cell, "seconds", "phase", 5, false,
                 "Time that HTTP exchanges spent in each phase; phases do not overlap."},
    // deliveries
    MetricFamily{"serin_deliveries_total", counter, cell, "", "state", 10, false,
                 "Messages by the state that their run settled; the store re-classifies later."},
    MetricFamily{"serin_delivery_seconds", histogram, cell, "seconds", "le", 15, false,
                 "From the first byte of the sending to the message at its receiver."},
    // the prober's honesty
    MetricFamily{"serin_slots_total", counter, cell, "", "outcome", 4, true,
                 "Slots of the grid: started, or why they did not become runs. None but started can be good."},
    MetricFamily{"serin_start_lateness_seconds", histogram, vantage, "seconds", "le", 17, true,
                 "How late runs of the grid started."},
    MetricFamily{"serin_in_flight_runs", gauge, vantage, "", "", 1, true, "Runs that are going on."},
    MetricFamily{"serin_loop_lag_seconds", gauge, vantage, "seconds", "worker", 0, true,
                 "How late the worker's last timer was."},
    // alerting: only where there is any
    MetricFamily{"serin_incidents", gauge, vantage, "", "state, severity", 6, false,
                 "Incidents that go on, by state (open, watching) and severity."},
    MetricFamily{"serin_incidents_opened_total", counter, vantage, "", "", 1, false, "Incidents that were opened."},
    MetricFamily{"serin_pages_total", counter, vantage, "", "", 1, false, "Pages: notices that want somebody, now."},
    MetricFamily{"serin_outbox_pending_notices", gauge, vantage, "", "", 1, false,
                 "Notices that wait to be sent on channels that page, each channel's counted."},
    MetricFamily{"serin_outbox_oldest_seconds", gauge, vantage, "seconds", "", 1, false,
                 "How long the oldest of them that no channel has taken has waited; 0 when there is none."},
    MetricFamily{"serin_pages_untaken", gauge, vantage, "", "", 1, false,
                 "Incidents whose last page every channel refused: nobody was told, and nothing is left to be tried."},
    MetricFamily{"serin_alert_store_writing", gauge, vantage, "", "", 1, false,
                 "1 when alerting's last transaction was written. While it is 0 people are told all the same."},
    MetricFamily{"serin_notifications_total", counter, vantage, "", "channel, result", 5, false,
                 "Attempts to tell a channel: proven (it showed that it has it), accepted (it cannot show it), retry, "
                 "refused (this one), broken (any).",
                 "channel"},
    MetricFamily{"serin_notification_delay_seconds", histogram, vantage, "seconds", "channel, le", 16, false,
                 "From the decision to the moment that the channel first proved or accepted the notice.", "channel"},
    MetricFamily{"serin_channel_broken", gauge, vantage, "", "channel", 1, false,
                 "1 when the channel refuses everything: a wrong key, a page that is gone.", "channel"},
    MetricFamily{"serin_channel_circuit_open", gauge, vantage, "", "channel", 1, false,
                 "1 while the channel is left in peace after several failures in a row.", "channel"},
    MetricFamily{"serin_drill_last_good_timestamp_seconds", gauge, vantage, "seconds", "channel", 1, false,
                 "When the newest drill that the channel passed ended.", "channel"},
    MetricFamily{"serin_drill_successful", gauge, vantage, "", "channel", 1, false,
                 "1 when the channel passed its newest drill. Absent for one that was never drilled.", "channel"},
    MetricFamily{"serin_drill_delivery_seconds", gauge, vantage, "seconds", "channel", 1, false,
                 "How long the newest drill took until the channel proved its delivery.", "channel"},
    MetricFamily{"serin_heartbeat_last_timestamp_seconds", gauge, vantage, "seconds", "heartbeat", 1, false,
                 "When the job was last heard of.", "heartbeat"},
    // changes to production
    MetricFamily{"serin_changes_total", counter, vantage, "", "kind", 8, true,
                 "Changes to production that were recorded here, by kind."},
    MetricFamily{"serin_last_change_timestamp_seconds", gauge, vantage, "seconds", "kind", 8, false,
                 "When the newest recorded change of the kind began."},
    // self
    MetricFamily{"serin_info", info, vantage, "", "labels of the vantage", 1, true, "The vantage and its labels."},
    MetricFamily{"serin_build_info", info, vantage, "", "version", 1, true, "The version that runs."},
    MetricFamily{"serin_cells", gauge, vantage, "", "", 1, true, "Cells that the configuration has."},
    MetricFamily{"serin_cells_dropped", gauge, vantage, "", "", 1, true,
                 "Cells without series of their own, for limits.max_series is reached: probed, but counted in sums "
                 "only."},
    MetricFamily{"serin_dropped_cell_runs_total", counter, vantage, "", "verdict", 6, true,
                 "Runs of cells without series of their own."},
    MetricFamily{"serin_dropped_cell_slots_total", counter, vantage, "", "outcome", 4, true,
                 "Slots of cells without series of their own."},
    MetricFamily{"serin_series", gauge, vantage, "", "", 1, true, "Series of cells that are reserved."},
    MetricFamily{"serin_series_refused_total", counter, vantage, "", "", 1, true,
                 "Times that a cell's failure class, deliveries, exchanges or certificate got no series."},
    MetricFamily{"serin_store_writing", gauge, vantage, "", "", 1, true,
                 "1 when the store's last commit worked and none is overdue."},
    MetricFamily{"serin_store_queued_entries", gauge, vantage, "", "", 1, true,
                 "Entries that wait for the store's writer."},
    MetricFamily{"serin_store_dropped_entries_total", counter, vantage, "", "", 1, true,
                 "Passing runs that were counted but not kept, because the store's queue was full."},
    MetricFamily{"serin_store_committed_entries_total", counter, vantage, "", "", 1, true,
                 "Entries that the store committed."},
    MetricFamily{"serin_store_faults_total", counter, vantage, "", "", 1, true, "Commits that failed."},
    MetricFamily{"serin_store_size_bytes", gauge, vantage, "bytes", "", 1, true,
                 "Size of the database with its write-ahead log."},
    MetricFamily{"serin_store_commit_duration_seconds", gauge, vantage, "seconds", "", 1, true,
                 "How long the last commit took."},
    MetricFamily{"serin_config_last_reload_successful", gauge, vantage, "", "", 1, true,
                 "1 when the configuration on disk is the one that runs, 0 when the last reload was refused."},
    MetricFamily{"serin_config_loaded_timestamp_seconds", gauge, vantage, "seconds", "", 1, true,
                 "When the running configuration was taken."},
    MetricFamily{"serin_config_reload_failures_total", counter, vantage, "", "", 1, true, "Reloads that were refused."},
    MetricFamily{"process_cpu_seconds_total", counter, process, "seconds", "", 1, true,
                 "CPU time of the process, user and system."},
    MetricFamily{"process_resident_memory_bytes", gauge, process, "bytes", "", 1, true,
                 "Resident memory of the process."},
    MetricFamily{"process_open_fds", gauge, process, "", "", 1, true, "Open file descriptors."},
    MetricFamily{"process_max_fds", gauge, process, "", "", 1, true, "File descriptors that the process may open."},
    MetricFamily{"process_start_time_seconds", gauge, process, "seconds", "", 1, true, "When the process started."},
};

}  // namespace metric_table

/// Index in the table; a name that is not in it does not compile.
[[nodiscard]] consteval const MetricFamily& metric(std::string_view name) {
    for (const MetricFamily& each : metric_table::families) {
        if (each.name == name) return each;
    }
    throw "no such metric";
}

}  // namespace serin
