// SPDX-License-Identifier: Apache-2.0
// What Prometheus reads. One thread (the control loop's); counting is a few additions, rendering copies pre-rendered
// labels. docs/metrics.md lists every series and its budget.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/change.hpp"
#include "core/record.hpp"
#include "core/time.hpp"
#include "reports/alerts/desk/figures.hpp"

namespace serin {

enum class MetricsFormat {
    prometheus,   ///< text/plain; version=0.0.4
    openmetrics,  ///< application/openmetrics-text; version=1.0.0 (with exemplars: run ids)
};
/// By content negotiation (RFC 9110 §12.5.1) on the Accept header; Prometheus text when nothing is preferred.
[[nodiscard]] MetricsFormat negotiate(const std::string& accept);
[[nodiscard]] const char* content_type(MetricsFormat format);

/// The prober's own health, gathered by the daemon at each scrape.
struct SelfMetrics {
    bool store_writing = false;
    std::int64_t store_queued = 0, store_dropped = 0, store_committed = 0, store_faults = 0, store_bytes = 0;
    Duration store_last_commit{};
    std::vector<Duration> loop_lag;  ///< of each worker: how late its last timer was
    std::int64_t in_flight = 0;
    bool config_ok = true;  ///< the last reload was taken
    Wall config_loaded_at{};
    std::int64_t config_faults = 0;  ///< reloads that were refused, since start
    std::int64_t resident_bytes = 0, open_fds = 0, max_fds = 0;
    double cpu_seconds = 0;
    Wall started_at{};
    std::optional<DeskFigures> alerts{};  ///< unset: there is no alerting, and its families are left out
};

class Metrics {
public:
    struct Options {
        std::string vantage;
        std::vector<std::pair<std::string, std::string>> labels;  ///< of the vantage: on serin_info only
        std::string version;
        std::size_t max_series = 500'000;  ///< beyond it new cells are counted in sums only, and a metric says so
    };
    explicit Metrics(Options options);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// The cells that the configuration has now, each with its interval: they show from the start (with zeroes and no
    /// last run), and those that are gone are forgotten.
    void set_cells(const std::vector<std::pair<std::shared_ptr<const CellKey>, Duration>>& cells);
    void count(const Record& record);
    void count(const Gap& gap);
    void count(const Change& change);
    [[nodiscard]] std::string render(MetricsFormat format, const SelfMetrics& self) const;

    struct Impl;  ///< of this room only

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
