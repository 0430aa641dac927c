// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/translation.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace serin {
namespace {

std::string lua_quoted(std::string_view bytes) {
    std::string quoted = "\"";
    for (const char c : bytes) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c >= ' ' && c <= '~') {
            quoted += c;
        } else {
            quoted += fmt::format("\\{:03}", static_cast<unsigned char>(c));
        }
    }
    return quoted += '"';
}

/// Gives true or false and nothing else, so that a condition needs no test for absent.
bool gives_boolean(const Node& node) {
    const Node& inner = bare(node);
    if (inner.kind == NodeKind::boolean || is_comparison(inner)) return true;
    if (inner.kind == NodeKind::unary) return inner.text == "not";
    const bool joins = inner.kind == NodeKind::binary && (inner.text == "and" || inner.text == "or");
    return joins && gives_boolean(*inner.parts[0]) && gives_boolean(*inner.parts[1]);
}

/// A literal that Lua's own `==` compares rightly with anything: absent and JSON values are simply not equal to it. An
/// integer beyond 63 bits may equal an unsigned one in JSON, which Lua does not know.
bool plain_literal(const Node& node) {
    const Node& inner = bare(node);
    if (inner.kind == NodeKind::text || inner.kind == NodeKind::boolean) return true;
    if (inner.kind == NodeKind::unary && inner.text == "-") return plain_literal(*inner.parts[0]);
    if (inner.kind != NodeKind::number) return false;
    std::int64_t value = 0;
    const char* end = inner.text.data() + inner.text.size();
    return std::from_chars(inner.text.data(), end, value).ec != std::errc::result_out_of_range;
}

std::string tested(const Node& node) {
    return gives_boolean(node) || plain_literal(node) ? translated(node) : "T(" + translated(node) + ")";
}

std::string joined(const std::vector<NodePtr>& parts) {
    std::string all;
    for (const NodePtr& part : parts) {
        if (!all.empty()) all += ',';
        all += translated(*part);
    }
    return all;
}

std::string binary(const Node& node) {
    const Node& left = *node.parts[0];
    const Node& right = *node.parts[1];
    const std::string& op = node.text;
    if (op == "and" || op == "or") return fmt::format("({} {} {})", tested(left), op, translated(right));
    if ((op == "==" || op == "~=") && !plain_literal(left) && !plain_literal(right)) {
        return fmt::format("({}E({},{}))", op == "==" ? "" : "not ", translated(left), translated(right));
    }
    return fmt::format("({} {} {})", translated(left), op, translated(right));
}

std::string table(const Node& node) {
    std::string all = "{";
    for (std::size_t i = 0; i + 1 < node.parts.size(); i += 2) {
        if (node.parts[i]) all += "[" + translated(*node.parts[i]) + "]=";
        all += translated(*node.parts[i + 1]) + ",";
    }
    return all + "}";
}

}  // namespace

std::string translated(const Node& tree) {
    switch (tree.kind) {
        case NodeKind::nil:
            return "nil";
        case NodeKind::null:
            return "N";
        case NodeKind::absent:
            return "A";
        case NodeKind::boolean:
        case NodeKind::number:
            return tree.text;
        case NodeKind::text:
            return lua_quoted(tree.text);
        case NodeKind::name:
            return "S." + tree.text;
        case NodeKind::index:
            return fmt::format("({})[{}]", translated(*tree.parts[0]), translated(*tree.parts[1]));
        case NodeKind::call:
        case NodeKind::method:
            return fmt::format("F[{}]({})", lua_quoted(tree.text), joined(tree.parts));
        case NodeKind::unary:
            if (tree.text == "not") return "(not " + tested(*tree.parts[0]) + ")";
            return fmt::format("({} {})", tree.text, translated(*tree.parts[0]));
        case NodeKind::binary:
            return binary(tree);
        case NodeKind::table:
            return table(tree);
        case NodeKind::group:
            return translated(*tree.parts[0]);
    }
    return "nil";
}

}  // namespace serin
