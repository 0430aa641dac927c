// SPDX-License-Identifier: Apache-2.0
// One failure class of a service laid over the vantage × target matrix.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "reports/alerts/policy/matrix.hpp"
#include "reports/alerts/policy/service_faults.hpp"

namespace serin {
namespace {

/// What several vantages and targets look at in the same way.
using Group = std::tuple<std::string, std::string, std::string>;
Group group_of(const CellKey& key) {
    return {key.probe, key.profile, key.cell};
}

struct Affected {
    std::set<Group> groups{};
    std::set<std::string> targets{};
};

Affected affected_by(const Fault& fault) {
    Affected affected;
    for (const Condition& condition : fault.conditions) {
        if (!about_target(condition.rule)) continue;
        affected.groups.insert(group_of(condition.cell));
        affected.targets.insert(condition.cell.target);
    }
    return affected;
}

/// On an affected target a vantage that fails for another reason confirms that it is down; elsewhere its reason is a
/// fault of its own.
bool counts_as_failing(const CellState& cell, const Fault& fault, const Affected& affected) {
    if (cell.failing(&fault.failure_class)) return true;
    return affected.targets.contains(cell.key().target) && cell.failing();
}

/// `presumed`: what fails counts as known though nobody reports.
std::vector<MatrixStanding> standings_of(const Fault& fault, const Affected& affected, const ServiceState& service,
                                         Wall now, bool presumed) {
    std::map<std::pair<std::string, std::string>, MatrixStanding> matrix;
    for (const CellState* cell : service.cells) {
        const CellKey& key = cell->key();
        if (!affected.groups.contains(group_of(key))) continue;
        auto& standing = matrix
                             .try_emplace({key.vantage, key.target},
                                          MatrixStanding{.vantage = key.vantage, .target = key.target, .known = false})
                             .first->second;
        if (!cell->reports(now) && !(presumed && cell->failing(&fault.failure_class))) continue;
        standing.known = true;
        standing.failing = standing.failing || counts_as_failing(*cell, fault, affected);
    }
    std::vector<MatrixStanding> standings;
    for (auto& [place, standing] : matrix) standings.push_back(standing);
    return standings;
}

void add_controls(std::vector<MatrixStanding>& standings, const std::vector<const CellState*>& controls, Wall now) {
    for (const CellState* cell : controls) {
        standings.push_back({.vantage = cell->key().vantage,
                             .target = cell->key().text(),
                             .failing = cell->suspicious(),
                             .control = true,
                             .known = cell->reports(now)});
    }
}

/// Everything that this failure class was looked for in fails, but other cells of the service work.
bool part_of_service(const ServiceState& service, const Affected& affected, Wall now) {
    return std::ranges::any_of(service.cells, [&](const CellState* cell) {
        return !affected.groups.contains(group_of(cell->key())) && cell->reports(now) && !cell->failing();
    });
}

bool has_other_targets(const ServiceState& service, const Affected& affected) {
    return std::ranges::any_of(service.cells,
                               [&](const CellState* cell) { return !affected.targets.contains(cell->key().target); });
}

/// A minority that is no blip: one cell fails in three of its last five runs, and a second vantage sees it too.
bool sustained_from_two(const Fault& fault, const ServiceState& service) {
    std::map<std::tuple<Group, std::string>, std::pair<int, bool>> seen;
    for (const CellState* cell : service.cells) {
        if (!cell->failing(&fault.failure_class)) continue;
        auto& [vantages, sustained] = seen[{group_of(cell->key()), cell->key().target}];
        ++vantages;
        sustained = sustained || cell->bad_of_five() >= 3;
    }
    return std::ranges::any_of(seen, [](const auto& each) { return each.second.first >= 2 && each.second.second; });
}

/// The only vantage that reports sees its control target well, so what it says of others is not its own fault.
bool vouched_for(const Fault& fault, const std::vector<const CellState*>& controls, Wall now) {
    if (fault.vantages_reporting != 1) return false;
    return std::ranges::any_of(controls, [&](const CellState* control) {
        return std::ranges::find(fault.vantages, control->key().vantage) != fault.vantages.end() &&
               control->reports(now) && !control->suspicious() &&
               !std::ranges::binary_search(fault.conditions, control->key(), {}, &Condition::cell);
    });
}

}  // namespace

void lay_over_matrix(RaisedFault& raised, const ServiceState& service, const std::vector<const CellState*>& controls,
                     Wall now) {
    Fault& fault = raised.fault;
    const Affected affected = affected_by(fault);
    std::vector<MatrixStanding> standings = standings_of(fault, affected, service, now, false);
    const bool known = std::ranges::any_of(
        standings, [](const MatrixStanding& standing) { return standing.known && standing.failing; });
    if (!known && raised.told) return;  // nobody looks any more: neither better nor worse
    if (!known) standings = standings_of(fault, affected, service, now, true);  // of an earlier process, and stale
    add_controls(standings, controls, now);
    const Blame blamed = blame(standings, raised.majority);
    const bool prober = blamed.scope == FaultScope::vantage;
    raised.majority = !prober && !blamed.minority;
    fault.scope = blamed.scope;
    fault.targets = blamed.targets;
    fault.vantages = blamed.vantages;
    fault.vantages_failing = blamed.vantages_failing;
    fault.vantages_reporting = blamed.vantages_reporting;
    fault.confirmed = !prober && blamed.confirmed;
    fault.vouched = !prober && vouched_for(fault, controls, now);
    if (fault.scope == FaultScope::global && part_of_service(service, affected, now))
        fault.scope = fault.vantages_reporting > 1 || has_other_targets(service, affected) ? FaultScope::target
                                                                                           : FaultScope::cell;
    fault.severity = AlertSeverity::info;
    for (const Condition& condition : fault.conditions) fault.severity = std::max(fault.severity, condition.severity);
    if (prober || (blamed.minority && !sustained_from_two(fault, service)))
        fault.severity = std::min(fault.severity, AlertSeverity::warning);
}

}  // namespace serin
