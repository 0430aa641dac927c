// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "core/ascii.hpp"
#include "core/secret_forms.hpp"

namespace serin {
namespace {

unsigned char byte_of(char c) {
    return static_cast<unsigned char>(c);
}
bool is_word(char c) {
    return is_alphanumeric(c) || c == '_' || byte_of(c) >= 0x80;
}
bool is_base64(char c) {
    return is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// How many bytes at `at` are line breaks, also as JSON escapes them, and the indentation after them.
std::size_t fold_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size()) {
        const std::string_view rest = text.substr(end);
        if (rest.starts_with('\n') || rest.starts_with('\r') || (end > at && is_blank(rest.front()))) {
            ++end;
        } else if (rest.starts_with("\\n") || rest.starts_with("\\r")) {
            end += 2;
        } else {
            break;
        }
    }
    return end - at;
}

/// Where the fold that ends at `at` begins; `at` when there is none.
std::size_t before_fold(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0) {
        const char last = text[begin - 1];
        if (last == '\n' || last == '\r' || is_blank(last)) {
            --begin;
        } else if ((last == 'n' || last == 'r') && begin > 1 && text[begin - 2] == '\\') {
            begin -= 2;
        } else {
            break;
        }
    }
    while (begin < at && is_blank(text[begin])) ++begin;
    return begin;
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

void Redactor::add(std::string_view name, const Secret& secret) {
    const std::string& value = secret.reveal();
    if (value.empty()) return;
    const std::string replacement = "[secret " + std::string(name) + "]";
    const bool whole_word = value.size() < shortest_anywhere;
    const auto add_all = [&](const std::set<std::string>& texts) {
        for (const std::string& text : texts) {
            forms_.push_back({.text = text, .replacement = replacement, .whole_word = whole_word});
        }
    };
    add_all(written_forms(value));
    add_all(hex_forms(value));
    for (const std::string& line : telling_lines(value)) add_all(written_forms(line));
    if (whole_word) {
        add_all({base64(value), url_alphabet(base64(value))});
    } else {
        for (Base64Form& form : base64_forms(value)) {
            forms_.push_back({.text = std::move(form.text),
                              .replacement = replacement,
                              .folded = true,
                              .edge_before = form.edge_before,
                              .edge_after = form.edge_after});
        }
    }
    const auto first_byte = [](const Form& form) { return byte_of(form.text.front()); };
    std::ranges::sort(forms_, {}, [](const Form& form) { return std::tie(form.text, form.replacement); });
    for (std::size_t byte = 0; byte < starts_.size(); ++byte) {
        starts_[byte] =
            static_cast<std::size_t>(std::ranges::lower_bound(forms_, byte, {}, first_byte) - forms_.begin());
    }
}

std::size_t Redactor::end_of(const Form& form, std::string_view text, std::size_t at) {
    if (!form.folded) {
        const std::size_t end = at + form.text.size();
        if (!text.substr(at).starts_with(form.text)) return npos;
        if (!form.whole_word) return end;
        return (at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end])) ? npos : end;
    }
    for (const char c : form.text) {
        if (&c != &form.text.front()) at += fold_at(text, at);
        if (at >= text.size() || text[at] != c) return npos;
        ++at;
    }
    return at;
}

std::vector<Redactor::Match> Redactor::matches(std::string_view text) const {
    std::vector<Match> found;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t byte = byte_of(text[at]);
        for (std::size_t i = starts_[byte]; i < starts_[byte + 1]; ++i) {
            const Form& form = forms_[i];
            const std::size_t end = end_of(form, text, at);
            if (end == npos) continue;
            Match match{.begin = at, .end = end, .form = &form};
            const std::size_t before = form.edge_before ? before_fold(text, at) : 0;
            if (before > 0 && is_base64(text[before - 1])) match.begin = before - 1;
            const std::size_t after = form.edge_after ? end + fold_at(text, end) : text.size();
            if (after < text.size() && is_base64(text[after])) match.end = after + 1;
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
