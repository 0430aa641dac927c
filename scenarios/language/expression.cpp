// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "scenarios/language/name_checks.hpp"
#include "scenarios/language/syntax_tree.hpp"
#include "scenarios/language/translation.hpp"

namespace serin {
namespace {

/// Far beyond what a person writes; bounds the work of one file.
constexpr std::size_t most_bytes = 64 << 10;
constexpr std::string_view blanks = " \t\r\n\v\f";

std::uint32_t next_id() {
    static std::atomic<std::uint32_t> last{0};
    return ++last;
}

void report(const SyntaxError& error, std::string_view text, const Place& place, Mistakes& mistakes) {
    const auto first_line = static_cast<int>(std::min(text.find('\n'), text.size()));
    Mistake mistake;
    mistake.title = error.title;
    mistake.remedy = error.remedy;
    if (error.begin <= first_line) {
        mistake.place = place.shifted(error.begin, std::max(1, std::min(error.length, first_line - error.begin)));
    } else {
        mistake.place = place.shifted(0, std::max(1, first_line));
    }
    mistakes.push_back(std::move(mistake));
}

Expression make_expression(std::string_view text, const Place& place, const Node& tree) {
    Expression expression;
    expression.text = text;
    expression.place = place.shifted(0, static_cast<int>(std::min(text.find('\n'), text.size())));
    expression.lua = translated(tree);
    expression.id = next_id();
    return expression;
}

/// Takes assertions and their operands apart; each part's text and place are those of the whole.
class Anatomy {
public:
    explicit Anatomy(const Expression& whole) : whole_(whole) {}

    [[nodiscard]] Assertion assertion(const Node& node) const {
        const Node& inner = bare(node);
        Assertion made;
        made.expression = part(inner);
        const bool joins = inner.kind == NodeKind::binary && (inner.text == "and" || inner.text == "or");
        if (joins) {
            made.shape = inner.text == "and" ? Assertion::Shape::all_of : Assertion::Shape::any_of;
        } else if (inner.kind == NodeKind::unary && inner.text == "not") {
            made.shape = Assertion::Shape::negation;
        } else {
            leaf(inner, made.operands);
            return made;
        }
        for (const NodePtr& branch : inner.parts) made.branches.push_back(assertion(*branch));
        return made;
    }

private:
    [[nodiscard]] Expression part(const Node& node) const {
        const std::string_view text = std::string_view{whole_.text}.substr(
            static_cast<std::size_t>(node.begin), static_cast<std::size_t>(node.end - node.begin));
        return make_expression(text, whole_.place.shifted(node.begin, 1), node);
    }

    void leaf(const Node& node, std::vector<Expression>& operands) const {
        if (is_comparison(node)) {
            for (const NodePtr& side : node.parts) operand(bare(*side), operands);
        } else {
            operand(node, operands);
        }
    }

    /// A call or an operation is worth showing, and so is what went into it.
    void operand(const Node& node, std::vector<Expression>& operands) const {
        if (is_literal(node)) return;
        operands.push_back(part(node));
        const bool path = node.kind == NodeKind::name || node.kind == NodeKind::index;
        if (path) return;
        for (const NodePtr& inner : node.parts) {
            if (inner && !is_literal(*inner)) operands.push_back(part(bare(*inner)));
        }
    }

