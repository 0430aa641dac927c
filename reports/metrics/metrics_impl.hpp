// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/change.hpp"
#include "reports/metrics/cell_tally.hpp"
#include "reports/metrics/families.hpp"
#include "reports/metrics/metrics.hpp"

namespace serin {

/// Series that every cell has from the start, or may come to have without asking.
[[nodiscard]] consteval int base_series() {
    int sum = 0;
    for (const MetricFamily& each : metric_table::families) {
        const bool asked_for = each.name.starts_with("serin_failures") || each.name.starts_with("serin_http") ||
                               each.name.starts_with("serin_certificate") || each.name.starts_with("serin_deliver");
        if (each.scope == MetricScope::cell && !asked_for) sum += each.series;
    }
    return sum;
}

struct Metrics::Impl {
    Options options;
    std::string vantage_labels;     ///< `vantage="us-east-1"`
    std::vector<CellTally> cells;   ///< sorted by key: neighbours in memory are neighbours in the scrape
    std::string labels;             ///< of all cells, one after the other
    std::size_t cells_dropped = 0;  ///< of the configuration, without series of their own
    std::size_t series = 0;         ///< reserved
    std::uint64_t series_refused = 0;
    RunCounts dropped_runs{};
    SlotCounts dropped_slots{};
    Histogram<histogram_bounds::lateness.size()> lateness;
    std::array<Exemplar, histogram_bounds::lateness.size() + 1> lateness_exemplars{};
    std::array<std::uint64_t, change_kinds.size()> changes{};
    std::array<std::optional<Wall>, change_kinds.size()> last_change{};
    mutable std::size_t last_size = 0;  ///< of the last scrape

    /// Null when the cell has no series of its own.
    [[nodiscard]] CellTally* find(const CellKey& key);
    [[nodiscard]] bool reserve(int wanted);
    void render_labels();
    /// Bytes of the next scrape, rather too many than too few: growing would copy it all.
    [[nodiscard]] std::size_t expected_size() const;
    [[nodiscard]] std::string_view labels_of(const CellTally& cell) const {
        return std::string_view(labels).substr(cell.labels_at, cell.labels_size);
    }
};

}  // namespace serin
