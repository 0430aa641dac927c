// SPDX-License-Identifier: Apache-2.0
// What the tests of the store have in common: entries, and SQL on what came of them.
#pragma once
#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "reports/store/sqlite.hpp"
#include "reports/store/store.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {

/// A quarter past: nothing happens at the edge of a minute.
inline const Wall noon = Wall(std::chrono::hours(500'000)) + std::chrono::seconds(15);

inline StoreOptions options_at(const std::string& path) {
    StoreOptions options;
    options.path = path;
    // What the examples happen to be dated must not make them outlive anything.
    options.retention = Retention{.passes = std::chrono::hours(2'000'000),
                                  .failures = std::chrono::hours(2'000'000),
                                  .deliveries = std::chrono::hours(2'000'000),
                                  .rollups = std::chrono::hours(2'000'000)};
    return options;
}

inline std::unique_ptr<Store> open_store_at(StoreOptions options) {
    auto store = Store::open(std::move(options));
    if (!store) FAIL(store.error().title);
    return *std::move(store);
}
inline std::unique_ptr<Store> open_store_at(const std::string& path) {
    return open_store_at(options_at(path));
}

inline std::shared_ptr<const CellKey> cell_named(const std::string& probe) {
    return std::make_shared<const CellKey>(
        CellKey{.probe = probe, .vantage = "here", .target = "shard-1", .profile = "", .cell = "a=1"});
}

/// A run of `cell` that was due at `at` and took 100 ms.
inline Record record_of(const std::shared_ptr<const CellKey>& cell, const std::string& run_id, Verdict verdict,
                        Wall at = noon) {
    auto outcome = std::make_shared<Outcome>();
    outcome->scenario = "example";
    outcome->run_id = run_id;
    outcome->verdict = verdict;
    outcome->started_at = at;
    outcome->took = std::chrono::milliseconds(100);
    if (verdict == Verdict::fail) {
        outcome->failure_class = "timeout";
        outcome->message = "no answer";
    }
    return Record{.key = cell,
                  .scheduled_at = at,
                  .start_lateness = std::chrono::milliseconds(2),
                  .maintenance = false,
                  .on_request = false,
                  .outcome = std::move(outcome)};
}

inline void flush(Store& store) {
    std::promise<void> done;
    store.flush([&done] { done.set_value(); });
    done.get_future().wait();
}

/// Rows as text, columns joined by "|", NULL as "-".
inline std::vector<std::string> rows(const std::string& path, const std::string& sql, int columns) {
    auto database = Database::open(path, OpenMode::read_only, std::chrono::seconds(5));
    if (!database) FAIL(database.error().title);
    auto statement = database->prepare(sql);
    if (!statement) FAIL(statement.error().title);
    std::vector<std::string> found;
    for (auto row = statement->step(); row && *row; row = statement->step()) {
        std::string line;
        for (int i = 0; i < columns; ++i) {
            if (i > 0) line += "|";
            line += statement->is_null(i) ? "-" : std::string(statement->text(i));
        }
        found.push_back(std::move(line));
    }
    return found;
}
inline std::int64_t count(const std::string& path, const std::string& sql) {
    const auto found = rows(path, sql, 1);
    return found.empty() ? -1 : std::stoll(found.front());
}

}  // namespace serin::test
