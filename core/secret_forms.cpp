// SPDX-License-Identifier: Apache-2.0
#include "core/secret_forms.hpp"

#include <algorithm>

#include "core/ascii.hpp"
#include "core/secret.hpp"
#include "core/utf8.hpp"

namespace serin {
namespace {

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::size_t shortest_line = 8;  // bytes

void append_hex(std::string& out, unsigned char byte, std::string_view digits) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
}

std::string hex(std::string_view bytes, std::string_view digits) {
    std::string out;
    for (const char c : bytes) append_hex(out, static_cast<unsigned char>(c), digits);
    return out;
}

bool is_unreserved(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text, std::string_view digits) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += '%';
            append_hex(out, static_cast<unsigned char>(c), digits);
        }
    }
    return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
        text.replace(at, what.size(), by);
    }
    return text;
}

void append_utf16_escape(std::string& out, char32_t unit) {
    out += "\\u";
    append_hex(out, static_cast<unsigned char>(unit >> 8U), lower_digits);
    append_hex(out, static_cast<unsigned char>(unit), lower_digits);
}

/// JSON writers differ in what they escape beyond RFC 8259 §7: PHP escapes "/", Go "<>&", Python all that is not ASCII.
struct JsonHabit {
    bool slash = false, html = false, non_ascii = false;
};

std::string json_escaped(std::string_view text, JsonHabit habit) {
    constexpr std::string_view named = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        const std::string_view raw = text.substr(at, point.bytes);
        at += point.bytes;
        const bool as_html = habit.html && (raw == "<" || raw == ">" || raw == "&");
        const bool as_foreign = habit.non_ascii && point.valid && point.value >= 0x80;
        if (const std::size_t name = point.bytes == 1 ? named.find(raw) : std::string_view::npos; name != raw.npos) {
            out += '\\';
            out += letters[name];
        } else if (raw == "/" && habit.slash) {
            out += "\\/";
        } else if (as_foreign && point.value >= 0x10000) {
            append_utf16_escape(out, 0xd800 + ((point.value - 0x10000) >> 10U));
            append_utf16_escape(out, 0xdc00 + ((point.value - 0x10000) & 0x3ffU));
        } else if (point.value < 0x20 || as_html || as_foreign) {
            append_utf16_escape(out, point.value);
        } else {
            out += raw;
        }
    }
    return out;
}

/// HTML and XML writers agree on "&amp;", "&lt;" and "&gt;", and differ in what they make of the two quotes.
std::string html_escaped(std::string_view text, std::string_view quote, std::string_view apostrophe) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += quote;
                break;
            case '\'':
                out += apostrophe;
                break;
            default:
                out += c;
        }
    }
    return out;
}

Base64Form aligned_base64(std::string_view value, std::size_t before) {
    const std::size_t first_bit = 8 * before;
    const std::size_t end_bit = first_bit + 8 * value.size();
    const std::size_t first = (first_bit + 5) / 6;
    const std::size_t end = end_bit / 6;
    const std::string whole = base64(std::string(before, '\0') + std::string(value));
    return {
        .text = whole.substr(first, end - first), .edge_before = first_bit % 6 != 0, .edge_after = end_bit % 6 != 0};
}

}  // namespace

std::set<std::string> written_forms(std::string_view value) {
    std::set<std::string> texts{std::string(value)};
    for (const std::string_view digits : {upper_digits, lower_digits}) {
        const std::string escaped = percent_encoded(value, digits);
        texts.insert(escaped);
        texts.insert(replaced(escaped, "%20", "+"));  // application/x-www-form-urlencoded
    }
    for (const JsonHabit habit : {JsonHabit{}, JsonHabit{.slash = true}, JsonHabit{.html = true},
                                  JsonHabit{.slash = true, .non_ascii = true}, JsonHabit{.non_ascii = true}}) {
        const std::string once = json_escaped(value, habit);
        texts.insert(once);
        texts.insert(json_escaped(once, habit));  // JSON in a JSON text: webhooks that quote a body, our own reports
    }
    for (const std::string_view quote : {"\"", "&quot;", "&#34;"}) {
        for (const std::string_view apostrophe : {"'", "&#39;", "&#x27;", "&#039;", "&apos;"}) {
            texts.insert(html_escaped(value, quote, apostrophe));
        }
    }
    texts.erase("");
    return texts;
}

std::set<std::string> hex_forms(std::string_view value) {
    return {hex(value, lower_digits), hex(value, upper_digits)};
}

std::vector<Base64Form> base64_forms(std::string_view value) {
    std::vector<Base64Form> forms;
    for (std::size_t before = 0; before < 3; ++before) {
        const Base64Form standard = aligned_base64(value, before);
        Base64Form url = standard;
        url.text = url_alphabet(url.text);
        if (url.text != standard.text) forms.push_back(std::move(url));
        forms.push_back(standard);
    }
    return forms;
}

std::string url_alphabet(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::set<std::string> telling_lines(std::string_view value) {
    std::set<std::string> lines;
    if (!value.contains('\n')) return lines;
    for (std::size_t begin = 0; begin < value.size();) {
        const std::size_t end = std::min(value.find('\n', begin), value.size());
        const std::string_view line = trimmed(value.substr(begin, end - begin));
        begin = end + 1;
        if (line.size() >= shortest_line && !line.starts_with("-----")) lines.emplace(line);
    }
    return lines;
}

std::string url_escape(std::string_view text) {
    return percent_encoded(text, upper_digits);
}

}  // namespace serin
