// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "scenarios/language/syntax_tree.hpp"

namespace serin {

/// Around every translated expression: the six things that it may reach, as upvalues. S: the scope · F: the built-in
/// functions by name · T: absent and null become nil, so that they are false · E: equality that knows absent, null and
/// JSON · N: null · A: absent.
inline constexpr const char* lua_prologue = "local S,F,T,E,N,A=... return function() return ";
inline constexpr const char* lua_epilogue = " end";

/// The Lua expression that means what `tree` means, absent-aware. Fully parenthesised.
[[nodiscard]] std::string translated(const Node& tree);

}  // namespace serin
