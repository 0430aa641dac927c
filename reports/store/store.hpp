// SPDX-License-Identifier: Apache-2.0
// The durable side of the daemon: SQLite (WAL, synchronous=FULL), one writer on a thread of its own that commits in
// batches, and a journal beside it that survives `kill -9` (journal.hpp). See docs/store.md for the tables.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/change.hpp"
#include "core/ledger.hpp"
#include "core/log.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace serin {

using StoreEntry = std::variant<Record, Gap, Sending, Sighting, Delivery, Change>;

struct Retention {
    Duration passes = std::chrono::hours(7 * 24);     ///< thin rows of passing runs, gaps
    Duration failures = std::chrono::hours(90 * 24);  ///< everything else of runs, with evidence
    Duration deliveries = std::chrono::hours(30 * 24);
    Duration rollups = std::chrono::hours(400 * 24);
    std::int64_t max_bytes = std::int64_t{4} << 30;  ///< of the database file; then passes go first, failures last
};

/// What can be said of the store from any thread, at any time.
struct StoreStatus {
    bool writing = false;      ///< the last commit worked and is not overdue
    std::string fault;         ///< in words: why not; or, while writing, that a damaged database was set aside or that
                               ///< the journal cannot be written. Empty: all is well
    std::int64_t queued = 0;   ///< entries waiting
    std::int64_t dropped = 0;  ///< passing runs that were counted but not kept, since start (queue full)
    std::int64_t committed = 0;  ///< entries since start
    std::int64_t faults = 0;     ///< failed commits since start
    std::int64_t bytes = 0;      ///< of the database with its WAL
    Duration last_commit_took{};
    Wall last_commit_at{};
};

struct StoreOptions {
    std::string path;  ///< the database; journals and set-aside files stand beside it
    Retention retention;
    Duration batch_time = std::chrono::milliseconds(50);
    std::size_t batch_entries = 200;
    std::size_t max_queued = 100'000;  ///< entries in memory; beyond it passing runs are dropped and counted
    Log* log = nullptr;                ///< must outlive the store; may be null
};

/// Writer. One per database file (a lock file says so). Everything public is callable from any thread.
class Store {
public:
    /// Opens or creates, migrates, takes in what journals of a killed process hold, and starts the thread. A corrupt
    /// database is set aside (renamed, never deleted) and a new one begun: the fault shows in status() until
    /// acknowledged by a restart. An Error only when nothing can be kept at that path at all.
    static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~Store();  ///< close(), if it was not called
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Never throws, and waits for nothing but, while a commit is under way or commits fail, a write(2) to the journal:
    /// so no pass is in memory only for as long as a slow disk takes to sync. Entries are kept in order per calling
    /// thread. Idempotent by run_id, nonce and change id: the same entry again changes nothing.
    void append(std::vector<StoreEntry> entries);
    /// A ledger for one worker: writes to its journal before it returns (write(2), so `kill -9` loses nothing), then
    /// append()s. Its methods are for one thread, and it must not outlive the store. A journal that cannot be written
    /// is a fault in status(), not an exception.
    [[nodiscard]] std::unique_ptr<Ledger> make_ledger();
    /// Like append(), but journaled before it returns: for runs that did not pass.
    void append_durably(std::vector<StoreEntry> entries);
    /// Calls `done` (on the store's thread) when everything appended before is committed or has failed. After close()
    /// there is no such thread: then it is called at once.
    void flush(std::function<void()> done);
    [[nodiscard]] StoreStatus status() const;
    /// The key that nonces are made with, kept in the database so that a late message is recognised after a restart.
    [[nodiscard]] const std::string& nonce_key() const;
    /// When the cell's last slot was due, as far as the database knows: for the gap that a restart leaves.
    [[nodiscard]] std::vector<std::pair<CellKey, Wall>> last_scheduled() const;
    /// Commits what is queued and ends the thread. Blocks for at most `grace` (and a statement's busy timeout of 250
    /// ms); what could not be committed stays in the journal. Idempotent. Not from `done` of flush().
    void close(Duration grace = std::chrono::seconds(10));

private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
