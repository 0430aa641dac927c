// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/json_in_lua.hpp"

#include <fmt/format.h>

#include <limits>
#include <lua.hpp>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/names.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

constexpr char proxy_metatable = 0;  // its address is the key in the registry

bool is_name(std::string_view key) {
    if (key.empty() || (key[0] >= '0' && key[0] <= '9')) return false;
    for (const char c : key) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!good) return false;
    }
    return true;
}

std::string path_to(std::string_view parent, std::string_view key) {
    if (is_name(key)) return fmt::format("{}.{}", parent, key);
    return fmt::format("{}[{}]", parent, json_excerpt(Json(std::string(key)), 60));
}

JsonProxy& self(lua_State* lua) {
    return *static_cast<JsonProxy*>(lua_touserdata(lua, 1));
}

JsonProxy& push_unlinked(lua_State* lua, JsonView&& view) {
    luaL_checkstack(lua, 4, "too many values");
    void* memory = lua_newuserdatauv(lua, sizeof(JsonProxy), 0);
    auto* proxy = new (memory) JsonProxy;
    proxy->view = std::move(view);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &proxy_metatable);
    lua_setmetatable(lua, -2);
    return *proxy;
}

JsonProxy& push_proxy(lua_State* lua, JsonView&& view) {
    JsonProxy& proxy = push_unlinked(lua, std::move(view));
    LuaFrame& frame = frame_of(lua);
    proxy.frame = &frame;
    proxy.after = frame.proxies;
    if (frame.proxies) frame.proxies->before = &proxy;
    frame.proxies = &proxy;
    return proxy;
}

void unlink(JsonProxy& proxy) noexcept {
    if (!proxy.frame) return;
    (proxy.before ? proxy.before->after : proxy.frame->proxies) = proxy.after;
    if (proxy.after) proxy.after->before = proxy.before;
    proxy.before = proxy.after = nullptr;
    proxy.frame = nullptr;
}

/// False: `value` is no scalar that Lua can hold exactly, or it is null.
bool push_scalar(lua_State* lua, const Json& value) {
    switch (value.type()) {
        case Json::value_t::boolean:
            lua_pushboolean(lua, value.get<bool>());
            return true;
        case Json::value_t::number_integer:
            lua_pushinteger(lua, value.get<std::int64_t>());
            return true;
        case Json::value_t::number_float:
            lua_pushnumber(lua, value.get<double>());
            return true;
        case Json::value_t::number_unsigned:
            // Beyond 63 bits it stays a proxy, so that it is handed on undamaged.
            if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return false;
            lua_pushinteger(lua, value.get<std::int64_t>());
            return true;
        case Json::value_t::string: {
            const auto& text = value.get_ref<const std::string&>();
            lua_pushlstring(lua, text.data(), text.size());
            return true;
        }
        default:
            return false;
    }
}

void push_absent_in(lua_State* lua, const JsonProxy& parent, std::string path) {
    if (frame_of(lua).script) return lua_pushnil(lua);
    JsonView nothing{parent.view.document, nullptr, std::move(path)};
    JsonProxy& proxy = push_proxy(lua, std::move(nothing));
    proxy.parent = parent.view.node;
    proxy.parent_length = parent.view.path.size();
}

void push_child(lua_State* lua, const JsonProxy& parent, const Json& child, std::string path) {
    if (child.is_null() && frame_of(lua).script) return lua_pushnil(lua);
    push_proxy(lua, JsonView{parent.view.document, &child, std::move(path)});
}

const char* kind_of(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::object:
            return "an object";
        case Json::value_t::array:
            return "a list";
        case Json::value_t::string:
            return "a string";
        case Json::value_t::boolean:
            return "a boolean";
        default:
            return "a number";
    }
}

// --- metamethods
// ---------------------------------------------------------------------------------------------------------

int index(lua_State* lua) {
    const JsonProxy& proxy = self(lua);
    if (proxy.absent()) {
        lua_pushvalue(lua, 1);  // the first missing step is the one to tell about
        return 1;
    }
    std::size_t length = 0;
    if (lua_type(lua, 2) == LUA_TSTRING) {
        const char* key = lua_tolstring(lua, 2, &length);
        push_field(lua, proxy, {key, length});
        return 1;
    }
    int is_integer = 0;
    const lua_Integer position = lua_type(lua, 2) == LUA_TNUMBER ? lua_tointegerx(lua, 2, &is_integer) : 0;
    if (is_integer) {
        push_item(lua, proxy, position);
    } else {
        const char* shown = luaL_tolstring(lua, 2, nullptr);
        push_absent_in(lua, proxy, fmt::format("{}[{}]", proxy.view.path, shown));
    }
    return 1;
}

