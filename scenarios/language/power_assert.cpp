// SPDX-License-Identifier: Apache-2.0
// Why an assertion is false, in values. The idea is Groovy's power assert: show what each part was, so that nobody has
// to run it again with prints in it.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/evaluator.hpp"
#include "scenarios/language/expression.hpp"

namespace serin {
namespace {

class Explanation {
public:
    Explanation(Evaluator& evaluator, const Scope& scope) : evaluator_(evaluator), scope_(scope) {}
    std::vector<std::string> lines;

    /// `wanted`: what the assertion should have been. Explains only the branches that made it otherwise.
    void explain(const Assertion& assertion, bool wanted) {
        const auto held = evaluator_.holds(assertion.expression, scope_);
        if (held && *held == wanted) return;
        switch (assertion.shape) {
            case Assertion::Shape::leaf:
                for (const Expression& operand : assertion.operands) add(operand);
                if (!held) add(fmt::format("{}: error: {}", assertion.expression.text, held.error().title));
                break;
            case Assertion::Shape::negation:
                explain(assertion.branches.front(), !wanted);
                break;
            case Assertion::Shape::all_of:
            case Assertion::Shape::any_of:
                branches(assertion, wanted);
                break;
        }
    }

private:
    /// Lua stops at the branch that decides; what stands right of it was not evaluated, and may make no sense.
    void branches(const Assertion& assertion, bool wanted) {
        const bool stops_when = assertion.shape == Assertion::Shape::any_of;
        for (const Assertion& branch : assertion.branches) {
            explain(branch, wanted);
            const auto held = evaluator_.holds(branch.expression, scope_);
            if (!held || *held == stops_when) return;
        }
    }

    void add(const Expression& operand) { add(fmt::format("{} = {}", operand.text, evaluator_.show(operand, scope_))); }
    void add(std::string line) {
        if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
    }

    Evaluator& evaluator_;
    const Scope& scope_;
};

}  // namespace

std::vector<std::string> Evaluator::explain(const Expression& expression, const Scope& scope) {
    Explanation explanation{*this, scope};
    explanation.explain(take_apart(expression), true);
    return std::move(explanation.lines);
}

}  // namespace serin
