// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/desk/commits.hpp"

#include <utility>

#include "net/loop_thread.hpp"

namespace serin {
namespace {

constexpr Duration patience = std::chrono::seconds(2);
constexpr Duration retry_after = std::chrono::seconds(1);
constexpr int tries_before_second = 10;
constexpr std::size_t most_waiting = 10'000;

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

void append(AlertBatch& to, const AlertBatch& from) {
    append(to.transitions, from.transitions);
    append(to.rows, from.rows);
    append(to.mutes, from.mutes);
    append(to.heartbeats, from.heartbeats);
    append(to.gauges, from.gauges);
    append(to.drills, from.drills);
    append(to.commands, from.commands);
}

}  // namespace

void Commits::write(AlertBatch batch, std::function<void()> then) {
    // What jobs report is not worth memory without end: their next report says the same.
    const bool reports_only = batch.transitions.empty() && batch.rows.empty() && batch.mutes.empty();
    if (reports_only && !then && queue_.size() >= most_waiting) return;
    queue_.push_back({.batch = std::move(batch), .then = std::move(then), .since = parts_.clock.now()});
    // While the disk refuses, nobody waits for it; and nothing overtakes what was decided before it.
    if (parts_.clock.now() < retry_at_) {
        for (Waiting& waiting : queue_) let_go(waiting);
    }
    start();
}

void Commits::start() {
    if (busy_ || queue_.empty() || parts_.clock.now() < retry_at_) return;
    busy_ = true;
    const std::size_t first = try_second_ && queue_.size() > 1 ? 1 : 0;
    const std::size_t count = one_by_one_ ? 1 : queue_.size();
    AlertBatch all;
    for (std::size_t i = first; i < first + count; ++i) append(all, queue_[i].batch);
    post(parts_.database, [this, all = std::move(all), first, count] {
        Written written{.result = parts_.store.write(all),
                        .store_fault = parts_.store.fault(),
                        .generation = parts_.store.generation(),
                        .refused = parts_.store.refused()};
        post(parts_.desk, [this, first, count, written = std::move(written)] { done(first, count, written); });
    });
}

void Commits::done(std::size_t first, std::size_t count, const Written& written) {
    busy_ = false;
    for (std::size_t i = first; i < first + count; ++i) let_go(queue_[i]);
    const auto begin = queue_.begin() + static_cast<std::ptrdiff_t>(first);
    if (!written.result) {
        after_failure(first, count, written);
    } else {
        queue_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
        if (first == 1) {
            // The database takes others: what stands before them never goes in.
            if (parts_.log != nullptr)
                parts_.log->write(LogLevel::error, "alert_batch_dropped",
                                  "the alert database refuses one transaction and takes others: " + fault_, {});
            queue_.pop_front();
        }
        one_by_one_ = one_by_one_ && !queue_.empty();
        try_second_ = false;
        failures_ = 0;
        note({});
    }
    note_generation(written.generation, written.store_fault);
    start();
}

void Commits::note_generation(std::uint64_t generation, const std::string& fault) {
    if (generation == generation_) return;
    generation_ = generation;
    if (parts_.begun_anew) parts_.begun_anew(fault);
}

void Commits::after_failure(std::size_t first, std::size_t count, const Written& written) {
    retry_at_ = parts_.clock.now() + retry_after;
    note(written.result.error().title);
    for (Waiting& waiting : queue_) let_go(waiting);
    one_by_one_ = true;
    if (count > 1) return;
    // Only what the database itself refuses may ever be given up.
    try_second_ = first == 0 && written.refused && ++failures_ % tries_before_second == 0;
}

void Commits::let_go(Waiting& waiting) {
    if (!waiting.then) return;
    const std::function<void()> then = std::exchange(waiting.then, nullptr);
    post(parts_.desk, then);
}

void Commits::look() {
    const Steady now = parts_.clock.now();
    for (Waiting& waiting : queue_) {
        if (!waiting.then || now - waiting.since < patience) continue;
        note("the disk has not taken a transaction for two seconds");
        let_go(waiting);
    }
    start();
}

void Commits::note(std::string fault) {
    if (fault == fault_) return;
    if (parts_.log != nullptr) {
        if (fault.empty()) {
            parts_.log->write(LogLevel::info, "alert_store_writing", "incidents and notices are stored again", {});
        } else {
            parts_.log->write(LogLevel::error, "alert_store_not_writing",
                              "people are told all the same, but a restart could tell them again: " + fault, {});
        }
    }
    fault_ = std::move(fault);
}

}  // namespace serin
