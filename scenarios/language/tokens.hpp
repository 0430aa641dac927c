// SPDX-License-Identifier: Apache-2.0
// The words of an expression: Lua 5.4's (manual §3.1), with the spellings of other languages that we accept or explain.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace serin {

enum class TokenKind { name, keyword, number, text, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    int begin = 0, end = 0;  ///< bytes of the expression's text, 0-based, `end` exclusive
    /// Keywords and symbols in Lua's spelling ("~=" for "!=", "and" for "&&"), names and numbers as written, of a text
    /// its bytes.
    std::string text;

    [[nodiscard]] bool is(std::string_view word) const {
        return (kind == TokenKind::symbol || kind == TokenKind::keyword) && text == word;
    }
};

/// What is wrong with the text of an expression, and where in it.
struct SyntaxError {
    int begin = 0, length = 1;  ///< bytes, 0-based
    std::string title, remedy;
};

/// All tokens and one of kind `end`.
[[nodiscard]] std::expected<std::vector<Token>, SyntaxError> tokens_of(std::string_view text);

}  // namespace serin
