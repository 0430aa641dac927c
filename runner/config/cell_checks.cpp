// SPDX-License-Identifier: Apache-2.0
// What only shows when matrix, variables, targets and profiles are put together.
#include <fmt/format.h>

#include <algorithm>

#include "core/names.hpp"
#include "runner/config/probe_checks.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {
namespace {

const Profile& profile_named(const std::string& name, const ConfigReading& reading) {
    return *std::ranges::find(reading.profiles, name, &Profile::name);
}

Result<std::vector<Cell>> cells_of_probe(const ProbeConfig& probe, const Profile* profile, ConfigReading& reading) {
    WorldSource source{.targets = reading.targets, .set = probe.vars, .vantage = "lint", .given_secrets = {}};
    if (profile != nullptr) source.set.insert(source.set.end(), profile->vars.begin(), profile->vars.end());
    for (const SecretReference& secret : probe.scenario->secrets)
        source.given_secrets.insert_or_assign(secret.name, Secret("not read"));
    const auto world = make_world(*probe.scenario, std::move(source), reading.scenarios.evaluator());
    if (!world) return std::unexpected(world.error());
    return cells_of(*probe.scenario, **world, reading.scenarios.evaluator());
}

/// The first value to keep that no cell has, with its place; null when each has one.
const YamlNode* lost_value(const YamlNode* matrix, const std::vector<Cell>& cells, std::vector<std::string>& known) {
    if (matrix == nullptr) return nullptr;
    for (const YamlEntry& axis : matrix->entries) {
        known.clear();
        for (const Cell& cell : cells) {
            for (const auto& [name, value] : cell.axes) {
                if (name == axis.key && std::ranges::find(known, value) == known.end()) known.push_back(value);
            }
        }
        for (const YamlNode& value : axis.value.items) {
            if (std::ranges::find(known, axis_value(value)) == known.end()) return &value;
        }
    }
    return nullptr;
}

void check_cells(const ProbeConfig& probe, const Profile* profile, const Fields& fields, ConfigReading& reading) {
    const Result<std::vector<Cell>> cells = cells_of_probe(probe, profile, reading);
    const Place& at = fields.find("scenario")->place;
    if (!cells) {
        if (!probe.scenario->secrets.empty()) return;  // with the real secrets it may well come out
        const bool no_targets = reading.targets.empty();
        reading.complaints.error(
            at, fmt::format("`{}` cannot be laid out: {}", probe.scenario->name, cells.error().title), "",
            no_targets || cells.error().remedy.empty() ? "declare what it needs under `targets`, or give it `vars`"
                                                       : cells.error().remedy);
        return;
    }
    std::vector<std::string> known;
    if (const YamlNode* lost = lost_value(fields.find("matrix"), *cells, known)) {
        reading.complaints.error(lost->place,
                                 fmt::format("no cell of `{}` has the value `{}`", probe.scenario->name, lost->text),
                                 "", did_you_mean(lost->text, known, "values"));
    } else if (std::ranges::none_of(*cells, [&](const Cell& cell) { return keeps(probe, cell); })) {
        reading.complaints.error(fields.key_place("matrix"), fmt::format("`{}` has no cell left", probe.name),
                                 "nothing would be probed", "keep more values");
    }
}

}  // namespace

void check_profile_vars(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading) {
    const YamlNode* profiles = fields.find("profiles");
    if (profiles == nullptr) return;
    std::vector<std::string> declared;
    for (const TemplateEntry& var : probe.scenario->vars) declared.push_back(var.key);
    for (const YamlNode& item : profiles->items) {
        const auto profile = std::ranges::find(reading.profiles, item.text, &Profile::name);
        if (profile == reading.profiles.end()) continue;  // told already
        for (const auto& [name, value] : profile->vars) {
            if (std::ranges::find(declared, name) != declared.end()) continue;
            reading.complaints.error(item.place,
                                     fmt::format("profile `{}` sets `{}`, which `{}` does not declare", profile->name,
                                                 name, probe.scenario->name),
                                     "",
                                     declared.empty() ? "declare it in the scenario's `vars`, with its default"
                                                      : did_you_mean(name, declared, "variables"));
        }
    }
}

void check_cells(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading) {
    if (probe.scenario->matrix.empty()) return;
    if (probe.profiles.empty()) check_cells(probe, nullptr, fields, reading);
    for (const std::string& name : probe.profiles) check_cells(probe, &profile_named(name, reading), fields, reading);
}

void warn_of_useless_secrets(const std::vector<ProbeConfig>& probes, ConfigReading& reading) {
    for (const Profile& profile : reading.profiles) {
        for (const SecretReference& secret : profile.secrets) {
            const bool used = std::ranges::any_of(probes, [&](const ProbeConfig& probe) {
                return probe.scenario != nullptr &&
                       std::ranges::find(probe.profiles, profile.name) != probe.profiles.end() &&
                       std::ranges::find(probe.scenario->secrets, secret.name, &SecretReference::name) !=
                           probe.scenario->secrets.end();
            });
            if (!used)
                reading.complaints.warning(
                    secret.place,
                    fmt::format("no scenario of profile `{}` declares the secret `{}`", profile.name, secret.name),
                    "never read", "declare it in the scenario's `secrets`, or remove it");
        }
    }
}

}  // namespace serin
