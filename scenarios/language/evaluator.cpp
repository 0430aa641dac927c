// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/evaluator.hpp"

#include <fmt/format.h>

#include <functional>
#include <lua.hpp>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "scenarios/language/json_in_lua.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/lua_functions.hpp"
#include "scenarios/language/lua_state.hpp"
#include "scenarios/language/translation.hpp"

namespace serin {
namespace {

/// Steps that scripts make bring ever new expressions; beyond this many all are dropped and compiled again when needed.
constexpr std::size_t most_compiled = 100'000;

/// Inside a text: nothing may be missing without a word.
std::string text_at(lua_State* lua, int index) {
    if (const JsonProxy* proxy = proxy_at(lua, index)) {
        if (proxy->absent()) raise(lua, absent_text(*proxy));
        if (proxy->view.node->is_null()) raise(lua, fmt::format("{} is null", proxy->view.path));
    }
    return plain_text(to_json(lua, index));
}

}  // namespace

struct Evaluator::Impl {
    LuaState state;
    /// By translation, so that what is written alike is compiled once, wherever it stands; the values are registry
    /// references.
    std::unordered_map<std::string, int> compiled;

    /// Evaluates and hands `use(lua)` the value at the top of the stack.
    template <class Use>
    [[nodiscard]] Result<void> evaluate(const Expression& expression, const Scope& scope, Use&& use) {
        LuaFrame frame{state, scope, false};
        return state.run(frame, [&](lua_State* lua) {
            push_compiled(lua, expression.lua);
            lua_call(lua, 0, 1);
            use(lua);
        });
    }

private:
    void push_compiled(lua_State* lua, const std::string& translation) {
        const auto known = compiled.find(translation);
        if (known != compiled.end()) {
            lua_rawgeti(lua, LUA_REGISTRYINDEX, known->second);
            return;
        }
        if (compiled.size() >= most_compiled) forget_compiled(lua);
        const std::string chunk = lua_prologue + translation + lua_epilogue;
        if (luaL_loadbufferx(lua, chunk.data(), chunk.size(), "=expression", "t") != LUA_OK) lua_error(lua);
        lua_call(lua, push_expression_environment(lua), 1);
        lua_pushvalue(lua, -1);
        compiled.emplace(translation, luaL_ref(lua, LUA_REGISTRYINDEX));
    }

    void forget_compiled(lua_State* lua) {
        for (const auto& [translation, reference] : compiled) luaL_unref(lua, LUA_REGISTRYINDEX, reference);
        compiled.clear();
    }
};

Evaluator::Evaluator() : impl_(std::make_unique<Impl>()) {}
Evaluator::~Evaluator() = default;

LuaState& Evaluator::lua_state() {
    return impl_->state;
}

Result<Json> Evaluator::evaluate(const Expression& expression, const Scope& scope) {
    Json value;
    const auto done = impl_->evaluate(expression, scope, [&](lua_State* lua) {
        if (lua_isnil(lua, -1)) raise(lua, fmt::format("{} is absent", expression.text));
        value = to_json(lua, -1);
    });
    if (!done) return std::unexpected(done.error());
    return value;
}

Result<bool> Evaluator::holds(const Expression& expression, const Scope& scope) {
    bool held = false;
    const auto done = impl_->evaluate(expression, scope, [&](lua_State* lua) { held = is_true(lua, -1); });
    if (!done) return std::unexpected(done.error());
    return held;
}

std::string Evaluator::show(const Expression& expression, const Scope& scope) {
    std::string shown;
    const auto done = impl_->evaluate(expression, scope, [&](lua_State* lua) {
        const JsonProxy* proxy = proxy_at(lua, -1);
        if (is_missing(lua, -1)) {
            const std::string why = proxy ? why_absent(*proxy) : std::string{};
            shown = why.empty() ? "absent" : fmt::format("absent  ({})", why);
        } else {
            shown = with_type(proxy ? *proxy->view.node : to_json(lua, -1));
        }
    });
    return done ? shown : fmt::format("error: {}", done.error().title);
}

Result<std::string> Evaluator::resolve_text(const Template& value, const Scope& scope) {
    const auto resolved = resolve(value, scope);
    if (!resolved) return std::unexpected(resolved.error());
    if (resolved->is_null()) return fail("a text is needed here, not null");
    return plain_text(*resolved);
}

namespace {

/// Walks a template; each overload resolves one of its kinds.
struct Resolver {
    Evaluator& evaluator;
    const Scope& scope;
    /// The value as it reads inside a text.
    std::function<Result<std::string>(const Expression&)> text_of;

    Result<Json> operator()(std::nullptr_t) const { return Json(nullptr); }
    Result<Json> operator()(bool value) const { return Json(value); }
    Result<Json> operator()(std::int64_t value) const { return Json(value); }
    Result<Json> operator()(double value) const { return Json(value); }

    Result<Json> operator()(const Text& text) const {
        if (const Expression* lone = text.lone_expression()) {
            auto value = evaluator.evaluate(*lone, scope);
            if (!value) return named(*lone, std::move(value.error()));
            return value;
        }
        std::string whole;
        for (const auto& part : text.parts) {
            if (const auto* literal = std::get_if<std::string>(&part)) {
                whole += *literal;
                continue;
            }
            const auto& expression = std::get<Expression>(part);
            auto piece = text_of(expression);
            if (!piece) return named(expression, std::move(piece.error()));
            whole += *piece;
        }
        return Json(std::move(whole));
    }

    Result<Json> operator()(const Template::List& items) const {
        Json list = Json::array();
        for (const Template& item : items) {
            auto resolved = std::visit(*this, item.value);
            if (!resolved) return resolved;
            list.push_back(std::move(*resolved));
        }
        return list;
    }

    Result<Json> operator()(const Template::Map& entries) const {
        Json object = Json::object();
        for (const TemplateEntry& entry : entries) {
            auto resolved = std::visit(*this, entry.value.value);
            if (!resolved) return resolved;
            object[entry.key] = std::move(*resolved);
        }
        return object;
    }

private:
    static std::unexpected<Error> named(const Expression& expression, Error error) {
        error.title = fmt::format("`${{{}}}`: {}", expression.text, error.title);
        return std::unexpected(std::move(error));
    }
};

}  // namespace

Result<Json> Evaluator::resolve(const Template& value, const Scope& scope) {
    const auto text_of = [&](const Expression& expression) -> Result<std::string> {
        std::string text;
        const auto done = impl_->evaluate(expression, scope, [&](lua_State* lua) {
            if (lua_isnil(lua, -1)) raise(lua, fmt::format("{} is absent", expression.text));
            text = text_at(lua, -1);
        });
        if (!done) return std::unexpected(done.error());
        return text;
    };
    return std::visit(Resolver{*this, scope, text_of}, value.value);
}

}  // namespace serin
