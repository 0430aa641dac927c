// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/policy_state.hpp"

#include <algorithm>
#include <functional>

namespace serin {
namespace {

using Listed = std::unordered_set<CellKey, CellHash>;

bool may_have(const Listed& listed, const CellKey& key) {
    return listed.empty() || listed.contains(key);
}

void insert_by_key(std::vector<const CellState*>& cells, const CellState* cell) {
    const auto key = [](const CellState* each) -> const CellKey& { return each->key(); };
    cells.insert(std::ranges::lower_bound(cells, cell->key(), {}, key), cell);
}

template <class State, class Rules>
void replace_named(std::map<std::string, State>& states, std::vector<Rules> rules, std::string Rules::* name,
                   Wall now) {
    std::set<std::string> kept;
    for (Rules& each : rules) {
        const std::string key = each.*name;
        kept.insert(key);
        if (const auto state = states.find(key); state != states.end())
            state->second.replace_rules(std::move(each));
        else
            states.emplace(key, State(std::move(each), now));
    }
    std::erase_if(states, [&](const auto& state) { return !kept.contains(state.first); });
}

}  // namespace

bool counts_against_budget(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::degraded || verdict == Verdict::fail;
}

std::size_t CellHash::operator()(const CellKey& key) const {
    std::size_t hash = 0;
    for (const std::string* text : {&key.probe, &key.vantage, &key.target, &key.profile, &key.cell})
        hash = hash * 0x9e3779b97f4a7c15U + (text->empty() ? 0 : std::hash<std::string>{}(*text));
    return hash;
}

void Policy::Impl::replace(Options options) {
    if (started_at == Wall{}) started_at = options.now;
    replace_probes(std::move(options.probes), options.now);
    replace_named(gauges, std::move(options.gauges), &GaugeRules::gauge, options.now);
    replace_named(heartbeats, std::move(options.heartbeats), &HeartbeatRules::heartbeat, options.now);
    connect();
    for (auto& [name, probe] : probes) {
        for (const CellKey& key : probe.rules->cells) find(std::make_shared<const CellKey>(key), options.now);
    }
    next_stale_check = {};
}

void Policy::Impl::replace_probes(std::vector<ProbeRules> all, Wall now) {
    std::map<std::string, std::unique_ptr<const ProbeRules>> fresh;
    std::map<std::string, Listed> listed;
    for (ProbeRules& rules : all) {
        const std::string name = rules.probe;
        listed[name] = Listed(rules.cells.begin(), rules.cells.end());
        fresh[name] = std::make_unique<const ProbeRules>(std::move(rules));
    }
    std::erase_if(cells, [&](const auto& cell) {
        const auto rules = fresh.find(cell.first.probe);
        return rules == fresh.end() || !may_have(listed.at(cell.first.probe), cell.first);
    });
    for (auto& [key, cell] : cells) cell->state.replace_rules(*fresh.at(key.probe));
    std::erase_if(probes, [&](const auto& probe) { return !fresh.contains(probe.first); });
    for (auto& [name, rules] : fresh) {
        const auto [place, added] = probes.try_emplace(name);
        PolicyProbe& probe = place->second;
        if (added) probe.known_since = now;
        if (!rules->burn) probe.burn.reset();
        if (rules->burn && !probe.burn) probe.burn.emplace();
        probe.rules = std::move(rules);
        probe.listed = std::move(listed.at(name));
    }
}

/// Who belongs to whom, anew: after a reload.
void Policy::Impl::connect() {
    for (auto& [name, service] : services) {
        service.cells.clear();
        service.named.clear();
        service.depends_on.clear();
        touch(name);
    }
    controls.clear();
    for (auto& [name, probe] : probes) {
        probe.rows.clear();
        ServiceState& service = services[probe.rules->service];
        service.depends_on.insert(probe.rules->depends_on.begin(), probe.rules->depends_on.end());
    }
    for (auto& [key, cell] : cells) place(*cell);
    for (const auto& [name, gauge] : gauges) services[gauge.rules().service];
    for (const auto& [name, job] : heartbeats) services[job.rules().service];
    for (const auto& [name, service] : services) refresh_named(name);
}

void Policy::Impl::place(PolicyCell& cell) {
    const CellKey& key = cell.state.key();
    CellRow& row = cell.probe->rows[{key.target, key.profile, key.cell}];
    row.cells.push_back(&cell.state);
    cell.state.join(row);
    cell.state.expect_silence(!may_have(cell.probe->listed, key));
    insert_by_key(services[cell.probe->rules->service].cells, &cell.state);
    if (cell.probe->rules->control) insert_by_key(controls, &cell.state);
}

PolicyCell* Policy::Impl::find(const std::shared_ptr<const CellKey>& key, Wall now) {
    if (const auto cell = cells.find(*key); cell != cells.end()) return cell->second.get();
    const auto probe = probes.find(key->probe);
    return probe == probes.end() ? nullptr : make(key, probe->second, now);
}

PolicyCell* Policy::Impl::make(const std::shared_ptr<const CellKey>& key, PolicyProbe& probe, Wall now) {
    auto made = std::make_unique<PolicyCell>(PolicyCell{.probe = &probe, .state = CellState(key, *probe.rules, now)});
    PolicyCell* cell = made.get();
    cells.emplace(*key, std::move(made));
    place(*cell);
    next_stale_check = {};
    probe.heard_of = true;
    if (std::exchange(probe.stale, std::nullopt)) refresh_named(probe.rules->service);
    return cell;
}

void Policy::Impl::touch_raised() {
    for (const auto& [name, service] : services) {
        if (!service.faults.empty()) touch(name);
    }
}

bool Policy::Impl::refresh_named(const std::string& name) {
    std::vector<Condition>& named = services[name].named;
    named.clear();
    for (const auto& [probe_name, probe] : probes) {
        if (probe.rules->service != name) continue;
        if (probe.stale) named.push_back(*probe.stale);
        if (probe.burn && probe.burn->condition()) named.push_back(*probe.burn->condition());
    }
    const auto append = [&](const auto& states) {
        for (const auto& [key, state] : states) {
            if (state.rules().service == name) std::ranges::copy(state.conditions(), std::back_inserter(named));
        }
    };
    append(gauges);
    append(heartbeats);
    touch(name);
    return true;
}

std::vector<FaultChange> Policy::Impl::settle(Wall at) {
    if (touched.empty()) return {};
    const Wall now = std::max(at, ticked_at);
    for (const std::string& name : touched) evaluate(name, services[name], controls, now);
    touched.clear();
    find_roots(services);
    return changes_of(services, at);
}

}  // namespace serin
