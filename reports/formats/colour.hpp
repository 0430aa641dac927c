// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace serin {

enum class Colour { red, green, yellow, dim };

/// `text` in a colour of the terminal's own palette (ECMA-48 SGR), or as it is when colours are off.
[[nodiscard]] std::string painted(std::string_view text, Colour colour, bool colours_on);

}  // namespace serin
