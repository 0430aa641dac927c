// SPDX-License-Identifier: Apache-2.0
// One run as the files of CellState hand it on.
#pragma once
#include "reports/alerts/policy/cell_evidence.hpp"
#include "reports/alerts/policy/cell_state.hpp"

namespace serin {

struct CellState::Run {
    const Outcome& outcome;
    Wall ended_at{};
};

}  // namespace serin
