// SPDX-License-Identifier: Apache-2.0
// What is probed: the inventory, and files that others write.
#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/targets.hpp"

namespace serin {
namespace {

namespace fs = std::filesystem;

/// Paths of its PEM files are relative to the file that names the target.
void settle_paths(Target& target, const fs::path& folder) {
    for (std::string* path : {&target.ca, &target.cert, &target.key}) {
        if (!path->empty()) *path = (folder / *path).lexically_normal().string();
    }
}

void add(std::vector<Target> targets, const fs::path& folder, ConfigReading& reading) {
    for (Target& target : targets) {
        const auto same = std::ranges::find(reading.targets, target.name, &Target::name);
        if (same != reading.targets.end()) {
            reading.complaints.error(target.place, fmt::format("a second target named `{}`", target.name),
                                     fmt::format("the first: {}", same->place.text()), "rename one of the two");
            continue;
        }
        settle_paths(target, folder);
        reading.targets.push_back(std::move(target));
    }
}

/// In the order of their names; folders are left out.
std::vector<std::string> files_matching(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> files;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            std::error_code error;
            if (!fs::is_directory(found.gl_pathv[i], error)) files.emplace_back(found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return files;
}

void discover(const YamlNode& pattern, std::set<std::string>& seen, ConfigReading& reading) {
    const std::vector<std::string> files = files_matching(reading.beside(pattern.text));
    if (files.empty())
        reading.complaints.warning(pattern.place, fmt::format("no file matches `{}`", pattern.text),
                                   "no target comes from here", "check the path: it is relative to this file's folder");
    for (const std::string& file : files) {
        if (!seen.insert(file).second) continue;
        LoadedTargets loaded = load_targets(file, reading.read);
        const Complaints::Included included(reading.complaints, pattern.place);
        reading.complaints.add(std::move(loaded.mistakes));
        add(std::move(loaded.targets), fs::path(file).parent_path(), reading);
    }
}

}  // namespace

void read_targets(const Fields& file, Config& config, ConfigReading& reading) {
    if (const YamlNode* targets = file.find("targets"))
        add(targets_of(*targets, reading.complaints), reading.folder, reading);
    const std::optional<Fields> fields = block_of(file, "discovery", "discovery block", reading);
    if (!fields) return;
    config.discovery_every = fields->duration("every").value_or(config.discovery_every);
    const YamlNode* patterns = fields->find("files");
    if (patterns == nullptr) return;
    if (patterns->items.empty())
        reading.complaints.error(fields->key_place("files"), "`files` is empty", "nothing would be discovered",
                                 "name a path, as `files: [targets.d/*.yaml]`, or remove the block");
    std::set<std::string> seen;
    for (const YamlNode& pattern : patterns->items) {
        discover(pattern, seen, reading);
        config.discovery.push_back(fs::absolute(reading.beside(pattern.text)).lexically_normal().string());
    }
}

void read_profiles(const Fields& file, ConfigReading& reading) {
    const YamlNode* profiles = file.find("profiles");
    if (profiles == nullptr) return;
    for (const YamlEntry& entry : profiles->entries) {
        const Fields fields(entry.value, config_type("profile"), entry.key_place, reading.complaints);
        Profile profile{.name = entry.key, .vars = pairs_of(fields.find("vars")), .secrets = {}};
        if (const YamlNode* secrets = fields.find("secrets")) {
            for (const YamlEntry& secret : secrets->entries) {
                const Fields where(secret.value, config_type("secret"), secret.key_place, reading.complaints);
                // Absolute, for a scenario's own secrets are relative to its folder.
                const std::string path = reading.beside(where.text("file"));
                profile.secrets.push_back({.name = secret.key,
                                           .place = secret.key_place,
                                           .env = where.text("env"),
                                           .file = path.empty() ? path : fs::absolute(path).string()});
            }
        }
        reading.profiles.push_back(std::move(profile));
    }
}

}  // namespace serin
