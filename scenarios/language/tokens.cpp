// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace serin {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr std::array keywords{"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                              "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                              "repeat",   "return", "then", "true", "until",  "while"};

struct Spelling {
    std::string_view written, lua;
};
/// Longest first, so that "===" is seen before "==".
constexpr std::array symbols{
    Spelling{"...", "..."}, Spelling{"==", "=="}, Spelling{"~=", "~="}, Spelling{"!=", "~="}, Spelling{"<=", "<="},
    Spelling{">=", ">="},   Spelling{"//", "//"}, Spelling{"<<", "<<"}, Spelling{">>", ">>"}, Spelling{"..", ".."},
    Spelling{"&&", "and"},  Spelling{"||", "or"}, Spelling{"::", "::"}, Spelling{"!", "not"}, Spelling{"+", "+"},
    Spelling{"-", "-"},     Spelling{"*", "*"},   Spelling{"/", "/"},   Spelling{"%", "%"},   Spelling{"^", "^"},
    Spelling{"#", "#"},     Spelling{"&", "&"},   Spelling{"~", "~"},   Spelling{"|", "|"},   Spelling{"<", "<"},
    Spelling{">", ">"},     Spelling{"=", "="},   Spelling{"(", "("},   Spelling{")", ")"},   Spelling{"{", "{"},
    Spelling{"}", "}"},     Spelling{"[", "["},   Spelling{"]", "]"},   Spelling{";", ";"},   Spelling{":", ":"},
    Spelling{",", ","},     Spelling{".", "."}};

struct Foreign {
    std::string_view written, remedy;
};
/// What people bring along from other languages, each with the spelling that works here.
constexpr std::array foreign{Foreign{"===", "write `==`"},
                             Foreign{"!==", "write `~=` or `!=`"},
                             Foreign{"=>", "write `>=`"},
                             Foreign{"=<", "write `<=`"},
                             Foreign{"<>", "write `~=` or `!=`"},
                             Foreign{"=~", "write `re.test(text, pattern)`"},
                             Foreign{"!~", "write `not re.test(text, pattern)`"},
                             Foreign{"??", "write `or`: `json.x or \"default\"`"},
                             Foreign{"?", "write `condition and a or b`"},
                             Foreign{"${", "inside an expression write the name alone: `x`, not `${x}`"},
                             Foreign{"“", "use plain quotes: \"…\""},
                             Foreign{"”", "use plain quotes: \"…\""},
                             Foreign{"‘", "use plain quotes: '…'"},
                             Foreign{"’", "use plain quotes: '…'"},
                             Foreign{"`", "texts stand in \"…\" or '…'"}};

std::string utf8(std::uint32_t code) {
    // Up to 2^31 as Lua's \u{…} allows; four bytes are enough for what RFC 3629 calls a character.
    std::string bytes;
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) {
        bytes += static_cast<char>(0xC0 | (code >> 6));
    } else {
        if (code < 0x10000) {
            bytes += static_cast<char>(0xE0 | (code >> 12));
        } else {
            bytes += static_cast<char>(0xF0 | (code >> 18));
            bytes += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        }
        bytes += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    }
    bytes += static_cast<char>(0x80 | (code & 0x3F));
    return bytes;
}

class Tokenizer {
public:
    explicit Tokenizer(std::string_view text) : text_(text) {}