int refuse_change(lua_State* lua) {
    raise(lua, fmt::format("{} cannot be changed", self(lua).view.path));
}

/// Arithmetic, order, concatenation, calls: whichever operand is a proxy is at fault.
int refuse(lua_State* lua) {
    const JsonProxy* proxy = proxy_at(lua, 1);
    const JsonProxy* other = proxy_at(lua, 2);
    if (!proxy || (other && other->absent() && !proxy->absent())) proxy = other ? other : proxy;
    if (!proxy) raise(lua, "a value of the wrong type");
    if (proxy->absent()) raise(lua, absent_text(*proxy));
    const Json& value = *proxy->view.node;
    if (value.is_null()) raise(lua, fmt::format("{} is null", proxy->view.path));
    if (value.is_number())
        raise(lua, fmt::format("{} is an integer beyond 63 bits: {}", proxy->view.path, json_excerpt(value, 40)));
    raise(lua, fmt::format("{} is {}, where a number or a text is needed", proxy->view.path, kind_of(value)));
}

std::optional<double> number_at(lua_State* lua, int position) {
    if (lua_type(lua, position) == LUA_TNUMBER) return lua_tonumber(lua, position);
    const JsonProxy* proxy = proxy_at(lua, position);
    if (proxy && !proxy->absent() && proxy->view.node->is_number()) return proxy->view.node->get<double>();
    return std::nullopt;
}

int less(lua_State* lua) {
    const auto left = number_at(lua, 1), right = number_at(lua, 2);
    if (!left || !right) return refuse(lua);
    lua_pushboolean(lua, *left < *right);
    return 1;
}

int less_or_equal(lua_State* lua) {
    const auto left = number_at(lua, 1), right = number_at(lua, 2);
    if (!left || !right) return refuse(lua);
    lua_pushboolean(lua, *left <= *right);
    return 1;
}

int equal(lua_State* lua) {
    lua_pushboolean(lua, are_equal(lua, 1, 2));
    return 1;
}

int length(lua_State* lua) {
    const JsonProxy& proxy = self(lua);
    if (proxy.absent() || !proxy.view.node->is_structured()) return refuse(lua);
    lua_pushinteger(lua, static_cast<lua_Integer>(proxy.view.node->size()));
    return 1;
}

int text(lua_State* lua) {
    const JsonProxy& proxy = self(lua);
    const std::string shown = proxy.absent() ? "absent" : json_excerpt(*proxy.view.node, longest_text);
    lua_pushlstring(lua, shown.data(), shown.size());
    return 1;
}

int next_pair(lua_State* lua) {
    const JsonProxy& proxy = self(lua);
    const Json& node = *proxy.view.node;
    if (node.is_array()) {
        const lua_Integer position = lua_tointeger(lua, 2) + 1;
        if (position < 1 || static_cast<std::size_t>(position) > node.size()) return 0;
        lua_pushinteger(lua, position);
        push_item(lua, proxy, position);
        return 2;
    }
    const auto& fields = node.get_ref<const Json::object_t&>();
    auto field = fields.begin();
    if (!lua_isnil(lua, 2)) {
        std::size_t size = 0;
        const char* key = luaL_checklstring(lua, 2, &size);
        field = fields.upper_bound(std::string(key, size));
    }
    if (field == fields.end()) return 0;
    lua_pushlstring(lua, field->first.data(), field->first.size());
    push_field(lua, proxy, field->first);
    return 2;
}

int pairs(lua_State* lua) {
    const JsonProxy& proxy = self(lua);
    if (proxy.absent() || !proxy.view.node->is_structured()) return refuse(lua);
    lua_pushcfunction(lua, next_pair);
    lua_pushvalue(lua, 1);
    lua_pushnil(lua);
    return 3;
}

int collect(lua_State* lua) {
    JsonProxy& proxy = self(lua);
    unlink(proxy);
    proxy.~JsonProxy();
    return 0;
}

