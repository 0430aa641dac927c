// SPDX-License-Identifier: Apache-2.0
#pragma once

struct lua_State;
struct luaL_Reg;

namespace serin {

/// Makes the tables that expressions and scripts reach, and takes Lua's globals away.
void open_functions(lua_State* lua);

/// Pushes what `lua_prologue` names: S, F, T, E, N, A. Returns their number.
int push_expression_environment(lua_State* lua);

/// Pushes the new environment of one script: its globals, which fall back to `fallback` at the top of the stack (a
/// table; popped), then to the scope, then to the built-in functions and to what of Lua's own library is harmless.
void push_script_environment(lua_State* lua);

// The functions of builtin_names(), by subject. Each list ends with a null name.
[[nodiscard]] const luaL_Reg* text_functions();
[[nodiscard]] const luaL_Reg* collection_functions();
[[nodiscard]] const luaL_Reg* encoding_functions();

}  // namespace serin
