// SPDX-License-Identifier: Apache-2.0
// How every configured cell stands now, from the store: the matrix without a window of the client's choice.
#pragma once
#include <vector>

#include "reports/dashboard/control.hpp"
#include "reports/store/reader.hpp"

namespace serin {

struct StandingCell {
    MatrixCell cell;
    Wall from{};  ///< begin of the window that was looked at
};

/// Each configured cell of `probes` that `filter` names, by key, also one that never ran: without data, its verdict is
/// empty. A cell is looked at over the last `window`, or over the last two intervals of its probe when they are
/// longer, so that a daily probe has something to say too. `filter`'s times do not count.
[[nodiscard]] Result<std::vector<StandingCell>> standing_cells(StoreReader& reader,
                                                               const std::vector<ProbeView>& probes,
                                                               const StoreFilter& filter, Wall now, Duration window);

/// True for a cell whose verdict and failure class are among those wanted.
[[nodiscard]] bool stands_as(const MatrixCell& cell, const StoreFilter& filter);

}  // namespace serin
