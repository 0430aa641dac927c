// SPDX-License-Identifier: Apache-2.0
// The seam through which the engine tells of every tagged message, so that late, lost and duplicate can be told after
// the run.
#pragma once
#include <string>
#include <vector>

#include "core/outcome.hpp"
#include "core/time.hpp"

namespace serin {

struct Sending {
    std::string nonce, run_id, scenario, step, sender;
    Wall at{};
};
struct Sighting {
    std::string nonce, receiver, run_id;  ///< run_id: of the run that saw it, not of the one that sent it
    Wall at{};
};

/// Implementations: in memory (engine), durable (store). Called on the engine's thread; must not block.
class Ledger {
public:
    virtual ~Ledger() = default;
    /// Called *before* the first byte is sent: a crash must not turn a sent message into an unobserved one.
    virtual void sending(const Sending& sending) = 0;
    virtual void sighted(const Sighting& sighting) = 0;
    virtual void settled(const Delivery& delivery) = 0;
};

}  // namespace serin
