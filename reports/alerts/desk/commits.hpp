// SPDX-License-Identifier: Apache-2.0
// Writes of the alert database, in order, on its own thread; and what follows from each, told here when it is written
// or when the disk has had its time. Telling people must not depend on a disk.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <string>

#include "core/log.hpp"
#include "core/time.hpp"
#include "reports/alerts/outbox/alert_store.hpp"

namespace serin {

/// Everything is for the desk's thread. The database's thread must have ended before this is destroyed.
class Commits {
public:
    struct Parts {
        AlertStore& store;
        boost::asio::any_io_executor desk, database;
        Clock& clock;
        Log* log = nullptr;
        /// The store has begun anew (AlertStore::generation()): all that counts must be written again. May be null.
        std::function<void(const std::string& fault)> begun_anew{};
    };
    explicit Commits(Parts parts) : parts_(std::move(parts)), generation_(parts_.store.generation()) {}

    /// `then` is called once, later: when the batch is written, could not be written, or has waited for two seconds. A
    /// batch that could not be written is tried again, before all later ones.
    void write(AlertBatch batch, std::function<void()> then);
    /// Lets go of what has waited for too long, and tries again. Several times a second while anything waits.
    void look();
    /// Of the store, as another question to it has found out.
    void note_generation(std::uint64_t generation, const std::string& fault);
    [[nodiscard]] bool idle() const { return queue_.empty(); }
    /// False: the last batch could not be written, or hangs.
    [[nodiscard]] bool durable() const { return fault_.empty(); }
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    struct Waiting {
        AlertBatch batch;
        std::function<void()> then;  ///< empty: called already
        Steady since{};
    };
    struct Written {
        Result<void> result;
        std::string store_fault;
        std::uint64_t generation = 0;
        bool refused = false;  ///< for what was in it, not for the disk
    };
    void start();
    void done(std::size_t first, std::size_t count, const Written& written);
    void after_failure(std::size_t first, std::size_t count, const Written& written);
    void let_go(Waiting& waiting);
    void note(std::string fault);

    Parts parts_;
    std::deque<Waiting> queue_;
    bool busy_ = false;
    bool one_by_one_ = false;  ///< since several at once could not be written
    bool try_second_ = false;  ///< is it the first batch that cannot be written, or the database?
    int failures_ = 0;         ///< of the first batch by itself, in a row
    std::uint64_t generation_ = 0;
    Steady retry_at_{};
    std::string fault_;
};

}  // namespace serin
