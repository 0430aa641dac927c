// SPDX-License-Identifier: Apache-2.0
// Arguments and results of built-in functions. Each refusal names the function and shows the value that it was given.
#pragma once
#include <string>
#include <string_view>

struct lua_State;

namespace serin {

/// Raises "`len` cannot take 5  (integer): it wants a text", or says why the argument is absent.
[[noreturn]] void refuse_argument(lua_State* lua, int position, const char* function, const char* wanted);

/// A text (or a number, as Lua writes it). Valid while the argument is on the stack. Charges its length.
[[nodiscard]] std::string_view text_argument(lua_State* lua, int position, const char* function);
[[nodiscard]] double number_argument(lua_State* lua, int position, const char* function);
/// The length of a list (a JSON list or a table); its items are read by lua_geti, from 1.
[[nodiscard]] long long list_argument(lua_State* lua, int position, const char* function);

/// Pushes a text of at most `longest_text` bytes; raises for a longer one.
void push_text(lua_State* lua, std::string_view text);

}  // namespace serin
