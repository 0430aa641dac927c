// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/result.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// "SrnA": tells an alert database from a results store (PRAGMA application_id).
inline constexpr std::int64_t alert_application_id = 0x53726e41;

/// SQL that brings an alert database from version i to i + 1. Never edit one that was released.
[[nodiscard]] std::span<const char* const> alert_migrations();

/// An Error when the database is not an alert database of this version.
Result<void> check_alert_database(Database& database, const std::string& path);

/// "the alert database <path> <what>: <error>", with the way out of this kind of failure.
[[nodiscard]] Error alert_database_error(const std::string& path, const char* what, Error error, DatabaseFault fault);

}  // namespace serin
