// SPDX-License-Identifier: Apache-2.0
// When a notice is sent to which channel: retries, Retry-After, circuit, failover. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reports/alerts/incidents/notice.hpp"

namespace serin {

/// How a channel took a notice.
enum class Took {
    proven,    ///< the channel's own proof that it will be, or was, shown
    accepted,  ///< taken, but this channel cannot prove it: never enough for a page by itself
    retry,     ///< not now: network, 5xx, 429
    refused,   ///< never this one (400): others may go
    broken,    ///< never any (401, 403, 404, 410): the channel itself is out
};
[[nodiscard]] const char* name_of(Took took);

struct SendResult {
    Took took = Took::retry;
    std::string said{};                     ///< for people, bounded, redacted: "429 rate_limited"
    std::optional<Duration> retry_after{};  ///< the channel's own wish (RFC 9110 §10.2.3)
    std::string reference{};                ///< of the channel: id, dedup key
};

/// pending → (sending) → delivered | refused | superseded, by way of accepted when the channel took a page and has
/// still to prove it; waiting: a failover whose turn has not come. Rows of one incident and channel go in order.
/// Settled: no more is done about it. A page that was accepted, and whose channel has nothing more to say, is settled
/// as accepted.
struct OutboxRow {
    std::int64_t id = 0;
    Notice notice{};
    std::string channel{};
    int order = 0;  ///< 0: told at once; n: the n-th failover
    enum class State { waiting, pending, accepted, delivered, refused, superseded } state = State::pending;
    int attempts = 0;
    Wall due_at{};  ///< next attempt, or read-back, or begin of a failover
    std::optional<Wall> first_attempt_at{}, settled_at{};
    std::string said{}, reference{};
};
[[nodiscard]] const char* name_of(OutboxRow::State state);

struct SendRules {
    /// Delays of the attempts: dense at first, for these are pages. The last repeats until `give_up`.
    std::vector<Duration> schedule{};  ///< empty: 0, 2, 5, 15, 30, 60 s
    double jitter = 0.2;               ///< of each delay, both ways
    Duration give_up = std::chrono::hours(24);
    Duration failover_after = std::chrono::seconds(60);  ///< not proven for so long: the next channel; <= 120 s
    int circuit_after = 5;                               ///< failures in a row open it
    Duration circuit_for = std::chrono::seconds(30);     ///< then one attempt at a time
};

/// What a channel is worth for a page (of ChannelTraits).
struct ChannelWorth {
    bool provable = true;  ///< can ever give `proven`
    bool pages = true;     ///< false: tells nobody in time (a chart, a status page); never counts for a page
};

/// All rows that are not settled. Owns no channel and no thread. Times are wall time, for they are stored; a clock that
/// is set back moves them along.
class SendPlan {
public:
    SendPlan(SendRules rules, std::uint64_t seed);

    /// Rows of a notice, to be stored with it: one a channel (pending), and for a page one a failover channel (waiting,
    /// due `failover_after`, at most 120 s, after the one before). Drills have no failover. A channel that is named
    /// twice is told once.
    [[nodiscard]] static std::vector<OutboxRow> rows_of(const Notice& notice, std::int64_t first_id,
                                                        Duration failover_after);
    /// rows_of(), and for an acknowledgement or a resolve rows for the channels that were told by failover only: who
    /// was paged learns that it is over.
    [[nodiscard]] std::vector<OutboxRow> rows_for(const Notice& notice, std::int64_t first_id) const;
    /// New rows, or those that were stored: what was under way when the process ended is due again. Rows that it makes
    /// needless are given by the next settle() or acknowledged(): an unsent `changed` before a newer one; what was
    /// never sent, and is no page, before its resolve.
    void add(std::vector<OutboxRow> rows);
    /// After a restart: failover channels that were told of an incident (AlertState::told_by_failover).
    void restore_told(const std::string& incident_id, const std::string& channel);
    /// Without it a channel is taken for one that wakes somebody and proves it: a page that it accepted is read back
    /// for some minutes, and one that it proved ends the failover. So every channel that does not page must be known.
    /// A channel that is made anew is trusted anew: its circuit is closed.
    void know_channel(const std::string& channel, ChannelWorth worth);
    /// What is to be sent (or read back, when `accepted`) now, pages first; each is handed out once until settle().
    [[nodiscard]] std::vector<OutboxRow> due(Wall now);
    /// The rows that changed by it, to be stored: the row itself, failovers that begin or are superseded, a resolve
    /// that makes an unsent opening needless, …
    std::vector<OutboxRow> settle(std::int64_t id, const SendResult& result, Wall now);
    /// Of one that due() gave and nobody has begun to send: when it has become needless it leaves, and these rows are
    /// to be stored; otherwise none, and it is to be sent.
    std::vector<OutboxRow> withdraw(std::int64_t id, Wall now);
    /// An acknowledgement, or the end of the incident: failovers that wait or were not sent yet, escalations and
    /// repeats that did not get through are superseded.
    std::vector<OutboxRow> acknowledged(const std::string& incident_id, Wall now);
    /// When due() has something; in the past when it has something already. Unset: only after settle() or add().
    [[nodiscard]] std::optional<Wall> next_due() const;

