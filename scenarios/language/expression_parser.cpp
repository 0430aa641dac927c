// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "scenarios/language/names.hpp"
#include "scenarios/language/syntax_tree.hpp"

namespace serin {
namespace {

/// Lua itself refuses to compile what nests deeper than about 200; translation and explanation recurse over the tree.
constexpr int max_depth = 80;

struct Priority {
    std::string_view op;
    int left, right;  ///< right < left: right associative
};
constexpr std::array priorities{
    Priority{"or", 1, 1},  Priority{"and", 2, 2}, Priority{"<", 3, 3},   Priority{">", 3, 3},    Priority{"<=", 3, 3},
    Priority{">=", 3, 3},  Priority{"~=", 3, 3},  Priority{"==", 3, 3},  Priority{"|", 4, 4},    Priority{"~", 5, 5},
    Priority{"&", 6, 6},   Priority{"<<", 7, 7},  Priority{">>", 7, 7},  Priority{"..", 9, 8},   Priority{"+", 10, 10},
    Priority{"-", 10, 10}, Priority{"*", 11, 11}, Priority{"/", 11, 11}, Priority{"//", 11, 11}, Priority{"%", 11, 11},
    Priority{"^", 14, 13}};
constexpr int unary_priority = 12;

const Priority* priority_of(const Token& token) {
    const auto* found = std::ranges::find_if(priorities, [&](const Priority& one) { return token.is(one.op); });
    return found == priorities.end() ? nullptr : found;
}

/// Functions of Lua that are not here, and what to write instead.
struct Instead {
    std::string_view name, remedy;
};
constexpr std::array lua_functions{Instead{"find", "write `re.test(text, pattern)` or `contains(text, part)`"},
                                   Instead{"match", "write `re.match(text, pattern)` with an RE2 pattern"},
                                   Instead{"gmatch", "write `re.find_all(text, pattern)` with an RE2 pattern"},
                                   Instead{"gsub", "write `replace(text, old, new)`"},
                                   Instead{"rep", "repeat the text by hand: there is no `rep`"},
                                   Instead{"format", "join with `..` or write `${…}` inside a text"},
                                   Instead{"startswith", "write `starts(text, part)`"},
                                   Instead{"endswith", "write `ends(text, part)`"},
                                   Instead{"includes", "write `contains(x, part)`"},
                                   Instead{"length", "write `len(x)`"}};

std::string remedy_for_function(std::string_view name) {
    const auto* found = std::ranges::find_if(lua_functions, [&](const Instead& one) { return one.name == name; });
    return std::string{found == lua_functions.end() ? "only the built-in functions can be called" : found->remedy};
}

/// The functions that may be written as `text:lower()`.
constexpr std::array methods{"len", "sub", "lower", "upper", "trim", "contains", "starts", "ends", "split", "replace"};

class Parser {
public:
    Parser(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

    std::expected<NodePtr, SyntaxError> run() {
        if (now().kind == TokenKind::end) {
            return std::unexpected(SyntaxError{0, std::max<int>(1, static_cast<int>(text_.size())),
                                               "the expression is empty", "write a condition such as `status == 200`"});
        }
        NodePtr tree = expression(0);
        if (tree && now().kind != TokenKind::end) unexpected_after();
        if (error_) return std::unexpected(*error_);
        return tree;
    }

private:
    [[nodiscard]] const Token& now() const { return tokens_[at_]; }
    [[nodiscard]] const Token& following() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    [[nodiscard]] std::string written(const Token& token) const {
        return std::string{
            text_.substr(static_cast<std::size_t>(token.begin), static_cast<std::size_t>(token.end - token.begin))};
    }

    NodePtr mistake(int begin, int length, std::string title, std::string remedy = {}) {
        if (!error_) error_ = SyntaxError{begin, std::max(1, length), std::move(title), std::move(remedy)};
        return nullptr;
    }
    NodePtr mistake(const Token& token, std::string title, std::string remedy = {}) {
        return mistake(token.begin, token.end - token.begin, std::move(title), std::move(remedy));
    }

    NodePtr make(NodeKind kind, int begin, std::string text, std::vector<NodePtr> parts = {}) {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->begin = begin;
        node->end = at_ > 0 ? tokens_[at_ - 1].end : 0;
        node->text = std::move(text);
        node->parts = std::move(parts);
        for (const NodePtr& part : node->parts) {
            if (part) node->depth = std::max(node->depth, part->depth + 1);
        }
        if (node->depth > max_depth) return too_deep(begin, node->end - begin);
        return node;
    }
    NodePtr too_deep(int begin, int length) {
        return mistake(begin, length, "the expression nests too deeply", "split it into several expectations");
    }

    /// A token that cannot follow a complete expression.
    void unexpected_after() {
        const Token& token = now();
        const std::string found = written(token);
        std::string remedy = "one expression only: join two conditions with `and` or `or`";
        if (token.is("=")) {
            mistake(token, "`=` assigns, and nothing can be assigned here", "did you mean `==`?");
            return;
        }
        if (token.is("#")) remedy = "a comment begins with `--`";
        if (found == "is" || found == "equals" || found == "eq" || found == "be") remedy = "did you mean `==`?";
        if (found == "contains" || found == "includes") remedy = "write `contains(x, part)`";
        if (found == "matches" || found == "match") remedy = "write `re.test(text, pattern)`";
        if (token.is("in")) remedy = "write `contains(list, value)`";
        if (found == "AND" || found == "And") remedy = "did you mean `and`?";
        if (found == "OR" || found == "Or") remedy = "did you mean `or`?";
        if (token.is(")") || token.is("]") || token.is("}")) remedy = "there is no opening bracket for it";
        mistake(token, fmt::format("unexpected `{}`", found), remedy);
    }

    NodePtr operand_expected() {
        const Token& token = now();
        if (token.kind == TokenKind::end) {
            const Token& last = tokens_[at_ > 0 ? at_ - 1 : 0];
            return mistake(last, "the expression ends too early",
                           fmt::format("something is missing after `{}`", written(last)));
        }
        if (token.is("function"))
            return mistake(token, "functions cannot be written in an expression", "use a `lua:` step");
        if (token.is("...")) return mistake(token, "`...` has no meaning in an expression", "write `..` to join texts");
        if (token.is("=")) return mistake(token, "unexpected `=`", remedy_for_equals());
        if (token.kind == TokenKind::keyword) {
            return mistake(token, fmt::format("`{}` cannot stand here", written(token)),
                           priority_of(token) ? "something is missing before it"
                                              : "an expression has no statements; use a `lua:` step");
        }
        return mistake(token, fmt::format("unexpected `{}`", written(token)), "a value is missing here");
    }

    /// For a `=` where an operand should stand: mostly the end of an operator that was torn apart.
    [[nodiscard]] std::string remedy_for_equals() const {
        if (at_ == 0) return "a value is missing before it; `==` compares two";
        const Token& before = tokens_[at_ - 1];
        if (before.is("<") || before.is(">") || before.is("~"))
            return fmt::format("write `{}=` without a space", written(before));
        if (before.is("not")) return "write `~=` or `!=` without a space";
        if (before.is("==")) return "write `==`";
        return "a value is missing before it; `==` compares two";
    }

    NodePtr expression(int limit) {
        if (++nesting_ > max_depth) return too_deep(now().begin, now().end - now().begin);
        const int begin = now().begin;
        NodePtr left = operand();
        bool compared = false;
        while (left) {
            const Priority* priority = priority_of(now());
            if (!priority || priority->left <= limit) break;
            if (priority->left == 3) {
                if (!comparable(*left, compared)) return nullptr;
                compared = true;
            }
            ++at_;
            NodePtr right = expression(priority->right);
            if (!right) return nullptr;
            std::vector<NodePtr> sides;
            sides.push_back(std::move(left));
            sides.push_back(std::move(right));
            left = make(NodeKind::binary, begin, std::string{priority->op}, std::move(sides));
        }
        --nesting_;
        return left;
    }

    /// Two traps of precedence that Lua takes without a word and that make an assertion mean something else.
    bool comparable(const Node& left, bool compared) {
        if (compared) {
            mistake(now(), "comparisons cannot be chained", "write `a < b and b < c`");
            return false;
        }
        if (left.kind == NodeKind::unary && left.text == "not") {
            mistake(left.begin, now().end - left.begin, fmt::format("`not` binds tighter than `{}`", written(now())),
                    "write `not (a == b)` or `a ~= b`");
            return false;
        }
        return true;
    }

    NodePtr operand() {
        const Token& token = now();
        if (!token.is("not") && !token.is("-") && !token.is("#") && !token.is("~")) return simple();
        ++at_;
        NodePtr inner = expression(unary_priority);
        if (!inner) return nullptr;
        std::vector<NodePtr> parts;
        parts.push_back(std::move(inner));
        return make(NodeKind::unary, token.begin, token.text, std::move(parts));
    }

    NodePtr simple() {
        const Token& token = now();
        if (token.is("nil")) return literal(NodeKind::nil);
        if (token.is("true") || token.is("false")) return literal(NodeKind::boolean);
        if (token.is("{")) return table();
        if (token.kind == TokenKind::number) return literal(NodeKind::number);
        if (token.kind == TokenKind::text) {
            if (following().is(".") || following().is(":")) {
                return mistake(following(), fmt::format("unexpected `{}`", written(following())),
                               "put the text in parentheses, or write `lower(\"…\")`");
            }
            return literal(NodeKind::text);
        }
        if (token.kind == TokenKind::name && token.text == "null") return literal(NodeKind::null);
        if (token.kind == TokenKind::name && token.text == "absent") return literal(NodeKind::absent);
        if (token.kind == TokenKind::name || token.is("(")) return suffixed();
        return operand_expected();
    }

    NodePtr literal(NodeKind kind) {
        const Token& token = tokens_[at_++];
        return make(kind, token.begin, token.text);
    }

    NodePtr suffixed() {
        const Token& first = tokens_[at_++];
        NodePtr value;
        if (first.kind == TokenKind::name) {
            if (now().is("(") || now().kind == TokenKind::text) return suffixes(call(first, first.text), first.begin);
            if (first.text == "re" && now().is(".") && following().kind == TokenKind::name &&
                tokens_[at_ + 2].is("(")) {
                const std::string name = "re." + following().text;
                at_ += 2;
                return suffixes(call(first, name), first.begin);
            }
            value = make(NodeKind::name, first.begin, first.text);
        } else {
            NodePtr inner = expression(0);
            if (!inner || !close(first, ")")) return nullptr;
            std::vector<NodePtr> parts;
            parts.push_back(std::move(inner));
            value = make(NodeKind::group, first.begin, {}, std::move(parts));
        }
        return suffixes(std::move(value), first.begin);
    }

    NodePtr suffixes(NodePtr value, int begin) {
        while (value) {
            if (now().is(".")) {
                value = field(std::move(value), begin);
            } else if (now().is("[")) {
                const Token open = tokens_[at_++];
                NodePtr key = expression(0);
                if (!key || !close(open, "]")) return nullptr;
                value = indexed(std::move(value), std::move(key), begin);
            } else if (now().is(":")) {
                value = method(std::move(value), begin);
            } else if (now().is("(")) {
                const std::string callee{text_.substr(static_cast<std::size_t>(value->begin),
                                                      static_cast<std::size_t>(value->end - value->begin))};
                const std::string last = value->kind == NodeKind::index ? value->parts[1]->text : std::string{};
                return mistake(value->begin, value->end - value->begin, fmt::format("`{}` is not a function", callee),
                               remedy_for_function(last));
            } else {
                return value;
            }
        }
        return nullptr;
    }

    NodePtr indexed(NodePtr object, NodePtr key, int begin) {
        std::vector<NodePtr> parts;
        parts.push_back(std::move(object));
        parts.push_back(std::move(key));
        return make(NodeKind::index, begin, {}, std::move(parts));
    }

    NodePtr field(NodePtr object, int begin) {
        const Token& dot = tokens_[at_++];
        // JSON knows no reserved words, so `json.end` is a field like any other.
        const bool word =
            now().kind == TokenKind::name || (now().kind == TokenKind::keyword && written(now()) == now().text);
        if (!word) {
            return mistake(now().kind == TokenKind::end ? dot : now(), "a field name is missing after `.`",
                           "write `json.field`, or `json[\"any key\"]` and `json.items[1]`");
        }
        return indexed(std::move(object), literal(NodeKind::text), begin);
    }

    NodePtr method(NodePtr receiver, int begin) {
        ++at_;
        const Token& name = now();
        if (name.kind != TokenKind::name)
            return mistake(name, "a function's name is missing after `:`", "as `text:lower()`");
        if (std::ranges::find(methods, name.text) == methods.end()) {
            return mistake(name, fmt::format("there is no `:{}()`", name.text), remedy_for_function(name.text));
        }
        ++at_;
        std::vector<NodePtr> parts;
        parts.push_back(std::move(receiver));
        if (!arguments(parts)) return nullptr;
        return make(NodeKind::method, begin, name.text, std::move(parts));
    }

    NodePtr call(const Token& first, const std::string& name) {
        std::vector<NodePtr> parts;
        if (!arguments(parts)) return nullptr;
        return make(NodeKind::call, first.begin, name, std::move(parts));
    }

    bool arguments(std::vector<NodePtr>& parts) {
        if (now().kind == TokenKind::text) {  // Lua's call without parentheses
            parts.push_back(literal(NodeKind::text));
            return parts.back() != nullptr;
        }
        const Token open = now();
        if (!open.is("(")) {
            mistake(open.kind == TokenKind::end ? tokens_[at_ - 1] : open, "`(` is missing",
                    "a call needs its arguments: `len(x)`");
            return false;
        }
        ++at_;
        if (now().is(")")) {
            ++at_;
            return true;
        }
        while (true) {
            parts.push_back(expression(0));
            if (!parts.back()) return false;
            if (!now().is(",")) break;
            ++at_;
        }
        return close(open, ")");
    }

    NodePtr table() {
        const Token open = tokens_[at_++];
        std::vector<NodePtr> parts;
        while (!now().is("}")) {
            NodePtr key;
            if (now().kind == TokenKind::name && following().is("=")) {
                key = literal(NodeKind::text);
                ++at_;
            } else if (now().is("[")) {
                const Token bracket = tokens_[at_++];
                key = expression(0);
                if (!key || !close(bracket, "]")) return nullptr;
                if (!now().is("="))
                    return mistake(now(), "`=` is missing after the key", "write `{ [\"key\"] = value }`");
                ++at_;
            } else if (following().is(":") && (now().kind == TokenKind::text || now().kind == TokenKind::name)) {
                return mistake(following(), "unexpected `:`",
                               "write `{ key = value }`, or `{ [\"any key\"] = value }`");
            }
            NodePtr value = expression(0);
            if (!value) return nullptr;
            parts.push_back(std::move(key));
            parts.push_back(std::move(value));
            if (!now().is(",") && !now().is(";")) break;
            ++at_;
        }
        if (!close(open, "}")) return nullptr;
        return make(NodeKind::table, open.begin, {}, std::move(parts));
    }

    bool close(const Token& open, std::string_view bracket) {
        if (now().is(bracket)) {
            ++at_;
            return true;
        }
        if (now().kind == TokenKind::end) {
            mistake(open, fmt::format("`{}` is not closed", open.text), fmt::format("add `{}`", bracket));
        } else if (now().is("=")) {
            unexpected_after();
        } else {
            mistake(now(), fmt::format("unexpected `{}`", written(now())),
                    fmt::format("`{}` is missing before it", bracket));
        }
        return false;
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int nesting_ = 0;
    std::optional<SyntaxError> error_;
};

}  // namespace

std::expected<NodePtr, SyntaxError> parse_tree(std::string_view text) {
    auto tokens = tokens_of(text);
    if (!tokens) return std::unexpected(std::move(tokens.error()));
    return Parser{text, std::move(*tokens)}.run();
}

bool is_comparison(const Node& node) {
    const std::string& op = node.text;
    return node.kind == NodeKind::binary &&
           (op == "==" || op == "~=" || op == "<" || op == "<=" || op == ">" || op == ">=");
}

bool is_literal(const Node& node) {
    switch (node.kind) {
        case NodeKind::nil:
        case NodeKind::null:
        case NodeKind::absent:
        case NodeKind::boolean:
        case NodeKind::number:
        case NodeKind::text:
            return true;
        case NodeKind::unary:
        case NodeKind::binary:
        case NodeKind::group:
        case NodeKind::table:
            return std::ranges::all_of(node.parts, [](const NodePtr& part) { return !part || is_literal(*part); });
        case NodeKind::name:
        case NodeKind::index:
        case NodeKind::call:
        case NodeKind::method:
            return false;
    }
    return false;
}

const Node& bare(const Node& node) {
    return node.kind == NodeKind::group ? bare(*node.parts.front()) : node;
}

}  // namespace serin
