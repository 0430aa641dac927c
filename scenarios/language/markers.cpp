// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/markers.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/matching.hpp"
#include "scenarios/language/regexes.hpp"

namespace serin {
namespace {

using nlohmann::json;

bool order_holds(std::string_view marker, const json& operand, const json& value) {
    if (!operand.is_number() || !value.is_number()) return false;
    if (marker == "$gt") return value > operand;
    if (marker == "$ge") return value >= operand;
    if (marker == "$lt") return value < operand;
    return value <= operand;
}

bool regex_holds(const json& operand, const json& value) {
    // Every frame of a log is held against the same few patterns.
    thread_local Regexes regexes;
    if (!operand.is_string() || !value.is_string()) return false;
    const auto regex = regexes.compiled(operand.get<std::string>());
    return regex && re2::RE2::PartialMatch(value.get_ref<const std::string&>(), **regex);
}

bool contains_holds(const json& operand, const json& value) {
    if (value.is_string()) {
        return operand.is_string() &&
               value.get_ref<const std::string&>().find(operand.get_ref<const std::string&>()) != std::string::npos;
    }
    return value.is_array() &&
           std::ranges::any_of(value, [&](const json& item) { return differences(operand, item, false).empty(); });
}

bool length_holds(const json& operand, const json& value) {
    std::size_t length = value.size();
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        length = static_cast<std::size_t>(
            std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    } else if (!value.is_structured()) {
        return false;
    }
    return differences(operand, json(length), false).empty();
}

struct TypeName {
    std::string_view name;
    bool (*is)(const json&);
};
/// JSON Schema's names (draft 7, 6.1.1), and the words that YAML people use.
constexpr std::array types{TypeName{"string", [](const json& it) { return it.is_string(); }},
                           TypeName{"number", [](const json& it) { return it.is_number(); }},
                           TypeName{"integer", [](const json& it) { return it.is_number_integer(); }},
                           TypeName{"boolean", [](const json& it) { return it.is_boolean(); }},
                           TypeName{"array", [](const json& it) { return it.is_array(); }},
                           TypeName{"list", [](const json& it) { return it.is_array(); }},
                           TypeName{"object", [](const json& it) { return it.is_object(); }},
                           TypeName{"mapping", [](const json& it) { return it.is_object(); }},
                           TypeName{"null", [](const json& it) { return it.is_null(); }}};

const TypeName* find_type(const json& name) {
    if (!name.is_string()) return nullptr;
    const auto* found = std::ranges::find(types, std::string_view{name.get_ref<const std::string&>()}, &TypeName::name);
    return found == types.end() ? nullptr : found;
}

bool is_order(std::string_view marker) {
    return marker == "$gt" || marker == "$ge" || marker == "$lt" || marker == "$le";
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

bool is_marker_mapping(const json& pattern) {
    if (!pattern.is_object() || pattern.empty()) return false;
    return std::ranges::all_of(pattern.get_ref<const json::object_t&>(),
                               [](const auto& entry) { return entry.first.starts_with('$'); });
}

std::vector<std::string> marker_names() {
    return {"$regex", "$contains", "$gt",  "$ge",   "$lt", "$le",  "$ne",   "$eq",
            "$any",   "$absent",   "$len", "$type", "$in", "$hex", "$close"};
}

MarkerSubject subject_of(std::string_view marker) {
    if (marker == "$hex") return MarkerSubject::bytes;
    return marker == "$regex" || marker == "$contains" ? MarkerSubject::text : MarkerSubject::value;
}

bool marker_holds(std::string_view marker, const json& operand, const json* value) {
    if (marker == "$absent") return value == nullptr;
    if (!value) return false;
    if (marker == "$any") return true;
    if (marker == "$eq") return *value == operand;
    if (marker == "$ne") return !differences(operand, *value, false).empty();
    if (marker == "$regex") return regex_holds(operand, *value);
    if (marker == "$contains") return contains_holds(operand, *value);
    if (marker == "$len") return length_holds(operand, *value);
    if (is_order(marker)) return order_holds(marker, operand, *value);
    if (marker == "$in") {
        return operand.is_array() &&
               std::ranges::any_of(operand, [&](const json& one) { return differences(one, *value, false).empty(); });
    }
    if (marker == "$type") {
        const TypeName* type = find_type(operand);
        return type && type->is(*value);
    }
    return false;
}

std::optional<Error> marker_mistake(std::string_view marker, const json& operand) {
    const auto wants = [&](std::string_view what, std::string_view example) {
        return Error{.title = fmt::format("`{}` takes {}, not {}", marker, what, json_excerpt(operand, 60)),
                     .remedy = fmt::format("write it as `{{ {}: {} }}`", marker, example)};
    };
    if (is_order(marker) && !operand.is_number()) return wants("a number", "5");
    if ((marker == "$any" || marker == "$absent") && operand != json(true)) return wants("`true`", "true");
    if (marker == "$in" && !operand.is_array()) return wants("a list", "[a, b]");
    if (marker == "$len" && !operand.is_number_integer() && !is_marker_mapping(operand))
        return wants("a whole number or a comparison", "2");
    if (marker == "$close" && !operand.is_number_integer() && !is_marker_mapping(operand))
        return wants("a close code or a comparison", "4001");
    if (marker == "$regex") {
        if (!operand.is_string()) return wants("a text", "\"^a+$\"");
        if (std::string mistake = regex_mistake(operand.get<std::string>()); !mistake.empty())
            return Error{.title = std::move(mistake), .remedy = "write a regular expression of RE2"};
    }
    if (marker == "$hex" && (!operand.is_string() || !bytes_from_hex(operand.get<std::string>()))) {
        return wants("pairs of hexadecimal digits", "\"00ff10\"");
    }
    if (marker == "$type" && !find_type(operand)) {
        std::vector<std::string> names;
        names.reserve(std::size(types));
        for (const TypeName& type : types) names.emplace_back(type.name);
        const std::string given = operand.is_string() ? operand.get<std::string>() : json_excerpt(operand, 60);
        return Error{.title = fmt::format("`$type` knows no `{}`", given),
                     .remedy = did_you_mean(given, names, "types")};
    }
    const auto names = marker_names();
    if (std::ranges::find(names, marker) == names.end()) {
        return Error{.title = fmt::format("unknown marker `{}`", marker),
                     .remedy = did_you_mean(marker, names, "markers")};
    }
    return std::nullopt;
}

std::optional<std::string> bytes_from_hex(std::string_view hex) {
    std::string bytes;
    int high = -1;
    for (const char c : hex) {
        if (c == ' ' || c == '\n') continue;
        const int digit = hex_digit(c);
        if (digit < 0) return std::nullopt;
        if (high < 0) {
            high = digit;
        } else {
            bytes += static_cast<char>(high << 4 | digit);
            high = -1;
        }
    }
    return high < 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace serin