/// Numbers and booleans have no fields; an expression may ask for one all the same, as of any JSON value.
int index_scalar(lua_State* lua) {
    if (frame_of(lua).script) raise(lua, fmt::format("attempt to index a {} value", luaL_typename(lua, 1)));
    push_scalar_field(lua);
    return 1;
}

}  // namespace

void open_json(lua_State* lua) {
    static constexpr luaL_Reg metamethods[]{{"__index", index},   {"__newindex", refuse_change},
                                            {"__len", length},    {"__eq", equal},
                                            {"__lt", less},       {"__le", less_or_equal},
                                            {"__tostring", text}, {"__pairs", pairs},
                                            {"__gc", collect},    {"__call", refuse},
                                            {"__concat", refuse}, {"__unm", refuse},
                                            {"__add", refuse},    {"__sub", refuse},
                                            {"__mul", refuse},    {"__div", refuse},
                                            {"__mod", refuse},    {"__pow", refuse},
                                            {"__idiv", refuse},   {"__band", refuse},
                                            {"__bor", refuse},    {"__bxor", refuse},
                                            {"__shl", refuse},    {"__shr", refuse},
                                            {"__bnot", refuse},   {nullptr, nullptr}};
    luaL_newlib(lua, metamethods);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &proxy_metatable);
    // One metatable for all numbers, one for all booleans.
    lua_createtable(lua, 0, 1);
    lua_pushcfunction(lua, index_scalar);
    lua_setfield(lua, -2, "__index");
    lua_pushinteger(lua, 0);
    lua_pushvalue(lua, -2);
    lua_setmetatable(lua, -2);
    lua_pop(lua, 1);
    lua_pushboolean(lua, 0);
    lua_pushvalue(lua, -2);
    lua_setmetatable(lua, -2);
    lua_pop(lua, 2);
}

void push_null_and_absent(lua_State* lua) {
    static const Json null;
    push_unlinked(lua, JsonView{nullptr, &null, "null"});
    push_unlinked(lua, JsonView{nullptr, nullptr, "absent"});
}

void release_proxies(LuaFrame& frame) noexcept {
    while (frame.proxies) {
        JsonProxy& proxy = *frame.proxies;
        proxy.view.document.reset();
        proxy.view.node = nullptr;
        proxy.parent = nullptr;
        unlink(proxy);
    }
}

void push_json(lua_State* lua, JsonView view) {
    const bool script = frame_of(lua).script;
    if (!view.node) {
        if (script) return lua_pushnil(lua);
        push_proxy(lua, std::move(view));
    } else if (view.node->is_null() && script) {
        lua_pushnil(lua);
    } else if (!push_scalar(lua, *view.node)) {
        push_proxy(lua, std::move(view));
    }
}

void push_json(lua_State* lua, Json value, std::string path) {
    if (push_scalar(lua, value)) return;
    auto document = std::make_shared<const Json>(std::move(value));
    const Json* node = document.get();
    push_json(lua, JsonView{std::move(document), node, std::move(path)});
}

void push_binding(lua_State* lua, Binding value, std::string_view name) {
    struct Push {
        lua_State* lua;
        std::string_view name;
        void operator()(std::monostate) const { push_absent(lua, std::string(name)); }
        void operator()(bool is) const { lua_pushboolean(lua, is); }
        void operator()(std::int64_t number) const { lua_pushinteger(lua, number); }
        void operator()(double number) const { lua_pushnumber(lua, number); }
        void operator()(const std::string& bytes) const { lua_pushlstring(lua, bytes.data(), bytes.size()); }
        void operator()(JsonView& view) const {
            if (view.path.empty()) view.path = name;
            push_json(lua, std::move(view));
        }
    };
    std::visit(Push{lua, name}, value);
}

void push_absent(lua_State* lua, std::string path, std::string note) {
    if (frame_of(lua).script) return lua_pushnil(lua);
    JsonView nothing{nullptr, nullptr, std::move(path)};
    push_proxy(lua, std::move(nothing)).note = std::move(note);
}

