// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "core/result.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

/// Brings the store up to the last of `steps`, each in a transaction of its own: a process killed on the way leaves a
/// store of some version, never half of one. An Error, and nothing touched, when the store is newer than `steps` or the
/// database belongs to another program. `path` is for the words.
Result<void> migrate(Database& database, const std::string& path, std::span<const char* const> steps);

}  // namespace serin
