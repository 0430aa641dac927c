// SPDX-License-Identifier: Apache-2.0
// What a policy knows, and how its parts refer to each other.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "reports/alerts/policy/policy.hpp"
#include "reports/alerts/policy/service_burn.hpp"
#include "reports/alerts/policy/service_faults.hpp"
#include "reports/alerts/policy/service_named.hpp"

namespace serin {

struct CellHash {
    std::size_t operator()(const CellKey& key) const;
};

struct PolicyProbe {
    std::unique_ptr<const ProbeRules> rules{};
    std::map<std::tuple<std::string, std::string, std::string>, CellRow> rows{};  ///< by target, profile, cell
    std::optional<BurnState> burn{};
    Wall known_since{};
    std::unordered_set<CellKey, CellHash> listed{};  ///< rules->cells
    bool heard_of = false;                           ///< it has cells
    std::optional<Condition> stale{};                ///< it has none, for too long
};

struct PolicyCell {
    PolicyProbe* probe;
    CellState state;
};

[[nodiscard]] bool counts_against_budget(Verdict verdict);

struct Policy::Impl {
    std::map<std::string, PolicyProbe> probes;
    std::unordered_map<CellKey, std::unique_ptr<PolicyCell>, CellHash> cells;
    std::map<std::string, GaugeState> gauges;
    std::map<std::string, HeartbeatState> heartbeats;
    Services services;
    std::vector<const CellState*> controls;  ///< by key
    std::set<std::string> touched;           ///< services to evaluate
    Wall next_stale_check{};
    Wall started_at{};
    Wall ticked_at{};  ///< by the newest tick
    Wall newest{};     ///< of all that was observed

    void replace(Options options);
    void hold(const std::vector<Condition>& conditions);
    /// Takes a run in; when it ended, if something changed.
    std::optional<Wall> take(PolicyCell& place, const Record& record);
    void heard(Wall at) { newest = std::max(newest, at); }
    /// Null when no rule is about it. Made when it is first heard of.
    PolicyCell* find(const std::shared_ptr<const CellKey>& key, Wall now);
    PolicyCell* make(const std::shared_ptr<const CellKey>& key, PolicyProbe& probe, Wall now);
    void tick(Wall now);
    void touch(const std::string& service) { touched.insert(service); }
    void touch_raised();
    /// Conditions without a cell, anew; always true.
    bool refresh_named(const std::string& service);
    std::vector<FaultChange> settle(Wall at);

private:
    void replace_probes(std::vector<ProbeRules> rules, Wall now);
    void forget_cells();
    void connect();
    void place(PolicyCell& cell);
    void take_up(const Condition& condition, std::set<std::string>& changed);
    void turn_back(Wall now);
    void tick_cells(Wall now);
    bool tick_unheard(PolicyProbe& probe, Wall now);
};

}  // namespace serin
