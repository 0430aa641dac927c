// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "reports/store/reader_impl.hpp"
#include "reports/store/reader_query.hpp"

namespace serin {
namespace {

std::vector<std::string> texts_of(std::string_view json) {
    constexpr bool throwing = false;
    const auto list = nlohmann::json::parse(json, nullptr, throwing);
    std::vector<std::string> texts;
    if (!list.is_array()) return texts;
    for (const auto& one : list) {
        if (one.is_string()) texts.push_back(one.get<std::string>());
    }
    return texts;
}

Change change_at(const Statement& row) {
    const auto text = [&](int column) { return std::string(row.text(column)); };
    return {.id = text(0),
            .kind = text(1),
            .component = text(2),
            .title = text(3),
            .shards = texts_of(row.text(4)),
            .author = text(5),
            .contact = text(6),
            .rollback_plan = text(7),
            .link = text(8),
            .started_at = wall_of(row.integer(9)),
            .ended_at = row.is_null(10) ? std::nullopt : std::optional(wall_of(row.integer(10)))};
}

}  // namespace

Result<Page<Change>> StoreReader::changes(const StoreFilter& filter, const PageRequest& page) {
    if (const auto fine = check_limit(page.limit); !fine) return std::unexpected(fine.error());
    const auto after = mark_of(page.cursor, "c");
    if (!after) return std::unexpected(after.error());
    Conditions wanted;
    if (filter.from)
        wanted.require("(started_at >= ? OR ended_at >= ?)", {to_micros(*filter.from), to_micros(*filter.from)});
    if (filter.until) wanted.require("started_at < ?", {to_micros(*filter.until)});
    if (!filter.target.empty()) {
        // Without shards it was done to all of them.
        wanted.require(
            "(shards IN ('', '[]') OR EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(shards)"
            " THEN shards ELSE '[]' END) WHERE value = ?))",
            {filter.target});
    }
    if (*after) wanted.require("(started_at, change_id) < (?, ?)", {(*after)->at, (*after)->first});
    const Query query = Query(
                            "SELECT change_id, kind, component, title, shards, author, contact, rollback_plan, link,"
                            " started_at, ended_at FROM changes")
                            .append(wanted.query())
                            .add(" ORDER BY started_at DESC, change_id DESC LIMIT ?", {std::int64_t{page.limit} + 1});
    Result<Statement> statement = query.prepare(impl_->database);
    if (!statement) return std::unexpected(statement.error());
    Page<Change> result;
    while (true) {
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return result;
        if (std::ssize(result.rows) == page.limit) {
            const Change& last = result.rows.back();
            result.next_cursor =
                cursor_of({.kind = 'c', .at = to_micros(last.started_at), .first = last.id, .second = {}});
            return result;
        }
        result.rows.push_back(change_at(*statement));
    }
}

}  // namespace serin
