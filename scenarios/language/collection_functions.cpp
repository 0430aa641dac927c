// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_arguments.hpp"
#include "scenarios/language/lua_functions.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

/// The JSON at `position`, or null when it is none.
const Json* json_at(lua_State* lua, int position) {
    const JsonProxy* proxy = proxy_at(lua, position);
    return proxy ? proxy->view.node : nullptr;
}

/// Converts a table in place, so that what follows sees lists and objects as JSON only.
const Json* object_argument(lua_State* lua, int position, const char* function) {
    if (lua_istable(lua, position)) {
        push_json(lua, to_json(lua, position), "the table");
        lua_replace(lua, position);
    }
    const Json* node = json_at(lua, position);
    if (!node || !node->is_object()) refuse_argument(lua, position, function, "an object");
    charge(lua, node->size() * 64);
    return node;
}

int len(lua_State* lua) {
    if (lua_type(lua, 1) == LUA_TSTRING) {
        const std::string_view text = text_argument(lua, 1, "len");
        lua_Integer characters = 0;
        for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        lua_pushinteger(lua, characters);
        return 1;
    }
    const Json* node = json_at(lua, 1);
    if (!lua_istable(lua, 1) && (!node || !node->is_structured())) {
        refuse_argument(lua, 1, "len", "a text, a list or an object");
    }
    const bool is_list = node ? node->is_array() : lua_rawlen(lua, 1) > 0;
    const auto size =
        is_list ? static_cast<std::size_t>(list_argument(lua, 1, "len")) : object_argument(lua, 1, "len")->size();
    lua_pushinteger(lua, static_cast<lua_Integer>(size));
    return 1;
}

lua_Integer equal_items(lua_State* lua, const char* function) {
    const lua_Integer length = list_argument(lua, 1, function);
    lua_Integer count = 0;
    for (lua_Integer i = 1; i <= length; ++i) {
        lua_geti(lua, 1, i);
        count += are_equal(lua, -1, 2);
        lua_pop(lua, 1);
    }
    return count;
}

int contains(lua_State* lua) {
    if (lua_type(lua, 1) == LUA_TSTRING) {
        const std::string_view text = text_argument(lua, 1, "contains");
        lua_pushboolean(lua, text.find(text_argument(lua, 2, "contains")) != std::string_view::npos);
        return 1;
    }
    const Json* node = json_at(lua, 1);
    if (!lua_istable(lua, 1) && (!node || !node->is_array())) refuse_argument(lua, 1, "contains", "a text or a list");
    lua_pushboolean(lua, equal_items(lua, "contains") > 0);
    return 1;
}

int count(lua_State* lua) {
    lua_pushinteger(lua, equal_items(lua, "count"));
    return 1;
}

int has(lua_State* lua) {
    const Json* node = json_at(lua, 1);
    const bool is_list = node ? node->is_array() : lua_istable(lua, 1) && lua_rawlen(lua, 1) > 0;
    if (is_list) {
        const double position = number_argument(lua, 2, "has");
        lua_pushboolean(lua, position >= 1 && position <= static_cast<double>(list_argument(lua, 1, "has")));
        return 1;
    }
    const Json* object = object_argument(lua, 1, "has");
    lua_pushboolean(lua, object->contains(std::string(text_argument(lua, 2, "has"))));
    return 1;
}

int keys(lua_State* lua) {
    lua_newtable(lua);
    lua_Integer position = 0;
    for (const auto& [key, value] : object_argument(lua, 1, "keys")->get_ref<const Json::object_t&>()) {
        push_text(lua, key);
        lua_rawseti(lua, 2, ++position);
    }
    return 1;
}

int values(lua_State* lua) {
    const Json* object = object_argument(lua, 1, "values");
    lua_newtable(lua);
    lua_Integer position = 0;
    for (const auto& [key, value] : object->get_ref<const Json::object_t&>()) {
        push_field(lua, *proxy_at(lua, 1), key);
        lua_rawseti(lua, 2, ++position);
    }
    return 1;
}

/// Pushes `item[field]` when the item on top of the stack has fields at all, else nothing.
bool push_field_of_item(lua_State* lua, int field) {
    const Json* node = json_at(lua, -1);
    if (!lua_istable(lua, -1) && (!node || !node->is_object())) return false;
    lua_pushvalue(lua, field);
    lua_gettable(lua, -2);
    return true;
}

int find(lua_State* lua) {
    const lua_Integer length = list_argument(lua, 1, "find");
    if (lua_type(lua, 2) != LUA_TSTRING) refuse_argument(lua, 2, "find", "the name of a field");
    if (is_missing(lua, 3)) refuse_argument(lua, 3, "find", "a value");
    for (lua_Integer i = 1; i <= length; ++i) {
        lua_geti(lua, 1, i);
        if (push_field_of_item(lua, 2)) {
            const bool found = are_equal(lua, -1, 3);
            lua_pop(lua, 1);
            if (found) return 1;
        }
        lua_pop(lua, 1);
    }
    push_absent(lua, "the item", fmt::format("none of {} has that {}", length, lua_tostring(lua, 2)));
    return 1;
}

int pluck(lua_State* lua) {
    const lua_Integer length = list_argument(lua, 1, "pluck");
    if (lua_type(lua, 2) != LUA_TSTRING) refuse_argument(lua, 2, "pluck", "the name of a field");
    lua_settop(lua, 2);
    lua_newtable(lua);
    lua_Integer position = 0;
    for (lua_Integer i = 1; i <= length; ++i) {
        lua_geti(lua, 1, i);
        if (push_field_of_item(lua, 2)) {
            if (is_missing(lua, -1)) {
                lua_pop(lua, 1);
            } else {
                lua_rawseti(lua, 3, ++position);
            }
        }
        lua_settop(lua, 3);
    }
    return 1;
}

