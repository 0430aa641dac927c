// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace serin {

/// `text` in single quotes, so that a POSIX shell reads it back as one word, whatever it holds.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// A command line of `words`, each quoted where it needs to be.
[[nodiscard]] std::string shell_words(const std::vector<std::string>& words);

}  // namespace serin
