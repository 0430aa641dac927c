// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/escaping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.hpp"

namespace serin {
namespace {

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/// Marks that change the order in which a terminal or a browser shows what follows (Unicode TR #36, "bidirectional text
/// spoofing"), the two line separators and the byte order mark.
bool is_deceptive(char32_t c) {
    return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c ||
           c == 0xfeff;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string out(text);
    for (std::size_t at = 0; (at = out.find(what, at)) != std::string::npos; at += by.size()) {
        out.replace(at, what.size(), by);
    }
    return out;
}

/// printable() line by line.
std::string printable_lines(std::string_view text) {
    std::string out;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (begin > 0) out += '\n';
        out += printable(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

void append_xml(std::string& out, std::string_view text, bool attribute) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        const std::string_view raw = text.substr(at, point.bytes);
        at += point.bytes;
        const bool layout = raw == "\n" || raw == "\t";
        const bool allowed = !is_control(point.value) && point.value != 0xfffe && point.value != 0xffff;
        if (!point.valid) {
            out += "\xef\xbf\xbd";
        } else if (raw == "&") {
            out += "&amp;";
        } else if (raw == "<") {
            out += "&lt;";
        } else if (raw == ">") {
            out += "&gt;";
        } else if (raw == "\"") {
            out += "&quot;";
        } else if (attribute && layout) {
            out += fmt::format("&#{};", static_cast<unsigned>(point.value));
        } else if (layout || allowed) {
            out += raw;
        }
    }
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        const auto value = static_cast<unsigned>(point.value);
        if (value == '\n') {
            out += "\\n";
        } else if (value == '\r') {
            out += "\\r";
        } else if (value == '\t') {
            out += "\\t";
        } else if (!point.valid || (is_control(point.value) && value < 0x80)) {
            out += fmt::format("\\x{:02x}", value);
        } else if (is_control(point.value) || is_deceptive(point.value)) {
            out += fmt::format("\\u{{{:x}}}", value);
        } else {
            out += text.substr(at, point.bytes);
        }
        at += point.bytes;
    }
    return out;
}

std::string xml_text(std::string_view text) {
    std::string out;
    append_xml(out, text, false);
    return out;
}

std::string xml_attribute(std::string_view text) {
    std::string out;
    append_xml(out, text, true);
    return out;
}

std::string github_message(std::string_view text) {
    return replaced(replaced(printable_lines(text), "%", "%25"), "\n", "%0A");
}

std::string github_property(std::string_view text) {
    return replaced(replaced(github_message(text), ":", "%3A"), ",", "%2C");
}

std::string github_plain(std::string_view text) {
    // The runner obeys "::command::" at the beginning of a line, blanks aside, and the older "##[command]" anywhere.
    std::string out;
    const std::string unmarked = replaced(text, "##[", "## [");
    bool beginning = true;
    for (const char c : unmarked) {
        if (beginning && c == ':') out += "\\";
        out += c;
        beginning = c == '\n' || (beginning && (c == ' ' || c == '\t'));
    }
    return out;
}

std::string tap_description(std::string_view text) {
    return replaced(replaced(printable(text), "\\", "\\\\"), "#", "\\#");
}

std::string yaml_quoted(std::string_view text) {
    return "\"" + replaced(replaced(printable(text), "\\", "\\\\"), "\"", "\\\"") + "\"";
}

}  // namespace serin
