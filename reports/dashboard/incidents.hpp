// SPDX-License-Identifier: Apache-2.0
// What fails now, told once a service and failure class, however many cells fail. Pure.
#pragma once
#include <string>
#include <vector>

#include "reports/store/reader.hpp"

namespace serin {

/// Cells of one probe that fail now for one reason.
struct OpenIncident {
    std::string id;  ///< stable while the same streak goes on: a hash of probe, verdict, failure class and since
    std::string probe;
    std::string verdict;  ///< fail: the target's fault; error: ours, nobody knows how the target is
    std::string failure_class;
    std::string state = "open";
    Wall since{};                   ///< begin of the longest streak among its cells
    std::string message;            ///< of the cell that fails longest
    std::vector<MatrixCell> cells;  ///< by since, then by key; at least one
};

/// By since, the newest first. Cells whose latest run did not fail, or that have none, open nothing.
[[nodiscard]] std::vector<OpenIncident> open_incidents(const std::vector<MatrixCell>& cells);

}  // namespace serin
