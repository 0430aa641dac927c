// SPDX-License-Identifier: Apache-2.0
// What the daemon keeps of its appointments: which cell, when it was due, when it started, what came of it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "core/outcome.hpp"
#include "core/time.hpp"

namespace serin {

/// The one cell of the vantage × target matrix (and of the probe's own matrix) that a result belongs to. Names are
/// labels of metrics and columns of the store alike.
struct CellKey {
    std::string probe{}, vantage{};
    std::string target{};   ///< name of the shard; empty: the scenario chooses its own
    std::string profile{};  ///< of the data it works on (heavy, light, empty); empty: none
    std::string cell{};     ///< Cell::text() of the scenario's matrix; empty without one
    auto operator<=>(const CellKey&) const = default;
    /// "chat-delivery us-east-1 profile=heavy sender=a receiver=b": for people.
    [[nodiscard]] std::string text() const;
};

/// One run that took place. Immutable; shared by metrics, store and stream.
struct Record {
    std::shared_ptr<const CellKey> key{};
    Wall scheduled_at{};        ///< the slot on the absolute grid
    Duration start_lateness{};  ///< started - due, on the monotonic clock; never negative
    bool maintenance = false;   ///< a maintenance window covers it: measured, but nobody is told
    bool on_request = false;    ///< asked for by a person or a re-check, not a slot of the grid
    std::shared_ptr<const Outcome> outcome{};
};

/// Why slots did not become runs. None of them ever counts as pass.
enum class GapReason {
    missed,   ///< nobody started it in time: process away, machine asleep, loop too late
    shed,     ///< a cap of ours (in flight, per target) was reached
    overlap,  ///< the previous run of the cell was still going on, and the probe's policy is to skip
};
[[nodiscard]] const char* name_of(GapReason reason);

/// One or more successive slots of a cell that did not become runs.
struct Gap {
    std::shared_ptr<const CellKey> key{};
    GapReason reason = GapReason::missed;
    Wall first_scheduled_at{}, last_scheduled_at{};
    std::int64_t count = 1;
};

}  // namespace serin
