// SPDX-License-Identifier: Apache-2.0
#include "runner/config/file_kind.hpp"

#include <algorithm>
#include <array>

#include "core/names.hpp"
#include "runner/config/config.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

/// Keys of the type less the others; a misspelt key counts half.
int fit(const YamlNode& root, const MappingType& type) {
    std::vector<std::string> keys;
    for (const Key& key : type.keys) keys.emplace_back(key.name);
    int score = 0;
    for (const YamlEntry& entry : root.entries) {
        const std::string meant = nearest(entry.key, keys);
        score += meant == entry.key ? 2 : meant.empty() ? -2 : 1;
    }
    return score;
}

/// A file that cannot be read or parsed is a scenario: its loader tells why.
FileKind kind_of_file(const std::string& path, const ReadFile& read) {
    const Result<std::string> text = read(path);
    if (!text) return FileKind::scenario;
    Mistakes ignored;
    const Document document = parse_document(path, *text, ignored);
    return document.root ? kind_of(*document.root) : FileKind::scenario;
}

}  // namespace

FileKind kind_of(const YamlNode& root) {
    struct Candidate {
        FileKind kind;
        const MappingType& type;
    };
    // In doubt the first: `steps` alone is a scenario, `targets` alone a targets file.
    const std::array candidates{Candidate{FileKind::scenario, mapping_type("scenario")},
                                Candidate{FileKind::fragment, mapping_type("fragment")},
                                Candidate{FileKind::targets, mapping_type("targets file")},
                                Candidate{FileKind::config, config_types().front()}};
    return std::ranges::max_element(candidates, {}, [&](const Candidate& each) { return fit(root, each.type); })->kind;
}

Mistakes check_file(const std::string& path, const ReadFile& read) {
    switch (kind_of_file(path, read)) {
        case FileKind::config:
            return load_config(path, read, any_vantage).mistakes;
        case FileKind::targets:
            return load_targets(path, read).mistakes;
        case FileKind::fragment:
            return check_fragment(path, read);
        case FileKind::scenario:
            break;
    }
    return load_scenario(path, read).mistakes;
}

LoadedTargets load_targets_of(const std::string& path, const ReadFile& read) {
    if (kind_of_file(path, read) != FileKind::config) return load_targets(path, read);
    LoadedConfig loaded = load_config(path, read, any_vantage);
    LoadedTargets targets{.targets = {}, .mistakes = std::move(loaded.mistakes)};
    if (loaded.config) targets.targets = std::move(loaded.config->targets);
    return targets;
}

}  // namespace serin
