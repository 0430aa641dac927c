// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "scenarios/language/names.hpp"
#include "scenarios/language/syntax_tree.hpp"

namespace serin {

/// What the tree says that cannot work: unknown names, fields and functions, wrong numbers of arguments, patterns that
/// RE2 refuses. In the order of the text.
[[nodiscard]] std::vector<SyntaxError> check_names(const Node& tree, const KnownNames& names);

}  // namespace serin
