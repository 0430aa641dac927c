// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace serin {

/// What stands at one place of a text that may or may not be UTF-8.
struct CodePoint {
    char32_t value = 0;     ///< the byte itself when it is not valid
    std::size_t bytes = 1;  ///< how far the next one is
    bool valid = false;     ///< well-formed by RFC 3629: no overlong form, no surrogate, at most U+10FFFF
};

/// Decodes what starts at `at`, which must be inside `text`. A byte that starts no well-formed sequence is handed out
/// alone, so that a reader never skips over a good character that follows a bad byte.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t at);

}  // namespace serin
