// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "runner/config/config.hpp"
#include "runner/config/scenario_shelf.hpp"
#include "scenarios/language/complaints.hpp"
#include "scenarios/language/fields.hpp"

namespace serin {

/// What all parts of one load share.
struct ConfigReading {
    std::string folder;         ///< of serin.yaml; what the file names is relative to it
    bool only_checked = false;  ///< nobody will serve: what only the serving machine has need not be here
    ReadFile read;              ///< notes each file that it is asked for
    Complaints complaints;
    ScenarioShelf scenarios;
    std::vector<std::string> vantages;  ///< known names; empty: not known
    std::vector<Profile> profiles;
    std::vector<Target> targets;
    ProbeRules rule_defaults;  ///< of `alerts.defaults`

    /// `path` as this file means it.
    [[nodiscard]] std::string beside(const std::string& path) const;
    [[nodiscard]] std::vector<std::string> target_names() const;
    [[nodiscard]] std::vector<std::string> profile_names() const;
};

/// The mapping under `key`, checked against the type; empty when there is none.
[[nodiscard]] std::optional<Fields> block_of(const Fields& from, std::string_view key, std::string_view type,
                                             ConfigReading& reading);
/// The names of a list; those that are not among `known` and those that stand there twice are mistakes. `what`:
/// "target". Nothing is known when `known` is empty: then the remedy says `declare`.
[[nodiscard]] std::vector<std::string> names_of(const YamlNode& list, std::string_view what,
                                                const std::vector<std::string>& known, std::string_view declare,
                                                ConfigReading& reading);
/// Names of texts or scalars, in the file's order.
[[nodiscard]] Labels pairs_of(const YamlNode* by_name);

void read_listener(const Fields& file, ListenConfig& listen, ConfigReading& reading);
void read_store(const Fields& file, StoreOptions& store, ConfigReading& reading);
void read_limits(const Fields& file, LimitsConfig& limits, ConfigReading& reading);
void read_log(const Fields& file, LogConfig& log, ConfigReading& reading);
/// The inventory and discovered files, into `reading.targets`.
void read_targets(const Fields& file, Config& config, ConfigReading& reading);
void read_profiles(const Fields& file, ConfigReading& reading);
[[nodiscard]] std::vector<ProbeConfig> read_probes(const Fields& file, ConfigReading& reading);
[[nodiscard]] std::vector<MaintenanceWindow> read_maintenance(const Fields& file,
                                                              const std::vector<ProbeConfig>& probes,
                                                              ConfigReading& reading);

/// `alerts.defaults`, into `reading.rule_defaults`.
void read_rule_defaults(const std::optional<Fields>& alerts, ConfigReading& reading);
/// What the probe's `alert` says, over the defaults. The probe is read otherwise.
[[nodiscard]] ProbeRules read_rules(const Fields& probe, const ProbeConfig& config, ConfigReading& reading);
/// The channels, with their own mistakes.
[[nodiscard]] std::vector<ChannelConfig> read_channels(const Fields& alerts, ConfigReading& reading);
/// Everything that is told, after store and probes were read.
void read_alerts(const std::optional<Fields>& alerts, const Fields& file, Config& config, ConfigReading& reading);

/// A text, or where it is read. `name`: as redacted outputs call it.
[[nodiscard]] MaybeSecret maybe_secret(const YamlNode& node, const Place& owner, std::string name,
                                       ConfigReading& reading);
/// The host of an absolute URL, without brackets; empty when there is none.
[[nodiscard]] std::string host_in(std::string_view url);
/// The word under `severity`.
[[nodiscard]] AlertSeverity severity_of(const Fields& fields, AlertSeverity fallback);
/// False, with the mistake noted, for what is no URL of one of the schemes ("https") or holds a password.
bool check_url(const YamlNode& node, std::string_view key, std::initializer_list<std::string_view> schemes,
               ConfigReading& reading);

}  // namespace serin