void append_text(lua_State* lua, int position, std::string& text) {
    if (lua_type(lua, position) == LUA_TSTRING) {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(lua, position, &size);
        text.append(bytes, size);
    } else {
        text += plain_text(to_json(lua, position));
    }
    if (text.size() > longest_text) raise_spent(lua, "the text would be longer than 1 MiB");
}

int join(lua_State* lua) {
    const lua_Integer length = list_argument(lua, 1, "join");
    const std::string_view separator = lua_isnoneornil(lua, 2) ? std::string_view{} : text_argument(lua, 2, "join");
    std::string text;
    for (lua_Integer i = 1; i <= length; ++i) {
        if (i > 1) text += separator;
        lua_geti(lua, 1, i);
        append_text(lua, -1, text);
        lua_pop(lua, 1);
    }
    push_text(lua, text);
    return 1;
}

int type(lua_State* lua) {
    const bool script = frame_of(lua).script;
    if (const Json* node = json_at(lua, 1)) {
        lua_pushstring(lua, node->type_name());
    } else if (is_missing(lua, 1)) {
        lua_pushstring(lua, script ? "nil" : "absent");
    } else if (lua_istable(lua, 1) && !script) {
        lua_pushstring(lua, lua_rawlen(lua, 1) > 0 ? "array" : "object");
    } else {
        lua_pushstring(lua, luaL_typename(lua, 1));
    }
    return 1;
}

int tostring(lua_State* lua) {
    const int kind = lua_type(lua, 1);
    if (is_missing(lua, 1)) {
        lua_pushstring(lua, frame_of(lua).script ? "nil" : "absent");
    } else if (kind == LUA_TFUNCTION || kind == LUA_TTHREAD) {
        lua_pushstring(lua, luaL_typename(lua, 1));  // without the address that Lua would show
    } else {
        std::string text;
        append_text(lua, 1, text);
        push_text(lua, text);
    }
    return 1;
}

int tonumber(lua_State* lua) {
    if (lua_type(lua, 1) == LUA_TNUMBER) {
        lua_settop(lua, 1);
        return 1;
    }
    const std::string text{text_argument(lua, 1, "tonumber")};
    if (lua_stringtonumber(lua, text.c_str()) != text.size() + 1) {
        push_absent(lua, "the number", fmt::format("{} spells none", json_excerpt(Json(text), 60)));
    }
    return 1;
}

/// As an integer when it fits in 63 bits, as Lua's math.floor does.
void push_whole(lua_State* lua, double number) {
    lua_Integer whole = 0;
    if (lua_numbertointeger(number, &whole)) {
        lua_pushinteger(lua, whole);
    } else {
        lua_pushnumber(lua, number);
    }
}

template <double (*rounded)(double)>
int to_whole(lua_State* lua, const char* name) {
    const double number = number_argument(lua, 1, name);
    lua_settop(lua, 1);
    if (!lua_isinteger(lua, 1)) push_whole(lua, rounded(number));
    return 1;
}
int floor(lua_State* lua) {
    return to_whole<std::floor>(lua, "floor");
}
int ceil(lua_State* lua) {
    return to_whole<std::ceil>(lua, "ceil");
}
int round(lua_State* lua) {
    return to_whole<std::round>(lua, "round");
}

int abs(lua_State* lua) {
    const double number = number_argument(lua, 1, "abs");
    if (lua_isinteger(lua, 1)) {
        const auto value = static_cast<lua_Unsigned>(lua_tointeger(lua, 1));
        lua_pushinteger(lua,
                        static_cast<lua_Integer>(number < 0 ? 0U - value : value));  // wraps at the least, as in Lua
    } else {
        lua_pushnumber(lua, std::fabs(number));
    }
    return 1;
}

/// Of the arguments, or of the items of one list.
int extreme(lua_State* lua, const char* name, bool least) {
    const int given = lua_gettop(lua);
    const bool list = given == 1 && lua_type(lua, 1) != LUA_TNUMBER;
    const lua_Integer count = list ? list_argument(lua, 1, name) : given;
    if (count == 0) {
        push_absent(lua, "the number", "the list is empty");
        return 1;
    }
    const auto push = [&](lua_Integer i) {
        if (list) {
            lua_geti(lua, 1, i);
        } else {
            lua_pushvalue(lua, static_cast<int>(i));
        }
        static_cast<void>(number_argument(lua, lua_gettop(lua), name));
    };
    push(1);
    for (lua_Integer i = 2; i <= count; ++i) {
        push(i);
        const bool better = least ? lua_compare(lua, -1, -2, LUA_OPLT) : lua_compare(lua, -2, -1, LUA_OPLT);
        lua_remove(lua, better ? -2 : -1);
    }
    return 1;
}
int min(lua_State* lua) {
    return extreme(lua, "min", true);
}
int max(lua_State* lua) {
    return extreme(lua, "max", false);
}

}  // namespace

const luaL_Reg* collection_functions() {
    static constexpr luaL_Reg all[]{
        {"len", len},           {"contains", contains}, {"count", count}, {"has", has},      {"keys", keys},
        {"values", values},     {"find", find},         {"pluck", pluck}, {"join", join},    {"type", type},
        {"tostring", tostring}, {"tonumber", tonumber}, {"floor", floor}, {"ceil", ceil},    {"round", round},
        {"abs", abs},           {"min", min},           {"max", max},     {nullptr, nullptr}};
    return all;
}

}  // namespace serin
