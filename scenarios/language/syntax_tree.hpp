// SPDX-License-Identifier: Apache-2.0
// An expression as a tree: what the parser makes, and what name checks, translation and power assert read.
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/tokens.hpp"

namespace serin {

enum class NodeKind {
    nil,
    null,
    absent,
    boolean,  ///< text: "true" or "false"
    number,   ///< text: as written
    text,     ///< text: its bytes
    name,     ///< text: the name
    index,    ///< parts: object, key (of `a.b` the key is a text)
    call,     ///< text: the function's name ("len", "re.match") · parts: arguments
    method,   ///< text: the function's name · parts: receiver, arguments
    unary,    ///< text: the operator · parts: operand
    binary,   ///< text: the operator · parts: left, right
    table,    ///< parts: key, value, key, value, … (a null key: by position)
    group,    ///< parts: what stands in the parentheses
};

struct Node;
using NodePtr = std::unique_ptr<Node>;
struct Node {
    NodeKind kind = NodeKind::nil;
    int begin = 0, end = 0;  ///< bytes of the expression's text, 0-based, `end` exclusive
    std::string text;
    std::vector<NodePtr> parts;
    int depth = 1;  ///< of the tree from here down; bounded by the parser, so that walking it may recurse
};

/// Parses one expression of Lua 5.4's grammar (manual §3.4, its precedence in §3.4.8) without functions and statements.
/// Only built-in functions can be called, so a call carries a name. Syntax only: names are not checked.
[[nodiscard]] std::expected<NodePtr, SyntaxError> parse_tree(std::string_view text);

[[nodiscard]] bool is_comparison(const Node& node);
/// Nothing but literals: evaluating it tells nobody anything.
[[nodiscard]] bool is_literal(const Node& node);
/// Without the parentheses around it.
[[nodiscard]] const Node& bare(const Node& node);

}  // namespace serin
