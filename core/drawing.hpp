// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace serin {

struct Palette {
    bool colour = false;
};

/// `  --> file:line:col`, the source line and a caret line with `note`. Tabs are kept, wide characters counted as one
/// column each by code point, overlong lines are cut around the place. Nothing for an unknown place.
[[nodiscard]] std::string draw_place(const Place& place, std::string_view note, Palette palette);

/// A whole mistake: "error: title", the place, `= help: remedy`, and one "called from" arrow per includer.
[[nodiscard]] std::string draw(const Mistake& mistake, Palette palette);
/// All of them, errors first within a file's order, a blank line between, and "2 errors, 1 warning" at the end.
[[nodiscard]] std::string draw(const Mistakes& mistakes, Palette palette);

}  // namespace serin
