// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "core/change.hpp"
#include "core/result.hpp"

namespace serin {

/// Writes changes into the store at `path` from a process that does not own it: a daemon may be writing at the same
/// time. All or none; the id of a change that is there already updates it. Waits up to five seconds for the lock. An
/// Error when there is no store (none is made: a mistyped path must not swallow a change) or it has another version.
/// Every change needs an id.
[[nodiscard]] Result<void> write_changes(const std::string& path, std::span<const Change> changes);

}  // namespace serin
