// SPDX-License-Identifier: Apache-2.0
#include "reports/store/gauges.hpp"

#include <fmt/format.h>

namespace serin {
namespace {

constexpr Duration overdue_after = std::chrono::seconds(5);
constexpr std::size_t most_words = 200;

}  // namespace

void StoreGauges::committed_at(Wall at, Duration took) {
    last_at_.store(Duration(at.time_since_epoch()).count());
    last_took_.store(took.count());
}

void StoreGauges::set_fault(const std::string& words, bool writing) {
    const std::string* known = nullptr;
    if (!words.empty()) {
        // Words may hold paths and numbers, and a daemon lives long: after so many different ones, the first has to do.
        known = words_.size() < most_words || words_.contains(words) ? &*words_.insert(words).first : &*words_.begin();
    }
    fault_.store(known);
    writing_.store(writing);
}

StoreStatus StoreGauges::status(Steady now) const {
    StoreStatus status;
    status.writing = writing_.load();
    if (const std::string* const fault = fault_.load()) status.fault = *fault;
    for (const std::atomic<std::int64_t>* const since : {&waiting_since_, &committing_since_}) {
        const std::int64_t start = since->load();
        const Duration waited = now - Steady(Duration(start));
        if (start == 0 || waited <= overdue_after) continue;
        status.writing = false;
        if (status.fault.empty()) status.fault = "commits are overdue: the disk is too slow or hangs";
    }
    status.queued = queued.load();
    status.dropped = dropped.load();
    status.committed = committed.load();
    status.faults = faults.load();
    status.bytes = bytes.load();
    status.last_commit_took = Duration(last_took_.load());
    status.last_commit_at = Wall(Duration(last_at_.load()));
    return status;
}

}  // namespace serin
