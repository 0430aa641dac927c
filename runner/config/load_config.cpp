// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/names.hpp"
#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

/// Every vantage that the file declares; none when it declares none.
std::vector<std::string> declared_vantages(const Fields& file, ConfigReading& reading) {
    std::vector<std::string> names;
    const YamlNode* all = file.find("vantages");
    if (all == nullptr) return names;
    for (const YamlEntry& entry : all->entries) names.push_back(entry.key);
    if (names.empty())
        reading.complaints.error(file.key_place("vantages"), "`vantages` is empty", "nobody would look",
                                 "name at least one, or leave it out");
    return names;
}

/// Which vantage this prober is, and its labels.
void read_vantage(const YamlNode& root, const Fields& file, const std::string& given, Config& config,
                  ConfigReading& reading) {
    const std::vector<std::string> declared = declared_vantages(file, reading);
    reading.vantages = declared;
    const YamlNode* own = file.find("vantage");
    const bool any = given == any_vantage;
    if (own != nullptr) config.vantage = own->text;
    if (any && root.find("vantage") == nullptr && !declared.empty()) config.vantage = declared.front();
    if (!any && !given.empty()) config.vantage = given;
    if (config.vantage.empty() && root.find("vantage") == nullptr) {
        reading.complaints.error(root.place, "`vantage` is missing in a configuration",
                                 "a result must say where it was seen from",
                                 fmt::format("add `vantage: {}`", declared.empty() ? "eu-west-2" : declared.front()));
    }
    if (declared.empty() && !config.vantage.empty()) reading.vantages.push_back(config.vantage);
    if (const YamlNode* all = file.find("vantages")) {
        for (const YamlEntry& entry : all->entries) {
            const Fields fields(entry.value, config_type("vantage"), entry.key_place, reading.complaints);
            if (entry.key == config.vantage) config.labels = pairs_of(fields.find("labels"));
        }
    }
    if (config.vantage.empty() || std::ranges::find(reading.vantages, config.vantage) != reading.vantages.end()) return;
    reading.complaints.error(own == nullptr || own->text != config.vantage ? Place{} : own->place,
                             fmt::format("unknown vantage `{}`", config.vantage), "",
                             did_you_mean(config.vantage, declared, "vantages"));
}

/// Nothing to do must not look like health.
void refuse_idleness(const Fields& file, const Config& config, ConfigReading& reading) {
    const Place at = file.key_place("probes");
    if (std::ranges::none_of(config.probes, &ProbeConfig::enabled)) {
        reading.complaints.error(at, "no probe is enabled", "nothing would be watched",
                                 "enable one; to be left in peace for a while, add a `maintenance` window");
        return;
    }
    if (config.vantage.empty()) return;  // told already
    const bool any = std::ranges::any_of(config.probes, [&](const ProbeConfig& probe) {
        return probe.enabled &&
               (probe.vantages.empty() || std::ranges::find(probe.vantages, config.vantage) != probe.vantages.end());
    });
    if (!any)
        reading.complaints.error(at, fmt::format("no probe is enabled for the vantage `{}`", config.vantage),
                                 "nothing would be watched from there", "name it under a probe's `vantages`");
}

Config read_config(const Document& document, const std::string& vantage, ConfigReading& reading) {
    const YamlNode& root = *document.root;
    const Fields file(root, config_types().front(), root.place, reading.complaints);
    Config config;
    config.file = document.source->name;
    if (!root.is_map()) return config;  // told already
    read_vantage(root, file, vantage, config, reading);
    read_store(file, config.store, reading);
    read_listener(file, config.listen, reading);
    read_limits(file, config.limits, reading);
    read_log(file, config.log, reading);
    read_targets(file, config, reading);
    read_profiles(file, reading);
    const std::optional<Fields> alerts = block_of(file, "alerts", "alerts block", reading);
    read_rule_defaults(alerts, reading);
    const std::size_t before = reading.complaints.errors();
    config.probes = read_probes(file, reading);
    if (file.find("probes") != nullptr && reading.complaints.errors() == before) refuse_idleness(file, config, reading);
    config.maintenance = read_maintenance(file, config.probes, reading);
    read_alerts(alerts, file, config, reading);
    config.targets = std::move(reading.targets);
    config.profiles = std::move(reading.profiles);
    return config;
}

/// What one mistake masks, no other may show: two of them can stand on one line.
void mask_all(Mistakes& mistakes) {
    std::map<std::string, std::string> hidden;  // file → its text, with the stars of all
    const auto merge = [&](const Place& place) {
        if (!place.known()) return;
        std::string& text = hidden.try_emplace(place.source->name, place.source->text).first->second;
        for (std::size_t i = 0; i < std::min(text.size(), place.source->text.size()); ++i) {
            if (place.source->text[i] == '*') text[i] = '*';
        }
    };
    for (const Mistake& mistake : mistakes) merge(mistake.place);
    const auto cover = [&](Place& place) {
        if (!place.known()) return;
        const auto text = hidden.find(place.source->name);
        if (text == hidden.end() || text->second == place.source->text) return;
        place.source = std::make_shared<const Source>(Source{.name = text->first, .text = text->second});
    };
    for (Mistake& mistake : mistakes) {
        cover(mistake.place);
        std::ranges::for_each(mistake.called_from, cover);
    }
}

}  // namespace

LoadedConfig load_config(const std::string& path, const ReadFile& read, const std::string& vantage) {
    LoadedConfig loaded;
    ConfigReading reading;
    reading.folder = std::filesystem::path(path).parent_path().string();
    reading.only_checked = vantage == any_vantage;
    reading.read = [&](const std::string& file) {
        if (std::ranges::find(loaded.files, file) == loaded.files.end()) loaded.files.push_back(file);
        return read(file);
    };
    std::optional<Config> config;
    if (Result<std::string> text = reading.read(path); !text) {
        reading.complaints.error({}, text.error().title, {}, text.error().remedy);
    } else {
        Mistakes mistakes;
        const Document document = parse_document(path, *std::move(text), mistakes);
        reading.complaints.add(std::move(mistakes));
        if (document.root) config = read_config(document, vantage, reading);
    }
    if (config && reading.complaints.errors() == 0) loaded.config = std::move(config);
    loaded.mistakes = reading.complaints.take();
    mask_all(loaded.mistakes);
    return loaded;
}

}  // namespace serin
