// SPDX-License-Identifier: Apache-2.0
// JSON values inside Lua: scalars become Lua values, lists and objects lazy proxies that convert only what is read
// (converting a 10 KB document whole costs 30 times an evaluation). Lists count from 1. JSON null and absent are
// proxies too, so that they know where they came from; a script sees both as nil.
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "scenarios/language/evaluator.hpp"

struct lua_State;

namespace serin {

struct LuaFrame;

/// The only full userdata in the sandbox. `view.node` null: absent.
struct JsonProxy {
    JsonView view;
    const Json* parent = nullptr;   ///< of an absent value: where it was looked for; may be null
    std::size_t parent_length = 0;  ///< of the parent's path within view.path
    std::string note;               ///< of an absent value without parent: why; may be empty
    JsonProxy *before = nullptr, *after = nullptr;
    LuaFrame* frame = nullptr;

    [[nodiscard]] bool absent() const { return view.node == nullptr; }
};

/// Metatables of proxies, numbers and booleans.
void open_json(lua_State* lua);
/// The two constants, in this order; they belong to no frame.
void push_null_and_absent(lua_State* lua);
void release_proxies(LuaFrame& frame) noexcept;

void push_json(lua_State* lua, JsonView view);
void push_json(lua_State* lua, Json value, std::string path);
/// `name`: the path of what has none.
void push_binding(lua_State* lua, Binding value, std::string_view name);
void push_absent(lua_State* lua, std::string path, std::string note = {});
/// Absent: the field with key 2 of the text, number or boolean 1.
void push_scalar_field(lua_State* lua);
/// `object.key`, `list[position]`; absent when there is none.
void push_field(lua_State* lua, const JsonProxy& object, std::string_view key);
void push_item(lua_State* lua, const JsonProxy& list, long long position);

/// nullptr: the value at `index` is no proxy.
[[nodiscard]] const JsonProxy* proxy_at(lua_State* lua, int index);
/// "json has: id, text", "json.items has 2 items"; may be empty.
[[nodiscard]] std::string why_absent(const JsonProxy& proxy);
/// "json.x is absent (json has: id, text)".
[[nodiscard]] std::string absent_text(const JsonProxy& proxy);

/// nil, absent.
[[nodiscard]] bool is_missing(lua_State* lua, int index);
/// nil, false, absent and null are false.
[[nodiscard]] bool is_true(lua_State* lua, int index);
/// By value, deep; absent equals nil.
[[nodiscard]] bool are_equal(lua_State* lua, int left, int right);
/// A table with the keys 1…n is a list, one with text keys an object, an empty one an object. Raises for what JSON
/// cannot say and for what is too large or too deep.
[[nodiscard]] Json to_json(lua_State* lua, int index);

}  // namespace serin
