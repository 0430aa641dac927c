// SPDX-License-Identifier: Apache-2.0
// Expressions: Lua 5.4's expression grammar, read by a parser of ours so that mistakes have columns, names are strict
// and a failed assertion can be explained. Lua itself evaluates (evaluator.hpp).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/scenario.hpp"
#include "scenarios/language/names.hpp"

namespace serin {

/// Parses `text` (which stands at `place`) as one expression. Every mistake is added with its own column: bad syntax,
/// unknown name or field with "did you mean", Lua's pattern functions, assignment. `!= && || ! null nil ===` are
/// accepted or answered with the Lua spelling, as the language page says. nullopt when there was an error. Of a text of
/// several lines, what stands below the first is reported at the first.
[[nodiscard]] std::optional<Expression> parse_expression(std::string_view text, const Place& place,
                                                         const KnownNames& names, Mistakes& mistakes);

/// Splits the text of a scalar at `${…}` (balanced, strings respected; `$${` is a literal `${`). Expressions get their
/// own place when the scalar is on one line and unescaped; else the scalar's.
[[nodiscard]] Text parse_text(std::string_view scalar, const Place& place, const KnownNames& names, Mistakes& mistakes);

/// What is wrong with an expectation, or one side of its `and` and `or`, that holds neither a name nor a call: it is
/// the same in every run (`404`, `status == 200 or 404`), so it judges nothing. nullopt when every part looks at
/// something. `expectation` must come from parse_expression.
[[nodiscard]] std::optional<Mistake> constant_mistake(const Expression& expectation);

/// An assertion taken apart, so that a failure can be explained: which branch decided, and the operands worth showing
/// there.
struct Assertion {
    enum class Shape {
        leaf,      ///< one comparison, call or value; `operands` are its parts that are not literals
        all_of,    ///< `a and b`: two `branches`
        any_of,    ///< `a or b`: two `branches`
        negation,  ///< `not a`: one branch
    };
    Shape shape = Shape::leaf;
    Expression expression;
    std::vector<Assertion> branches;
    std::vector<Expression> operands;  ///< left to right, texts as written
};
/// `expression` must come from parse_expression.
[[nodiscard]] Assertion take_apart(const Expression& expression);

}  // namespace serin
