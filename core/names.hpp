// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace serin {

/// The candidate nearest to `typed` by Damerau-Levenshtein distance, or "" when none is near enough to be meant
/// (more than a third of its length apart, at least 1, at most 3).
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

/// "did you mean `expect`?", or "known keys: a, b, c" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates,
                                       std::string_view what);

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] bool valid_utf8(std::string_view text);

/// `text` cut to `bytes` at a character boundary, with "… (N bytes)" when something was cut.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t bytes);

}  // namespace serin
