// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "reports/store/files.hpp"
#include "reports/store/retention.hpp"
#include "reports/store/sqlite.hpp"
#include "reports/store/store.hpp"
#include "reports/store/writer.hpp"

namespace serin {

/// A store that is ready to be written to. Members in order of dependence.
struct OpenedStore {
    StoreLock lock;
    std::unique_ptr<Database> database;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Sweeper> sweeper;
    std::string nonce_key;
    std::string set_aside;  ///< where a damaged database was moved to; empty: it was sound
};

/// Locks, opens or creates, migrates. A damaged database is set aside, once.
Result<OpenedStore> open_store(const StoreOptions& options);

/// Of every cell that ever was due.
Result<std::vector<std::pair<CellKey, Wall>>> read_last_scheduled(Database& database);

}  // namespace serin
