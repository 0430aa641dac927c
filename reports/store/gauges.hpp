// SPDX-License-Identifier: Apache-2.0
// What the store's thread tells all others, without a lock.
#pragma once
#include <atomic>
#include <cstdint>
#include <set>
#include <string>

#include "core/time.hpp"
#include "reports/store/store.hpp"

namespace serin {

class StoreGauges {
public:
    std::atomic<std::int64_t> queued{0}, dropped{0}, committed{0}, faults{0}, bytes{0};

    /// The store's thread only.
    void committed_at(Wall at, Duration took);
    void waiting_since(Steady oldest) { waiting_since_.store(oldest.time_since_epoch().count()); }
    void nothing_waits() { waiting_since_.store(0); }
    void committing_since(Steady start) { committing_since_.store(start.time_since_epoch().count()); }
    void nothing_is_committed() { committing_since_.store(0); }
    void set_fault(const std::string& words, bool writing);

    /// Any thread.
    [[nodiscard]] StoreStatus status(Steady now) const;
    /// The thread is at work or commits fail: what is queued at this moment may stay in memory for as long as a disk
    /// takes to sync.
    [[nodiscard]] bool behind() const { return !writing_.load() || committing_since_.load() != 0; }

private:
    std::atomic<std::int64_t> waiting_since_{0}, committing_since_{0};  ///< steady nanoseconds; 0: nothing
    std::atomic<std::int64_t> last_took_{0}, last_at_{0};               ///< nanoseconds
    std::atomic<bool> writing_{true};
    std::set<std::string> words_;  ///< stay where they are: others may be reading them
    std::atomic<const std::string*> fault_{nullptr};
};

}  // namespace serin
