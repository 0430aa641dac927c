// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/loop.hpp"
#include "runner/player.hpp"

namespace serin {

/// A player on a loop of its own, for a command that plays and ends. Members are in order of construction; the loop
/// dies last.
struct Worker {
    Loop loop;
    MemoryLedger ledger;
    NonceMaker nonces;
    Player player{loop.executor(), ledger, nonces};
};

}  // namespace serin
