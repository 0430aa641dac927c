// SPDX-License-Identifier: Apache-2.0
// When a notice is sent to which channel: retries, Retry-After, circuit, failover. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
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

/// pending → (sending) → delivered | refused | superseded. Rows of one incident and channel go in order.
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

/// All rows that are not settled. Owns no channel and no thread.
class SendPlan {
public:
    SendPlan(SendRules rules, std::uint64_t seed);

    /// Rows of a notice, to be stored with it: one a channel (pending), one a failover channel (waiting).
    [[nodiscard]] static std::vector<OutboxRow> rows_of(const Notice& notice, std::int64_t first_id,
                                                        Duration failover_after);
    void add(std::vector<OutboxRow> rows);
    /// What is to be sent (or read back, when `accepted`) now; each is handed out once until settle().
    [[nodiscard]] std::vector<OutboxRow> due(Wall now);
    /// The rows that changed by it, to be stored: the row itself, failovers that begin or are superseded, a resolve
    /// that makes an unsent opening needless, …
    std::vector<OutboxRow> settle(std::int64_t id, const SendResult& result, Wall now);
    /// An acknowledgement, or the end of the incident: failovers that wait and repeats are superseded.
    std::vector<OutboxRow> acknowledged(const std::string& incident_id, Wall now);
    [[nodiscard]] std::optional<Wall> next_due() const;

    struct ChannelHealth {
        bool broken = false;
        bool circuit_open = false;
        int failures_in_a_row = 0;
        std::int64_t pending = 0;
        std::optional<Wall> last_proven_at{}, last_failure_at{};
        std::string said{};
    };
    [[nodiscard]] std::map<std::string, ChannelHealth> health() const;
    /// Rows that wait, and the age of the oldest.
    [[nodiscard]] std::int64_t pending() const;
    [[nodiscard]] std::optional<Wall> oldest() const;

private:
    SendRules rules_;
    std::uint64_t random_;
    std::map<std::int64_t, OutboxRow> rows_;
    std::map<std::int64_t, bool> sending_;
    std::map<std::string, ChannelHealth> health_;
    std::map<std::string, Wall> circuit_until_;
};

}  // namespace serin
