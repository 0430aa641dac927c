// SPDX-License-Identifier: Apache-2.0
#include "reports/store/migrate.hpp"

#include <fmt/format.h>

namespace serin {
namespace {

Result<void> step_up(Database& database, std::span<const char* const> steps) {
    if (const auto begun = database.exec("BEGIN IMMEDIATE"); !begun) return begun;
    // Read under the lock: somebody else may have been quicker.
    const Result<std::int64_t> version = database.number("PRAGMA user_version");
    Result<void> done;
    if (!version) {
        done = std::unexpected(version.error());
    } else if (*version < std::ssize(steps)) {
        done = database.exec(steps[static_cast<std::size_t>(*version)]);
        if (done) done = database.exec(fmt::format("PRAGMA user_version={}", *version + 1).c_str());
    }
    if (done) done = database.exec("COMMIT");
    if (!done && database.in_transaction()) {
        const Result<void> rolled_back = database.exec("ROLLBACK");
        if (!rolled_back) done.error().title += "; " + rolled_back.error().title;
    }
    return done;
}

}  // namespace

Result<void> migrate(Database& database, const std::string& path, std::span<const char* const> steps,
                     std::int64_t application_id) {
    while (true) {
        const Result<std::int64_t> version = database.number("PRAGMA user_version");
        if (!version) return std::unexpected(version.error());
        if (*version != 0) {
            const Result<std::int64_t> application = database.number("PRAGMA application_id");
            if (!application) return std::unexpected(application.error());
            if (*application != application_id)
                return fail(fmt::format("{} is a database of another kind", path), "give each a file of its own");
        }
        if (*version < 0 || *version > std::ssize(steps))
            return fail(
                fmt::format("the store {} has version {}, this serin knows up to {}", path, *version, steps.size()),
                "use the newer serin that wrote it, or another file");
        if (*version == std::ssize(steps)) return {};
        if (*version == 0) {
            const Result<std::int64_t> tables = database.number("SELECT count(*) FROM sqlite_schema");
            if (!tables) return std::unexpected(tables.error());
            if (*tables > 0)
                return fail(fmt::format("{} is a database of another program", path),
                            "give the store a file of its own");
        }
        if (const Result<void> up = step_up(database, steps); !up) return up;
    }
}

Result<void> look_through(Database& database) {
    Result<Statement> check = database.prepare("PRAGMA quick_check(1)");
    if (!check) return std::unexpected(check.error());
    const Result<bool> row = check->step();
    if (!row) return std::unexpected(row.error());
    if (*row && check->text(0) != "ok") return fail(std::string(check->text(0)));
    return {};
}

}  // namespace serin
