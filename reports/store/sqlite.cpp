// SPDX-License-Identifier: Apache-2.0
#include "reports/store/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace serin {
namespace {

DatabaseFault fault_of(int code) {
    switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
            return DatabaseFault::none;
        case SQLITE_FULL:
            return DatabaseFault::full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return DatabaseFault::locked;
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_NOLFS:
        case SQLITE_NOMEM:
            return DatabaseFault::input_output;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return DatabaseFault::corrupt;
        default:
            return DatabaseFault::refused;
    }
}

std::unexpected<Error> failed(sqlite3* connection, const char* what) {
    // The extended word tells a full disk from a broken one: "disk I/O error" alone covers both.
    const int code = sqlite3_extended_errcode(connection);
    const int system = sqlite3_system_errno(connection);
    std::string text = fmt::format("{}: {}", what, sqlite3_errmsg(connection));
    if (fault_of(code) == DatabaseFault::input_output) {
        text += fmt::format(" (code {}", code);
        if (system != 0) text += fmt::format(", {}", std::strerror(system));
        text += ")";
    }
    return fail(std::move(text));
}

int length_of(std::string_view bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max()));
}

}  // namespace

void Statement::Finalise::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

namespace {
void note(int& first, int code) {
    if (first == SQLITE_OK) first = code;
}
}  // namespace

Statement& Statement::bind(int parameter, std::int64_t value) {
    note(bind_code_, sqlite3_bind_int64(statement_.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, double value) {
    note(bind_code_, sqlite3_bind_double(statement_.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    // A view without bytes may have no address either, which SQLite would take for NULL.
    const char* bytes = text.empty() ? "" : text.data();
    note(bind_code_, sqlite3_bind_text(statement_.get(), parameter, bytes, length_of(text), SQLITE_TRANSIENT));
    return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
    const char* address = bytes.empty() ? "" : bytes.data();
    note(bind_code_, sqlite3_bind_blob(statement_.get(), parameter, address, length_of(bytes), SQLITE_TRANSIENT));
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    note(bind_code_, sqlite3_bind_null(statement_.get(), parameter));
    return *this;
}

Result<bool> Statement::step() {
    sqlite3* connection = sqlite3_db_handle(statement_.get());
    if (const int code = std::exchange(bind_code_, SQLITE_OK); code != SQLITE_OK) {
        sqlite3_reset(statement_.get());
        return fail(fmt::format("a value does not fit: {}", sqlite3_errstr(code)));
    }
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    // The error's words are those of the reset: taken after it.
    sqlite3_reset(statement_.get());
    if (code == SQLITE_DONE) return false;
    return failed(connection, "the database refused");
}

Result<void> Statement::run() {
    while (true) {
        const Result<bool> row = step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
    }
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    bind_code_ = SQLITE_OK;
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

namespace {

// auto_vacuum counts only before the first table is made, and before WAL. journal_size_limit gives the space of a WAL
// back that a long reader let grow.
constexpr const char* writer_settings =
    "PRAGMA auto_vacuum=INCREMENTAL;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=4000;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;";

/// SQLite gives -wal and -shm the mode of the database: so the file is made here, before it can.
Result<void> create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return fail(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    ::close(file);
    return {};
}

}  // namespace

Result<Database> Database::open(const std::string& path, OpenMode mode, Duration busy_timeout, DatabaseFault* fault) {
    DatabaseFault unseen = DatabaseFault::none;
    DatabaseFault& seen = fault != nullptr ? *fault : unseen;
    seen = DatabaseFault::none;
    if (mode == OpenMode::read_write) {
        if (const auto created = create_private(path); !created) {
            seen = DatabaseFault::input_output;
            return std::unexpected(created.error());
        }
    }
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    Database database(raw);
    if (code != SQLITE_OK) {
        seen = fault_of(code);
        return failed(raw, "cannot open the database");
    }
    database.set_busy_timeout(busy_timeout);
    Result<void> ready = mode == OpenMode::read_write ? database.exec(writer_settings) : Result<void>{};
    // The first page is read only when it is asked for.
    if (ready) ready = database.exec("SELECT count(*) FROM sqlite_schema");
    if (!ready) {
        seen = database.fault();
        return std::unexpected(ready.error());
    }
    return database;
}

Result<void> Database::exec(const char* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return failed(connection_.get(), "the database refused");
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_.get(), sql.data(), length_of(sql), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    Statement statement(raw);
    if (code != SQLITE_OK) return failed(connection_.get(), "the database does not know");
    return statement;
}

Result<std::int64_t> Database::number(const char* sql) {
    Result<Statement> statement = prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    const Result<bool> row = statement->step();
    if (!row) return std::unexpected(row.error());
    return *row ? statement->integer(0) : 0;
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(connection_.get());
}

DatabaseFault Database::fault() const {
    return fault_of(sqlite3_extended_errcode(connection_.get()));
}

std::string Database::error_text() const {
    return sqlite3_errmsg(connection_.get());
}

bool Database::in_transaction() const {
    return sqlite3_get_autocommit(connection_.get()) == 0;
}

void Database::interrupt() {
    sqlite3_interrupt(connection_.get());
}

void Database::set_busy_timeout(Duration timeout) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
    sqlite3_busy_timeout(connection_.get(), static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 3'600'000)));
}

Wall wall_of(std::int64_t micros) {
    constexpr std::int64_t widest = std::numeric_limits<std::int64_t>::max() / 1000;
    return Wall(duration_of(std::clamp(micros, -widest, widest)));
}

Duration duration_of(std::int64_t micros) {
    constexpr std::int64_t widest = std::numeric_limits<std::int64_t>::max() / 1000;
    return std::chrono::microseconds(std::clamp(micros, -widest, widest));
}

}  // namespace serin
