// SPDX-License-Identifier: Apache-2.0
// The store's thread: takes entries in, commits them in batches, tries again what failed, and sweeps in between.
#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.hpp"
#include "core/time.hpp"
#include "net/real_clock.hpp"
#include "reports/store/entry.hpp"
#include "reports/store/gauges.hpp"
#include "reports/store/journal.hpp"
#include "reports/store/opening.hpp"

namespace serin {

/// Everything but the constructor, take_in_journals() and leave() is for the thread of the executor.
class Keeper {
public:
    /// `gauges` and `journal_numbers` must outlive the keeper.
    Keeper(const StoreOptions& options, OpenedStore opened, StoreGauges& gauges,
           std::atomic<std::uint64_t>& journal_numbers, const boost::asio::any_io_executor& executor);

    /// Before the thread starts: what a killed process left in its journals. What cannot be committed stays there, and
    /// is tried again later.
    void take_in_journals();
    /// Until close().
    boost::asio::awaitable<void> keep();

    void take(std::vector<StoreEntry> entries);
    /// Entries that `journal` holds as well; null when they could not be written there.
    void take(std::vector<StoredEntry> entries, const std::shared_ptr<JournalFile>& journal);
    /// Commits at once what was taken, and calls `done` whether it worked or not.
    void flush(const std::function<void()>& done);
    /// keep() ends as soon as everything is committed, or at `until`.
    void close(Steady until);
    /// After the thread has ended: what is left goes to the journal.
    void leave();
    /// Whether entries can be journaled, as another thread has found out; empty: they can.
    void journal_fault(const std::string& words);

private:
    struct Waiting {
        StoredEntry entry;
        std::shared_ptr<JournalFile> journal;  ///< the file that holds it too, or null
        Steady since{};
    };
    struct Queue {
        std::deque<Waiting> entries;
        std::size_t one_by_one = 0;  ///< so many from the front are committed singly: one of them was refused
    };
    struct Leftover {
        std::string path;
        std::weak_ptr<JournalFile> in_use;  ///< somebody may still write to it
    };

    [[nodiscard]] Steady next_work() const;
    [[nodiscard]] Steady next_commit() const;
    void work();
    void push(StoredEntry entry, const std::shared_ptr<JournalFile>& journal);
    void spill(StoredEntry entry, const std::shared_ptr<JournalFile>& journal);
    void drop(std::string_view why);

    void commit_queue();
    bool commit_some(Queue& queue);
    Result<void> transact(const Queue& queue, std::size_t count);
    void after_commit(std::size_t count, Steady started);
    bool after_failure(Queue& queue, std::size_t count, const Error& error);

    void take_in_one();
    bool take_in(const std::string& path);

    void sweep(Steady now);
    void look_at_files(Steady now);
    void publish();
    void log(LogLevel level, std::string_view event, const std::string& message, const LogFields& fields);

    const StoreOptions options_;
    OpenedStore opened_;
    StoreGauges& gauges_;
    RealClock clock_;
    std::unique_ptr<Bell> bell_;
    Journal journal_;  ///< for what has no other, when memory has no room or time is up
    Queue queue_;
    std::deque<Leftover> leftovers_;
    std::string commit_fault_, journal_fault_, file_fault_;  ///< in words; empty: none
    Duration retry_delay_{};
    Steady retry_at_{}, sweep_at_{}, look_at_{}, close_until_{};
    bool closing_ = false, ended_ = false;
    std::uint64_t identity_ = 0;  ///< of the database file
    std::map<std::string, Steady, std::less<>> logged_at_;
};

}  // namespace serin
