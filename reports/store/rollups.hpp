// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "reports/store/entry.hpp"
#include "reports/store/reader.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// Counts by cell and minute: those of the latest minute stay in memory and are written with each commit, so that they
/// agree with the rows at every moment, and a restart goes on where they were. For the store's thread.
class Rollups {
public:
    static Result<Rollups> prepare(Database& database);

    /// Into the minute in which its slot was due; a run on request has none, and counts where it started.
    Result<void> count(std::int64_t cell_id, const StoredRun& run);
    /// Each slot into its own minute; of a gap over more than an hour into at most 60 minutes, evenly spaced.
    Result<void> count(std::int64_t cell_id, const Gap& gap);
    /// Writes what has changed since the last call; inside the transaction that holds the rows.
    Result<void> write();
    /// After a rollback: what is in memory was never written.
    void forget();

private:
    struct Key {
        std::int64_t cell_id = 0, minute = 0;  ///< minutes since the epoch
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    struct Entry {
        Key key;
        CellCounts counts;
        bool changed = false;
    };
    Rollups(Statement read, Statement write) : read_(std::move(read)), write_(std::move(write)) {}
    Result<Entry*> at(Key key);
    Result<void> write(Entry& entry);

    Statement read_, write_;
    std::unordered_map<Key, Entry, Hash> entries_;
    std::vector<Entry*> changed_;
    std::int64_t latest_minute_ = 0, kept_minute_ = 0;
};

}  // namespace serin
