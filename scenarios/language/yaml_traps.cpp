// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/yaml_traps.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace serin {
namespace {

/// A way to stumble over YAML's grammar: the line that shows it (group 1 is what the carets stand under) and the way
/// out.
struct Stumble {
    const char* pattern;
    const char* title;
    const char* note;
    const char* remedy;
};

constexpr const char* as_block =
    "write expressions as a `|` block, one a line, which needs no quoting:\nexpect: |\n  status == 200 and json.name "
    "== 'a: b'";

constexpr std::array stumbles{
    Stumble{R"(^ *(\t+)[\t ]*[^\s])", "a tab indents this line", "a tab",
            "indent with spaces; YAML allows no tabs there"},
    Stumble{R"([{\[](?:[^'"#]|\S#)*\s(#[^ #].*[}\]])\s*$)",
            "a `#` begins a comment in YAML, so this bracket is never closed", "never read",
            "quote the value that begins with `#`"},
    Stumble{R"(^\s*(?:- )*(?:[\w.-]+: +)?('(?:[^']|'')*'|"(?:[^"\\]|\\.)*") *[^\s#:,\]}])",
            "the text ends at its closing quote, but the line goes on", "a quoted text", as_block},
    Stumble{R"([{\[][^'"]*?(\$\{[^}]*\}?))", "`${…}` within { } or [ ] needs quotes", "its braces end the mapping",
            "write \"${nonce}\" with quotes"},
    Stumble{R"(^\s*- (\{.*\}) *[^\s#:,\]}])", "the mapping ends at its brace, but the line goes on", "a mapping",
            as_block},
    Stumble{R"(^\s*(?:- )*(?:[\w.-]+: +)?([@`%]))", "a value cannot begin with this character", "reserved by YAML",
            "quote the value"},
    Stumble{R"(^\s*(?:- )*([A-Za-z_]\w*:)[^\s:/])", "a space is missing after the colon", "not a key without it",
            "write `key: value`"},
    Stumble{R"(^\s*(?:- )*[\w.-]+: +[^'"|>{\[\s][^#]*?(: ))", "a second `: ` in one line",
            "YAML takes what stands before it as a key", "quote the value"},
};

Mistake mistake_at(Place place, std::string title, std::string note, std::string remedy, Level level = Level::error) {
    return {.level = level,
            .place = std::move(place),
            .title = std::move(title),
            .note = std::move(note),
            .remedy = std::move(remedy),
            .called_from = {}};
}

std::optional<Mistake> stumble_in(const std::shared_ptr<const Source>& source, int number) {
    const std::string_view line = source->line(number);
    if (line.size() > 4096) return std::nullopt;  // nobody typed that by hand
    for (const Stumble& each : stumbles) {
        const RE2 pattern(each.pattern);
        re2::StringPiece found;
        if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), pattern, &found)) continue;
        const Place place{source, number, static_cast<int>(found.data() - line.data()) + 1,
                          static_cast<int>(found.size())};
        return mistake_at(place, each.title, each.note, each.remedy);
    }
    return std::nullopt;
}

/// The last bracket at or above `line` that its own line does not close.
std::optional<Place> open_bracket(const std::shared_ptr<const Source>& source, int line) {
    for (int number = line; number > 0; --number) {
        const std::string_view text = source->line(number);
        std::vector<std::size_t> open;
        char quote = '\0';
        for (std::size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            if (quote != '\0') {
                if (c == quote) quote = '\0';
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) {
                break;  // a comment
            } else if (c == '[' || c == '{') {
                open.push_back(at);
            } else if ((c == ']' || c == '}') && !open.empty()) {
                open.pop_back();
            }
        }
        if (!open.empty()) return Place{source, number, static_cast<int>(open.back()) + 1, 1};
    }
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Where `text` closes a bracket that it did not open, or ends an item of such a bracket; else its size.
std::size_t end_of_item(std::string_view text) {
    int open = 0;
    char quote = '\0';
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++open;
        } else if (open == 0 && (c == ')' || c == ']' || c == '}' || c == ',')) {
            return at;
        } else if (c == ')' || c == ']' || c == '}') {
            --open;
        }
    }
    return text.size();
}

