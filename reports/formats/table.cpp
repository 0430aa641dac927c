// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/table.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "reports/formats/escaping.hpp"

namespace serin {
namespace {

std::string blanks(std::size_t count) {
    std::string text;
    text.resize(count, ' ');
    return text;
}

std::string line(const std::vector<Column>& columns, const std::vector<std::size_t>& widths,
                 const std::vector<Field>& fields, bool colours_on) {
    std::string out;
    std::size_t owed = 0;  // blanks that are written only when something follows
    for (std::size_t i = 0; i < columns.size() && i < fields.size(); ++i) {
        const std::string& text = fields[i].text;
        const std::size_t rest = widths[i] - std::min(widths[i], columns_of(text));
        if (columns[i].right) owed += rest;
        if (!text.empty()) {
            out += blanks(owed);
            owed = 0;
            out += fields[i].colour ? painted(text, *fields[i].colour, colours_on) : text;
        }
        owed += (columns[i].right ? 0 : rest) + 2;
    }
    return out + "\n";
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).bytes) ++count;
    return count;
}

std::string fitted(std::string_view text, std::size_t columns) {
    std::string shown = printable(text);
    if (columns_of(shown) <= columns) return shown;
    std::size_t end = 0;
    for (std::size_t count = 1; count < columns; ++count) end += code_point_at(shown, end).bytes;
    shown.resize(end);
    return columns == 0 ? std::string() : shown + "…";
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Field>>& rows, bool colours_on) {
    std::vector<Field> heads;
    std::vector<std::size_t> widths;
    for (const Column& column : columns) {
        heads.push_back({.text = column.head, .colour = Colour::dim});
        widths.push_back(columns_of(column.head));
    }
    std::vector<std::vector<Field>> shown;
    for (const std::vector<Field>& row : rows) {
        std::vector<Field>& fields = shown.emplace_back();
        for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
            fields.push_back({.text = fitted(row[i].text, columns[i].widest), .colour = row[i].colour});
            widths[i] = std::max(widths[i], columns_of(fields.back().text));
        }
    }
    std::string out = line(columns, widths, heads, colours_on);
    for (const std::vector<Field>& fields : shown) out += line(columns, widths, fields, colours_on);
    return out;
}

}  // namespace serin
