// SPDX-License-Identifier: Apache-2.0
// From configuration to appointments: every cell that this vantage has to play, with all that a run of it needs.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "runner/config/config.hpp"
#include "runner/schedule/admission.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {

/// What the control loop may see of a cell while a worker plays it.
struct CellState {
    std::atomic<int> in_flight{0};
    std::atomic<int> slots_in_flight{0};  ///< of these, the runs that a slot of the grid started
};

/// One cell with its appointment. Immutable but for `state`; shared by control loop and worker.
struct CellPlan {
    std::shared_ptr<const CellKey> key;
    std::shared_ptr<const Scenario> scenario;
    std::shared_ptr<const World> world;
    Cell cell;
    std::string file, again;
    Duration every{}, jitter{};
    std::optional<Duration> confirm;
    int overlap = 1;
    std::shared_ptr<InFlight> target;  ///< the cap that its target has
    std::shared_ptr<CellState> state;
    std::vector<MaintenanceWindow> maintenance;  ///< those whose scope it is in
};
using CellPlans = std::vector<std::shared_ptr<const CellPlan>>;

/// Caps and states that outlive a reload: a run that is in flight still counts under the new configuration.
struct Standing {
    std::map<std::string, std::shared_ptr<InFlight>, std::less<>> targets;
    std::map<CellKey, std::shared_ptr<CellState>> states;
};

/// Reads the secrets and lays out the cells of all enabled probes of `config.vantage`. Fails closed: an unreadable
/// secret, an empty matrix or no cell at all is an Error (one text that names every one). `standing` is brought up to
/// date only when the plan is good.
[[nodiscard]] Result<CellPlans> make_plan(const Config& config, Evaluator& evaluator, Standing& standing);

/// What is odd about them, but no reason not to play; each once.
[[nodiscard]] std::vector<std::string> warnings_of(const CellPlans& plans);

}  // namespace serin
