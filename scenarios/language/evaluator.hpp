// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "core/scenario.hpp"

namespace serin {

using Json = nlohmann::json;

/// A part of a JSON document that is kept alive. `path` is how a person would write it: "json.user".
struct JsonView {
    std::shared_ptr<const Json> document;
    const Json* node = nullptr;
    std::string path;
};

/// A value as an expression sees it; monostate: absent.
using Binding = std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonView>;

/// Where expressions find their names. find() gives nullopt for a name that does not exist here.
class Scope {
public:
    virtual ~Scope() = default;
    [[nodiscard]] virtual std::optional<Binding> find(std::string_view name) const = 0;
};

/// Evaluates expressions in a sandboxed Lua 5.4 state, shared by all runs of one worker: an expression has no side
/// effects, so runs cannot see each other. Not thread-safe; one per worker. Each evaluation has a memory cap and an
/// instruction budget. `Error::title` says what happened with the values ("json.user is absent; keys here: id, name").
class Evaluator {
public:
    Evaluator();
    ~Evaluator();
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    /// As JSON; an absent result is an Error.
    [[nodiscard]] Result<Json> evaluate(const Expression& expression, const Scope& scope);
    /// As a condition: nil, false and absent are false.
    [[nodiscard]] Result<bool> holds(const Expression& expression, const Scope& scope);
    /// As text for people, with its type: `503  (integer)`, `"a"  (string)`, `absent  (json has: id, text)`.
    [[nodiscard]] std::string show(const Expression& expression, const Scope& scope);
    /// The lines that explain why `expression` is false (power assert): for each comparison that decided, what is not a
    /// literal in it, as written, with value and type: `status = 503  (integer)`, `json.id = absent  (json has:
    /// error)`, `json.n < 3: error: …`. Evaluating again is safe, as expressions have no side effects. Empty when it
    /// holds.
    [[nodiscard]] std::vector<std::string> explain(const Expression& expression, const Scope& scope);

    /// A template with its `${…}` resolved. Inside a text, absent and null are Errors. Error titles name the
    /// expression.
    [[nodiscard]] Result<Json> resolve(const Template& value, const Scope& scope);
    [[nodiscard]] Result<std::string> resolve_text(const Template& value, const Scope& scope);

    /// For scenarios/language/script only.
    [[nodiscard]] class LuaState& lua_state();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A `lua:` step's script, run as a coroutine: next() runs until it asks for a step or ends. The script may call
/// `get(path, options)` (and each other kind's name) or `step{…}`; each call hands out the step as a JSON mapping just
/// as it would stand in YAML, with the source line, and gets the step's result object back. Same sandbox and budgets as
/// expressions; the instruction budget is per next(). A script is plain Lua: what is absent or null reads as nil.
class Script {
public:
    struct Ask {
        Json* step = nullptr;  ///< owned by the Script until the next call
        int line = 0;          ///< 1-based, in the script
    };
    struct Ended {
        std::optional<Error>
            error;     ///< Lua error or broken budget; its title begins with "line N: " when that is known
        int line = 0;  ///< of the error; 0: not known
    };
    /// `evaluator` and `scope` must outlive the script.
    Script(Evaluator& evaluator, const LuaStep& step, const Scope& scope);
    ~Script();
    /// `answer`: the result object of the step that was asked for last (null at the first call).
    [[nodiscard]] std::variant<Ask, Ended> next(const Json& answer);
    /// Globals that the script assigned so far, by name: they become names of later steps. Functions are left out.
    [[nodiscard]] std::vector<std::pair<std::string, Json>> results() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
