// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/language/matching.hpp"
#include "scenarios/language/yaml_traps.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

/// A template as JSON when nothing in it is computed.
std::optional<Json> constant(const Template& value) {
    return std::visit(
        [](const auto& held) -> std::optional<Json> {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, Text>) {
                if (!held.constant()) return std::nullopt;
                return held.parts.empty() ? Json("") : Json(std::get<std::string>(held.parts.front()));
            } else if constexpr (std::is_same_v<Held, Template::List>) {
                Json list = Json::array();
                for (const Template& item : held) {
                    std::optional<Json> element = constant(item);
                    if (!element) return std::nullopt;
                    list.push_back(std::move(*element));
                }
                return list;
            } else if constexpr (std::is_same_v<Held, Template::Map>) {
                Json map = Json::object();
                for (const TemplateEntry& entry : held) {
                    std::optional<Json> element = constant(entry.value);
                    if (!element) return std::nullopt;
                    map[entry.key] = std::move(*element);
                }
                return map;
            } else {
                return Json(held);
            }
        },
        value.value);
}

/// What is wrong with a marker. One whose operand is computed is only wrong when no operand could be right.
std::vector<Error> marker_mistakes(const std::string& marker, const Template& operand) {
    if (const std::optional<Json> known = constant(operand)) return pattern_mistakes(Json{{marker, *known}});
    std::vector<Error> mistakes;
    for (const Json& possible : {Json(1), Json("x"), Json(true), Json::array({1}), Json("00")}) {
        mistakes = pattern_mistakes(Json{{marker, possible}});
        if (mistakes.empty()) break;
    }
    return mistakes;
}

bool is_hex(std::string_view text) {
    const auto digit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return text.size() % 2 == 0 && std::ranges::all_of(text, digit);
}

}  // namespace

void Values::refuse_template_key(const YamlEntry& entry) {
    if (entry.key.find("${") == std::string::npos) return;
    complaints_.error(entry.key_place, "`${…}` is not resolved in keys", "taken literally", "use a constant key");
}

void Values::refuse_comment(const YamlEntry& entry) {
    if (entry.value.kind != YamlKind::null) return;
    if (const std::optional<Mistake> trap = commented_value_trap(entry.key_place)) complaints_.add(*trap);
}

Template Values::text(const YamlNode& node) {
    Template made;
    made.place = node.content;
    if (const std::optional<Mistake> trap = text_trap(node)) {
        complaints_.add(*trap);
    } else if (const std::optional<Mistake> warning = comment_trap(node)) {
        complaints_.add(*warning);
    }
    made.value = names_.text(node.text, node.content);
    return made;
}

Template Values::value(const YamlNode& node) {
    Template made;
    made.place = node.content;
    switch (node.kind) {
        case YamlKind::null:
            break;
        case YamlKind::list: {
            Template::List list;
            for (const YamlNode& item : node.items) list.push_back(value(item));
            made.value = std::move(list);
            break;
        }
        case YamlKind::map:
            made.value = value_map(node);
            break;
        case YamlKind::scalar: {
            const ScalarValue scalar = typed(node);
            if (std::holds_alternative<std::string>(scalar)) {
                if (const std::optional<Mistake> warning = typing_trap(node)) complaints_.add(*warning);
                return text(node);
            }
            std::visit(
                [&](const auto& held) {
                    if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, std::string>) made.value = held;
                },
                scalar);
            if (const std::optional<Mistake> trap = text_trap(node)) complaints_.add(*trap);
            break;
        }
    }
    return made;
}

Template::Map Values::value_map(const YamlNode& node) {
    Template::Map map;
    for (const YamlEntry& entry : node.entries) {
        refuse_template_key(entry);
        refuse_comment(entry);
        map.push_back({.key = entry.key, .key_place = entry.key_place, .value = value(entry.value)});
    }
    return map;
}

Template::Map Values::text_map(const YamlNode& node) {
    Template::Map map;
    for (const YamlEntry& entry : node.entries) {
        refuse_template_key(entry);
        map.push_back({.key = entry.key, .key_place = entry.key_place, .value = text(entry.value)});
    }
    return map;
}

Template Values::pattern(const YamlNode& node, const Place& owner, PatternUse use) {
    if (node.kind == YamlKind::null) {
        complaints_.error(owner, "a pattern is missing", "nothing stands here",
                          "write a mapping, a text or {$any: true}");
        return {};
    }
    if (node.is_scalar()) return text(node);
    Template made = value(node);
    check_markers(made, /*top=*/true, use);
    return made;
}

void Values::check_markers(const Template& pattern, bool top, PatternUse use) {
    if (const auto* list = std::get_if<Template::List>(&pattern.value)) {
        for (const Template& item : *list) check_markers(item, false, use);
        return;
    }
    const auto* map = std::get_if<Template::Map>(&pattern.value);
    if (map == nullptr) return;
    const auto is_marker = [](const TemplateEntry& entry) { return entry.key.starts_with('$'); };
    const bool mixed = std::ranges::any_of(*map, is_marker) && !std::ranges::all_of(*map, is_marker);
    for (const TemplateEntry& entry : *map) {
        if (!is_marker(entry)) {
            check_markers(entry.value, false, use);
        } else if (mixed) {
            complaints_.error(entry.key_place, fmt::format("the marker `{}` stands beside plain keys", entry.key), "",
                              "give markers a mapping of their own");
        } else if (entry.key == "$close" && (!top || use != PatternUse::receive || map->size() != 1)) {
            complaints_.error(entry.key_place, "`$close` is the whole pattern of a `receive` step",
                              top && map->size() == 1 ? "nothing closes here" : "beside or within other patterns",
                              "write a step of its own, as `receive: { $close: 4001 }`");
        } else if (entry.key == "$hex" && !top) {
            complaints_.error(entry.key_place, "`$hex` describes a whole binary frame", "within a mapping",
                              "use it alone");
        } else {
            for (Error& mistake : marker_mistakes(entry.key, entry.value))
                complaints_.error(entry.key_place, std::move(mistake.title), "", std::move(mistake.remedy));
        }
    }
}

Template Values::hex(const YamlNode& node) {
    Template made = text(node);
    const std::optional<Json> known = constant(made);
    if (known && !is_hex(known->get<std::string>())) {
        complaints_.error(node.place, "these are no pairs of hex digits", "",
                          "write two digits for each byte, as \"00ff10\"");
    }
    return made;
}

}  // namespace serin
