// SPDX-License-Identifier: Apache-2.0
// Which fault explains which.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "reports/alerts/policy/arithmetic.hpp"
#include "reports/alerts/policy/service_faults.hpp"

namespace serin {
namespace {

bool can_explain(const Fault& root, const Fault& symptom) {
    return !root.conditions.empty() && root.severity >= symptom.severity && root.drill == symptom.drill;
}

/// Does `from` depend on `to`, over however many services?
bool depends(const Services& services, const std::string& from, const std::string& to, std::set<std::string>& passed) {
    const auto service = services.find(from);
    if (service == services.end() || !passed.insert(from).second) return false;
    return std::ranges::any_of(service->second.depends_on, [&](const std::string& next) {
        return next == to || depends(services, next, to, passed);
    });
}

/// Where services depend on each other, the fault that began first is the root: else each would explain the other, and
/// nobody would be told.
bool began_first(const Fault& a, const Fault& b) {
    return std::tie(a.since, a.service, a.failure_class) < std::tie(b.since, b.service, b.failure_class);
}

/// The place in the order of root causes.
auto order_of(const RaisedFault& raised) {
    const int step = raised.first_step > 0 ? raised.first_step : std::numeric_limits<int>::max();
    return std::tuple(root_order(raised.fault.failure_class), step, std::string_view(raised.fault.failure_class));
}

/// A dependency that fails on some targets says nothing of the others.
bool reaches(const Fault& root, const Fault& symptom) {
    if (root.scope == FaultScope::global || root.scope == FaultScope::named) return true;
    return root.targets.empty() || symptom.targets.empty() || std::ranges::includes(root.targets, symptom.targets);
}

const RaisedFault* root_elsewhere(const Services& services, const ServiceState& service, const Fault& fault) {
    for (const std::string& name : service.depends_on) {
        const auto other = services.find(name);
        if (name == fault.service || other == services.end() || other->second.faults.empty()) continue;
        std::set<std::string> passed;
        const bool mutual = depends(services, name, fault.service, passed);
        const RaisedFault* root = nullptr;
        for (const auto& [failure_class, raised] : other->second.faults) {
            if (!can_explain(raised.fault, fault) || !reaches(raised.fault, fault)) continue;
            if (mutual && !began_first(raised.fault, fault)) continue;
            if (root == nullptr || order_of(raised) < order_of(*root)) root = &raised;
        }
        if (root != nullptr) return root;
    }
    return nullptr;
}

using Roots = std::map<const RaisedFault*, const RaisedFault*>;

/// Of the faults that share a cell, by symptom: the nearest to the root.
Roots roots_within(const ServiceState& service) {
    Roots roots;
    if (service.faults.size() < 2) return roots;
    std::vector<std::pair<const CellKey*, const RaisedFault*>> places;
    for (const auto& [failure_class, raised] : service.faults) {
        for (const Condition& condition : raised.fault.conditions) places.emplace_back(&condition.cell, &raised);
    }
    std::ranges::sort(places, {}, [](const auto& place) -> const CellKey& { return *place.first; });
    std::set<std::pair<const RaisedFault*, const RaisedFault*>> met;
    for (auto first = places.begin(); first != places.end();) {
        const auto end =
            std::find_if(first, places.end(), [&](const auto& each) { return *each.first != *first->first; });
        for (auto one = first; one != end; ++one) {
            for (auto other = first; other != end; ++other) {
                if (one->second == other->second || !met.emplace(one->second, other->second).second) continue;
                if (!can_explain(other->second->fault, one->second->fault)) continue;
                const RaisedFault*& root = roots[one->second];
                if (order_of(*other->second) < order_of(root == nullptr ? *one->second : *root)) root = other->second;
            }
        }
        first = end;
    }
    return roots;
}

}  // namespace

void find_roots(Services& services) {
    for (auto& [name, service] : services) {
        if (service.faults.empty()) continue;
        const Roots within = roots_within(service);
        for (auto& [failure_class, raised] : service.faults) {
            if (raised.fault.conditions.empty()) continue;
            const RaisedFault* root = root_elsewhere(services, service, raised.fault);
            if (const auto found = within.find(&raised); root == nullptr && found != within.end()) root = found->second;
            raised.fault.root = root == nullptr ? "" : root->fault.service;
            raised.fault.root_class = root == nullptr ? "" : root->fault.failure_class;
        }
    }
}

}  // namespace serin
