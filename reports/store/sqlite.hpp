// SPDX-License-Identifier: Apache-2.0
// SQLite as values of our own: a connection, a prepared statement, and what went wrong in words. sqlite3.h stays in the
// .cpp file. One connection belongs to one thread at a time (SQLITE_OPEN_NOMUTEX).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace serin {

enum class OpenMode {
    read_only,   ///< the file must exist; nothing is written, not even a recovery
    read_write,  ///< created with mode 0600 when missing
};

/// What kind of failure the last call of a connection met. Each calls for something else to be done about it.
enum class DatabaseFault {
    none,
    full,          ///< the disk, or a quota of the database
    locked,        ///< by another connection, beyond the busy timeout
    input_output,  ///< the disk answers with errors, or the file may not be written
    corrupt,       ///< not a database, or a damaged one
    refused,       ///< the statement or its values: a constraint, a type, a size, an interruption, a mistake in SQL
};

/// A prepared statement, made once and used often. Parameters are numbered from 1, columns from 0 (as in SQLite).
/// Must not outlive its Database.
class Statement {
public:
    Statement() = default;
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, int value) { return bind(parameter, std::int64_t{value}); }
    Statement& bind(int parameter, bool value) { return bind(parameter, std::int64_t{value}); }
    Statement& bind(int parameter, double value);
    Statement& bind(int parameter, std::string_view text);  ///< copied; any bytes, NUL included
    Statement& bind(int parameter, const std::string& text) { return bind(parameter, std::string_view(text)); }
    Statement& bind(int parameter, const char* text) { return bind(parameter, std::string_view(text)); }
    Statement& bind_blob(int parameter, std::string_view bytes);  ///< copied
    Statement& bind_null(int parameter);

    /// True: a row can be read. False: it has ended, and is reset. An Error resets it as well, so that it can always be
    /// bound and stepped again. Values that could not be bound are an Error here.
    Result<bool> step();
    /// Steps until it has ended, rows are passed over. For INSERT, UPDATE and DELETE.
    Result<void> run();
    /// Ends it early: a statement that is left with a row keeps a read transaction open, and the WAL growing. Bindings
    /// stay.
    void reset();

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const;  ///< valid until the next step or reset; empty for NULL
    [[nodiscard]] std::string_view blob(int column) const;  ///< likewise

private:
    friend class Database;
    struct Finalise {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    std::unique_ptr<sqlite3_stmt, Finalise> statement_;
    int bind_code_ = 0;  ///< of the first bind that failed since the last reset
};

class Database {
public:
    /// Opens the file and sets the busy timeout; with read_write also WAL, synchronous=FULL, incremental vacuum (of a
    /// new file) and enforced foreign keys. A file that is no database is found out here: then `fault` says corrupt.
    static Result<Database> open(const std::string& path, OpenMode mode, Duration busy_timeout,
                                 DatabaseFault* fault = nullptr);

    /// One or more statements without parameters; rows are passed over.
    Result<void> exec(const char* sql);
    /// Exactly one statement.
    Result<Statement> prepare(std::string_view sql);
    /// The first column of the first row of a query without parameters; 0 when there is none.
    Result<std::int64_t> number(const char* sql);

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] std::int64_t changes() const;
    /// What kind of failure the last call (also of a statement of this connection) met.
    [[nodiscard]] DatabaseFault fault() const;
    /// SQLite's own words for it: "database or disk is full".
    [[nodiscard]] std::string error_text() const;
    /// False inside of BEGIN … COMMIT. Some failures roll back by themselves.
    [[nodiscard]] bool in_transaction() const;
    /// Ends the statement that runs, on whichever thread, with an Error (sqlite3_interrupt). From any thread.
    void interrupt();
    /// How long a statement waits for a lock of another connection before it gives an Error.
    void set_busy_timeout(Duration timeout);

private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    explicit Database(sqlite3* connection) : connection_(connection) {}
    std::unique_ptr<sqlite3, Close> connection_;
};

/// Times and durations as the columns hold them: microseconds (since the Unix epoch).
[[nodiscard]] inline std::int64_t to_micros(Wall t) {
    return std::chrono::floor<std::chrono::microseconds>(t.time_since_epoch()).count();
}
[[nodiscard]] inline std::int64_t to_micros(Duration d) {
    return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}
/// Clamped to what Wall can hold (years 1677 to 2262): a column may hold anything.
[[nodiscard]] Wall wall_of(std::int64_t micros);
[[nodiscard]] Duration duration_of(std::int64_t micros);

}  // namespace serin
