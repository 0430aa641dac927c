// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/matrix.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace serin {
namespace {

using Names = std::set<std::string>;

/// Vantages by what they say of one target.
struct Column {
    Names failing{}, reporting{};
    [[nodiscard]] bool bad(bool held) const {
        return !failing.empty() && (held ? failing.size() * 2 >= reporting.size() : majority());
    }
    [[nodiscard]] bool majority() const { return failing.size() * 2 > reporting.size(); }
};
using Columns = std::map<std::string, Column>;

Columns columns_of(const std::vector<MatrixStanding>& standings, bool control) {
    Columns columns;
    for (const MatrixStanding& each : standings) {
        if (!each.known || each.control != control) continue;
        Column& column = columns[each.target];
        column.reporting.insert(each.vantage);
        if (each.failing) column.failing.insert(each.vantage);
    }
    return columns;
}

bool down_itself(const Column& control) {
    return control.reporting.size() >= 2 && control.failing.size() == control.reporting.size();
}

/// Vantages most of whose control targets fail.
Names doubted_by(const Columns& controls) {
    std::map<std::string, int> balance;
    for (const auto& [target, column] : controls) {
        if (down_itself(column)) continue;
        for (const std::string& vantage : column.reporting)
            balance[vantage] += column.failing.contains(vantage) ? 1 : -1;
    }
    Names doubted;
    for (const auto& [vantage, surplus] : balance) {
        if (surplus > 0) doubted.insert(vantage);
    }
    return doubted;
}

/// Takes the failures of doubted vantages out; whose they were.
Names take_out(Columns& columns, const Names& doubted) {
    Names blamed;
    for (auto& [target, column] : columns) {
        for (const std::string& vantage : doubted) {
            if (column.failing.erase(vantage) == 0) continue;
            column.reporting.erase(vantage);
            blamed.insert(vantage);
        }
    }
    return blamed;
}

/// The affected columns added up.
Blame sum_of(const Columns& columns, const std::vector<std::string>& targets) {
    Blame blame{.targets = targets};
    Names failing, reporting;
    for (const std::string& target : targets) {
        const Column& column = columns.at(target);
        failing.insert(column.failing.begin(), column.failing.end());
        reporting.insert(column.reporting.begin(), column.reporting.end());
    }
    blame.vantages.assign(failing.begin(), failing.end());
    blame.vantages_failing = static_cast<int>(failing.size());
    blame.vantages_reporting = static_cast<int>(reporting.size());
    return blame;
}

Blame vantage_fault(const Columns& before, const Names& blamed) {
    std::vector<std::string> targets;
    for (const auto& [target, column] : before) {
        if (!column.failing.empty()) targets.push_back(target);
    }
    Blame blame = sum_of(before, targets);
    blame.scope = FaultScope::vantage;
    blame.vantages.assign(blamed.begin(), blamed.end());
    return blame;
}

}  // namespace

Blame blame(const std::vector<MatrixStanding>& standings, bool held) {
    const Columns controls = columns_of(standings, true);
    Columns columns = columns_of(standings, false);
    if (columns.empty()) columns = controls;
    const Columns before = columns;
    const Names blamed = take_out(columns, doubted_by(controls));

    std::vector<std::string> failing, bad;
    std::size_t reporting = 0;
    bool confirmed = false;
    for (const auto& [target, column] : columns) {
        if (!column.reporting.empty()) ++reporting;
        if (!column.failing.empty()) failing.push_back(target);
        if (!column.bad(held)) continue;
        bad.push_back(target);
        confirmed = confirmed || column.reporting.size() >= 2;
    }
    if (failing.empty() && !blamed.empty()) return vantage_fault(before, blamed);
    if (bad.empty()) {
        Blame blame = sum_of(columns, failing);
        blame.minority = !failing.empty();
        return blame;
    }
    Blame blame = sum_of(columns, bad);
    blame.scope = bad.size() == reporting ? FaultScope::global : FaultScope::target;
    blame.confirmed =
        confirmed || (blame.vantages_reporting >= 2 && blame.vantages_failing * 2 > blame.vantages_reporting);
    return blame;
}

}  // namespace serin
