// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/scenario.hpp"

namespace serin {

/// Reads a file for the loader; an Error when it cannot be read. Tests pass texts.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;
/// Reads at most 4 MiB of a regular file.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

struct Loaded {
    std::optional<Scenario> scenario;  ///< set only when there is no error among the mistakes
    Mistakes mistakes;  ///< all of the file (and of what it includes), errors and warnings, in file order
};

/// Reads and checks one scenario file. Every mistake is found in one go. Never throws for what the file says.
[[nodiscard]] Loaded load_scenario(const std::string& path, const ReadFile& read = read_file);

/// All mistakes of a fragment file by itself: what its callers declare (actors, variables, other fragments) is taken as
/// there.
[[nodiscard]] Mistakes check_fragment(const std::string& path, const ReadFile& read = read_file);

/// A shard as a targets file or `--target` gives it.
struct Target {
    std::string name;
    Place place;
    std::vector<std::pair<std::string, std::string>> values;  ///< api, ws, region, and any other text
    std::vector<std::string> resolve, connect_to;
    std::string ca, cert, key, proxy;
    [[nodiscard]] const std::string* find(std::string_view key) const;
};
struct LoadedTargets {
    std::vector<Target> targets;
    Mistakes mistakes;
};
/// `version: 1` and `targets:` (name → { api:, ws:, region:, connect_to:, … }). At least one target.
[[nodiscard]] LoadedTargets load_targets(const std::string& path, const ReadFile& read = read_file);

/// For scripts: makes a step of a JSON mapping that stands for YAML (kind key and options). Names are not checked (the
/// script's own are unknown at load); everything else is, with `place` for every mistake.
struct LoadedStep {
    std::optional<Step> step;
    Mistakes mistakes;
};
[[nodiscard]] LoadedStep step_from_json(const nlohmann::json& mapping, const Place& place);

/// The JSON Schema (draft 7) of scenario, fragment and targets files, from the same table that the loader uses.
[[nodiscard]] nlohmann::json scenario_schema();
[[nodiscard]] nlohmann::json targets_schema();
/// The reference page (Markdown), from the same table.
[[nodiscard]] std::string reference_page();

}  // namespace serin
