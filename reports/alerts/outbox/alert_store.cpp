// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/alert_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/outbox/alert_schema.hpp"
#include "reports/alerts/outbox/alert_tables.hpp"
#include "reports/store/files.hpp"
#include "reports/store/migrate.hpp"

namespace serin {
namespace {

constexpr Duration busy_timeout = std::chrono::seconds(1);
constexpr Duration busy_timeout_at_start = std::chrono::seconds(5);
constexpr Duration gauges_loaded = std::chrono::hours(24);
constexpr const char* gauges_kept_sql =
    "DELETE FROM gauges WHERE at < (SELECT max(at) FROM gauges) - 172800000000";  // two days

/// An Error, and what kind of failure of the database it was; none: it is sound, but not for us.
struct NotReady {
    Error error{};
    DatabaseFault fault = DatabaseFault::none;
};

std::expected<Database, NotReady> open_sound(const std::string& path, Duration timeout) {
    DatabaseFault fault = DatabaseFault::none;
    Result<Database> opened = Database::open(path, OpenMode::read_write, timeout, &fault);
    if (!opened) return std::unexpected(NotReady{.error = opened.error(), .fault = fault});
    if (is_suspect(path)) {
        if (const auto sound = look_through(*opened); !sound)
            return std::unexpected(NotReady{.error = sound.error(), .fault = DatabaseFault::corrupt});
        clear_suspect(path);
    }
    if (const auto migrated = migrate(*opened, path, alert_migrations(), alert_application_id); !migrated)
        return std::unexpected(NotReady{.error = migrated.error(), .fault = opened->fault()});
    // A table that is missing is damage as well.
    if (const auto there = opened->number("SELECT (SELECT count(*) FROM (SELECT 1 FROM incidents, timeline, notices,"
                                          " outbox, mutes, heartbeats, gauges, drills, commands LIMIT 1))");
        !there) {
        const DatabaseFault kind = opened->fault();
        return std::unexpected(
            NotReady{.error = there.error(), .fault = kind == DatabaseFault::refused ? DatabaseFault::corrupt : kind});
    }
    opened->set_busy_timeout(busy_timeout);
    return *std::move(opened);
}

}  // namespace

bool AlertBatch::empty() const {
    return transitions.empty() && rows.empty() && mutes.empty() && heartbeats.empty() && gauges.empty() &&
           drills.empty() && commands.empty();
}

std::string alert_path_of(const std::string& store_path) {
    const std::size_t name = store_path.find_last_of('/') + 1;
    const std::size_t dot = store_path.rfind('.');
    if (dot == std::string::npos || dot <= name) return store_path + ".alerts.db";
    return store_path.substr(0, dot) + ".alerts" + store_path.substr(dot);
}

struct AlertStore::Impl {
    std::string path;
    StoreLock lock;
    std::optional<Database> database{};
    std::uint64_t identity = 0;
    std::string fault{};
    std::uint64_t generation = 0;
    bool refused = false;