    std::expected<std::vector<Token>, SyntaxError> run() {
        while (!error_) {
            skip_blank();
            if (at_ >= text_.size()) break;
            next();
        }
        if (error_) return std::unexpected(*error_);
        add(TokenKind::end, text_.size(), {});
        return std::move(tokens_);
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool here(std::string_view word) const { return text_.substr(at_).starts_with(word); }

    void mistake(std::size_t begin, std::size_t length, std::string title, std::string remedy) {
        if (!error_)
            error_ =
                SyntaxError{static_cast<int>(begin), static_cast<int>(length), std::move(title), std::move(remedy)};
    }
    void add(TokenKind kind, std::size_t begin, std::string text) {
        tokens_.push_back({kind, static_cast<int>(begin), static_cast<int>(at_), std::move(text)});
    }

    void skip_blank() {
        while (at_ < text_.size()) {
            if (is_space(text_[at_])) {
                ++at_;
            } else if (here("--")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else {
                return;
            }
        }
    }

    void next() {
        const char c = peek();
        if (starts_name(c)) return name();
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
        if (c == '"' || c == '\'') return quoted(c);
        if (c == '[' && (peek(1) == '[' || peek(1) == '=')) return long_text();
        symbol();
    }

    void name() {
        const std::size_t begin = at_;
        while (starts_name(peek()) || is_digit(peek())) ++at_;
        std::string word{text_.substr(begin, at_ - begin)};
        const bool keyword = std::ranges::find(keywords, word) != keywords.end();
        add(keyword ? TokenKind::keyword : TokenKind::name, begin, std::move(word));
    }

    std::size_t digits(bool hex) {
        const std::size_t begin = at_;
        while (hex ? is_hex(peek()) : is_digit(peek())) ++at_;
        return at_ - begin;
    }

    void number() {
        const std::size_t begin = at_;
        const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
        if (hex) at_ += 2;
        std::size_t count = digits(hex);
        if (peek() == '.' && peek(1) != '.') {
            ++at_;
            count += digits(hex);
        }
        bool good = count > 0;
        if (const char mark = static_cast<char>(peek() | 0x20); mark == (hex ? 'p' : 'e')) {
            const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
            if (is_digit(peek(sign))) {
                at_ += sign;
                digits(false);
            }
        }
        if (starts_name(peek())) good = false;
        while (starts_name(peek()) || is_digit(peek())) ++at_;
        const std::string written{text_.substr(begin, at_ - begin)};
        if (!good) {
            return mistake(begin, at_ - begin, fmt::format("`{}` is not a number", written),
                           "write the number alone, without a unit; a name begins with a letter");
        }
        add(TokenKind::number, begin, written);
    }

    void long_text() {
        const std::size_t begin = at_;
        std::size_t level = 0;
        while (peek(1 + level) == '=') ++level;
        if (peek(1 + level) != '[')
            return mistake(begin, 1 + level, "unexpected `[`", "a long text begins with `[[` or `[=[`");
        const std::string close = "]" + std::string(level, '=') + "]";
        at_ += level + 2;
        if (here("\r\n")) {
            at_ += 2;
        } else if (peek() == '\n') {
            ++at_;
        }
        const std::size_t end = text_.find(close, at_);
        if (end == std::string_view::npos) {
            return mistake(begin, level + 2, "the text is not closed", fmt::format("add `{}`", close));
        }
        std::string value{text_.substr(at_, end - at_)};
        at_ = end + close.size();
        add(TokenKind::text, begin, std::move(value));
    }

    void quoted(char quote) {
        const std::size_t begin = at_++;
        std::string value;
        while (peek() != quote || at_ >= text_.size()) {
            if (at_ >= text_.size() || peek() == '\n') {
                return mistake(begin, at_ - begin, "the text is not closed", fmt::format("add `{}` at its end", quote));
            }
            if (peek() == '\\') {
                escape(value);
                if (error_) return;
            } else {
                value += text_[at_++];
            }
        }
        ++at_;
        add(TokenKind::text, begin, std::move(value));
    }

    void escape(std::string& value) {
        static constexpr std::string_view letters = "abfnrtv\\\"'\n", meanings = "\a\b\f\n\r\t\v\\\"'\n";
        const std::size_t begin = at_++;
        const char c = peek();
        if (const auto found = letters.find(c); found != std::string_view::npos && at_ < text_.size()) {
            value += meanings[found];
            ++at_;
        } else if (c == 'z') {
            ++at_;
            while (at_ < text_.size() && is_space(peek())) ++at_;
        } else if (c == 'x' && is_hex(peek(1)) && is_hex(peek(2))) {
            value += static_cast<char>(number_at(at_ + 1, 2, 16));
            at_ += 3;
        } else if (is_digit(c)) {
            std::size_t count = 1;
            while (count < 3 && is_digit(peek(count))) ++count;
            const std::uint32_t code = number_at(at_, count, 10);
            at_ += count;
            if (code > 255)
                return mistake(begin, at_ - begin, "the escape is above 255", "write `\\u{…}` for a character");
            value += static_cast<char>(code);
        } else if (c == 'u' && peek(1) == '{') {
            std::size_t count = 0;
            while (is_hex(peek(2 + count))) ++count;
            const std::uint32_t code = count > 0 && count <= 6 ? number_at(at_ + 2, count, 16) : 0x110000;
            if (peek(2 + count) != '}' || code > 0x10FFFF) {
                return mistake(begin, count + 3, "not a character",
                               "write `\\u{…}` with the hexadecimal code of one, at most 10FFFF");
            }
            at_ += count + 3;
            value += utf8(code);
        } else {
            mistake(begin, 2,
                    fmt::format("unknown escape `\\{}`", at_ < text_.size() ? std::string(1, c) : std::string{}),
                    "write `\\\\` for a backslash; [[…]] takes everything literally");
        }
    }

    [[nodiscard]] std::uint32_t number_at(std::size_t begin, std::size_t length, int base) const {
        std::uint32_t value = 0;
        std::from_chars(text_.data() + begin, text_.data() + begin + length, value, base);
        return value;
    }

    void symbol() {
        for (const Foreign& one : foreign) {
            if (here(one.written)) {
                return mistake(at_, one.written.size(),
                               fmt::format("`{}` has no meaning in an expression", one.written),
                               std::string{one.remedy});
            }
        }
        const std::size_t begin = at_;
        for (const Spelling& one : symbols) {
            if (!here(one.written)) continue;
            at_ += one.written.size();
            const bool word = one.lua == "and" || one.lua == "or" || one.lua == "not";
            return add(word ? TokenKind::keyword : TokenKind::symbol, begin, std::string{one.lua});
        }
        std::size_t length = 1;  // of the whole UTF-8 character
        while ((static_cast<unsigned char>(peek(length)) & 0xC0) == 0x80) ++length;
        const auto c = static_cast<unsigned char>(peek());
        mistake(begin, length,
                c < 0x20 || c == 0x7F ? fmt::format("unexpected byte 0x{:02x}", c)
                                      : fmt::format("unexpected `{}`", text_.substr(begin, length)),
                "texts stand in \"…\" or '…'");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
    std::optional<SyntaxError> error_;
};

}  // namespace

std::expected<std::vector<Token>, SyntaxError> tokens_of(std::string_view text) {
    return Tokenizer{text}.run();
}

}  // namespace serin
