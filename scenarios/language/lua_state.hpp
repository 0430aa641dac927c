// SPDX-License-Identifier: Apache-2.0
// The sandboxed Lua 5.4 state of one worker: a memory cap, an instruction budget, no way out. Linked against
// lua5.4-c++, where an error is a C++ exception, so that it unwinds our destructors (the C library would jump over
// them).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "scenarios/language/regexes.hpp"

struct lua_State;

namespace serin {

class Scope;
class LuaState;
struct JsonProxy;

/// How much one evaluation, or one stretch of a script between two steps, may use.
inline constexpr std::int64_t instruction_budget = 10'000'000;
inline constexpr std::int64_t cpu_budget_ns = 2'000'000'000;
inline constexpr std::size_t memory_budget = 16 << 20;
inline constexpr std::size_t longest_text = 1 << 20;  ///< that a built-in function makes

/// What runs in a Lua thread at the moment. Every thread points at its frame (lua_getextraspace).
struct LuaFrame {
    LuaFrame(LuaState& owner, const Scope& names, bool in_script);
    /// Lets go of the JSON documents that proxies of this frame still hold: the collector may come much later.
    ~LuaFrame();
    LuaFrame(const LuaFrame&) = delete;
    LuaFrame& operator=(const LuaFrame&) = delete;

    LuaState& state;
    const Scope& scope;
    const bool script;              ///< plain Lua: absent and null read as nil
    std::int64_t budget = 0;        ///< instructions left
    std::int64_t cpu_start_ns = 0;  ///< 0: not looked at yet
    bool spent = false;             ///< a budget was used up: the error is ours, not an unexpected value's
    JsonProxy* proxies = nullptr;   ///< all that live, linked through themselves
};

[[nodiscard]] LuaFrame& frame_of(lua_State* lua);

/// Raises a Lua error; in a script with its line in front.
[[noreturn]] void raise(lua_State* lua, const std::string& message);
/// … for a limit of ours: Error::own_fault.
[[noreturn]] void raise_spent(lua_State* lua, const std::string& message);

/// Takes the work of a built-in function over `bytes` off the instruction budget: Lua's hook does not see inside C.
void charge(lua_State* lua, std::size_t bytes);

class LuaState {
public:
    LuaState();
    ~LuaState();
    LuaState(const LuaState&) = delete;
    LuaState& operator=(const LuaState&) = delete;

    [[nodiscard]] lua_State* lua() const { return lua_; }
    [[nodiscard]] Regexes& regexes() { return regexes_; }
    [[nodiscard]] std::size_t memory_used() const { return memory_.used; }

    /// Runs `body(lua)` with fresh budgets and `frame` in charge. A Lua error or a std::exception in it becomes an
    /// Error; the stack is as before. May nest.
    template <class Body>
    [[nodiscard]] Result<void> run(LuaFrame& frame, Body&& body) {
        return run_erased(
            frame, [](lua_State* lua, void* it) { (*static_cast<std::remove_reference_t<Body>*>(it))(lua); }, &body);
    }

    /// Budgets for lua_resume, which is protected by itself. While one lives, at most `bytes` more than now may be
    /// allocated.
    class Budget {
    public:
        Budget(LuaState& state, LuaFrame& frame, std::size_t bytes = memory_budget);
        ~Budget();
        Budget(const Budget&) = delete;
        Budget& operator=(const Budget&) = delete;

    private:
        LuaState& state_;
        std::size_t limit_before_;
    };

private:
    struct Memory {
        std::size_t used = 0;
        std::size_t limit = SIZE_MAX;
    };
    static void* allocate(void* memory, void* block, std::size_t old_size, std::size_t new_size);
    Result<void> run_erased(LuaFrame& frame, void (*body)(lua_State*, void*), void* data);

    Memory memory_;
    Regexes regexes_;
    lua_State* lua_ = nullptr;
};

/// The message of the error object at the top of the stack, without Lua's own position; `line` (may be null) gets that.
[[nodiscard]] std::string error_message(lua_State* lua, int* line);

}  // namespace serin
