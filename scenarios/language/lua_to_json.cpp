// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

constexpr std::size_t largest_result = 16 << 20;
constexpr int deepest_table = 100;

// ------------------------------------------------------------------------------------------------------

/// Converts tables and proxies, counting what it makes: a table that holds another one many times is small in Lua only.
class Converter {
public:
    explicit Converter(lua_State* lua) : lua_(lua) {}

    Json value(int index, int depth) {
        switch (lua_type(lua_, index)) {
            case LUA_TBOOLEAN:
                return lua_toboolean(lua_, index) != 0;
            case LUA_TNUMBER:
                return number(index);
            case LUA_TSTRING: {
                std::size_t size = 0;
                const char* bytes = lua_tolstring(lua_, index, &size);
                add(size);
                return std::string(bytes, size);
            }
            case LUA_TUSERDATA:
                return proxied(*proxy_at(lua_, index));
            case LUA_TTABLE:
                if (depth > deepest_table)
                    raise(lua_, fmt::format("the table nests deeper than {} levels", deepest_table));
                luaL_checkstack(lua_, 6, "the table nests too deeply");
                return table(lua_absindex(lua_, index), depth);
            case LUA_TNIL:
                raise(lua_, "the value is nil");
            default:
                raise(lua_, fmt::format("a {} is not a JSON value", luaL_typename(lua_, index)));
        }
    }

private:
    void add(std::size_t bytes) {
        bytes_ += bytes + sizeof(Json);
        if (bytes_ > largest_result) raise(lua_, fmt::format("the value is larger than {} MiB", largest_result >> 20));
    }

    Json number(int index) {
        add(0);
        if (lua_isinteger(lua_, index)) return static_cast<std::int64_t>(lua_tointeger(lua_, index));
        const double number = lua_tonumber(lua_, index);
        if (!std::isfinite(number)) raise(lua_, fmt::format("{} is not a JSON number", number));
        return number;
    }

    Json proxied(const JsonProxy& proxy) {
        if (proxy.absent()) raise(lua_, absent_text(proxy));
        const std::size_t weight = json_weight(*proxy.view.node);
        if (weight == SIZE_MAX)
            raise(lua_, fmt::format("{} nests deeper than {} levels", proxy.view.path, deepest_json));
        add(weight);
        charge(lua_, weight);
        return *proxy.view.node;
    }

    Json table(int index, int depth) {
        add(0);
        const lua_Unsigned length = lua_rawlen(lua_, index);
        lua_Unsigned keys = 0;
        bool named = false;
        lua_pushnil(lua_);
        while (lua_next(lua_, index)) {
            lua_pop(lua_, 1);
            ++keys;
            if (lua_type(lua_, -1) == LUA_TSTRING) {
                named = true;
            } else if (!lua_isinteger(lua_, -1)) {
                raise(lua_, fmt::format("a {} is not a key of a JSON object", luaL_typename(lua_, -1)));
            }
        }
        charge(lua_, keys * sizeof(Json));
        if (keys == 0 || (named && length == 0)) return object(index, depth);
        if (named) raise(lua_, "a table is either a list or an object, not both");
        if (keys != length) raise(lua_, "the list has holes");
        Json list = Json::array();
        for (lua_Unsigned i = 1; i <= length; ++i) {
            lua_rawgeti(lua_, index, static_cast<lua_Integer>(i));
            list.push_back(value(-1, depth + 1));
            lua_pop(lua_, 1);
        }
        return list;
    }

    Json object(int index, int depth) {
        Json made = Json::object();
        lua_pushnil(lua_);
        while (lua_next(lua_, index)) {
            if (lua_type(lua_, -2) != LUA_TSTRING) raise(lua_, "a table is either a list or an object, not both");
            std::size_t size = 0;
            const char* key = lua_tolstring(lua_, -2, &size);
            add(size);
            made[std::string(key, size)] = value(-1, depth + 1);
            lua_pop(lua_, 1);
        }
        return made;
    }

    lua_State* lua_;
    std::size_t bytes_ = 0;
};

}  // namespace

Json to_json(lua_State* lua, int index) {
    return Converter{lua}.value(index, 0);
}

}  // namespace serin
