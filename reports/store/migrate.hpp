// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "core/result.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// Brings the store up to the last of `steps`, each in a transaction of its own: a process killed on the way leaves a
/// store of some version, never half of one. An Error, and nothing touched, when the store is newer than `steps` or the
/// database belongs to another program, or to another part of this one. `path` is for the words. `application_id`: what
/// the first step sets (PRAGMA application_id); of a results store zero.
Result<void> migrate(Database& database, const std::string& path, std::span<const char* const> steps,
                     std::int64_t application_id = 0);

/// An Error for a damaged database (PRAGMA quick_check). Reads all of it.
Result<void> look_through(Database& database);

}  // namespace serin
