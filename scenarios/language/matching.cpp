// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/matching.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/language/json_text.hpp"
#include "scenarios/language/markers.hpp"

namespace serin {
namespace {

using nlohmann::json;

constexpr std::size_t most_differences = 50;
constexpr std::size_t shown_bytes = 4096;  // see json_text.cpp: clipped again, after redaction, where it is printed

std::string shown(const json& value) {
    return json_excerpt(value, shown_bytes);
}
std::string shown_marker(std::string_view marker, const json& operand) {
    return fmt::format("{{{}: {}}}", marker, shown(operand));
}

std::string field_path(const std::string& parent, const std::string& key) {
    const bool plain = !key.empty() && key.find_first_of(". []\"") == std::string::npos;
    if (!plain) return fmt::format("{}[{}]", parent, json_excerpt(json(key), 60));
    return parent.empty() ? key : parent + "." + key;
}

std::string items(std::size_t count) {
    return fmt::format("{} item{}", count, count == 1 ? "" : "s");
}

/// Recursion goes as deep as the pattern does, never as deep as the value.
class Matcher {
public:
    explicit Matcher(bool strict) : strict_(strict) {}
    std::vector<Difference> found;

    /// `value` null: absent.
    void match(const json& pattern, const json* value, const std::string& path) {
        if (found.size() >= most_differences) return;
        if (is_marker_mapping(pattern)) return markers(pattern, value, path);
        if (!value) return add(path, shown(pattern), "absent");
        if (pattern.is_object() && value->is_object()) return object(pattern, *value, path);
        if (pattern.is_array() && value->is_array()) return list(pattern, *value, path);
        // Structured and of one kind were the two cases above; comparing the rest does not recurse.
        const bool equal = !pattern.is_structured() && !value->is_structured() && pattern == *value;
        if (!equal) add(path, shown(pattern), shown(*value));
    }

private:
    void add(std::string path, std::string expected, std::string actual) {
        if (found.size() < most_differences) found.push_back({std::move(path), std::move(expected), std::move(actual)});
    }

    void markers(const json& pattern, const json* value, const std::string& path) {
        for (const auto& [marker, operand] : pattern.get_ref<const json::object_t&>()) {
            if (!marker_holds(marker, operand, value))
                add(path, shown_marker(marker, operand), value ? shown(*value) : "absent");
        }
    }

    void object(const json& pattern, const json& value, const std::string& path) {
        for (const auto& [key, wanted] : pattern.get_ref<const json::object_t&>()) {
            const auto child = value.find(key);
            match(wanted, child == value.end() ? nullptr : &*child, field_path(path, key));
        }
        if (!strict_) return;
        for (const auto& [key, child] : value.get_ref<const json::object_t&>()) {
            if (!pattern.contains(key)) add(field_path(path, key), "absent", shown(child));
        }
    }

    void list(const json& pattern, const json& value, const std::string& path) {
        if (pattern.size() != value.size()) add(path, items(pattern.size()), items(value.size()));
        const std::size_t common = std::min(pattern.size(), value.size());
        for (std::size_t i = 0; i < common; ++i) match(pattern[i], &value[i], fmt::format("{}[{}]", path, i + 1));
    }

    bool strict_;
};

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes.substr(0, shown_bytes / 2)) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return bytes.size() > shown_bytes / 2 ? text + "…" : text;
}

/// The payload in the forms that markers look at; JSON is read only when one needs it.
class Payload {
public:
    Payload(std::string_view bytes, bool binary) : bytes_(bytes), binary_(binary) {}

    [[nodiscard]] bool holds(std::string_view marker, const json& operand) {
        switch (subject_of(marker)) {
            case MarkerSubject::bytes: {
                const auto wanted = operand.is_string() ? bytes_from_hex(operand.get<std::string>()) : std::nullopt;
                return wanted && *wanted == bytes_;
            }
            case MarkerSubject::text:
                return !binary_ && marker_holds(marker, operand, &text());
            case MarkerSubject::value:
                break;
        }
        if (marker == "$any" || marker == "$absent") return marker_holds(marker, operand, &text());
        // "42" is a text and a number at once: a marker holds for a payload that it holds for in either reading.
        if (marker == "$ne") return !marker_holds("$in", json::array({operand}), &text()) && !equals_value(operand);
        const json* value = json_value();
        return marker_holds(marker, operand, &text()) || (value && marker_holds(marker, operand, value));
    }