/// What the author wrote from `place` to the end of its line, or of its item within { } or [ ] of this line.
std::string_view written_from(const Place& place) {
    if (!place.known()) return {};
    const std::string_view line = place.source->line(place.line);
    const std::size_t begin = std::min(line.size(), static_cast<std::size_t>(place.column - 1));
    const auto opened = [&](char open, char close) {
        const std::string_view before = line.substr(0, begin);
        return std::ranges::count(before, open) > std::ranges::count(before, close);
    };
    const std::string_view rest = line.substr(begin);
    return trimmed(opened('{', '}') || opened('[', ']') ? rest.substr(0, end_of_item(rest)) : rest);
}

std::string block_fix(std::string_view path, std::string_view expression) {
    const std::string_view indentation = path.find('\n') == std::string_view::npos ? "  " : "    ";
    return fmt::format("write it as a `|` block, which needs no quoting:\n{}: |\n{}{}", path, indentation, expression);
}

/// A node's own place is behind its tag, even on the next item when there is nothing but the tag.
Place place_of_tag(const YamlNode& node) {
    if (!node.place.known()) return node.place;
    const std::string_view line = node.place.source->line(node.place.line);
    const std::size_t at = line.rfind(node.tag, static_cast<std::size_t>(node.place.column - 1));
    if (at == std::string_view::npos) return node.place;
    return {node.place.source, node.place.line, static_cast<int>(at) + 1, static_cast<int>(node.tag.size())};
}

/// Whether an expression ends within a text or within brackets.
bool is_cut_off(std::string_view expression) {
    int open = 0;
    char quote = '\0';
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        if (quote != '\0') {
            if (c == '\\')
                ++at;
            else if (c == quote)
                quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++open;
        } else if (c == ')' || c == ']' || c == '}') {
            --open;
        }
    }
    return quote != '\0' || open > 0;
}

/// The comment right behind a plain scalar.
std::optional<Place> comment_behind(const YamlNode& node) {
    if (!node.place.known() || node.style != ScalarStyle::plain || node.text.empty()) return std::nullopt;
    const std::string_view line = node.place.source->line(node.place.line);
    const std::size_t end = static_cast<std::size_t>(node.place.column - 1) + node.text.size();
    if (end >= line.size() ||
        line.substr(static_cast<std::size_t>(node.place.column - 1), node.text.size()) != node.text)
        return std::nullopt;
    const std::size_t hash = line.find_first_not_of(" \t", end);
    if (hash == std::string_view::npos || line[hash] != '#') return std::nullopt;
    return Place{node.place.source, node.place.line, static_cast<int>(hash) + 1,
                 static_cast<int>(trimmed(line.substr(hash)).size())};
}

/// The words of a comment, its `#` included.
std::string_view comment_text(const Place& comment) {
    const std::string_view line = comment.source->line(comment.line);
    return line.substr(static_cast<std::size_t>(comment.column - 1), static_cast<std::size_t>(comment.length));
}

/// `#json.items`, unlike `# why`, was hardly meant as a comment.
bool is_glued(std::string_view comment) {
    return comment.size() > 1 && comment[1] != ' ' && comment[1] != '#';
}

/// The comment that YAML saw right behind a plain scalar and that was none, as `#json.items`.
std::optional<Place> swallowed(const YamlNode& node) {
    std::optional<Place> comment = comment_behind(node);
    if (!comment) return std::nullopt;
    const bool open_braces =
        node.text.rfind("${") != std::string::npos && node.text.find('}', node.text.rfind("${")) == std::string::npos;
    if (!is_glued(comment_text(*comment)) && !open_braces) return std::nullopt;  // an honest comment
    return comment;
}

