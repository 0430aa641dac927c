// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/log_line.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "reports/formats/escaping.hpp"

namespace serin {
namespace {

constexpr std::size_t longest_word = 64;
constexpr std::size_t longest_value = 1024;
constexpr std::size_t longest_message = 4096;
constexpr std::size_t most_fields = 32;

/// A word for machines: whatever is not of its alphabet becomes "_".
std::string word(std::string_view text) {
    std::string safe(text.substr(0, longest_word));
    for (char& c : safe) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '.' || c == '-';
        if (!plain) c = '_';
    }
    return safe.empty() ? "_" : safe;
}

/// As it is when it is one plain word; else quoted, so that no value looks like another field.
std::string value(std::string_view text) {
    std::string cut = clipped(text, longest_value);
    const bool plain = !cut.empty() && std::ranges::all_of(cut, [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
    if (plain) return cut;
    std::string escaped;
    for (const char c : cut) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return '"' + printable(escaped) + '"';
}

}  // namespace

const char* name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

std::string text_line(const LogEvent& event) {
    std::string line = rfc3339(event.at);
    line += ' ';
    line += name_of(event.level);
    line += ' ';
    line += word(event.event);
    for (std::size_t i = 0; i < std::min(event.fields.size(), most_fields); ++i)
        line += ' ' + word(event.fields[i].first) + '=' + value(event.fields[i].second);
    if (!event.message.empty()) line += ' ' + printable(clipped(event.message, longest_message));
    return line;
}

std::string json_line(const LogEvent& event) {
    nlohmann::ordered_json line = {{"at", rfc3339(event.at)},
                                   {"level", name_of(event.level)},
                                   {"event", word(event.event)},
                                   {"message", clipped(event.message, longest_message)}};
    for (std::size_t i = 0; i < std::min(event.fields.size(), most_fields); ++i) {
        std::string name = word(event.fields[i].first);
        while (line.contains(name)) name += '_';
        line[name] = clipped(event.fields[i].second, longest_value);
    }
    return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace serin
