// SPDX-License-Identifier: Apache-2.0
// The faults of one service: what the conditions of its cells come to, one for each failure class.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/alerts/policy/cell_state.hpp"
#include "reports/alerts/policy/condition.hpp"

namespace serin {

struct RaisedFault {
    Fault fault{};
    std::optional<Fault> told{};  ///< as the last FaultChange said it
    bool majority = false;        ///< a quorum was reached: half is enough to hold it
    bool evaluated = false;       ///< since changes_of() last looked
    int first_step = 0;           ///< number of the earliest that its conditions name; 0: none
};

struct ServiceState {
    std::vector<const CellState*> cells{};        ///< by key
    std::vector<Condition> named{};               ///< of gauges, heartbeats, budgets and probes never heard of
    std::set<std::string> depends_on{};           ///< services, of all its probes
    std::map<std::string, RaisedFault> faults{};  ///< by failure class
};
using Services = std::map<std::string, ServiceState>;

/// Conditions to faults, without roots. A fault whose conditions are all gone has none left: changes_of() clears it.
void evaluate(const std::string& name, ServiceState& service, const std::vector<const CellState*>& controls, Wall now);

/// Lays the conditions of rules about the target over the matrix: scope, targets, vantages, confirmation, severity.
/// The fault's conditions are set. What no reporting vantage confirms or denies stays as it was.
void lay_over_matrix(RaisedFault& raised, const ServiceState& service, const std::vector<const CellState*>& controls,
                     Wall now);

/// Gives each fault its root: a fault of a service that it depends on and that reaches its targets, or the first of
/// several at once in the same cells. A root is at least as severe as what it explains, so that a page is never hidden
/// behind a warning, and began first where services depend on each other.
void find_roots(Services& services);

/// All that are raised, with the newest evidence.
[[nodiscard]] std::vector<Fault> faults_of(const Services& services);

/// What differs from what was told, which it then is. Roots before what they explain, by service and class.
std::vector<FaultChange> changes_of(Services& services, Wall at);

}  // namespace serin