/// The comment where the value of the key at `key` was meant, as in `if: #vars > 0`.
std::optional<Place> commented_value(const Place& key) {
    if (!key.known()) return std::nullopt;
    const std::string_view line = key.source->line(key.line);
    const std::size_t colon =
        line.find(':', std::min(line.size(), static_cast<std::size_t>(key.column + key.length - 1)));
    if (colon == std::string_view::npos) return std::nullopt;
    const std::size_t hash = line.find_first_not_of(" \t", colon + 1);
    if (hash == std::string_view::npos || !is_glued(trimmed(line.substr(hash))) || line[hash] != '#')
        return std::nullopt;
    return Place{key.source, key.line, static_cast<int>(hash) + 1, static_cast<int>(trimmed(line.substr(hash)).size())};
}

/// A mapping that was meant as a comparison, `{ status: 200 }`, as an expression; empty when it was not.
std::string as_comparisons(const YamlNode& map) {
    static const RE2 path(R"([A-Za-z_]\w*(?:\.\w+)*)");
    std::string lines;
    for (const YamlEntry& entry : map.entries) {
        if (!RE2::FullMatch(entry.key, path) || !entry.value.is_scalar() || !entry.value.tag.empty()) return {};
        const bool text = std::holds_alternative<std::string>(typed(entry.value));
        lines += fmt::format("{}{} == {}", lines.empty() ? "" : "\n  ", entry.key,
                             text ? fmt::format("\"{}\"", entry.value.text) : entry.value.text);
    }
    return lines;
}

/// Where a list item that YAML reads as nothing was written as a comment. yaml-cpp only marks what follows it.
std::optional<Place> commented_item(const Place& after) {
    if (!after.known()) return std::nullopt;
    for (int number = after.line; number > 0 && number >= after.line - 3; --number) {
        const std::string_view line = after.source->line(number);
        const std::string_view text = trimmed(line);
        if (!text.starts_with("- ")) continue;
        const std::string_view item = trimmed(text.substr(1));
        if (!item.starts_with('#')) continue;
        return Place{after.source, number, static_cast<int>(item.data() - line.data()) + 1,
                     static_cast<int>(item.size())};
    }
    return std::nullopt;
}

}  // namespace

Mistake explained_syntax_error(const std::shared_ptr<const Source>& source, int line, int column,
                               std::string_view message) {
    const bool unclosed = message.find("flow not found") != std::string_view::npos;
    for (const int number : {line, line - 1, line + 1}) {
        if (std::optional<Mistake> found = stumble_in(source, number)) return std::move(*found);
    }
    Place place{source, line, column, 1};
    if (unclosed) {
        place = open_bracket(source, line).value_or(place);
        if (std::optional<Mistake> found = stumble_in(source, place.line)) return std::move(*found);
        return mistake_at(place, "a `[` or `{` is not closed", "", "close it, or quote a text that begins with it");
    }
    if (message.find("anchor is not defined") != std::string_view::npos) {
        return mistake_at(place, "an alias to an anchor that does not exist",
                          "a value that begins with `*` is an alias", "quote the value if it is meant as a text");
    }
    if (message.find("end of map") != std::string_view::npos ||
        message.find("end of sequence") != std::string_view::npos) {
        return mistake_at(place, "this line's indentation fits no line above", "",
                          "the keys of one mapping, and the `-` of one list, stand in one column");
    }
    return mistake_at(place, fmt::format("not valid YAML: {}", message), "",
                      "check the indentation and the quotes here and in the line above");
}

std::optional<Mistake> commented_value_trap(const Place& key) {
    const std::optional<Place> comment = commented_value(key);
    if (!comment) return std::nullopt;
    return mistake_at(*comment, "a `#` begins a comment in YAML, so this value is empty", "never read",
                      "quote the whole value");
}

