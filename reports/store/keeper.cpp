// SPDX-License-Identifier: Apache-2.0
#include "reports/store/keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace serin {
namespace {

constexpr std::size_t largest_batch = 1000;
constexpr Duration first_retry = std::chrono::milliseconds(50), longest_retry = std::chrono::seconds(2);
constexpr Duration retry_while_closing = std::chrono::milliseconds(50);
constexpr Duration between_sweeps = std::chrono::minutes(1), sweep_after_fault = std::chrono::seconds(10);
constexpr Duration between_portions = std::chrono::milliseconds(50);
constexpr Duration between_looks = std::chrono::seconds(1);

std::string in_words(DatabaseFault kind, const Error& error) {
    switch (kind) {
        case DatabaseFault::full:
            return "the disk is full (" + error.title + ")";
        case DatabaseFault::locked:
            return "another process holds the database locked (" + error.title + ")";
        case DatabaseFault::corrupt:
            return "the database is damaged; it is looked through at the next start (" + error.title + ")";
        default:
            return error.title;
    }
}

}  // namespace

Keeper::Keeper(const StoreOptions& options, OpenedStore opened, StoreGauges& gauges,
               std::atomic<std::uint64_t>& journal_numbers, const boost::asio::any_io_executor& executor)
    : options_(options),
      opened_(std::move(opened)),
      gauges_(gauges),
      clock_(executor),
      bell_(clock_.make_bell()),
      journal_(options.path, journal_numbers),
      identity_(file_identity(options.path)) {
    const Steady now = clock_.now();
    sweep_at_ = look_at_ = now + between_looks;
    if (!opened_.set_aside.empty()) {
        file_fault_ =
            fmt::format("the database was damaged and is set aside as {}; a new one was begun", opened_.set_aside);
        log(LogLevel::error, "store_set_aside", file_fault_, {{"path", opened_.set_aside}});
    }
    for (const std::string& path : journal_paths(options_.path)) {
        leftovers_.push_back(Leftover{.path = path, .in_use = {}});
    }
    gauges_.bytes = bytes_on_disk(options_.path);
    publish();
}

boost::asio::awaitable<void> Keeper::keep() {
    while (!ended_) {
        co_await bell_->wait_until(next_work());
        try {
            work();
        } catch (const std::exception& thrown) {
            // A defect of ours, or no memory: what waits is still there for the next time.
            retry_at_ = clock_.now() + longest_retry;
            log(LogLevel::error, "store_defect", thrown.what(), {});
        }
    }
}

Steady Keeper::next_work() const {
    Steady next = std::min(sweep_at_, look_at_);
    if (closing_) next = std::min(next, close_until_);
    if (closing_ && queue_.entries.empty()) return Steady{};
    return std::min(next, next_commit());
}

/// When a batch is full or old enough; not before a failed one may be tried again.
Steady Keeper::next_commit() const {
    if (queue_.entries.empty()) return Steady::max();
    const bool full = closing_ || queue_.entries.size() >= options_.batch_entries;
    return std::max(retry_at_, full ? Steady{} : queue_.entries.front().since + options_.batch_time);
}

void Keeper::work() {
    const Steady now = clock_.now();
    if (now >= next_commit()) commit_queue();
    if (closing_) {
        ended_ = queue_.entries.empty() || now >= close_until_;
        return;
    }
    if (queue_.entries.size() < options_.batch_entries) take_in_one();
    if (now >= look_at_) look_at_files(now);
    if (now >= sweep_at_) sweep(now);
}

void Keeper::take(std::vector<StoreEntry> entries) {
    const Steady before = next_commit();
    for (StoreEntry& entry : entries) {
        try {
            push(stored_form(std::move(entry)), nullptr);
        } catch (const std::exception& thrown) {
            drop(thrown.what());
        }
    }
    publish();
    // Most entries join a batch whose time is known already.
    if (next_commit() < before) bell_->ring();
}

void Keeper::take(std::vector<StoredEntry> entries, const std::shared_ptr<JournalFile>& journal) {
    const Steady before = next_commit();
    for (StoredEntry& entry : entries) push(std::move(entry), journal);
    publish();
    if (next_commit() < before) bell_->ring();
}

void Keeper::push(StoredEntry entry, const std::shared_ptr<JournalFile>& journal) {
    // A change replaces what an earlier one said: it must not be overtaken by its own past out of a journal.
    if (queue_.entries.size() >= options_.max_queued && !std::holds_alternative<Change>(entry))
        return spill(std::move(entry), journal);
    queue_.entries.push_back(Waiting{.entry = std::move(entry), .journal = journal, .since = clock_.now()});
}

/// An entry that is counted and not kept. An empty reason: a passing run, for want of room.
void Keeper::drop(std::string_view why) {
    gauges_.queued.fetch_sub(1);
    gauges_.dropped.fetch_add(1);
    log(why.empty() ? LogLevel::warning : LogLevel::error, why.empty() ? "store_passes_dropped" : "store_entry_dropped",
        why.empty() ? "passing runs are counted but not stored: too many entries wait for the store" : std::string(why),
        {{"dropped", std::to_string(gauges_.dropped.load())}});
}

void Keeper::flush(const std::function<void()>& done) {
    commit_queue();
    done();
}

void Keeper::close(Steady until) {
    closing_ = true;
    close_until_ = until;
    retry_at_ = {};
    bell_->ring();
}

