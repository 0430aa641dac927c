// SPDX-License-Identifier: Apache-2.0
// What a scalar means: its type, its words for messages, its lines.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/names.hpp"
#include "scenarios/language/document.hpp"

namespace serin {
namespace {

bool is_integer(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.size() > 1 && text.starts_with('0')) return false;  // 010: eight in YAML 1.1, ten in 1.2
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
bool is_float(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::size_t digits = 0, at = 0;
    const auto run = [&] {
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) ++digits;
    };
    run();
    if (at > 1 && text[0] == '0') return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        run();
    }
    if (digits == 0) return false;
    if (at == text.size()) return true;
    if (text[at] != 'e' && text[at] != 'E') return false;
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent = at;
    run();
    return at > exponent && at == text.size();
}

}  // namespace

ScalarValue typed_plain(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    const char* end = text.data() + text.size();
    if (is_integer(text)) {
        std::int64_t value = 0;
        const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
        if (std::from_chars(digits.data(), end, value).ec == std::errc()) return value;
    } else if (text.starts_with("0x") && text.size() > 2) {
        std::int64_t value = 0;
        const auto [stopped, error] = std::from_chars(text.data() + 2, end, value, 16);
        if (error == std::errc() && stopped == end && text[2] != '-') return value;
    }
    if (is_integer(text) || is_float(text)) {
        double value = 0;
        const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
        if (std::from_chars(digits.data(), end, value).ec == std::errc() && std::isfinite(value)) return value;
    }
    return std::string(text);
}

ScalarValue typed(const YamlNode& scalar) {
    if (scalar.style != ScalarStyle::plain) return scalar.text;
    return typed_plain(scalar.text);
}

std::string described(const YamlNode& node) {
    switch (node.kind) {
        case YamlKind::null:
            return "nothing";
        case YamlKind::list:
            return "a list";
        case YamlKind::map:
            return "a mapping";
        case YamlKind::scalar:
            break;
    }
    const ScalarValue value = typed(node);
    if (std::holds_alternative<std::nullptr_t>(value)) return "nothing";
    if (std::holds_alternative<bool>(value)) return fmt::format("`{}`", node.text);
    if (!std::holds_alternative<std::string>(value)) return fmt::format("the number {}", node.text);
    if (node.text.empty()) return "an empty text";
    if (node.is_block()) return "a text block";
    return fmt::format("the text `{}`", clipped(node.text, 40));
}

std::vector<ScalarLine> lines_of(const YamlNode& scalar) {
    if (scalar.style != ScalarStyle::literal) return {{scalar.text, scalar.content}};
    std::vector<ScalarLine> lines;
    int number = scalar.place.line;
    for (std::size_t begin = 0; begin < scalar.text.size();) {
        const std::size_t end = std::min(scalar.text.find('\n', begin), scalar.text.size());
        std::string text = scalar.text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        Place place = scalar.place;
        if (place.known()) {
            const std::string_view written = place.source->line(number);
            if (written.ends_with(text)) {
                place.line = number;
                place.column = static_cast<int>(written.size() - text.size()) + 1;
                place.length = static_cast<int>(std::max<std::size_t>(text.size(), 1));
            }
        }
        lines.push_back({std::move(text), std::move(place)});
    }
    return lines;
}

}  // namespace serin
