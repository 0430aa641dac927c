// SPDX-License-Identifier: Apache-2.0
// What the commands that read a store have in common.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/store/reader.hpp"
#include "runner/command_line.hpp"

namespace serin {

/// --store, --probe, --vantage, --target, --profile, --cell, --since, --from, --to; to be followed by a command's own.
[[nodiscard]] std::vector<OptionRule> with_filter_options(std::vector<OptionRule> own);

/// The filter that those options name. An Error for a time that cannot be read or a window that is empty.
[[nodiscard]] Result<StoreFilter> filter_of(const CommandLine& line, Wall now);
/// --limit, 1 … `most`.
[[nodiscard]] Result<int> limit_of(const CommandLine& line, int otherwise, int most);
/// Opens --store.
[[nodiscard]] Result<std::unique_ptr<StoreReader>> open_store(const CommandLine& line);
/// The wall clock: the one place where these commands ask for it.
[[nodiscard]] Wall wall_now();

/// The first `limit` rows of a list of pages; `more` is set when there are others.
template <class Row, class Read>
[[nodiscard]] Result<std::vector<Row>> first_rows(int limit, Read read, bool& more) {
    std::vector<Row> rows;
    std::string cursor;
    do {
        const int wanted = limit - static_cast<int>(rows.size());
        Result<Page<Row>> page = read(PageRequest{.limit = wanted < 1000 ? wanted : 1000, .cursor = cursor});
        if (!page) return std::unexpected(page.error());
        for (Row& row : page->rows) rows.push_back(std::move(row));
        cursor = page->next_cursor;
    } while (!cursor.empty() && static_cast<int>(rows.size()) < limit);
    more = !cursor.empty();
    return rows;
}

}  // namespace serin