void Keeper::commit_queue() {
    const std::size_t before = queue_.entries.size();
    while (!queue_.entries.empty() && commit_some(queue_)) {
    }
    gauges_.queued.fetch_sub(static_cast<std::int64_t>(before - queue_.entries.size()));
    publish();
}

/// One batch from the front. False: it has to be tried again later.
bool Keeper::commit_some(Queue& queue) {
    const std::size_t count = queue.one_by_one > 0 ? 1 : std::min(queue.entries.size(), largest_batch);
    const Steady started = clock_.now();
    gauges_.committing_since(started);
    Result<void> done;
    try {
        done = transact(queue, count);
    } catch (const std::exception& thrown) {
        done = fail(thrown.what());
    }
    gauges_.nothing_is_committed();
    if (!done) return after_failure(queue, count, done.error());
    for (std::size_t i = 0; i < count; ++i) {
        if (queue.entries.front().journal != nullptr) queue.entries.front().journal->committed();
        queue.entries.pop_front();
    }
    if (queue.one_by_one > 0) --queue.one_by_one;
    after_commit(count, started);
    return true;
}

Result<void> Keeper::transact(const Queue& queue, std::size_t count) {
    Result<void> done = opened_.writer->begin();
    for (std::size_t i = 0; done && i < count; ++i) done = opened_.writer->write(queue.entries[i].entry);
    if (done) done = opened_.writer->commit();
    return done;
}

void Keeper::after_commit(std::size_t count, Steady started) {
    gauges_.committed.fetch_add(static_cast<std::int64_t>(count));
    gauges_.committed_at(clock_.wall(), clock_.now() - started);
    retry_delay_ = {};
    retry_at_ = {};
    if (commit_fault_.empty()) return;
    commit_fault_.clear();
    logged_at_.clear();
    log(LogLevel::info, "store_recovered", "the store writes again", {});
    publish();
}

/// True: the next batch may be tried at once.
bool Keeper::after_failure(Queue& queue, std::size_t count, const Error& error) {
    const DatabaseFault kind = opened_.database->fault();
    opened_.writer->roll_back();
    gauges_.faults.fetch_add(1);
    if (kind == DatabaseFault::refused || kind == DatabaseFault::none) {
        if (count > 1) {
            queue.one_by_one = count;
            return true;
        }
        // It would be refused again, and everything behind it would wait for ever.
        log(LogLevel::error, "store_entry_refused", error.title, {});
        gauges_.dropped.fetch_add(1);
        if (queue.entries.front().journal != nullptr) queue.entries.front().journal->committed();
        queue.entries.pop_front();
        if (queue.one_by_one > 0) --queue.one_by_one;
        return true;
    }
    if (kind == DatabaseFault::corrupt) mark_suspect(options_.path);
    commit_fault_ = in_words(kind, error);
    retry_delay_ = std::clamp(retry_delay_ * 2, first_retry, closing_ ? retry_while_closing : longest_retry);
    retry_at_ = clock_.now() + retry_delay_;
    log(LogLevel::error, "store_fault", commit_fault_ + "; probing goes on, the entries wait",
        {{"queued", std::to_string(gauges_.queued.load())}});
    publish();
    return false;
}

void Keeper::sweep(Steady now) {
    // Deleting needs room in the WAL and a lock as well: nothing is gained by trying while commits fail.
    if (!commit_fault_.empty()) {
        sweep_at_ = now + sweep_after_fault;
        return;
    }
    gauges_.committing_since(now);
    const Result<bool> more = opened_.sweeper->sweep(clock_.wall());
    gauges_.nothing_is_committed();
    const Steady after = clock_.now();
    if (!more) {
        log(LogLevel::warning, "store_sweep_failed", more.error().title, {});
        sweep_at_ = after + sweep_after_fault;
        return;
    }
    // At most a fifth of the thread's time.
    sweep_at_ = *more ? after + std::max(between_portions, 4 * (after - now)) : after + between_sweeps;
}

void Keeper::look_at_files(Steady now) {
    look_at_ = now + between_looks;
    gauges_.bytes = bytes_on_disk(options_.path);
    if (identity_ == 0 || file_identity(options_.path) == identity_) return;
    identity_ = 0;
    file_fault_ = "the database file was removed or replaced while it was written to";
    log(LogLevel::error, "store_file_gone", file_fault_ + ": restart to begin anew", {{"path", options_.path}});
    publish();
}

void Keeper::journal_fault(const std::string& words) {
    if (!words.empty() && journal_fault_ != words) {
        gauges_.faults.fetch_add(1);
        log(LogLevel::error, "store_journal_fault", words + "; entries are kept in memory", {});
    }
    journal_fault_ = words;
    publish();
}

void Keeper::publish() {
    if (queue_.entries.empty())
        gauges_.nothing_waits();
    else
        gauges_.waiting_since(queue_.entries.front().since);
    const std::string* fault = &commit_fault_;
    if (fault->empty()) fault = &file_fault_;
    if (fault->empty()) fault = &journal_fault_;
    gauges_.set_fault(*fault, commit_fault_.empty() && (file_fault_.empty() || identity_ != 0));
}

/// At most one line of an event in 30 seconds.
void Keeper::log(LogLevel level, std::string_view event, const std::string& message, const LogFields& fields) {
    if (options_.log == nullptr) return;
    constexpr Duration quiet = std::chrono::seconds(30);
    const Steady now = clock_.now();
    const auto [last, first] = logged_at_.try_emplace(std::string(event), now);
    if (!first && now - last->second < quiet) return;
    last->second = now;
    options_.log->write(level, event, message, fields);
}

}  // namespace serin
