// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/lua_syntax.hpp"

#include <lua.hpp>
#include <memory>

#include "scenarios/language/lua_state.hpp"

namespace serin {

std::optional<LuaSyntaxError> lua_syntax_error(std::string_view script) {
    // A state without libraries: to compile needs none of them.
    const std::unique_ptr<lua_State, decltype(&lua_close)> state(luaL_newstate(), lua_close);
    if (!state) return std::nullopt;  // the engine will say what is wrong
    if (luaL_loadbufferx(state.get(), script.data(), script.size(), "=script", "t") == LUA_OK) return std::nullopt;
    LuaSyntaxError error;
    error.message = error_message(state.get(), &error.line);
    return error;
}

}  // namespace serin
