// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/shell.hpp"

namespace serin {
namespace {

/// A scenario as one probe plays it: with its time and, for a profile, other secrets.
std::shared_ptr<const Scenario> adapted(const ProbeConfig& probe, const Profile* profile) {
    if (!probe.timeout && (profile == nullptr || profile->secrets.empty())) return probe.scenario;
    auto scenario = std::make_shared<Scenario>(*probe.scenario);
    if (probe.timeout) scenario->timeout = *probe.timeout;
    if (profile == nullptr) return scenario;
    for (const SecretReference& other : profile->secrets) {
        const auto same = std::ranges::find(scenario->secrets, other.name, &SecretReference::name);
        if (same != scenario->secrets.end()) *same = other;
    }
    return scenario;
}

/// Names of the targets that the probe plays one by one; one empty name when the scenario chooses for itself.
std::vector<std::string> targets_of(const ProbeConfig& probe, const Config& config) {
    if (!probe.targets.empty()) return probe.targets;
    if (probe.target_labels.empty()) return {""};
    std::vector<std::string> names;
    for (const Target& target : config.targets) {
        if (has_labels(target, probe.target_labels)) names.push_back(target.name);
    }
    return names;
}

class Planner {
public:
    Planner(const Config& config, Evaluator& evaluator, const Standing& before)
        : config_(config), evaluator_(evaluator), before_(before) {}

    void add(const ProbeConfig& probe) {
        const std::size_t planned = plans.size();
        const std::size_t faults_before = faults.size();
        const std::vector<std::string> targets = targets_of(probe, config_);
        if (probe.profiles.empty()) add(probe, nullptr, targets);
        for (const std::string& name : probe.profiles) {
            const auto profile = std::ranges::find(config_.profiles, name, &Profile::name);
            if (profile == config_.profiles.end()) {
                faults.push_back(fmt::format("probe `{}`: there is no profile `{}`", probe.name, name));
            } else {
                add(probe, &*profile, targets);
            }
        }
        if (plans.size() == planned && faults.size() == faults_before)
            faults.push_back(
                fmt::format("probe `{}` has no cell: no target or no value of its matrix is left", probe.name));
    }

    CellPlans plans;
    std::vector<std::string> faults;
    Standing standing;
    std::vector<std::pair<std::shared_ptr<InFlight>, int>> caps;  ///< in force when the plan is

private:
    void add(const ProbeConfig& probe, const Profile* profile, const std::vector<std::string>& targets) {
        const std::shared_ptr<const Scenario> scenario = adapted(probe, profile);
        WorldSource source{
            .targets = config_.targets, .set = probe.vars, .vantage = config_.vantage, .given_secrets = {}};
        if (profile != nullptr) source.set.insert(source.set.end(), profile->vars.begin(), profile->vars.end());
        const auto world = make_world(*scenario, std::move(source), evaluator_);
        if (!world) return fault(probe, world.error());
        const auto cells = cells_of(*scenario, **world, evaluator_);
        if (!cells) return fault(probe, cells.error());
        for (const std::string& target : targets) {
            for (const Cell& cell : *cells) {
                if (keeps(probe, cell)) add(probe, profile, {.scenario = scenario, .world = *world}, target, cell);
            }
        }
    }

    struct Playable {
        std::shared_ptr<const Scenario> scenario;
        std::shared_ptr<const World> world;
    };
    void add(const ProbeConfig& probe, const Profile* profile, const Playable& playable, const std::string& target,
             const Cell& cell) {
        auto key = std::make_shared<const CellKey>(CellKey{.probe = probe.name,
                                                           .vantage = config_.vantage,
                                                           .target = target,
                                                           .profile = profile == nullptr ? "" : profile->name,
                                                           .cell = cell.text()});
        auto plan = std::make_shared<CellPlan>();
        plan->scenario = playable.scenario;
        plan->world = playable.world;
        plan->cell = cell;
        plan->file = probe.file;
        plan->again = again(probe, profile, target, cell, playable.world->redactor);
        plan->every = probe.every;
        plan->jitter = probe.jitter;
        plan->confirm = probe.confirm;
        plan->overlap = probe.overlap;
        plan->target = cap(probe, target);
        plan->state = state(*key);
        for (const MaintenanceWindow& window : config_.maintenance) {
            if (in_scope(window, key->probe, key->target, key->vantage)) plan->maintenance.push_back(window);
        }
        plan->key = std::move(key);
        plans.push_back(std::move(plan));
    }

