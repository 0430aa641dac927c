// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the grid over a key that is hashed once: what timetable.hpp offers for a whole CellKey.
#pragma once
#include <cstdint>

#include "runner/schedule/timetable.hpp"

namespace serin {

/// FNV-1a, 64 bits, over probe, vantage, target, profile and cell with a 0x1f byte between each two.
[[nodiscard]] std::uint64_t hash_of(const CellKey& key);
[[nodiscard]] Duration phase_of(std::uint64_t key_hash, Duration every);
[[nodiscard]] Duration jitter_of(std::uint64_t key_hash, Wall slot, Duration jitter);

}  // namespace serin
