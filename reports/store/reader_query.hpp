// SPDX-License-Identifier: Apache-2.0
// What the readers' SQL is put together from. Values are always bound, never written into the text.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/store/reader.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// SQL with its values, in the order of their question marks.
class Query {
public:
    using Value = std::variant<std::int64_t, std::string>;
    Query() = default;
    explicit Query(std::string sql) : sql_(std::move(sql)) {}
    Query& add(std::string_view sql, std::initializer_list<Value> values = {});
    /// `sql` with as many question marks, separated by commas, for its one "%".
    Query& add_list(std::string_view sql, const std::vector<std::string>& values);
    Query& append(const Query& other);
    [[nodiscard]] bool empty() const { return sql_.empty(); }
    [[nodiscard]] Result<Statement> prepare(Database& database) const;

private:
    std::string sql_;
    std::vector<Value> values_;
};

/// " WHERE a AND b", a condition at a time.
class Conditions {
public:
    Conditions& require(std::string_view sql, std::initializer_list<Query::Value> values = {});
    Conditions& require_list(std::string_view sql, const std::vector<std::string>& values);
    Conditions& require(std::string_view before, const Query& inner, std::string_view after);
    [[nodiscard]] const Query& query() const { return query_; }

private:
    void begin() { query_.add(query_.empty() ? " WHERE " : " AND "); }
    Query query_;
};

/// True when the filter names probe, vantage, target, profile or cell.
[[nodiscard]] bool names_cells(const StoreFilter& filter);
/// "SELECT cell_id FROM cells WHERE …" for the cells that the filter names.
[[nodiscard]] Query cells_query(const StoreFilter& filter);
/// Five columns from `first` on: probe, vantage, target, profile, cell.
[[nodiscard]] CellKey key_at(const Statement& row, int first);

/// Where a page ended: the sort key of its last row.
struct Mark {
    char kind = 'r';  ///< of which list
    std::int64_t at = 0;
    std::string first, second;
};
/// Opaque text with a version and a check sum.
[[nodiscard]] std::string cursor_of(const Mark& mark);
/// Nullopt for an empty cursor; an Error for one that cursor_of() did not make for a list of these `kinds`.
[[nodiscard]] Result<std::optional<Mark>> mark_of(std::string_view cursor, std::string_view kinds);
/// An Error for a limit outside of 1 … 1000.
[[nodiscard]] Result<void> check_limit(int limit);

}  // namespace serin
