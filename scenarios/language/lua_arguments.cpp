// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/lua_arguments.hpp"

#include <fmt/format.h>

#include <lua.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {

void refuse_argument(lua_State* lua, int position, const char* function, const char* wanted) {
    const JsonProxy* proxy = proxy_at(lua, position);
    if (proxy && proxy->absent())
        raise(lua, fmt::format("`{}` cannot take what is absent: {}", function, absent_text(*proxy)));
    std::string shown;
    if (proxy) {
        shown = with_type(*proxy->view.node);
    } else if (lua_isnoneornil(lua, position)) {
        shown = "nil";
    } else if (lua_isfunction(lua, position)) {
        shown = "a function";
    } else {
        shown = with_type(to_json(lua, position));
    }
    raise(lua, fmt::format("`{}` cannot take {}: it wants {}", function, shown, wanted));
}

std::string_view text_argument(lua_State* lua, int position, const char* function) {
    if (!lua_isstring(lua, position)) refuse_argument(lua, position, function, "a text");
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua, position, &size);
    charge(lua, size);
    return {bytes, size};
}

double number_argument(lua_State* lua, int position, const char* function) {
    if (lua_type(lua, position) != LUA_TNUMBER) refuse_argument(lua, position, function, "a number");
    return lua_tonumber(lua, position);
}

long long list_argument(lua_State* lua, int position, const char* function) {
    const JsonProxy* proxy = proxy_at(lua, position);
    const bool list = proxy ? !proxy->absent() && proxy->view.node->is_array() : lua_istable(lua, position);
    if (!list) refuse_argument(lua, position, function, "a list");
    const lua_Integer length = luaL_len(lua, position);
    charge(lua, static_cast<std::size_t>(length) * 64);
    return length;
}

void push_text(lua_State* lua, std::string_view text) {
    if (text.size() > longest_text)
        raise_spent(lua, fmt::format("the text would be {} bytes long; 1 MiB is the most", text.size()));
    lua_pushlstring(lua, text.data(), text.size());
}

}  // namespace serin
