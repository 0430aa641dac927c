// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/lua_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <lua.hpp>
#include <new>
#include <stdexcept>
#include <utility>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/lua_functions.hpp"

namespace serin {
namespace {

constexpr int instructions_between_looks = 1000;

std::int64_t cpu_now_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// `level`: of the call whose line a script's error carries; 1 for a C function's caller, 0 for what a hook interrupts.
[[noreturn]] void raise_at(lua_State* lua, int level, const std::string& message) {
    const bool script = frame_of(lua).script;
    if (script) luaL_where(lua, level);
    lua_pushlstring(lua, message.data(), message.size());
    if (script) lua_concat(lua, 2);
    lua_error(lua);
    std::unreachable();
}

/// Nothing in the sandbox can catch the error (there is no pcall), and once spent the budget stays spent.
void look(lua_State* lua, lua_Debug*) {
    LuaFrame& frame = frame_of(lua);
    frame.budget -= instructions_between_looks;
    const std::int64_t now = cpu_now_ns();
    if (frame.cpu_start_ns == 0) frame.cpu_start_ns = now;
    // CPU time as well: one instruction can copy megabytes.
    if (frame.budget < 0 || now - frame.cpu_start_ns > cpu_budget_ns) {
        frame.spent = true;
        raise_at(lua, 0, fmt::format("it takes more than {} instructions in one go", instruction_budget));
    }
}

struct Call {
    void (*body)(lua_State*, void*);
    void* data;
};

/// A C++ exception must not cross Lua, which would swallow it to a bare status.
int trampoline(lua_State* lua) {
    std::string message;
    {
        const auto* call = static_cast<const Call*>(lua_touserdata(lua, 1));
        try {
            call->body(lua, call->data);
            return 0;
        } catch (const std::exception& failure) {
            message = failure.what();
        }
    }
    raise(lua, message);
}

int panic(lua_State*) {
    throw std::runtime_error("Lua could not make its state");
}

LuaFrame*& frame_slot(lua_State* lua) {
    return *static_cast<LuaFrame**>(lua_getextraspace(lua));
}

}  // namespace

LuaFrame::LuaFrame(LuaState& owner, const Scope& names, bool in_script)
    : state(owner), scope(names), script(in_script) {}

LuaFrame::~LuaFrame() {
    release_proxies(*this);
}

LuaFrame& frame_of(lua_State* lua) {
    return *frame_slot(lua);
}

void raise(lua_State* lua, const std::string& message) {
    raise_at(lua, 1, message);
}

void raise_spent(lua_State* lua, const std::string& message) {
    frame_of(lua).spent = true;
    raise(lua, message);
}

void charge(lua_State* lua, std::size_t bytes) {
    constexpr std::size_t bytes_per_instruction = 8;
    LuaFrame& frame = frame_of(lua);
    frame.budget -= static_cast<std::int64_t>(bytes / bytes_per_instruction);
    if (frame.budget < 0) raise_spent(lua, "the texts and lists that it works through are too large in sum");
}

LuaState::LuaState() {
    lua_ = lua_newstate(&LuaState::allocate, &memory_);
    if (!lua_) throw std::bad_alloc();
    lua_atpanic(lua_, panic);
    frame_slot(lua_) = nullptr;
    lua_sethook(lua_, look, LUA_MASKCOUNT, instructions_between_looks);
    try {
        open_json(lua_);
        open_functions(lua_);
    } catch (...) {
        lua_close(lua_);
        throw;
    }
}

LuaState::~LuaState() {
    lua_close(lua_);
}

void* LuaState::allocate(void* memory, void* block, std::size_t old_size, std::size_t new_size) {
    auto& account = *static_cast<Memory*>(memory);
    if (!block) old_size = 0;  // for a new block Lua says its type there
    if (new_size == 0) {
        std::free(block);
        account.used -= old_size;
        return nullptr;
    }
    if (new_size > old_size && new_size - old_size > account.limit - std::min(account.limit, account.used))
        return nullptr;
    void* moved = std::realloc(block, new_size);
    if (moved) account.used += new_size - old_size;
    return moved;
}

LuaState::Budget::Budget(LuaState& state, LuaFrame& frame, std::size_t bytes)
    : state_(state), limit_before_(state.memory_.limit) {
    frame.budget = instruction_budget;
    frame.cpu_start_ns = 0;
    state.memory_.limit = std::min(limit_before_, state.memory_.used + bytes);
}

LuaState::Budget::~Budget() {
    state_.memory_.limit = limit_before_;
}

Result<void> LuaState::run_erased(LuaFrame& frame, void (*body)(lua_State*, void*), void* data) {
    const Budget budget{*this, frame};
    LuaFrame* const outer = std::exchange(frame_slot(lua_), &frame);
    Call call{body, data};
    lua_pushcfunction(lua_, trampoline);
    lua_pushlightuserdata(lua_, &call);
    const int status = lua_pcall(lua_, 1, 0, 0);
    Result<void> result;
    if (status != LUA_OK) {
        result = fail(status == LUA_ERRMEM ? fmt::format("it needs more than {} MiB of memory", memory_budget >> 20)
                                           : error_message(lua_, nullptr));
        result.error().own_fault = status == LUA_ERRMEM || frame.spent;
        lua_pop(lua_, 1);
    }
    frame_slot(lua_) = outer;
    return result;
}

std::string error_message(lua_State* lua, int* line) {
    std::size_t length = 0;
    const char* text = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &length) : nullptr;
    if (!text) return fmt::format("an error without a text (a {})", luaL_typename(lua, -1));
    std::string_view message{text, length};
    // "chunk:3: what happened"; our chunks are named `expression` and `script`.
    const std::size_t colon = message.find(':');
    if (const std::string_view chunk = message.substr(0, colon); chunk == "expression" || chunk == "script") {
        int number = 0;
        const auto [end, error] = std::from_chars(message.data() + colon + 1, message.data() + message.size(), number);
        const std::string_view rest{end, static_cast<std::size_t>(message.data() + message.size() - end)};
        if (error == std::errc{} && rest.starts_with(": ")) {
            if (line) *line = number;
            message = rest.substr(2);
        }
    }
    return std::string{message};
}

}  // namespace serin
