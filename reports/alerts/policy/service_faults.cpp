// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/service_faults.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace serin {
namespace {

using Names = std::set<std::string>;

struct Found {
    std::vector<Condition> conditions{};
    bool about_target = false, flapping = false, drill = false;
};

std::map<std::string, Found> gather(const ServiceState& service) {
    std::map<std::string, Found> by_class;
    for (const CellState* cell : service.cells) {
        for (const HeldCondition& held : cell->held()) {
            Found& found = by_class[held.condition.failure_class];
            found.conditions.push_back(held.condition);
            found.drill = found.drill || cell->rules().drill;
            if (!about_target(held.condition.rule)) continue;
            found.about_target = true;
            found.flapping = found.flapping || cell->flapping();
        }
    }
    for (const Condition& condition : service.named) by_class[condition.failure_class].conditions.push_back(condition);
    for (auto& [failure_class, found] : by_class) {
        std::ranges::sort(found.conditions, {}, [](const Condition& condition) {
            return std::tie(condition.cell, condition.rule, condition.message);
        });
    }
    return by_class;
}

/// Of rules about the prober, gauges, heartbeats and budgets: there is no matrix to lay them over.
void describe(Fault& fault, const ServiceState& service, Wall now) {
    Names targets, vantages, reporting;
    for (const Condition& condition : fault.conditions) {
        if (!condition.cell.target.empty()) targets.insert(condition.cell.target);
        if (!condition.cell.vantage.empty()) vantages.insert(condition.cell.vantage);
        fault.severity = std::max(fault.severity, condition.severity);
    }
    for (const CellState* cell : service.cells) {
        if (cell->reports(now)) reporting.insert(cell->key().vantage);
    }
    const auto has = [&](auto... rules) {
        return std::ranges::any_of(fault.conditions,
                                   [&](const Condition& condition) { return ((condition.rule == rules) || ...); });
    };
    const bool of_one_vantage = has(RuleKind::prober) && vantages.size() == 1 && reporting.size() > 1;
    const bool of_schedule = !vantages.empty() || has(RuleKind::missed);
    fault.scope = of_one_vantage ? FaultScope::vantage : of_schedule ? FaultScope::schedule : FaultScope::named;
    fault.targets.assign(targets.begin(), targets.end());
    fault.vantages.assign(vantages.begin(), vantages.end());
    fault.vantages_failing = static_cast<int>(vantages.size());
    fault.vantages_reporting = static_cast<int>(reporting.size());
    fault.confirmed = fault.vouched = false;
}

/// Both are by cell.
bool same_cells(const std::vector<Condition>& a, const std::vector<Condition>& b) {
    const auto next = [](const std::vector<Condition>& conditions, std::size_t place) {
        const CellKey& cell = conditions[place].cell;
        while (place < conditions.size() && conditions[place].cell == cell) ++place;
        return place;
    };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i].cell != b[j].cell) return false;
        i = next(a, i);
        j = next(b, j);
    }
    return i == a.size() && j == b.size();
}

bool same_root(const Fault& a, const Fault& b) {
    return a.root == b.root && a.root_class == b.root_class;
}

bool same_to_people(const Fault& a, const Fault& b) {
    return same_root(a, b) &&
           std::tie(a.scope, a.severity, a.flapping, a.confirmed, a.vouched, a.targets, a.vantages) ==
               std::tie(b.scope, b.severity, b.flapping, b.confirmed, b.vouched, b.targets, b.vantages) &&
           same_cells(a.conditions, b.conditions);
}

int first_step(const std::vector<Condition>& conditions) {
    int first = 0;
    for (const Condition& condition : conditions) {
        if (condition.step_number > 0 && (first == 0 || condition.step_number < first)) first = condition.step_number;
    }
    return first;
}

}  // namespace

void evaluate(const std::string& name, ServiceState& service, const std::vector<const CellState*>& controls, Wall now) {
    auto by_class = gather(service);
    for (auto& [failure_class, raised] : service.faults) {
        if (!by_class.contains(failure_class)) raised.fault.conditions.clear();
    }
    for (auto& [failure_class, found] : by_class) {
        RaisedFault& raised = service.faults[failure_class];
        Fault& fault = raised.fault;
        fault.service = name;
        fault.failure_class = failure_class;
        fault.conditions = std::move(found.conditions);
        raised.evaluated = true;
        raised.first_step = first_step(fault.conditions);
        fault.flapping = found.flapping;
        fault.drill = found.drill;
        fault.since = std::ranges::min(fault.conditions, {}, &Condition::since).since;
        if (found.about_target) {
            lay_over_matrix(raised, service, controls, now);
        } else {
            fault.severity = AlertSeverity::info;
            describe(fault, service, now);
        }
    }
}

std::vector<Fault> faults_of(const Services& services) {
    std::vector<Fault> faults;
    for (const auto& [name, service] : services) {
        if (service.faults.empty()) continue;
        auto by_class = gather(service);
        for (const auto& [failure_class, raised] : service.faults) {
            Fault& fault = faults.emplace_back(raised.fault);
            if (const auto found = by_class.find(failure_class); found != by_class.end())
                fault.conditions = std::move(found->second.conditions);
        }
    }
    return faults;
}

std::vector<FaultChange> changes_of(Services& services, Wall at) {
    std::vector<FaultChange> changes, explained;
    for (auto& [name, service] : services) {
        for (auto& [failure_class, raised] : service.faults) {
            if (raised.fault.conditions.empty()) {
                if (raised.told)
                    changes.push_back({.kind = FaultChange::Kind::cleared, .fault = *raised.told, .at = at});
                continue;
            }
            const bool evaluated = std::exchange(raised.evaluated, false);
            if (raised.told && (evaluated ? same_to_people : same_root)(*raised.told, raised.fault)) continue;
            const auto kind = raised.told ? FaultChange::Kind::changed : FaultChange::Kind::raised;
            raised.told = raised.fault;
            (raised.fault.root.empty() ? changes : explained)
                .push_back({.kind = kind, .fault = raised.fault, .at = at});
        }
        std::erase_if(service.faults, [](const auto& each) { return each.second.fault.conditions.empty(); });
    }
    changes.insert(changes.end(), explained.begin(), explained.end());
    return changes;
}

}  // namespace serin