    /// The command by which a person plays this cell by hand. Secrets of a profile are not in it.
    [[nodiscard]] std::string again(const ProbeConfig& probe, const Profile* profile, const std::string& target,
                                    const Cell& cell, const Redactor& redactor) const {
        std::vector<std::string> words{"serin", "run", probe.file};
        if (!config_.targets.empty()) words.insert(words.end(), {"--targets", config_.file});
        if (!target.empty()) words.insert(words.end(), {"--shard", target});
        for (const auto& [name, value] : probe.vars)
            words.insert(words.end(), {"--set", fmt::format("{}={}", name, value)});
        if (profile != nullptr) {
            for (const auto& [name, value] : profile->vars)
                words.insert(words.end(), {"--set", fmt::format("{}={}", name, value)});
        }
        if (!cell.axes.empty()) words.insert(words.end(), {"--only", cell.text()});
        for (std::string& word : words) word = redactor.redact(word);
        return shell_words(words);
    }

    void fault(const ProbeConfig& probe, const Error& error) {
        faults.push_back(fmt::format("probe `{}`: {}{}", probe.name, error.title,
                                     error.remedy.empty() ? "" : " (" + error.remedy + ")"));
    }

    std::shared_ptr<InFlight> cap(const ProbeConfig& probe, const std::string& target) {
        const bool own = probe.target_concurrency > 0;
        const int places = own ? probe.target_concurrency : config_.limits.target_concurrency;
        // A scenario that chooses its own targets is held to the cap as a whole.
        const std::string name = own || target.empty() ? probe.name + "\n" + target : target;
        std::shared_ptr<InFlight>& cap = standing.targets[name];
        if (cap) return cap;
        const auto known = before_.targets.find(name);
        cap = known != before_.targets.end() ? known->second : std::make_shared<InFlight>(places);
        caps.emplace_back(cap, places);
        return cap;
    }

    std::shared_ptr<CellState> state(const CellKey& key) {
        const auto known = before_.states.find(key);
        return standing.states[key] = known != before_.states.end() ? known->second : std::make_shared<CellState>();
    }

    const Config& config_;
    Evaluator& evaluator_;
    const Standing& before_;
};

}  // namespace

std::vector<std::string> warnings_of(const CellPlans& plans) {
    std::vector<std::string> warnings;
    for (const std::shared_ptr<const CellPlan>& plan : plans) {
        for (const std::string& warning : plan->world->warnings) {
            std::string line = fmt::format("probe `{}`: {}", plan->key->probe, warning);
            if (std::ranges::find(warnings, line) == warnings.end()) warnings.push_back(std::move(line));
        }
    }
    return warnings;
}

Result<CellPlans> make_plan(const Config& config, Evaluator& evaluator, Standing& standing) {
    Planner planner(config, evaluator, standing);
    for (const ProbeConfig& probe : config.probes) {
        const bool here =
            probe.vantages.empty() || std::ranges::find(probe.vantages, config.vantage) != probe.vantages.end();
        if (probe.enabled && here) planner.add(probe);
    }
    if (!planner.faults.empty()) {
        std::string title;
        for (const std::string& fault : planner.faults) title += (title.empty() ? "" : "\n") + fault;
        return fail(std::move(title), "nothing was started; mend it and try again");
    }
    if (planner.plans.empty()) {
        return fail(fmt::format("{}: no probe is enabled for the vantage `{}`", config.file, config.vantage),
                    "nothing would be watched: name the vantage under a probe's `vantages`, or enable one");
    }
    standing = std::move(planner.standing);
    for (const auto& [cap, places] : planner.caps) cap->set_cap(places);
    return std::move(planner.plans);
}

}  // namespace serin
