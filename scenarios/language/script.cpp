// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "scenarios/language/evaluator.hpp"
#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_functions.hpp"
#include "scenarios/language/lua_state.hpp"

namespace serin {
namespace {

constexpr std::array step_kinds{"get",     "post", "put",  "patch", "delete",  "head", "options", "request",
                                "connect", "send", "none", "poll",  "receive", "set",  "pause",   "call"};

/// The frame of a script's thread also carries what it asks for across the yield.
struct ScriptFrame : LuaFrame {
    using LuaFrame::LuaFrame;
    Json step;
    int line = 0;
};

int current_line(lua_State* lua) {
    lua_Debug caller;
    if (!lua_getstack(lua, 1, &caller)) return 0;
    lua_getinfo(lua, "l", &caller);
    return std::max(0, caller.currentline);
}

int ask(lua_State* lua, Json step) {
    auto& frame = static_cast<ScriptFrame&>(frame_of(lua));
    frame.step = std::move(step);
    frame.line = current_line(lua);
    return lua_yield(lua, 0);  // resumed with the answer, which becomes the call's result
}

/// A converted argument; in `what` the reader finds which one was wrong.
Json argument(lua_State* lua, int index, const std::string& what) {
    if (lua_isnoneornil(lua, index)) raise(lua, fmt::format("{} is missing", what));
    return to_json(lua, index);
}

/// `get("/path", { as = "alice" })` is the step `{ get: /path, as: alice }`. Upvalue: the kind.
int step_of_kind(lua_State* lua) {
    const std::string kind = lua_tostring(lua, lua_upvalueindex(1));
    Json step = Json::object();
    if (!lua_isnoneornil(lua, 2)) {
        step = argument(lua, 2, "options");
        if (!step.is_object()) raise(lua, fmt::format("the second argument of `{}` is a table of options", kind));
    }
    if (step.contains(kind)) raise(lua, fmt::format("`{}` is the first argument, not an option", kind));
    step[kind] = argument(lua, 1, fmt::format("the first argument of `{}`", kind));
    return ask(lua, std::move(step));
}

int step_as_written(lua_State* lua) {
    Json step = argument(lua, 1, "the argument of `step`");
    if (!step.is_object()) raise(lua, R"(`step` takes a table: step{ get = "/path", as = "alice" })");
    return ask(lua, std::move(step));
}

void push_step_functions(lua_State* lua) {
    lua_newtable(lua);
    for (const char* kind : step_kinds) {
        lua_pushstring(lua, kind);
        lua_pushcclosure(lua, step_of_kind, 1);
        lua_setfield(lua, -2, kind);
    }
    lua_pushcfunction(lua, step_as_written);
    lua_setfield(lua, -2, "step");
}

std::pair<Error, int> error_with_line(std::string message, int line) {
    if (line > 0) message = fmt::format("line {}: {}", line, message);
    return {Error{std::move(message), {}}, line};
}

}  // namespace

struct Script::Impl {
    LuaState& state;
    ScriptFrame frame;
    lua_State* thread = nullptr;
    int thread_reference = LUA_NOREF;       // keeps the thread alive in the registry
    int environment_reference = LUA_NOREF;  // the script's globals
    bool started = false, ended = false;
    std::optional<Error> load_error;
    int load_error_line = 0;
    std::int64_t held =
        0;  // bytes that earlier stretches left allocated: the memory budget is the script's, not each stretch's

    Impl(LuaState& owner, const Scope& scope) : state(owner), frame(owner, scope, true) {}

    /// Scripts share the state with all others, so all that may fail in Lua happens in here.
    template <class Body>
    [[nodiscard]] Result<void> guarded(Body&& body) {
        LuaFrame inner{state, frame.scope, true};
        return state.run(inner, std::forward<Body>(body));
    }

    void load(const std::string& text) {
        int line = 0;
        const auto loaded = guarded([&](lua_State* lua) {
            thread = lua_newthread(lua);
            thread_reference = luaL_ref(lua, LUA_REGISTRYINDEX);
            *static_cast<LuaFrame**>(lua_getextraspace(thread)) = &frame;
            push_step_functions(lua);
            push_script_environment(lua);
            lua_pushvalue(lua, -1);
            environment_reference = luaL_ref(lua, LUA_REGISTRYINDEX);
            if (luaL_loadbufferx(lua, text.data(), text.size(), "=script", "t") != LUA_OK) {
                const std::string message = error_message(lua, &line);
                lua_pushlstring(lua, message.data(), message.size());
                lua_error(lua);
            }
            lua_pushvalue(lua, -2);
            lua_setupvalue(lua, -2, 1);  // a chunk's only upvalue is _ENV
            lua_xmove(lua, thread, 1);
        });
        if (!loaded) std::tie(load_error, load_error_line) = error_with_line(loaded.error().title, line);
    }

