// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/language/fields.hpp"
#include "scenarios/language/loader.hpp"
#include "scenarios/language/targets.hpp"

namespace serin {
namespace {

/// Keys that say how to reach a target; every other key is a value for expressions.
bool is_route(std::string_view key) {
    constexpr std::array keys{"resolve", "connect_to", "ca", "cert", "key", "proxy"};
    return std::ranges::find(keys, key) != keys.end();
}

void check_address(std::string_view key, const YamlNode& value, Complaints& complaints) {
    const bool websocket = key == "ws";
    if (key != "api" && !websocket) return;
    const bool right = websocket ? value.text.starts_with("ws://") || value.text.starts_with("wss://")
                                 : value.text.starts_with("http://") || value.text.starts_with("https://");
    if (right) return;
    complaints.error(value.place, fmt::format("`{}` must be an absolute URL, found {}", key, described(value)), "",
                     websocket ? "begin it with ws:// or wss://" : "begin it with http:// or https://");
}

Target target_of(const YamlEntry& entry, Complaints& complaints) {
    Target target;
    target.name = entry.key;
    target.place = entry.key_place;
    const Fields fields(entry.value, mapping_type("target"), entry.key_place, complaints);
    for (const YamlEntry& value : entry.value.entries) {
        if (is_route(value.key) || fields.find(value.key) == nullptr) continue;
        check_address(value.key, value.value, complaints);
        target.values.emplace_back(value.key, value.value.text);
    }
    target.resolve = fields.texts("resolve");
    target.connect_to = fields.texts("connect_to");
    target.ca = fields.text("ca");
    target.cert = fields.text("cert");
    target.key = fields.text("key");
    target.proxy = fields.text("proxy");
    return target;
}

}  // namespace

const std::string* Target::find(std::string_view key) const {
    const auto found = std::ranges::find(values, key, [](const auto& value) { return std::string_view(value.first); });
    return found == values.end() ? nullptr : &found->second;
}

std::vector<Target> targets_of(const YamlNode& by_name, Complaints& complaints) {
    std::vector<Target> all;
    for (const YamlEntry& entry : by_name.entries) all.push_back(target_of(entry, complaints));
    return all;
}

LoadedTargets load_targets(const std::string& path, const ReadFile& read) {
    Complaints complaints;
    LoadedTargets loaded;
    if (Result<std::string> text = read(path); !text) {
        complaints.error({}, text.error().title, {}, text.error().remedy);
    } else {
        Mistakes mistakes;
        const Document document = parse_document(path, *std::move(text), mistakes);
        complaints.add(std::move(mistakes));
        if (document.root) {
            const Fields fields(*document.root, mapping_type("targets file"), document.root->place, complaints);
            const YamlNode* targets = fields.find("targets");
            if (targets != nullptr && targets->entries.empty()) {
                complaints.error(fields.key_place("targets"), "`targets` is empty", "nothing would be watched",
                                 "name at least one target");
            }
            if (targets != nullptr) loaded.targets = targets_of(*targets, complaints);
        }
    }
    loaded.mistakes = complaints.take();
    return loaded;
}

}  // namespace serin
