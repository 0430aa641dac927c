// SPDX-License-Identifier: Apache-2.0
// Scenarios with their schedule.
#include <fmt/format.h>

#include <algorithm>

#include "runner/config/probe_checks.hpp"
#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

void read_overlap(const Fields& fields, ProbeConfig& probe, ConfigReading& reading) {
    const YamlNode* overlap = fields.find("overlap");
    if (overlap == nullptr || !overlap->is_map()) return;
    const Fields rule(*overlap, config_type("rule of overlap"), fields.key_place("overlap"), reading.complaints);
    probe.overlap = static_cast<int>(rule.count("allow").value_or(1));
}

Labels labels_of(const YamlNode& selection, const Place& owner, ConfigReading& reading) {
    const Fields fields(selection, config_type("target selection"), owner, reading.complaints);
    const YamlNode* labels = fields.find("labels");
    if (labels != nullptr && labels->entries.empty())
        reading.complaints.error(fields.key_place("labels"), "`labels` is empty", "would select every target",
                                 "write `targets: all` if that is meant");
    return pairs_of(labels);
}

void read_selection(const Fields& fields, ProbeConfig& probe, ConfigReading& reading) {
    const YamlNode* selection = fields.find("targets");
    if (selection == nullptr) return;
    if (selection->is_list()) {
        probe.targets = names_of(*selection, "target", reading.target_names(), "targets", reading);
    } else if (selection->is_map()) {
        probe.target_labels = labels_of(*selection, fields.key_place("targets"), reading);
        if (!probe.target_labels.empty()) check_selection(probe, *selection->find("labels"), reading);
    } else {
        probe.targets = reading.target_names();
        if (probe.targets.empty())
            reading.complaints.error(selection->place, "there is no target", "nothing would be probed",
                                     "declare some under `targets`, or discover them");
    }
}

void read_matrix(const Fields& fields, ProbeConfig& probe) {
    const YamlNode* matrix = fields.find("matrix");
    if (matrix == nullptr) return;
    for (const YamlEntry& axis : matrix->entries) {
        std::vector<std::string> values;
        for (const YamlNode& value : axis.value.items) values.push_back(axis_value(value));
        probe.matrix.emplace_back(axis.key, std::move(values));
    }
}

ProbeConfig read_probe(const YamlEntry& entry, ConfigReading& reading) {
    ProbeConfig probe;
    probe.name = entry.key;
    probe.place = entry.key_place;
    const std::size_t before = reading.complaints.errors();
    const Fields fields(entry.value, config_type("probe"), entry.key_place, reading.complaints);
    probe.every = fields.duration("every").value_or(probe.every);
    probe.jitter = fields.duration("jitter").value_or(probe.jitter);
    probe.confirm = fields.duration("confirm");
    probe.timeout = fields.duration("timeout");
    probe.target_concurrency = static_cast<int>(fields.count("target_concurrency").value_or(0));
    read_overlap(fields, probe, reading);
    if (const YamlNode* vantages = fields.find("vantages"))
        probe.vantages = names_of(*vantages, "vantage", reading.vantages, "vantages", reading);
    if (const YamlNode* profiles = fields.find("profiles"))
        probe.profiles = names_of(*profiles, "profile", reading.profile_names(), "profiles", reading);
    read_selection(fields, probe, reading);
    read_matrix(fields, probe);
    probe.vars = pairs_of(fields.find("vars"));
    probe.labels = pairs_of(fields.find("labels"));
    probe.enabled = fields.flag("enabled", true);
    if (const YamlNode* scenario = fields.find("scenario")) {
        probe.file = reading.beside(scenario->text);
        probe.scenario = reading.scenarios.find(probe.file, scenario->place, reading.read, reading.complaints);
    }
    probe.owner = fields.text("owner");
    probe.runbook = fields.text("runbook");
    probe.rules = read_rules(fields, probe, reading);
    const bool fine = reading.complaints.errors() == before;
    check_times(probe, fields, reading);
    if (probe.scenario != nullptr) check_against_scenario(probe, fields, fine, reading);
    return probe;
}

void warn_of_unused_profiles(const std::vector<ProbeConfig>& probes, const YamlNode* declared, ConfigReading& reading) {
    if (declared == nullptr) return;
    for (const YamlEntry& profile : declared->entries) {
        const bool used = std::ranges::any_of(probes, [&](const ProbeConfig& probe) {
            return std::ranges::find(probe.profiles, profile.key) != probe.profiles.end();
        });
        if (!used)
            reading.complaints.warning(profile.key_place, fmt::format("profile `{}` is never used", profile.key), "",
                                       "name it under a probe's `profiles`, or remove it");
    }
}

}  // namespace

std::vector<ProbeConfig> read_probes(const Fields& file, ConfigReading& reading) {
    std::vector<ProbeConfig> probes;
    const YamlNode* all = file.find("probes");
    if (all == nullptr) return probes;
    if (all->entries.empty()) {
        reading.complaints.error(file.key_place("probes"), "`probes` is empty", "nothing would be watched",
                                 "add one, as `chat-delivery: { scenario: chat-delivery.yaml, every: 10s }`");
        return probes;
    }
    const std::size_t before = reading.complaints.errors();
    for (const YamlEntry& entry : all->entries) probes.push_back(read_probe(entry, reading));
    if (reading.complaints.errors() == before) {
        warn_of_unused_profiles(probes, file.find("profiles"), reading);
        warn_of_useless_secrets(probes, reading);
    }
    return probes;
}

}  // namespace serin