void push_scalar_field(lua_State* lua) {
    std::string owner;
    std::size_t size = 0;
    if (lua_type(lua, 1) == LUA_TSTRING) {
        const char* bytes = lua_tolstring(lua, 1, &size);
        owner = fmt::format("({})", json_excerpt(Json(std::string(bytes, std::min<std::size_t>(size, 100))), 40));
    } else {
        owner = fmt::format("({})", luaL_tolstring(lua, 1, &size));
    }
    const bool named = lua_type(lua, 2) == LUA_TSTRING;
    const char* key = luaL_tolstring(lua, 2, &size);
    std::string path = named ? path_to(owner, {key, size}) : fmt::format("{}[{}]", owner, key);
    push_absent(lua, std::move(path), fmt::format("a {} has no fields", luaL_typename(lua, 1)));
}

void push_field(lua_State* lua, const JsonProxy& object, std::string_view key) {
    if (object.view.node->is_object()) {
        const auto found = object.view.node->find(key);
        if (found != object.view.node->end()) {
            if (!push_scalar(lua, *found)) push_child(lua, object, *found, path_to(object.view.path, key));
            return;
        }
    }
    push_absent_in(lua, object, path_to(object.view.path, key));
}

void push_item(lua_State* lua, const JsonProxy& list, long long position) {
    const Json& node = *list.view.node;
    std::string path;
    const bool there = node.is_array() && position >= 1 && static_cast<std::size_t>(position) <= node.size();
    if (there && push_scalar(lua, node[static_cast<std::size_t>(position - 1)])) return;
    path = fmt::format("{}[{}]", list.view.path, position);
    if (there) return push_child(lua, list, node[static_cast<std::size_t>(position - 1)], std::move(path));
    push_absent_in(lua, list, std::move(path));
}

const JsonProxy* proxy_at(lua_State* lua, int index) {
    return lua_type(lua, index) == LUA_TUSERDATA ? static_cast<const JsonProxy*>(lua_touserdata(lua, index)) : nullptr;
}

std::string why_absent(const JsonProxy& proxy) {
    if (!proxy.parent) return proxy.note;
    const std::string_view parent = std::string_view{proxy.view.path}.substr(0, proxy.parent_length);
    const Json& node = *proxy.parent;
    if (node.is_array()) return fmt::format("{} has {} item{}", parent, node.size(), node.size() == 1 ? "" : "s");
    if (!node.is_object()) return fmt::format("{} is {}", parent, kind_of(node));
    if (node.empty()) return fmt::format("{} is {{}}", parent);
    constexpr std::size_t most_bytes = 200;
    std::string keys;
    for (const auto& [key, value] : node.get_ref<const Json::object_t&>()) {
        if (keys.size() > most_bytes) {
            keys += ", …";
            break;
        }
        keys += keys.empty() ? "" : ", ";
        keys += clipped(key, 60);
    }
    return fmt::format("{} has: {}", parent, keys);
}

std::string absent_text(const JsonProxy& proxy) {
    const std::string why = why_absent(proxy);
    const std::string what = fmt::format("{} is absent", proxy.view.path.empty() ? "the value" : proxy.view.path);
    return why.empty() ? what : fmt::format("{} ({})", what, why);
}

bool is_missing(lua_State* lua, int index) {
    const JsonProxy* proxy = proxy_at(lua, index);
    return proxy ? proxy->absent() : lua_isnoneornil(lua, index);
}

bool is_true(lua_State* lua, int index) {
    const JsonProxy* proxy = proxy_at(lua, index);
    return proxy ? !proxy->absent() && !proxy->view.node->is_null() : lua_toboolean(lua, index) != 0;
}

bool are_equal(lua_State* lua, int left, int right) {
    left = lua_absindex(lua, left);
    right = lua_absindex(lua, right);
    if (is_missing(lua, left) || is_missing(lua, right)) return is_missing(lua, left) && is_missing(lua, right);
    const JsonProxy *one = proxy_at(lua, left), *other = proxy_at(lua, right);
    if (one && other && one->view.node == other->view.node) return true;
    const bool deep = one || other || (lua_istable(lua, left) && lua_istable(lua, right));
    if (!deep) return lua_rawequal(lua, left, right) != 0;
    // A function or thread is equal to no JSON value; to_json would refuse it.
    for (const int side : {left, right}) {
        if (lua_type(lua, side) == LUA_TFUNCTION || lua_type(lua, side) == LUA_TTHREAD) return false;
    }
    return to_json(lua, left) == to_json(lua, right);
}

}  // namespace serin