    struct ChannelHealth {
        bool broken = false;
        bool circuit_open = false;
        int failures_in_a_row = 0;
        std::int64_t pending = 0;
        std::optional<Wall> last_proven_at{}, last_failure_at{};
        std::string said{};  ///< of the last failure
    };
    [[nodiscard]] std::map<std::string, ChannelHealth> health() const;
    /// Rows that are to be sent on channels that page (not failovers that wait, not what is read back).
    [[nodiscard]] std::int64_t pending() const;
    /// When the oldest of these notices was made that no channel has taken yet.
    [[nodiscard]] std::optional<Wall> oldest() const;
    /// Incidents whose last page every channel refused: nobody was told, and nothing is left to be tried.
    [[nodiscard]] std::int64_t untaken() const { return std::ssize(untaken_); }
    void replace_rules(SendRules rules);
    /// All that are not settled, as they would be stored.
    [[nodiscard]] std::vector<OutboxRow> rows() const;
    /// All rows in memory.
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

private:
    struct Entry {
        OutboxRow row{};
        bool sending = false;
        bool needless = false;  ///< acknowledged while it was under way: not tried again
        int reads = 0;
        Wall accepted_at{};
    };
    struct Told {
        std::set<std::int64_t> rows{};
        bool failover_begun = false;
        bool proven = false;
        bool taken = false;  ///< proven, or accepted by a channel that cannot prove it, and left
    };
    struct Line {
        ChannelHealth health{};
        ChannelWorth worth{};
        int sending = 0;
        Wall closed_until{};  ///< while the circuit is open
        Wall held_until{};    ///< by a Retry-After
    };
    using Lane = std::pair<std::string, std::string>;  ///< incident, channel

    void supersede_before(const OutboxRow& newer, Wall& due_at);
    void follow_clock(Wall now);
    [[nodiscard]] std::optional<Wall> ready_at(const Entry& entry) const;
    [[nodiscard]] bool hopeless(const Entry& entry) const;
    [[nodiscard]] bool counts(const Entry& entry) const { return lines_.at(entry.row.channel).worth.pages; }
    enum class Left { some, none };
    /// The failovers of a notice begin at once when all that comes before them is hopeless. `some`: and is still here,
    /// for what left may have been accepted; `none`: one has just been refused.
    void hurry(const std::string& notice_id, Wall now, Left left);
    void hurry_channel(const std::string& channel, Wall now);
    void channel_answers(const std::string& channel, Wall now);
    void channel_fails(const std::string& channel, const SendResult& result, Wall now);
    void was_proven(std::int64_t id, Wall now);
    void was_accepted(std::int64_t id, bool more_to_learn, Wall now);
    void try_again(std::int64_t id, const SendResult& result, Wall now);
    void was_refused(std::int64_t id, Wall now);
    void was_broken(std::int64_t id, const SendResult& result, Wall now);
    [[nodiscard]] bool others_carry(const Entry& entry) const;
    [[nodiscard]] Duration pause_after(const Entry& entry, const SendResult& result);
    /// Leaves the plan in this state.
    void leave(std::int64_t id, OutboxRow::State state, Wall now);
    [[nodiscard]] std::vector<OutboxRow> take_changed();

    SendRules rules_;
    std::uint64_t random_;
    std::map<std::int64_t, Entry> rows_;
    std::map<Lane, std::set<std::int64_t>> lanes_;
    std::map<std::string, Told> notices_;
    std::map<std::string, Line> lines_;
    std::map<std::string, std::set<std::string>> told_by_failover_;  ///< by incident
    std::set<std::string> untaken_;                                  ///< incidents
    std::map<std::int64_t, OutboxRow> changed_;                      ///< not given to be stored yet
    Wall newest_{};
};

}  // namespace serin
