// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace serin {

/// The text of one file that a person wrote. Immutable; every Place in it shares ownership, so a Place never dangles.
struct Source {
    std::string name;  ///< as the person named it (path or "<stdin>")
    std::string text;  ///< the whole file, UTF-8

    /// Line `number` (1-based) without its line break; empty when there is no such line.
    [[nodiscard]] std::string_view line(int number) const;
};

/// A stretch of one line of a Source. `line` and `column` are 1-based, `column` and `length` count bytes.
/// A default Place is "nowhere": `source` is null and nothing is drawn.
struct Place {
    std::shared_ptr<const Source> source;
    int line = 0;
    int column = 0;
    int length = 1;

    [[nodiscard]] bool known() const { return source != nullptr && line > 0; }
    /// "file:line:column", or an empty string when nowhere.
    [[nodiscard]] std::string text() const;
    /// The same place, `columns` further right and `length` bytes long (stays on its line).
    [[nodiscard]] Place shifted(int columns, int new_length) const;
};

}  // namespace serin
