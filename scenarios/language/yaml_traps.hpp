// SPDX-License-Identifier: Apache-2.0
// Where YAML reads something else than what the author wrote: each trap is recognised and answered with the fix.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "scenarios/language/document.hpp"

namespace serin {

/// What the author most likely did wrong where yaml-cpp stopped. `line` and `column` are 1-based.
[[nodiscard]] Mistake explained_syntax_error(const std::shared_ptr<const Source>& source, int line, int column,
                                             std::string_view message);

/// For a node where an expression must stand: a comment that swallowed it (`- #x`), text that became a mapping (`'a:
/// b'`) or a tag (`!x`), text cut off by ` #`. nullopt when the node is as it was meant.
/// `owner` is the place of its key, `path` how the fix spells the key ("expect", or "save:\n  n").
[[nodiscard]] std::optional<Mistake> expression_trap(const YamlNode& node, const Place& owner, std::string_view path);

/// For the key of a value that YAML reads as nothing: a comment stands where the value was meant (`if: #vars > 0`).
[[nodiscard]] std::optional<Mistake> commented_value_trap(const Place& key);

/// For any scalar that may hold `${…}`: text cut off by ` #`, a tag.
[[nodiscard]] std::optional<Mistake> text_trap(const YamlNode& node);

/// For a text that ends before ` # `, which may have been meant as a part of it. A warning. Two blanks before the `#`,
/// as in aligned comments, and a comment behind a URL, which holds no blanks, are taken as what they are.
[[nodiscard]] std::optional<Mistake> comment_trap(const YamlNode& node);

/// For a value that is typed: `yes`, `010` and others that YAML 1.1 reads differently. A warning.
[[nodiscard]] std::optional<Mistake> typing_trap(const YamlNode& node);

}  // namespace serin
