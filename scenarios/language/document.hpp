// SPDX-License-Identifier: Apache-2.0
// YAML text as a tree of our own: every key and value with its place, duplicate keys refused, aliases expanded within
// bounds. What yaml-cpp accepts in silence although the author meant something else is found here or by yaml_traps.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/place.hpp"
#include "core/result.hpp"

namespace serin {

enum class YamlKind { null, scalar, list, map };
enum class ScalarStyle { plain, quoted, literal, folded };

struct YamlEntry;
struct YamlNode {
    YamlKind kind = YamlKind::null;
    ScalarStyle style = ScalarStyle::plain;
    std::string text;  ///< of a scalar, unescaped
    std::string tag;   ///< an explicit one, as `!x`; `!!str` is taken as quoting and leaves none
    Place place;       ///< of the first character, a quote or `|` included
    Place content;     ///< of `text` itself where it stands verbatim on one line, else the same as `place`
    std::vector<YamlNode> items;
    std::vector<YamlEntry> entries;  ///< in the file's order

    [[nodiscard]] bool is_scalar() const { return kind == YamlKind::scalar; }
    [[nodiscard]] bool is_list() const { return kind == YamlKind::list; }
    [[nodiscard]] bool is_map() const { return kind == YamlKind::map; }
    [[nodiscard]] bool is_block() const { return style == ScalarStyle::literal || style == ScalarStyle::folded; }
    /// The value of `key` in a mapping, null when there is none.
    [[nodiscard]] const YamlNode* find(std::string_view key) const;
};
struct YamlEntry {
    std::string key;
    Place key_place;
    YamlNode value;
};

/// A plain scalar by the core schema of YAML 1.2 (§10.3.2): null, true/false, decimal and 0x integers, floats, else
/// text. Quoted and block scalars are texts. `010`, `0o10`, `yes`, `no`, `on` and `off`, on which YAML 1.1 and 1.2
/// differ, stay texts.
using ScalarValue = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;
[[nodiscard]] ScalarValue typed(const YamlNode& scalar);
[[nodiscard]] ScalarValue typed_plain(std::string_view text);

/// "a mapping", "a list", "nothing", "the number 5", "the text `x`": for messages.
[[nodiscard]] std::string described(const YamlNode& node);

/// One line of a scalar with its own place: each line of a `|` block, or the whole of any other scalar.
struct ScalarLine {
    std::string text;
    Place place;
};
[[nodiscard]] std::vector<ScalarLine> lines_of(const YamlNode& scalar);

struct Document {
    std::optional<YamlNode> root;  ///< unset when the text is no YAML document
    std::shared_ptr<const Source> source;
};

inline constexpr std::size_t max_file_bytes = std::size_t{4} << 20;
inline constexpr int max_depth = 64;
inline constexpr int max_nodes = 100'000;  ///< aliases expanded: an alias bomb stops here

/// Parses one document. Duplicate keys are mistakes but keep the tree (the first one counts); bad UTF-8, control
/// characters, a syntax error, a second document and broken bounds leave no root. Never throws for what the text says.
[[nodiscard]] Document parse_document(std::string name, std::string text, Mistakes& mistakes);

}  // namespace serin
