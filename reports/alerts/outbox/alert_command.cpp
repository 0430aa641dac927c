// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/alert_schema.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/alerts/outbox/alert_tables.hpp"

namespace serin {
namespace {

constexpr Duration command_busy_timeout = std::chrono::seconds(2);

}  // namespace

Result<std::int64_t> write_command(const std::string& path, const AlertCommand& command) {
    // Finds out that there is an alert database, of this version, before anything is opened for writing.
    if (const auto reader = AlertReader::open(path); !reader) return std::unexpected(reader.error());
    DatabaseFault fault = DatabaseFault::none;
    Result<Database> database = Database::open(path, OpenMode::read_write, command_busy_timeout, &fault);
    if (!database) return std::unexpected(alert_database_error(path, "cannot be written to", database.error(), fault));
    std::int64_t id = 0;
    const auto done = in_transaction(*database, fault, [&]() -> Result<void> {
        const Result<std::int64_t> inserted = insert_command(*database, command);
        if (!inserted) return std::unexpected(inserted.error());
        id = *inserted;
        return {};
    });
    if (!done) return std::unexpected(alert_database_error(path, "did not take the command", done.error(), fault));
    return id;
}

}  // namespace serin
