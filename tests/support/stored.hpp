// SPDX-License-Identifier: Apache-2.0
// A store that a test fills row by row, past the writer, so that what a reader says is not what a writer meant.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/change.hpp"
#include "core/record.hpp"
#include "reports/store/reader.hpp"
#include "reports/store/sqlite.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {

/// 2026-11-22T00:00:00Z.
[[nodiscard]] Wall midnight();

class StoredRows {
public:
    /// Makes a store of this version. Each call fails the test when the database refuses.
    explicit StoredRows(const std::string& path);
    void run(const RunRow& row, const std::string& outcome_json = {});
    void rollup(const CellKey& key, Wall minute, const CellCounts& counts);
    void sending(const std::string& nonce, const std::string& run_id, Wall at);
    void delivery(const std::string& nonce, const std::string& receiver, const std::string& state,
                  const std::string& first_state);
    void change(const Change& change);
    void exec(const char* sql);
    std::int64_t cell(const CellKey& key);

private:
    Database database_;
};

/// A run of `key`, started at midnight() + `after`, that took 100 ms.
[[nodiscard]] RunRow run_row(const std::string& run_id, const CellKey& key, Duration after,
                             const std::string& verdict = "pass", const std::string& failure_class = {});

}  // namespace serin::test
