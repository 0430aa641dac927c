// SPDX-License-Identifier: Apache-2.0
// Incidents and outbox in a SQLite database of their own (WAL, synchronous=FULL), so that neither a full queue of
// results nor a damaged results database delays a page. Blocking; one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "reports/alerts/incidents/book.hpp"
#include "reports/alerts/outbox/send_plan.hpp"
#include "reports/alerts/policy/policy.hpp"

namespace serin {

/// What the last drill of a channel came to.
struct DrillRow {
    std::string channel{};
    Wall at{};
    bool good = false;
    std::optional<Duration> delivered_after{}, resolved_after{};
    std::string said{};
};

/// What a command wants of the daemon: written by `serin incidents …`, taken by the desk within a second.
struct AlertCommand {
    std::int64_t id = 0;
    std::string kind{};  ///< acknowledge, mute, unmute, close, declare
    std::string incident_id{}, service{}, failure_class{}, by{}, note{};
    std::optional<Duration> lasts{};
    std::string usefulness{};
    Wall began_at{}, at{};
    std::optional<Wall> ended_at{};
    std::string outcome{};  ///< empty until taken; "done", or why not
};

/// Everything of one step, written in one transaction.
struct AlertBatch {
    Transitions transitions{};
    std::vector<OutboxRow> rows{};  ///< new ones and changed ones
    /// Replaces by service and failure class. One that ends before it begins is removed; one that is over is not
    /// loaded.
    std::vector<Mute> mutes{};
    std::vector<Heartbeat> heartbeats{};
    std::vector<GaugeSample> gauges{};
    std::vector<DrillRow> drills{};
    std::vector<AlertCommand> commands{};  ///< their outcomes; those without an id were never written down
    [[nodiscard]] bool empty() const;
};

struct AlertState {
    std::vector<Incident> incidents{};  ///< open and watching
    std::vector<OutboxRow> rows{};      ///< not settled
    std::vector<Mute> mutes{};
    std::vector<Heartbeat> heartbeats{};  ///< the last of each
    std::vector<GaugeSample> gauges{};    ///< of the last day
    std::vector<DrillRow> drills{};       ///< by time: the last of each channel, and its last good one
    /// (incident, channel) that a failover was sent to and no resolve yet: SendPlan::restore_told().
    std::vector<std::pair<std::string, std::string>> told_by_failover{};
    std::int64_t next_row_id = 1;  ///< above all that ever were
};

/// The alert database beside a store: "serin.db" → "serin.alerts.db".
[[nodiscard]] std::string alert_path_of(const std::string& store_path);

class AlertStore {
public:
    /// Opens or creates (mode 0600), migrates. A damaged one is set aside (renamed) and a new one begun; `fault()` says
    /// so. One writer a file: a lock file says who. An Error for a results store, and nothing touched.
    static Result<std::unique_ptr<AlertStore>> open(const std::string& path);
    ~AlertStore();

    /// All or nothing, durable when it returns. A row that is stored already only changes in how it fares; what a
    /// failed write may have left behind does no harm when it is written again. Waits for at most a second for somebody
    /// else's lock. After an Error the next write begins anew: a damaged file is set aside then, a file that was
    /// removed is made again; `fault()` says so.
    Result<void> write(const AlertBatch& batch);
    [[nodiscard]] Result<AlertState> load(Wall now);
    /// Commands that nobody has taken yet, by id.
    [[nodiscard]] Result<std::vector<AlertCommand>> commands();
    /// Closed incidents with their timelines, settled rows (of open incidents they stay), mutes that are over, commands
    /// that were taken and drills that newer ones replace go when they are older than this; gauges two days after the
    /// newest sample.
    Result<void> sweep(Wall before);
    /// What was lost or could not be read since it was opened, in words; empty: nothing.
    [[nodiscard]] const std::string& fault() const;
    /// Goes up each time that a database is begun anew: what was in the one before must be written again.
    [[nodiscard]] std::uint64_t generation() const;
    /// The last write() failed for what was in it, not for the disk: it will fail again.
    [[nodiscard]] bool refused() const;

private:
    struct Impl;
    explicit AlertStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Questions, read-only; also beside a running daemon. One thread at a time. What cannot be read is left out.
class AlertReader {
public:
    static Result<std::unique_ptr<AlertReader>> open(const std::string& path);
    ~AlertReader();
    struct Filter {
        std::string service{}, failure_class{};
        std::vector<std::string> states{};    ///< empty: all
        std::optional<Wall> from{}, until{};  ///< of opened_at
        bool drills = false;                  ///< drills too
        int limit = 100;                      ///< 1 … 1000
        std::string before_id{};              ///< page: what comes after this incident, newest first
    };
    [[nodiscard]] Result<std::vector<Incident>> incidents(const Filter& filter);
    [[nodiscard]] Result<std::optional<Incident>> incident(const std::string& id);
    [[nodiscard]] Result<std::vector<TimelineEntry>> timeline(const std::string& id);
    [[nodiscard]] Result<std::vector<OutboxRow>> rows(const std::string& incident_id);
    [[nodiscard]] Result<std::vector<Mute>> mutes(Wall now);
    [[nodiscard]] Result<std::vector<DrillRow>> drills();  ///< the last of each channel
    [[nodiscard]] Result<std::optional<AlertCommand>> command(std::int64_t id);

private:
    struct Impl;
    explicit AlertReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Writes one command for the daemon (or its next start); its id. Waits for at most two seconds for a lock. An Error
/// when there is no such database.
Result<std::int64_t> write_command(const std::string& path, const AlertCommand& command);

}  // namespace serin
