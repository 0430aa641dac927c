// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace serin {

struct LuaSyntaxError {
    int line = 0;         ///< 1-based, in the script
    std::string message;  ///< Lua's own: "'=' expected near 'x'"
};
/// Compiles `script` as Lua 5.4 and runs nothing of it; nullopt when it is one.
[[nodiscard]] std::optional<LuaSyntaxError> lua_syntax_error(std::string_view script);

}  // namespace serin