    [[nodiscard]] std::string described() const {
        return binary_ ? fmt::format("{} (binary, {} bytes)", hexadecimal(bytes_), bytes_.size())
                       : shown(json(std::string(bytes_)));
    }

private:
    const json& text() {
        if (text_.is_null()) text_ = std::string(bytes_);
        return text_;
    }
    const json* json_value() {
        if (!parsed_) parsed_ = parse_json(bytes_);
        return parsed_->has_value() ? &**parsed_ : nullptr;
    }
    bool equals_value(const json& operand) {
        const json* value = json_value();
        return value && differences(operand, *value, false).empty();
    }

    std::string_view bytes_;
    bool binary_;
    json text_;
    std::optional<Result<json>> parsed_;
};

}  // namespace

std::string Difference::text() const {
    return path.empty() ? fmt::format("{} ≠ {}", found, expected) : fmt::format("{}: {} ≠ {}", path, found, expected);
}

std::vector<Difference> differences(const json& pattern, const json& value, bool strict) {
    Matcher matcher{strict};
    matcher.match(pattern, &value, {});
    return std::move(matcher.found);
}

std::vector<Difference> payload_differences(const json& pattern, std::string_view payload, bool binary, bool strict) {
    if (is_marker_mapping(pattern)) {
        std::vector<Difference> found;
        Payload subject{payload, binary};
        for (const auto& [marker, operand] : pattern.get_ref<const json::object_t&>()) {
            if (!subject.holds(marker, operand))
                found.push_back({{}, shown_marker(marker, operand), subject.described()});
        }
        return found;
    }
    if (pattern.is_structured()) {
        const auto value = parse_json(payload);
        if (!value) return {{{}, "JSON like " + shown(pattern), Payload{payload, binary}.described()}};
        return differences(pattern, *value, strict);
    }
    if (!binary && payload == plain_text(pattern)) return {};
    return {
        {{}, shown(pattern.is_string() ? pattern : json(plain_text(pattern))), Payload{payload, binary}.described()}};
}

namespace {

/// What is wrong with a marker where it stands; `alone`: at the top, with nothing beside it.
std::optional<Error> marker_misuse(const std::string& key, const json& operand, bool among_plain_keys, bool top,
                                   bool alone) {
    if (among_plain_keys) {
        return Error{.title = fmt::format("the marker `{}` stands beside plain keys", key),
                     .remedy = "give markers a mapping of their own"};
    }
    if (auto mistake = marker_mistake(key, operand)) return mistake;
    if (key == "$hex" && !top) return Error{.title = "`$hex` describes a whole binary frame", .remedy = "use it alone"};
    if (key == "$close" && !alone)
        return Error{.title = "`$close` describes the end of a connection", .remedy = "use it alone"};
    return std::nullopt;
}

/// True when the operand of the marker is a pattern, or a list of them.
bool holds_patterns(std::string_view marker) {
    return marker == "$close" || marker == "$contains" || marker == "$in" || marker == "$ne" || marker == "$len";
}

void collect_mistakes(const json& pattern, bool top, std::vector<Error>& mistakes) {
    if (pattern.is_array()) {
        for (const json& item : pattern) collect_mistakes(item, false, mistakes);
    }
    if (!pattern.is_object()) return;
    const bool markers = is_marker_mapping(pattern);
    for (const auto& [key, operand] : pattern.get_ref<const json::object_t&>()) {
        const bool plain = !key.starts_with('$');
        if (auto misuse = plain ? std::nullopt : marker_misuse(key, operand, !markers, top, top && pattern.size() == 1))
            mistakes.push_back(*std::move(misuse));
        else if (plain || holds_patterns(key))
            collect_mistakes(operand, false, mistakes);
    }
}

}  // namespace

std::vector<Error> pattern_mistakes(const json& pattern) {
    std::vector<Error> mistakes;
    collect_mistakes(pattern, true, mistakes);
    return mistakes;
}

}  // namespace serin