    const Expression& whole_;
};

/// The first part of an assertion that decides without looking at anything.
const Node* constant_part(const Node& node) {
    const Node& inner = bare(node);
    if (is_literal(inner)) return &inner;
    const bool joins = inner.kind == NodeKind::binary && (inner.text == "and" || inner.text == "or");
    if (!joins && !(inner.kind == NodeKind::unary && inner.text == "not")) return nullptr;
    for (const NodePtr& branch : inner.parts) {
        if (const Node* found = constant_part(*branch)) return found;
    }
    return nullptr;
}

/// The end of the expression that begins at `begin`, just behind `${`: its closing brace, or npos. Braces inside texts
/// do not count.
std::size_t closing_brace(std::string_view scalar, std::size_t begin) {
    int open = 0;
    for (std::size_t at = begin; at < scalar.size(); ++at) {
        const char c = scalar[at];
        if (c == '"' || c == '\'') {
            for (++at; at < scalar.size() && scalar[at] != c; ++at) {
                if (scalar[at] == '\\') ++at;
            }
        } else if (c == '{') {
            ++open;
        } else if (c == '}' && open-- == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// Where the scalar's own characters begin, when its source shows them just as they are (plain, or quoted without
/// escapes).
std::optional<Place> place_of_text(std::string_view scalar, const Place& place) {
    if (!place.known() || place.column < 1 || scalar.find('\n') != std::string_view::npos) return std::nullopt;
    std::string_view line = place.source->line(place.line);
    if (line.size() < static_cast<std::size_t>(place.column)) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(place.column - 1));
    if (line.starts_with(scalar)) return place;
    const bool quoted = line.front() == '"' || line.front() == '\'';
    if (quoted && line.substr(1).starts_with(scalar)) return place.shifted(1, static_cast<int>(scalar.size()));
    return std::nullopt;
}

}  // namespace

std::optional<Expression> parse_expression(std::string_view text, const Place& place, const KnownNames& names,
                                           Mistakes& mistakes) {
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    const std::size_t end = text.find_last_not_of(blanks);
    const Place here = place.shifted(static_cast<int>(begin), 1);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(begin, end + 1 - begin);
    if (text.size() > most_bytes) {
        report({0, 1, "the expression is longer than 64 KiB", "compute such values in a `lua:` step"}, text, here,
               mistakes);
        return std::nullopt;
    }
    const auto tree = parse_tree(text);
    if (!tree) {
        report(tree.error(), text, text.empty() ? place : here, mistakes);
        return std::nullopt;
    }
    const std::vector<SyntaxError> unknown = check_names(**tree, names);
    for (const SyntaxError& error : unknown) report(error, text, here, mistakes);
    if (!unknown.empty()) return std::nullopt;
    return make_expression(text, here, **tree);
}

Text parse_text(std::string_view scalar, const Place& place, const KnownNames& names, Mistakes& mistakes) {
    Text text;
    std::string literal;
    const std::optional<Place> exact = place_of_text(scalar, place);
    const auto flush = [&] {
        if (!literal.empty()) text.parts.emplace_back(std::exchange(literal, {}));
    };
    std::size_t at = 0;
    while (at < scalar.size()) {
        if (scalar.substr(at).starts_with("$${")) {
            literal += "${";
            at += 3;
        } else if (scalar.substr(at).starts_with("${")) {
            const std::size_t end = closing_brace(scalar, at + 2);
            const Place here = exact ? exact->shifted(static_cast<int>(at + 2), 1) : place;
            if (end == std::string_view::npos) {
                const Place opening = exact ? exact->shifted(static_cast<int>(at), 2) : place;
                mistakes.push_back({.place = opening,
                                    .title = "`${` is not closed",
                                    .note = {},
                                    .remedy = "add `}`, or write `$${` for a literal `${`",
                                    .called_from = {}});
                return text;
            }
            flush();
            Mistakes found;
            auto expression = parse_expression(scalar.substr(at + 2, end - at - 2), here, names, found);
            for (Mistake& mistake : found) {
                if (!exact) mistake.place = place;  // a column in the value is none in the file
                mistakes.push_back(std::move(mistake));
            }
            if (expression) {
                if (!exact) expression->place = place;
                text.parts.emplace_back(std::move(*expression));
            }
            at = end + 1;
        } else {
            literal += scalar[at++];
        }
    }
    flush();
    return text;
}

std::optional<Mistake> constant_mistake(const Expression& expectation) {
    const auto tree = parse_tree(expectation.text);
    if (!tree) return std::nullopt;
    const Node* part = constant_part(**tree);
    if (part == nullptr) return std::nullopt;
    const bool whole = part == &bare(**tree);
    Mistake mistake;
    const bool one_line = expectation.text.find('\n') == std::string::npos;
    mistake.place =
        whole || !one_line ? expectation.place : expectation.place.shifted(part->begin, part->end - part->begin);
    mistake.title = fmt::format("this {} is always the same: it looks at nothing", whole ? "expectation" : "condition");
    mistake.remedy = "compare something that the step saw";
    if (part->kind == NodeKind::number) mistake.remedy = fmt::format("did you mean `status == {}`?", part->text);
    if (whole && part->kind == NodeKind::text) mistake.remedy = "remove the quotes";
    return mistake;
}

Assertion take_apart(const Expression& expression) {
    const auto tree = parse_tree(expression.text);
    if (tree) return Anatomy{expression}.assertion(**tree);
    Assertion whole;  // not from parse_expression: nothing to take apart
    whole.expression = expression;
    return whole;
}

}  // namespace serin
