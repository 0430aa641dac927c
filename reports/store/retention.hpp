// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "reports/store/sqlite.hpp"
#include "reports/store/store.hpp"

namespace serin {

/// Deletes what is past its time, or too much, in small portions between commits. For the store's thread.
class Sweeper {
public:
    /// `database` must outlive the sweeper.
    static Result<Sweeper> prepare(Database& database, const Retention& retention);

    /// One portion, in a transaction of its own. True: there is more to do. Portions are fitted to what the last one
    /// took, so that each stays below 20 ms, and the sync of its commit.
    Result<bool> sweep(Wall now);

private:
    /// Rows that go oldest first, all of them. Each statement takes (before, limit); the last one deletes the rows by
    /// which the others find theirs.
    struct Kind {
        std::vector<Statement> removals;
        Duration keep{};
    };
    explicit Sweeper(Database& database) : database_(&database) {}
    Result<void> add(std::span<const char* const> removals, Duration keep);
    /// Rows that were deleted; 0: none is older than `before`.
    Result<std::int64_t> remove(Kind& kind, std::int64_t before);
    /// Rows that were looked at. Failures among them stay.
    Result<std::int64_t> remove_passes(std::int64_t before);
    Result<bool> by_age(Wall now);
    Result<bool> by_size(Wall now);
    /// Gives pages that deleted rows left back to the file system. True: there are more.
    Result<bool> give_back();

    Database* database_;
    Duration keep_passes_{};
    std::int64_t max_bytes_ = 0;
    Statement next_runs_, drop_pass_evidence_, drop_passes_;
    Wall look_back_at_{};           ///< when the last hour is to be looked through again
    std::int64_t passed_time_ = 0;  ///< runs up to here, in order of start and id, were looked at for passes
    std::string passed_id_;
    std::vector<Kind> kinds_;  ///< in the order in which they go when the file is too big
    std::int64_t portion_ = 100;
};

}  // namespace serin
