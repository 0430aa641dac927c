// SPDX-License-Identifier: Apache-2.0
#include "reports/store/change_writer.hpp"

#include <nlohmann/json.hpp>

#include "reports/store/reader.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {
namespace {

Result<void> write_all(Database& database, std::span<const Change> changes) {
    Result<Statement> insert = database.prepare(
        "INSERT INTO changes (change_id, kind, component, title, shards, author, contact, rollback_plan, link,"
        " started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (change_id) DO UPDATE SET"
        " kind = excluded.kind, component = excluded.component, title = excluded.title, shards = excluded.shards,"
        " author = excluded.author, contact = excluded.contact, rollback_plan = excluded.rollback_plan,"
        " link = excluded.link, started_at = excluded.started_at, ended_at = excluded.ended_at");
    if (!insert) return std::unexpected(insert.error());
    for (const Change& change : changes) {
        const nlohmann::json shards(change.shards);
        insert->bind(1, change.id)
            .bind(2, change.kind)
            .bind(3, change.component)
            .bind(4, change.title)
            .bind(5, shards.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
            .bind(6, change.author)
            .bind(7, change.contact)
            .bind(8, change.rollback_plan)
            .bind(9, change.link)
            .bind(10, to_micros(change.started_at));
        if (change.ended_at) {
            insert->bind(11, to_micros(*change.ended_at));
        } else {
            insert->bind_null(11);
        }
        if (const auto done = insert->run(); !done) return done;
    }
    return {};
}

}  // namespace

Result<void> write_changes(const std::string& path, std::span<const Change> changes) {
    // Finds out that there is a store, and that it is one of this version, before anything is opened for writing.
    if (const auto reader = StoreReader::open(path); !reader) return std::unexpected(reader.error());
    Result<Database> database = Database::open(path, OpenMode::read_write, std::chrono::seconds(5));
    if (!database) return std::unexpected(database.error());
    if (const auto begun = database->exec("BEGIN IMMEDIATE"); !begun) return begun;
    Result<void> done = write_all(*database, changes);
    if (done) done = database->exec("COMMIT");
    if (!done && database->in_transaction()) {
        const Result<void> rolled_back = database->exec("ROLLBACK");
        if (!rolled_back) done.error().title += "; " + rolled_back.error().title;
    }
    return done;
}

}  // namespace serin