std::optional<Mistake> expression_trap(const YamlNode& node, const Place& owner, std::string_view path) {
    if (node.kind == YamlKind::null) {
        if (const std::optional<Place> comment = commented_value(owner)) {
            return mistake_at(*comment, "a `#` begins a comment in YAML, so this value is empty", "never evaluated",
                              block_fix(path, comment_text(*comment)));
        }
        if (const std::optional<Place> comment = commented_item(node.place)) {
            const std::string_view text = written_from(*comment);
            return mistake_at(*comment, "a `#` begins a comment in YAML, so this item is empty", "never evaluated",
                              block_fix(path, text));
        }
        return mistake_at(owner, "an expression is missing", "nothing stands here", "write one, as `status == 200`");
    }
    if (!node.tag.empty()) {
        const Place place = place_of_tag(node);
        const std::string_view text = written_from(place);
        const std::size_t bang = text.find('!');
        std::string meant(bang == std::string_view::npos ? text : text.substr(bang));
        if (meant.starts_with("!") && !meant.starts_with("!=")) meant = "not " + meant.substr(1);
        return mistake_at(place, fmt::format("YAML reads `{}` as a tag, not as an expression", node.tag), "",
                          block_fix(path, meant));
    }
    if (node.is_map() && !node.entries.empty()) {
        Place place = node.entries.front().key_place;
        const std::string_view text = written_from(place);
        place.length = static_cast<int>(text.size());
        const YamlNode& first = node.entries.front().value;
        if (first.is_map() || first.is_list()) {
            return mistake_at(place, "an expression must be a text, found a mapping", "a mapping",
                              "compare one value, as `json.name == \"x\"`, or give the structure to `match`");
        }
        if (const std::string meant = as_comparisons(node); !meant.empty()) {
            return mistake_at(place, "an expression must be a text, found a mapping", "a mapping",
                              fmt::format("compare with `==`:\n{}: |\n  {}", path, meant));
        }
        return mistake_at(place, "YAML reads a `: ` as a mapping, so this is no expression", "a mapping",
                          block_fix(path, text));
    }
    if (const std::optional<Place> comment = comment_behind(node); comment && is_cut_off(node.text)) {
        return mistake_at(*comment, "YAML cuts the expression off here: ` #` begins a comment", "never read",
                          block_fix(path, written_from(node.place)));
    }
    return text_trap(node);
}

std::optional<Mistake> text_trap(const YamlNode& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (!node.tag.empty()) {
        return mistake_at(node.place, fmt::format("YAML reads `{}` as a tag", node.tag), "",
                          "quote the value if it is meant as a text");
    }
    if (const std::optional<Place> comment = swallowed(node)) {
        return mistake_at(*comment, "YAML cuts the text off here: ` #` begins a comment", "never read",
                          "quote the whole value, or put a space behind `#` if it is a comment");
    }
    return std::nullopt;
}

std::optional<Mistake> comment_trap(const YamlNode& node) {
    const std::optional<Place> comment = comment_behind(node);
    if (!comment) return std::nullopt;
    const bool url = node.text.starts_with('/') || node.text.find("://") != std::string::npos;
    const bool aligned = comment->column - node.place.column > static_cast<int>(node.text.size()) + 1;
    if (url || aligned) return std::nullopt;
    return mistake_at(*comment, "everything after ` #` is a comment", "not a part of the text",
                      "quote the whole value if it is, else put two spaces before `#`", Level::warning);
}

std::optional<Mistake> typing_trap(const YamlNode& node) {
    if (!node.is_scalar() || node.style != ScalarStyle::plain) return std::nullopt;
    static const RE2 words("(?i:yes|no|on|off|y|n)");
    static const RE2 octal("[-+]?0o?[0-9]+(_[0-9]+)*");
    const std::string& text = node.text;
    if (RE2::FullMatch(text, words)) {
        return mistake_at(node.place, fmt::format("`{}` is a text, not a boolean", text), "a text in YAML 1.2",
                          fmt::format("write true or false, or quote it: \"{}\"", text), Level::warning);
    }
    if (text.size() > 1 && RE2::FullMatch(text, octal)) {
        return mistake_at(node.place, fmt::format("`{}` is a text, not a number", text),
                          "YAML 1.1 and 1.2 read different numbers",
                          fmt::format("write a decimal number, or quote it: \"{}\"", text), Level::warning);
    }
    return std::nullopt;
}

}  // namespace serin
