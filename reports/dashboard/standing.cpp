// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/standing.hpp"

#include <algorithm>
#include <map>

namespace serin {

namespace {

bool names(const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
}

bool wanted(const StoreFilter& filter, const CellKey& key) {
    return names(filter.vantage, key.vantage) && names(filter.target, key.target) &&
           names(filter.profile, key.profile) && names(filter.cell, key.cell);
}

/// What is in time for the next slot may still be on its way to the store.
constexpr Duration slack = std::chrono::seconds(10);

Duration window_of(const ProbeView& probe, Duration window) {
    return std::max(window, 2 * probe.every + probe.timeout + slack);
}

}  // namespace

Result<std::vector<StandingCell>> standing_cells(StoreReader& reader, const std::vector<ProbeView>& probes,
                                                 const StoreFilter& filter, Wall now, Duration window) {
    std::map<CellKey, StandingCell> cells;
    for (const ProbeView& probe : probes) {
        if (!names(filter.probe, probe.name)) continue;
        const Wall from = now - std::chrono::duration_cast<Wall::duration>(window_of(probe, window));
        for (const auto& cell : probe.cells) {
            if (!wanted(filter, cell.key)) continue;
            StandingCell& standing = cells[cell.key];
            standing.cell.key = cell.key;
            standing.from = from;
        }
        StoreFilter asked = filter;
        asked.probe = probe.name;
        asked.from = from;
        asked.until.reset();
        auto stored = reader.matrix(asked);
        if (!stored) return std::unexpected(stored.error());
        for (MatrixCell& cell : *stored) {
            // A cell that is configured no more has a past, but no present.
            if (const auto place = cells.find(cell.key); place != cells.end()) place->second.cell = std::move(cell);
        }
    }
    std::vector<StandingCell> all;
    for (auto& [key, cell] : cells) all.push_back(std::move(cell));
    return all;
}

bool stands_as(const MatrixCell& cell, const StoreFilter& filter) {
    return names(filter.failure_class, cell.failure_class) &&
           (filter.verdicts.empty() || std::ranges::find(filter.verdicts, cell.verdict) != filter.verdicts.end());
}

}  // namespace serin
