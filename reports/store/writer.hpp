// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "reports/store/entry.hpp"
#include "reports/store/ledger_tables.hpp"
#include "reports/store/rollups.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// Turns entries into rows. begin(), write() for each, commit(); or roll_back() after anything that gave an Error.
/// Every entry may come again: rows and counts stay as they are. For the store's thread.
class Writer {
public:
    /// `database` must outlive the writer.
    static Result<std::unique_ptr<Writer>> prepare(Database& database);

    Result<void> begin();
    Result<void> write(const StoredEntry& entry);
    Result<void> commit();
    void roll_back();

private:
    struct CellRow {
        std::int64_t cell_id = 0;
        Wall last_scheduled_at{};
        bool changed = false;
    };
    struct CellHash {
        std::size_t operator()(const CellKey& key) const;
    };
    Writer(Database& database, Rollups rollups, LedgerTables ledger)
        : database_(&database), rollups_(std::move(rollups)), ledger_(std::move(ledger)) {}
    Result<CellRow*> cell_of(const CellKey& key);
    void was_due(CellRow& cell, Wall at);
    Result<void> write_cells();
    Result<void> put(const StoredRun& run);
    Result<void> put(const Gap& gap);
    Result<void> put(const Change& change);
    template <class Entry>
    Result<void> put(const Entry& of_ledger) {
        return ledger_.write(of_ledger);
    }

    Database* database_;
    Rollups rollups_;
    LedgerTables ledger_;
    Statement begin_, commit_, find_cell_, insert_cell_, update_cell_, insert_run_, insert_evidence_, insert_gap_,
        put_change_;
    std::unordered_map<CellKey, CellRow, CellHash> cells_;
    std::vector<CellRow*> changed_cells_;
};

}  // namespace serin
