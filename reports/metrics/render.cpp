// SPDX-License-Identifier: Apache-2.0
// The scrape: family by family in the order of the table, for the formats want each family in one piece.
#include <fmt/format.h>

#include <set>

#include "reports/metrics/metrics_impl.hpp"
#include "reports/metrics/metrics_writer.hpp"
#include "reports/metrics/render_alerts.hpp"

namespace serin {
namespace {

using Cells = std::vector<CellTally>;

std::int64_t milliseconds(Wall t) {
    return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

constexpr std::array<std::string_view, 4> slot_labels{",outcome=\"started\"", ",outcome=\"missed\"",
                                                      ",outcome=\"shed\"", ",outcome=\"overlap\""};
constexpr std::array<std::string_view, run_verdicts.size()> verdict_labels{
    ",verdict=\"pass\"", ",verdict=\"degraded\"", ",verdict=\"error\"",
    ",verdict=\"fail\"", ",verdict=\"skipped\"",  ",verdict=\"aborted\""};

/// `,name="word"` for each word.
template <std::size_t N>
std::array<std::string, N> labels_for(std::string_view name, const std::array<std::string_view, N>& words) {
    std::array<std::string, N> labels;
    for (std::size_t i = 0; i < N; ++i) {
        labels[i].append(",").append(name).append("=\"").append(words[i]).append("\"");
    }
    return labels;
}

/// One scrape: what to write to, and of what.
struct Scrape {
    MetricsWriter& out;
    const Metrics::Impl& my;

    void number(const MetricFamily& family, std::int64_t value) const {
        out.begin(family);
        out.integer(family.scope == MetricScope::process ? std::string_view() : my.vantage_labels, "", value);
    }
    void seconds(const MetricFamily& family, Duration value) const {
        out.begin(family);
        out.seconds(my.vantage_labels, "", value);
    }
    void moment(const MetricFamily& family, std::string_view labels, Wall value) const {
        out.begin(family);
        out.moment(labels, "", milliseconds(value));
    }
    /// One integer a cell.
    template <class Member>
    void each_cell(const MetricFamily& family, Member member) const {
        out.begin(family);
        for (const CellTally& cell : my.cells) {
            out.integer(my.labels_of(cell), "", static_cast<std::int64_t>(member(cell)));
        }
    }
    /// One moment a cell that has it; the family is not begun when none has.
    template <class Member>
    void each_moment(const MetricFamily& family, Member member) const {
        bool begun = false;
        for (const CellTally& cell : my.cells) {
            const std::optional<Wall>& at = member(cell);
            if (!at) continue;
            if (!begun) out.begin(family);
            begun = true;
            out.moment(my.labels_of(cell), "", milliseconds(*at));
        }
    }
    [[nodiscard]] bool any(auto has) const {
        for (const CellTally& cell : my.cells) {
            if (has(cell)) return true;
        }
        return false;
    }
};

void render_runs(const Scrape& scrape) {
    const auto& [out, my] = scrape;
    if (scrape.any([](const CellTally& cell) { return cell.newest_started.has_value(); })) {
        out.begin(metric("serin_verdict"));
        for (const CellTally& cell : my.cells) {
            if (cell.newest_started) out.integer(my.labels_of(cell), "", cell.verdict);
        }
    }
    out.begin(metric("serin_runs_total"));
    for (const CellTally& cell : my.cells) {
        for (std::size_t i = 0; i < cell.runs.size(); ++i) {
            out.integer(my.labels_of(cell), verdict_labels[i], static_cast<std::int64_t>(cell.runs[i]));
        }
    }
    scrape.each_cell(metric("serin_slots_good_total"), [](const CellTally& cell) { return cell.good; });
    scrape.each_cell(metric("serin_slots_bad_total"), [](const CellTally& cell) { return cell.bad; });
    out.begin(metric("serin_run_duration_seconds"));
    for (const CellTally& cell : my.cells) {
        out.histogram(my.labels_of(cell), histogram_bounds::run, cell.took.buckets.data(), cell.took.sum,
                      cell.took_exemplars ? cell.took_exemplars->data() : nullptr);
    }
    if (scrape.any([](const CellTally& cell) { return !cell.failures.empty(); })) {
        out.begin(metric("serin_failures_total"));
        for (const CellTally& cell : my.cells) {
            for (const FailureTally& failure : cell.failures) {
                out.integer(my.labels_of(cell), failure.more, static_cast<std::int64_t>(failure.count),
                            &failure.newest);
            }
        }
    }
}

void render_cells(const Scrape& scrape) {
    const auto& [out, my] = scrape;
    scrape.each_moment(metric("serin_last_run_timestamp_seconds"),
                       [](const CellTally& cell) -> const auto& { return cell.newest_ended; });
    scrape.each_moment(metric("serin_last_pass_timestamp_seconds"),
                       [](const CellTally& cell) -> const auto& { return cell.newest_pass; });
    out.begin(metric("serin_interval_seconds"));
    for (const CellTally& cell : my.cells) out.seconds(my.labels_of(cell), "", cell.interval);
    scrape.each_cell(metric("serin_maintenance"), [](const CellTally& cell) { return cell.maintenance ? 1 : 0; });
    scrape.each_cell(metric("serin_retries_total"), [](const CellTally& cell) { return cell.retries; });
    scrape.each_cell(metric("serin_cleanup_failures_total"),
                     [](const CellTally& cell) { return cell.cleanup_failures; });
    scrape.each_cell(metric("serin_leaked_objects_total"), [](const CellTally& cell) { return cell.leaked; });
    scrape.each_moment(metric("serin_certificate_expiry_timestamp_seconds"),
                       [](const CellTally& cell) -> const auto& { return cell.certificate_expiry; });
    if (!scrape.any([](const CellTally& cell) { return cell.http != nullptr; })) return;
    out.begin(metric("serin_http_exchanges_total"));
    for (const CellTally& cell : my.cells) {
        if (cell.http) out.integer(my.labels_of(cell), "", static_cast<std::int64_t>(cell.http->exchanges));
    }
    const auto phase_labels = labels_for("phase", http_phases);
    out.begin(metric("serin_http_phase_seconds_total"));
    for (const CellTally& cell : my.cells) {
        if (!cell.http) continue;
        for (std::size_t i = 0; i < phase_labels.size(); ++i) {
            out.seconds(my.labels_of(cell), phase_labels[i], cell.http->phases[i]);
        }
    }
}

void render_deliveries(const Scrape& scrape) {
    const auto& [out, my] = scrape;
    if (!scrape.any([](const CellTally& cell) { return cell.deliveries != nullptr; })) return;
    const auto state_labels = labels_for("state", delivery_states);
    out.begin(metric("serin_deliveries_total"));
    for (const CellTally& cell : my.cells) {
        if (!cell.deliveries) continue;
        for (std::size_t i = 0; i < state_labels.size(); ++i) {
            out.integer(my.labels_of(cell), state_labels[i], static_cast<std::int64_t>(cell.deliveries->states[i]));
        }
    }
    out.begin(metric("serin_delivery_seconds"));
    for (const CellTally& cell : my.cells) {
        if (!cell.deliveries) continue;
        const RunHistogram& took = cell.deliveries->took;
        out.histogram(my.labels_of(cell), histogram_bounds::run, took.buckets.data(), took.sum, took.exemplars.data());
    }
}

void render_schedule(const Scrape& scrape, const SelfMetrics& self) {
    const auto& [out, my] = scrape;
    out.begin(metric("serin_slots_total"));
    for (const CellTally& cell : my.cells) {
        for (std::size_t i = 0; i < cell.slots.size(); ++i) {
            out.integer(my.labels_of(cell), slot_labels[i], static_cast<std::int64_t>(cell.slots[i]));
        }
    }
    out.begin(metric("serin_start_lateness_seconds"));
    out.histogram(my.vantage_labels, histogram_bounds::lateness, my.lateness.buckets.data(), my.lateness.sum,
                  my.lateness_exemplars.data());
    scrape.number(metric("serin_in_flight_runs"), self.in_flight);
    out.begin(metric("serin_loop_lag_seconds"));
    for (std::size_t i = 0; i < self.loop_lag.size(); ++i) {
        const std::string worker = std::to_string(i);
        out.seconds(my.vantage_labels, std::string(",worker=\"").append(worker).append("\""), self.loop_lag[i]);
    }
}

void render_changes(const Scrape& scrape) {
    const auto& [out, my] = scrape;
    const auto kind_labels = labels_for("kind", change_kinds);
    out.begin(metric("serin_changes_total"));
    for (std::size_t i = 0; i < kind_labels.size(); ++i) {
        out.integer(my.vantage_labels, kind_labels[i], static_cast<std::int64_t>(my.changes[i]));
    }
    bool begun = false;
    for (std::size_t i = 0; i < kind_labels.size(); ++i) {
        if (!my.last_change[i]) continue;
        if (!begun) out.begin(metric("serin_last_change_timestamp_seconds"));
        begun = true;
        out.moment(my.vantage_labels, kind_labels[i], milliseconds(*my.last_change[i]));
    }
}

void render_info(const Scrape& scrape) {
    const auto& [out, my] = scrape;
    std::string more;
    std::set<std::string> taken{"vantage"};
    for (const auto& [name, value] : my.options.labels) {
        std::string label = label_name(name);
        if (label.starts_with("__") || taken.contains(label)) label = "label_" + label;
        if (taken.insert(label).second) more += fmt::format(",{}=\"{}\"", label, escaped_label(value));
    }
    out.begin(metric("serin_info"));
    out.integer(my.vantage_labels, more, 1);
    out.begin(metric("serin_build_info"));
    out.integer(my.vantage_labels, ",version=\"" + escaped_label(my.options.version) + "\"", 1);

    scrape.number(metric("serin_cells"), static_cast<std::int64_t>(my.cells.size() + my.cells_dropped));
    scrape.number(metric("serin_cells_dropped"), static_cast<std::int64_t>(my.cells_dropped));
    out.begin(metric("serin_dropped_cell_runs_total"));
    for (std::size_t i = 0; i < my.dropped_runs.size(); ++i) {
        out.integer(my.vantage_labels, verdict_labels[i], static_cast<std::int64_t>(my.dropped_runs[i]));
    }
    out.begin(metric("serin_dropped_cell_slots_total"));
    for (std::size_t i = 0; i < my.dropped_slots.size(); ++i) {
        out.integer(my.vantage_labels, slot_labels[i], static_cast<std::int64_t>(my.dropped_slots[i]));
    }
    scrape.number(metric("serin_series"), static_cast<std::int64_t>(my.series));
    scrape.number(metric("serin_series_refused_total"), static_cast<std::int64_t>(my.series_refused));
}

void render_self(const Scrape& scrape, const SelfMetrics& self) {
    scrape.number(metric("serin_store_writing"), self.store_writing ? 1 : 0);
    scrape.number(metric("serin_store_queued_entries"), self.store_queued);
    scrape.number(metric("serin_store_dropped_entries_total"), self.store_dropped);
    scrape.number(metric("serin_store_committed_entries_total"), self.store_committed);
    scrape.number(metric("serin_store_faults_total"), self.store_faults);
    scrape.number(metric("serin_store_size_bytes"), self.store_bytes);
    scrape.seconds(metric("serin_store_commit_duration_seconds"), self.store_last_commit);
    scrape.number(metric("serin_config_last_reload_successful"), self.config_ok ? 1 : 0);
    scrape.moment(metric("serin_config_loaded_timestamp_seconds"), scrape.my.vantage_labels, self.config_loaded_at);
    scrape.number(metric("serin_config_reload_failures_total"), self.config_faults);

    scrape.out.begin(metric("process_cpu_seconds_total"));
    scrape.out.real("", "", self.cpu_seconds);
    scrape.number(metric("process_resident_memory_bytes"), self.resident_bytes);
    scrape.number(metric("process_open_fds"), self.open_fds);
    scrape.number(metric("process_max_fds"), self.max_fds);
    scrape.moment(metric("process_start_time_seconds"), "", self.started_at);
}

}  // namespace

std::string Metrics::render(MetricsFormat format, const SelfMetrics& self) const {
    MetricsWriter out(format, impl_->expected_size());
    const Scrape scrape{.out = out, .my = *impl_};
    render_runs(scrape);
    render_cells(scrape);
    render_deliveries(scrape);
    render_schedule(scrape, self);
    if (self.alerts) render_alerts(out, impl_->vantage_labels, *self.alerts);
    render_changes(scrape);
    render_info(scrape);
    render_self(scrape, self);
    std::string text = out.finish();
    impl_->last_size = text.size();
    return text;
}

}  // namespace serin
