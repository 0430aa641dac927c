// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/colour.hpp"

namespace serin {

/// One field of a table for a terminal.
struct Field {
    std::string text;  ///< any bytes; shown printable
    std::optional<Colour> colour{};
};
struct Column {
    const char* head = "";
    std::size_t widest = 40;  ///< in characters; what is longer ends in "…"
    bool right = false;       ///< numbers stand to the right
};

/// Columns as wide as what is in them, two blanks apart, the heads above. Lines end without blanks.
[[nodiscard]] std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Field>>& rows,
                                bool colours_on);

/// `text` made printable, at most `columns` characters, the last of them "…" when something was cut.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);
/// Characters of a printable text, each taken for one column.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace serin
