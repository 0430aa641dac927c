// SPDX-License-Identifier: Apache-2.0
#include "core/shell.hpp"

#include <algorithm>

#include "core/ascii.hpp"

namespace serin {

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') {
            quoted += R"('\'')";
        } else {
            quoted += c;
        }
    }
    return quoted += '\'';
}

std::string shell_words(const std::vector<std::string>& words) {
    const auto plain = [](char c) { return is_alphanumeric(c) || std::string_view("-_./=:@%+,").contains(c); };
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty()) line += ' ';
        line += !word.empty() && std::ranges::all_of(word, plain) ? word : shell_quoted(word);
    }
    return line;
}

}  // namespace serin
