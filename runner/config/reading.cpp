// SPDX-License-Identifier: Apache-2.0
#include "runner/config/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/names.hpp"
#include "runner/config/table.hpp"

namespace serin {

namespace {

constexpr std::size_t most_names_shown = 20;

std::string remedy_for(const std::string& name, const std::vector<std::string>& known, std::string_view what,
                       std::string_view declare) {
    std::string declared = fmt::format("declare it under `{}`", declare);
    if (known.empty()) return declared;
    if (nearest(name, known).empty() && known.size() > most_names_shown) return declared;
    const std::string meant = did_you_mean(name, known, fmt::format("{}s", what));
    return nearest(name, known).empty() ? fmt::format("{}; or {}", meant, declared) : meant;
}

}  // namespace

std::string ConfigReading::beside(const std::string& path) const {
    if (path.empty()) return path;
    return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::vector<std::string> ConfigReading::target_names() const {
    std::vector<std::string> names;
    for (const Target& target : targets) names.push_back(target.name);
    return names;
}
std::vector<std::string> ConfigReading::profile_names() const {
    std::vector<std::string> names;
    for (const Profile& profile : profiles) names.push_back(profile.name);
    return names;
}

std::optional<Fields> block_of(const Fields& from, std::string_view key, std::string_view type,
                               ConfigReading& reading) {
    const YamlNode* node = from.find(key);
    if (node == nullptr) return std::nullopt;
    return Fields(*node, config_type(type), from.key_place(key), reading.complaints);
}

std::vector<std::string> names_of(const YamlNode& list, std::string_view what, const std::vector<std::string>& known,
                                  std::string_view declare, ConfigReading& reading) {
    std::vector<std::string> names;
    for (const YamlNode& item : list.items) {
        if (std::ranges::find(names, item.text) != names.end()) {
            reading.complaints.error(item.place, fmt::format("{} `{}` is named twice", what, item.text), "",
                                     "keep one of the two");
            continue;
        }
        names.push_back(item.text);
        if (std::ranges::find(known, item.text) != known.end()) continue;
        reading.complaints.error(item.place, fmt::format("unknown {} `{}`", what, item.text), "",
                                 remedy_for(item.text, known, what, declare));
    }
    return names;
}

Labels pairs_of(const YamlNode* by_name) {
    Labels pairs;
    if (by_name == nullptr) return pairs;
    for (const YamlEntry& entry : by_name->entries) pairs.emplace_back(entry.key, entry.value.text);
    return pairs;
}

}  // namespace serin
