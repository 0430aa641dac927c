// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/engine.hpp"

namespace serin {

void MemoryLedger::sending(const Sending& sending) {
    sendings_.insert_or_assign(sending.nonce, sending);
}

void MemoryLedger::sighted(const Sighting& sighting) {
    const auto sent = sendings_.find(sighting.nonce);
    if (sent != sendings_.end() && sent->second.run_id != sighting.run_id) strays_.push_back(sighting);
}

void MemoryLedger::settled(const Delivery& delivery) {
    deliveries_.push_back(delivery);
}

}  // namespace serin
