// SPDX-License-Identifier: Apache-2.0
#include "reports/store/opening.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/ids.hpp"
#include "reports/store/migrate.hpp"
#include "reports/store/schema.hpp"

namespace serin {
namespace {

/// Long enough for a backup or a `serin report` that reads; short enough that a shutdown is not held up.
constexpr Duration busy_timeout = std::chrono::milliseconds(250);
/// At the start nothing is lost by waiting, and without the key nothing can begin.
constexpr Duration busy_timeout_at_start = std::chrono::seconds(5);

struct Ready {
    std::unique_ptr<Database> database;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Sweeper> sweeper;
    std::string nonce_key;
};

/// An Error, and what kind of failure of the database it was; none: it is sound, but not for us.
struct NotReady {
    Error error;
    DatabaseFault fault = DatabaseFault::none;
};

Result<std::string> read_nonce_key(Database& database) {
    Result<Statement> find = database.prepare("SELECT value FROM meta WHERE key = 'nonce_key'");
    if (!find) return std::unexpected(find.error());
    const Result<bool> row = find->step();
    if (!row) return std::unexpected(row.error());
    if (*row) return std::string(find->text(0));
    std::string key = make_trace_id() + make_trace_id();
    Result<Statement> insert = database.prepare("INSERT INTO meta (key, value) VALUES ('nonce_key', ?)");
    if (!insert) return std::unexpected(insert.error());
    insert->bind(1, key);
    if (const auto inserted = insert->run(); !inserted) return std::unexpected(inserted.error());
    return key;
}

std::expected<Ready, NotReady> get_ready(const StoreOptions& options) {
    DatabaseFault fault = DatabaseFault::none;
    Result<Database> opened = Database::open(options.path, OpenMode::read_write, busy_timeout_at_start, &fault);
    if (!opened) return std::unexpected(NotReady{.error = opened.error(), .fault = fault});
    Ready ready;
    ready.database = std::make_unique<Database>(*std::move(opened));
    Database& database = *ready.database;
    if (is_suspect(options.path)) {
        if (const auto sound = look_through(database); !sound)
            return std::unexpected(NotReady{.error = sound.error(), .fault = DatabaseFault::corrupt});
        clear_suspect(options.path);
    }
    if (const auto migrated = migrate(database, options.path, migrations()); !migrated)
        return std::unexpected(NotReady{.error = migrated.error(), .fault = database.fault()});
    // From here on a refusal means that tables of our own version are missing or different: damage as well.
    const auto damaged = [&database](const Error& error) {
        const DatabaseFault kind = database.fault();
        return std::unexpected(
            NotReady{.error = error, .fault = kind == DatabaseFault::refused ? DatabaseFault::corrupt : kind});
    };
    Result<std::string> key = read_nonce_key(database);
    if (!key) return damaged(key.error());
    Result<std::unique_ptr<Writer>> writer = Writer::prepare(database);
    if (!writer) return damaged(writer.error());
    Result<Sweeper> sweeper = Sweeper::prepare(database, options.retention);
    if (!sweeper) return damaged(sweeper.error());
    ready.nonce_key = *std::move(key);
    ready.writer = *std::move(writer);
    ready.sweeper = std::make_unique<Sweeper>(*std::move(sweeper));
    database.set_busy_timeout(busy_timeout);
    return ready;
}

Error worded(const NotReady& failure, const std::string& path) {
    Error error = failure.error;
    if (!error.remedy.empty()) return error;
    error.title = fmt::format("the store {} cannot be opened: {}", path, error.title);
    switch (failure.fault) {
        case DatabaseFault::full:
            error.remedy = "make room on the disk";
            break;
        case DatabaseFault::locked:
            error.remedy = "end the process that holds a lock on it";
            break;
        default:
            error.remedy = "see that this user may write to the file and its folder";
    }
    return error;
}

}  // namespace

Result<OpenedStore> open_store(const StoreOptions& options) {
    Result<StoreLock> lock = StoreLock::take(options.path);
    if (!lock) return std::unexpected(lock.error());
    std::string aside;
    std::expected<Ready, NotReady> ready = get_ready(options);
    if (!ready && ready.error().fault == DatabaseFault::corrupt) {
        Result<std::string> moved = set_aside(options.path, std::chrono::system_clock::now());
        if (!moved) return std::unexpected(moved.error());
        aside = *std::move(moved);
        ready = get_ready(options);
    }
    if (!ready) return std::unexpected(worded(ready.error(), options.path));
    return OpenedStore{.lock = *std::move(lock),
                       .database = std::move(ready->database),
                       .writer = std::move(ready->writer),
                       .sweeper = std::move(ready->sweeper),
                       .nonce_key = std::move(ready->nonce_key),
                       .set_aside = std::move(aside)};
}

Result<std::vector<std::pair<CellKey, Wall>>> read_last_scheduled(Database& database) {
    Result<Statement> cells = database.prepare(
        "SELECT probe, vantage, target, profile, cell, last_scheduled_at FROM cells WHERE last_scheduled_at > 0");
    if (!cells) return std::unexpected(cells.error());
    std::vector<std::pair<CellKey, Wall>> found;
    Result<bool> row = cells->step();
    for (; row && *row; row = cells->step()) {
        found.emplace_back(
            CellKey{.probe = std::string(cells->text(0)),
                    .vantage = std::string(cells->text(1)),
                    .target = std::string(cells->text(2)),
                    .profile = std::string(cells->text(3)),
                    .cell = std::string(cells->text(4))},
            // A slot may lie anywhere within its microsecond: the end of it is past the slot for certain.
            wall_of(cells->integer(5)) + std::chrono::nanoseconds(999));
    }
    if (!row) return std::unexpected(row.error());
    return found;
}

}  // namespace serin
