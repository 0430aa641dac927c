// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/lua_functions.hpp"

#include <fmt/format.h>

#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

// Addresses serve as keys in the registry.
constexpr char environment_key = 0;     // the list S, F, T, E, N, A
constexpr char script_library_key = 0;  // what scripts find last: functions, re, math, table, pairs, …
constexpr int environment_size = 6;

/// The key that an __index or __newindex was called with; "" when it is no text.
std::string_view key_argument(lua_State* lua) {
    std::size_t size = 0;
    const char* bytes = lua_type(lua, 2) == LUA_TSTRING ? lua_tolstring(lua, 2, &size) : "";
    return {bytes, size};
}

int find_in_scope(lua_State* lua) {
    const std::string_view name = key_argument(lua);
    auto value = frame_of(lua).scope.find(name);
    if (!value) raise(lua, fmt::format("unknown name `{}`", name));
    push_binding(lua, std::move(*value), name);
    return 1;
}

/// Upvalues: the script's step functions, the library. A step's id may be `send`; then send() still sends.
int find_for_script(lua_State* lua) {
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const std::string_view name = key_argument(lua);
    if (auto value = frame_of(lua).scope.find(name)) {
        push_binding(lua, std::move(*value), name);
        return 1;
    }
    lua_pushvalue(lua, 2);
    lua_rawget(lua, lua_upvalueindex(2));
    return 1;
}

int refuse_assignment(lua_State* lua) {
    raise(lua, fmt::format("`{}` cannot be assigned", key_argument(lua)));
}

int truth(lua_State* lua) {
    lua_settop(lua, 1);
    if (!is_true(lua, 1)) lua_pushnil(lua);
    return 1;
}

int equal(lua_State* lua) {
    lua_settop(lua, 2);
    lua_pushboolean(lua, are_equal(lua, 1, 2));
    return 1;
}

/// `text:lower()` in a script; in an expression a text has no fields.
int index_text(lua_State* lua) {
    if (!frame_of(lua).script) {
        push_scalar_field(lua);
        return 1;
    }
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(1)) == LUA_TNIL) {
        raise(lua, fmt::format("a text has no method `{}`; patterns are read by re.match(text, pattern)",
                               key_argument(lua)));
    }
    return 1;
}

void make_function_table(lua_State* lua) {
    lua_newtable(lua);
    luaL_setfuncs(lua, text_functions(), 0);
    luaL_setfuncs(lua, collection_functions(), 0);
    luaL_setfuncs(lua, encoding_functions(), 0);
}

/// An empty table that refuses assignments and finds names by `find` (with the upvalues on top of the stack).
void make_looking_table(lua_State* lua, lua_CFunction find, int upvalues, bool assignable) {
    lua_pushcclosure(lua, find, upvalues);
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    if (!assignable) {
        lua_pushcfunction(lua, refuse_assignment);
        lua_setfield(lua, -2, "__newindex");
    }
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

/// Copies the named fields of the table at the top of the stack into a new table, which replaces it.
void keep_only(lua_State* lua, std::initializer_list<const char*> names) {
    lua_newtable(lua);
    for (const char* name : names) {
        lua_getfield(lua, -2, name);
        lua_setfield(lua, -2, name);
    }
    lua_remove(lua, -2);
}

/// Replaces the table at the top of the stack by one that reads from it and refuses assignments: all scripts share it.
void protect_library(lua_State* lua) {
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_assignment);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

/// Lua's own functions that can neither reach outside, nor run long without the hook seeing it, nor swallow an error.
void make_script_library(lua_State* lua, int functions) {
    luaL_requiref(lua, "_G", luaopen_base, 0);
    keep_only(lua, {"assert", "error", "ipairs", "next", "pairs", "select"});
    const int library = lua_gettop(lua);
    luaL_requiref(lua, "math", luaopen_math, 0);
    keep_only(lua, {"abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger", "modf", "pi",
                    "sqrt", "tointeger", "type", "ult"});
    protect_library(lua);
    lua_setfield(lua, library, "math");
    luaL_requiref(lua, "table", luaopen_table, 0);
    keep_only(lua, {"concat", "insert", "pack", "remove", "sort", "unpack"});
    protect_library(lua);
    lua_setfield(lua, library, "table");
    lua_newtable(lua);
    const int regexes = lua_gettop(lua);
    lua_pushnil(lua);
    while (lua_next(lua, functions)) {
        const std::string_view name = lua_tostring(lua, -2);
        if (name.starts_with("re.")) {
            lua_setfield(lua, regexes, name.substr(3).data());
        } else {
            lua_setfield(lua, library, name.data());
        }
    }
    protect_library(lua);
    lua_setfield(lua, library, "re");
}

void set_text_metatable(lua_State* lua, int functions) {
    lua_pushliteral(lua, "");
    lua_newtable(lua);
    lua_pushvalue(lua, functions);
    keep_only(lua, {"len", "sub", "lower", "upper", "trim", "contains", "starts", "ends", "split", "replace"});
    lua_pushcclosure(lua, index_text, 1);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_pop(lua, 1);
}

/// Lua's libraries left their tables in two places that only C code reaches; gone all the same.
void forget_globals(lua_State* lua) {
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushnil(lua);
    lua_setfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

}  // namespace

void open_functions(lua_State* lua) {
    make_function_table(lua);
    const int functions = lua_gettop(lua);
    make_script_library(lua, functions);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &script_library_key);
    set_text_metatable(lua, functions);
    forget_globals(lua);

    lua_createtable(lua, environment_size, 0);
    const int environment = lua_gettop(lua);
    make_looking_table(lua, find_in_scope, 0, false);
    lua_rawseti(lua, environment, 1);
    lua_pushvalue(lua, functions);
    lua_rawseti(lua, environment, 2);
    lua_pushcfunction(lua, truth);
    lua_rawseti(lua, environment, 3);
    lua_pushcfunction(lua, equal);
    lua_rawseti(lua, environment, 4);
    push_null_and_absent(lua);
    lua_rawseti(lua, environment, 6);
    lua_rawseti(lua, environment, 5);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &environment_key);
    lua_settop(lua, functions - 1);
}

int push_expression_environment(lua_State* lua) {
    luaL_checkstack(lua, environment_size + 1, "too many values");
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &environment_key);
    const int environment = lua_gettop(lua);
    for (int i = 1; i <= environment_size; ++i) lua_rawgeti(lua, environment, i);
    lua_remove(lua, environment);
    return environment_size;
}

void push_script_environment(lua_State* lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &script_library_key);
    make_looking_table(lua, find_for_script, 2, true);
}

}  // namespace serin
