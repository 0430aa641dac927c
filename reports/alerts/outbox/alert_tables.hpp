// SPDX-License-Identifier: Apache-2.0
// Rows of the alert database as values, and back.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// What `write` does, all or nothing. `fault`: what kind of failure an Error is.
template <class Write>
Result<void> in_transaction(Database& database, DatabaseFault& fault, Write write) {
    fault = DatabaseFault::none;
    Result<void> done = database.exec("BEGIN IMMEDIATE");
    if (done) done = write();
    if (done) done = database.exec("COMMIT");
    if (!done) fault = database.fault();
    if (!done && database.in_transaction()) {
        if (const auto rolled_back = database.exec("ROLLBACK"); !rolled_back)
            done.error().title += "; " + rolled_back.error().title;
    }
    return done;
}

/// All of a batch, within the transaction that the caller has begun.
Result<void> write_batch(Database& database, const AlertBatch& batch);

/// Column lists for the readers below, in their order. Of outbox_columns: FROM outbox o JOIN notices n.
inline constexpr const char* outbox_columns =
    "o.id, o.channel, o.\"order\", o.state, o.attempts, o.due_at, o.first_attempt_at, o.settled_at, o.said,"
    " o.reference, n.json";
inline constexpr const char* mute_columns = "service, failure_class, owner, reason, at, \"until\"";
inline constexpr const char* drill_columns = "channel, at, good, delivered_after, resolved_after, said";
inline constexpr const char* command_columns =
    "id, kind, incident_id, service, failure_class, \"by\", note, lasts, usefulness, began_at, at, ended_at, outcome";

/// Nullopt for what cannot be read.
[[nodiscard]] std::optional<Incident> incident_at(const Statement& row, int column);
[[nodiscard]] std::optional<OutboxRow> outbox_row_at(const Statement& row);
[[nodiscard]] std::optional<Mute> mute_at(const Statement& row);
[[nodiscard]] std::optional<DrillRow> drill_at(const Statement& row);
[[nodiscard]] std::optional<AlertCommand> command_at(const Statement& row);

/// A new command; its id.
Result<std::int64_t> insert_command(Database& database, const AlertCommand& command);

/// Every row of a statement by `read`, which gives an optional; `lost` counts those that cannot be read.
template <class Read>
auto read_all(Statement& statement, Read read, int* lost = nullptr)
    -> Result<std::vector<typename decltype(read(statement))::value_type>> {
    std::vector<typename decltype(read(statement))::value_type> all;
    while (true) {
        const Result<bool> row = statement.step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return all;
        if (auto one = read(statement)) {
            all.push_back(*std::move(one));
        } else if (lost != nullptr) {
            ++*lost;
        }
    }
}

}  // namespace serin
