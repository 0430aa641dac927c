// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "core/utf8.hpp"

namespace serin {
namespace {

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::size_t shortest_substring = 4;  // bytes; anything shorter also stands in texts that are no secret

unsigned char byte_of(char c) {
    return static_cast<unsigned char>(c);
}
bool is_digit_or_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
    return is_digit_or_letter(c) || c == '_' || byte_of(c) >= 0x80;
}
bool is_base64(char c) {
    return is_digit_or_letter(c) || c == '+' || c == '/' || c == '-' || c == '_';
}
bool is_unreserved(char c) {
    return is_digit_or_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_hex(std::string& out, unsigned char byte, std::string_view digits) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
}

std::string hex(std::string_view bytes, std::string_view digits) {
    std::string out;
    for (const char c : bytes) append_hex(out, byte_of(c), digits);
    return out;
}

std::string percent_encoded(std::string_view text, std::string_view digits) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            out += '%';
            append_hex(out, byte_of(c), digits);
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
        if (const std::size_t name = point.bytes == 1 ? named.find(raw) : std::string_view::npos; name != raw.npos) {
            out += '\\';
            out += letters[name];
        } else if (raw == "/" && habit.slash) {
            out += "\\/";
        } else if (point.value < 0x20 || (habit.html && (raw == "<" || raw == ">" || raw == "&"))) {
            append_utf16_escape(out, point.value);
        } else if (habit.non_ascii && point.valid && point.value >= 0x10000) {
            append_utf16_escape(out, 0xd800 + ((point.value - 0x10000) >> 10U));
            append_utf16_escape(out, 0xdc00 + ((point.value - 0x10000) & 0x3ffU));
        } else if (habit.non_ascii && point.valid && point.value >= 0x80) {
            append_utf16_escape(out, point.value);
        } else {
            out += raw;
        }
    }
    return out;
}

std::string url_alphabet(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

/// The characters that `secret` alone decides when `before` foreign bytes precede it in the encoded text, and whether a
/// character on either side holds some of its bits too.
struct Aligned {
    std::string text;
    bool edge_before = false, edge_after = false;
};
Aligned aligned_base64(std::string_view secret, std::size_t before) {
    const std::size_t first_bit = 8 * before;
    const std::size_t end_bit = first_bit + 8 * secret.size();
    const std::size_t first = (first_bit + 5) / 6;
    const std::size_t end = end_bit / 6;
    const std::string whole = base64(std::string(before, '\0') + std::string(secret));
    return {
        .text = whole.substr(first, end - first), .edge_before = first_bit % 6 != 0, .edge_after = end_bit % 6 != 0};
}

}  // namespace

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < group.size() ? byte_of(group[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 0x3fU] : '=';
        }
    }
    return out;
}

std::string url_escape(std::string_view text) {
    return percent_encoded(text, upper_digits);
}

void Redactor::add(std::string_view name, const Secret& secret) {
    const std::string& value = secret.reveal();
    if (value.empty()) return;

    std::set<std::string> texts{value, hex(value, lower_digits), hex(value, upper_digits)};
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
    const bool whole_word = value.size() < shortest_substring;
    if (whole_word) {
        texts.insert(base64(value));
        texts.insert(url_alphabet(base64(value)));
    }

    const std::string replacement = "[secret " + std::string(name) + "]";
    for (const std::string& text : texts) {
        forms_.push_back({.text = text, .replacement = replacement, .whole_word = whole_word});
    }
    for (std::size_t before = 0; before < 3 && !whole_word; ++before) {
        const Aligned aligned = aligned_base64(value, before);
        for (const std::string& text : std::set{aligned.text, url_alphabet(aligned.text)}) {
            forms_.push_back({.text = text,
                              .replacement = replacement,
                              .edge_before = aligned.edge_before ? 1U : 0U,
                              .edge_after = aligned.edge_after ? 1U : 0U});
        }
    }

    const auto first_byte = [](const Form& form) { return byte_of(form.text.front()); };
    std::ranges::sort(forms_, {}, [](const Form& form) { return std::tie(form.text, form.replacement); });
    for (std::size_t byte = 0; byte < starts_.size(); ++byte) {
        starts_[byte] =
            static_cast<std::size_t>(std::ranges::lower_bound(forms_, byte, {}, first_byte) - forms_.begin());
    }
}

bool Redactor::found_at(const Form& form, std::string_view text, std::size_t at) {
    if (!text.substr(at).starts_with(form.text)) return false;
    if (!form.whole_word) return true;
    const std::size_t end = at + form.text.size();
    return (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
}

std::vector<Redactor::Match> Redactor::matches(std::string_view text) const {
    std::vector<Match> found;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t byte = byte_of(text[at]);
        for (std::size_t i = starts_[byte]; i < starts_[byte + 1]; ++i) {
            const Form& form = forms_[i];
            if (!found_at(form, text, at)) continue;
            Match match{.begin = at, .end = at + form.text.size(), .form = &form};
            if (form.edge_before > 0 && at > 0 && is_base64(text[at - 1])) match.begin -= 1;
            if (form.edge_after > 0 && match.end < text.size() && is_base64(text[match.end])) match.end += 1;
            found.push_back(match);
        }
    }
    return found;
}

std::string Redactor::redact(std::string_view text) const {
    std::vector<Match> found = matches(text);
    if (found.empty()) return std::string(text);
    std::ranges::sort(found, [](const Match& a, const Match& b) {
        return std::tie(a.begin, b.end, a.form) <
               std::tie(b.begin, a.end, b.form);  // the longest of those that start together
    });

    std::string out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < found.size();) {
        // Overlapping matches become one stretch: replacing only the first would leave the rest of the second readable.
        const Match& first = found[i];
        std::size_t end = first.end;
        for (; i < found.size() && (found[i].begin < end || &found[i] == &first); ++i)
            end = std::max(end, found[i].end);
        out += text.substr(done, first.begin - done);
        out += first.form->replacement;
        done = end;
    }
    out += text.substr(done);
    return out;
}

std::string without_userinfo(std::string_view text) {
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const std::size_t begin = at + 3;
        const std::size_t end = std::min(text.find_first_of("/?# \t\n'\"<>", begin), text.size());
        const std::size_t sign = text.substr(begin, end - begin).rfind('@');
        if (sign == std::string_view::npos) continue;
        out.append(text.substr(done, begin - done)).append("[hidden]");
        done = begin + sign;
    }
    return out.append(text.substr(done));
}

}  // namespace serin