    [[nodiscard]] Result<void> push_answer(const Json& answer) {
        return guarded([&](lua_State* lua) {
            const std::size_t weight = json_weight(answer);
            if (weight == SIZE_MAX) raise(lua, fmt::format("the answer nests deeper than {} levels", deepest_json));
            // The collector sees a proxy of some bytes, not the document behind it: tell it what there is to win.
            lua_gc(lua, LUA_GCSTEP, static_cast<int>(weight >> 10));
            auto document = std::make_shared<const Json>(answer);
            const Json* node = document.get();
            luaL_checkstack(thread, 4, "too many values");
            push_json(thread, JsonView{std::move(document), node, "result"});
        });
    }

    Ended end(Error error, int line) {
        ended = true;
        return Ended{std::move(error), line};
    }
};

Script::Script(Evaluator& evaluator, const LuaStep& step, const Scope& scope)
    : impl_(std::make_unique<Impl>(evaluator.lua_state(), scope)) {
    impl_->load(step.script);
}

Script::~Script() {
    const auto closed = impl_->guarded([&](lua_State* lua) {
        luaL_unref(lua, LUA_REGISTRYINDEX, impl_->environment_reference);
        luaL_unref(lua, LUA_REGISTRYINDEX, impl_->thread_reference);
    });
    static_cast<void>(closed);  // unreferencing allocates nothing
}

std::variant<Script::Ask, Script::Ended> Script::next(const Json& answer) {
    Impl& it = *impl_;
    if (it.load_error) return it.end(*it.load_error, it.load_error_line);
    if (it.ended) return Ended{};
    if (it.started) {
        const auto pushed = it.push_answer(answer);
        if (!pushed) return it.end(pushed.error(), it.frame.line);
    }
    const int arguments = std::exchange(it.started, true) ? 1 : 0;

    const std::size_t used_before = it.state.memory_used();
    const auto left = static_cast<std::int64_t>(memory_budget) - std::max<std::int64_t>(0, it.held);
    int results = 0;
    int status = LUA_OK;
    {
        const LuaState::Budget budget{it.state, it.frame, static_cast<std::size_t>(std::max<std::int64_t>(left, 0))};
        status = lua_resume(it.thread, it.state.lua(), arguments, &results);
    }
    it.held += static_cast<std::int64_t>(it.state.memory_used()) - static_cast<std::int64_t>(used_before);

    if (status == LUA_YIELD) {
        lua_pop(it.thread, results);
        return Ask{&it.frame.step, it.frame.line};
    }
    it.ended = true;
    if (status == LUA_OK) return Ended{};
    int line = 0;
    std::string message = status == LUA_ERRMEM
                              ? fmt::format("the script needs more than {} MiB of memory", memory_budget >> 20)
                              : error_message(it.thread, &line);
    auto [error, where] = error_with_line(std::move(message), line);
    return it.end(std::move(error), where);
}

std::vector<std::pair<std::string, Json>> Script::results() const {
    std::vector<std::pair<std::string, Json>> globals;
    if (impl_->environment_reference == LUA_NOREF) return globals;
    std::vector<std::string> names;
    const auto listed = impl_->guarded([&](lua_State* lua) {
        lua_rawgeti(lua, LUA_REGISTRYINDEX, impl_->environment_reference);
        lua_pushnil(lua);
        while (lua_next(lua, -2)) {
            if (!lua_isfunction(lua, -1) && lua_type(lua, -2) == LUA_TSTRING) names.emplace_back(lua_tostring(lua, -2));
            lua_pop(lua, 1);
        }
    });
    if (!listed) return globals;
    std::ranges::sort(names);
    for (const std::string& name : names) {
        Json value;
        const auto converted = impl_->guarded([&](lua_State* lua) {
            lua_rawgeti(lua, LUA_REGISTRYINDEX, impl_->environment_reference);
            lua_getfield(lua, -1, name.c_str());
            value = to_json(lua, -1);
        });
        if (converted) globals.emplace_back(name, std::move(value));  // what JSON cannot say is the script's own affair
    }
    return globals;
}

}  // namespace serin