    /// Opens it, with a damaged one set aside, once.
    Result<void> open(Duration timeout);
    /// Opens it anew when the last failure, or somebody else, took it away.
    Result<void> make_ready();
    Error failed(const char* what, const Error& error, DatabaseFault kind);
    template <class Value, class Read>
    Result<void> read_into(std::vector<Value>& values, const std::string& sql, Read read,
                           std::optional<std::int64_t> bound = {});
};

Result<void> AlertStore::Impl::open(Duration timeout) {
    auto opened = open_sound(path, timeout);
    if (!opened && opened.error().fault == DatabaseFault::corrupt) {
        const Result<std::string> aside = set_aside(path, std::chrono::system_clock::now());
        if (!aside) return std::unexpected(aside.error());
        ++generation;
        fault =
            fmt::format("the alert database was damaged ({}) and set aside as {}", opened.error().error.title, *aside);
        opened = open_sound(path, timeout);
    }
    if (!opened)
        return std::unexpected(
            alert_database_error(path, "cannot be opened", opened.error().error, opened.error().fault));
    database.emplace(*std::move(opened));
    identity = file_identity(path);
    return {};
}

Result<void> AlertStore::Impl::make_ready() {
    if (database && file_identity(path) != identity) {
        database.reset();
        ++generation;
        fault = "the alert database was removed or replaced while it was written to, and begun anew";
    }
    if (database) return {};
    return open(busy_timeout);
}

Error AlertStore::Impl::failed(const char* what, const Error& error, DatabaseFault kind) {
    if (kind == DatabaseFault::corrupt) {
        mark_suspect(path);
        database.reset();
    }
    return alert_database_error(path, what, error, kind);
}

AlertStore::AlertStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AlertStore::~AlertStore() = default;

Result<std::unique_ptr<AlertStore>> AlertStore::open(const std::string& path) {
    Result<StoreLock> lock = StoreLock::take(path);
    if (!lock) return std::unexpected(lock.error());
    auto impl = std::make_unique<Impl>(Impl{.path = path, .lock = *std::move(lock)});
    if (const auto opened = impl->open(busy_timeout_at_start); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<AlertStore>(new AlertStore(std::move(impl)));
}

Result<void> AlertStore::write(const AlertBatch& batch) {
    if (batch.empty()) return {};
    impl_->refused = false;
    if (const auto ready = impl_->make_ready(); !ready) return ready;
    DatabaseFault fault = DatabaseFault::none;
    Database& database = *impl_->database;
    const auto done = in_transaction(database, fault, [&] { return write_batch(database, batch); });
    impl_->refused = !done && fault == DatabaseFault::refused;
    if (!done) return std::unexpected(impl_->failed("was not written", done.error(), fault));
    return {};
}

template <class Value, class Read>
Result<void> AlertStore::Impl::read_into(std::vector<Value>& values, const std::string& sql, Read read,
                                         std::optional<std::int64_t> bound) {
    Result<Statement> statement = database->prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    if (bound) statement->bind(1, *bound);
    int lost = 0;
    auto all = read_all(*statement, read, &lost);
    if (!all) return std::unexpected(all.error());
    if (lost > 0) fault = fmt::format("{} rows of {} cannot be read, and were left out", lost, path);
    values = *std::move(all);
    return {};
}

Result<AlertState> AlertStore::load(Wall now) {
    if (const auto ready = impl_->make_ready(); !ready) return std::unexpected(ready.error());
    AlertState state;
    Impl& impl = *impl_;
    Result<void> done =
        impl.read_into(state.incidents, "SELECT json FROM incidents WHERE state <> 'closed' ORDER BY opened_at, id",
                       [](const Statement& row) { return incident_at(row, 0); });
    if (done)
        done = impl.read_into(state.rows,
                              fmt::format("SELECT {} FROM outbox o JOIN notices n ON n.id = o.notice_id"
                                          " WHERE o.settled_at IS NULL ORDER BY o.id",
                                          outbox_columns),
                              outbox_row_at);
    if (done)
        done = impl.read_into(state.mutes, fmt::format("SELECT {} FROM mutes WHERE \"until\" > ?", mute_columns),
                              mute_at, to_micros(now));
    if (done)
        done = impl.read_into(state.heartbeats, "SELECT heartbeat, failed, note, at FROM heartbeats",
                              [](const Statement& row) {
                                  return std::optional(Heartbeat{.heartbeat = std::string(row.text(0)),
                                                                 .failed = row.integer(1) != 0,
                                                                 .note = std::string(row.text(2)),
                                                                 .at = wall_of(row.integer(3))});
                              });
    if (done)
        done = impl.read_into(
            state.gauges, "SELECT gauge, value, at FROM gauges WHERE at >= ? ORDER BY at, gauge",
            [](const Statement& row) {
                return std::optional(GaugeSample{
                    .gauge = std::string(row.text(0)), .value = row.real(1), .at = wall_of(row.integer(2))});
            },
            to_micros(now - gauges_loaded));
    if (done)
        done = impl.read_into(state.drills,
                              fmt::format("SELECT {} FROM drills d WHERE NOT EXISTS (SELECT 1 FROM drills n WHERE"
                                          " n.channel = d.channel AND n.at > d.at AND n.good >= d.good)"
                                          " ORDER BY at, channel",
                                          drill_columns),
                              drill_at);
    if (done)
        done = impl.read_into(state.told_by_failover,
                              "SELECT DISTINCT o.incident_id, o.channel FROM outbox o"
                              " JOIN incidents i ON i.id = o.incident_id"
                              " WHERE i.state <> 'closed' AND o.\"order\" > 0 AND o.first_attempt_at IS NOT NULL"
                              " AND NOT EXISTS (SELECT 1 FROM outbox r WHERE r.incident_id = o.incident_id"
                              " AND r.channel = o.channel AND r.kind = 'resolved' AND r.id > o.id)",
                              [](const Statement& row) {
                                  return std::optional(std::pair(std::string(row.text(0)), std::string(row.text(1))));
                              });
    if (done) {
        const auto newest = impl.database->number("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
        if (newest) {
            state.next_row_id = *newest + 1;
        } else {
            done = std::unexpected(newest.error());
        }
    }
    if (!done) return std::unexpected(impl.failed("cannot be read", done.error(), impl.database->fault()));
    return state;
}

Result<std::vector<AlertCommand>> AlertStore::commands() {
    if (const auto ready = impl_->make_ready(); !ready) return std::unexpected(ready.error());
    std::vector<AlertCommand> commands;
    const auto done = impl_->read_into(
        commands, fmt::format("SELECT {} FROM commands WHERE outcome = '' ORDER BY id", command_columns), command_at);
    if (!done) return std::unexpected(impl_->failed("cannot be read", done.error(), impl_->database->fault()));
    return commands;
}

Result<void> AlertStore::sweep(Wall before) {
    if (const auto ready = impl_->make_ready(); !ready) return ready;
    Database& database = *impl_->database;
    DatabaseFault fault = DatabaseFault::none;
    const auto done = in_transaction(database, fault, [&]() -> Result<void> {
        for (const char* const sql :
             {"DELETE FROM timeline WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM incidents i WHERE"
              " i.id = timeline.incident_id AND (i.state <> 'closed' OR coalesce(i.closed_at, i.opened_at) >= ?1))",
              "DELETE FROM incidents WHERE state = 'closed' AND coalesce(closed_at, opened_at) < ?1",
              "DELETE FROM outbox WHERE settled_at < ?1"
              " AND incident_id NOT IN (SELECT id FROM incidents WHERE state <> 'closed')",
              "DELETE FROM notices WHERE made_at < ?1 AND id NOT IN (SELECT notice_id FROM outbox)",
              "DELETE FROM mutes WHERE \"until\" < ?1", "DELETE FROM gauges WHERE at < ?1",
              "DELETE FROM commands WHERE outcome <> '' AND at < ?1",
              "DELETE FROM drills WHERE at < ?1 AND EXISTS (SELECT 1 FROM drills n WHERE n.channel = drills.channel"
              " AND n.at > drills.at AND n.good >= drills.good)"}) {
            Result<Statement> statement = database.prepare(sql);
            if (!statement) return std::unexpected(statement.error());
            statement->bind(1, to_micros(before));
            if (const auto gone = statement->run(); !gone) return gone;
        }
        return database.exec(gauges_kept_sql);
    });
    if (!done) return std::unexpected(impl_->failed("was not swept", done.error(), fault));
    return database.exec("PRAGMA incremental_vacuum");
}

std::uint64_t AlertStore::generation() const {
    return impl_->generation;
}

bool AlertStore::refused() const {
    return impl_->refused;
}

const std::string& AlertStore::fault() const {
    return impl_->fault;
}

}  // namespace serin
