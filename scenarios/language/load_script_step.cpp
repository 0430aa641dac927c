// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scenarios/language/load_steps.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {
namespace {

/// A script's value as the tree that the same value would make in YAML; everything stands at the script's line.
YamlNode node_of(const nlohmann::json& value, const Place& place, int depth) {
    YamlNode node;
    node.place = node.content = place;
    if (value.is_null() || depth > max_depth) return node;
    if (value.is_object()) {
        node.kind = YamlKind::map;
        for (const auto& [key, inner] : value.items()) {
            node.entries.push_back({.key = key, .key_place = place, .value = node_of(inner, place, depth + 1)});
        }
    } else if (value.is_array()) {
        node.kind = YamlKind::list;
        for (const auto& inner : value) node.items.push_back(node_of(inner, place, depth + 1));
    } else {
        node.kind = YamlKind::scalar;
        node.style = value.is_string() ? ScalarStyle::quoted : ScalarStyle::plain;
        node.text = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return node;
}

}  // namespace

LoadedStep step_from_json(const nlohmann::json& mapping, const Place& place) {
    Reading reading;
    NameBook names(reading.complaints, reading.used);
    names.accept_any();
    StepLoader loader(reading, names, StepOwner::script);
    Step step = loader.step(node_of(mapping, place, 0), StepPart::main);
    const bool usable = reading.complaints.errors() == 0;
    LoadedStep loaded{.step = std::nullopt, .mistakes = reading.take_mistakes()};
    if (usable) loaded.step = std::move(step);
    return loaded;
}

}  // namespace serin
