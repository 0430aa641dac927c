// SPDX-License-Identifier: Apache-2.0
// Runs for the policy, made up: one at a time in letters, or weeks of a fleet with benign noise.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "reports/alerts/policy/policy.hpp"

namespace serin::test {

inline constexpr Wall policy_epoch{std::chrono::hours(24) * 20'000};

/// P pass, D degraded, F fail, E error, S skipped, A aborted.
[[nodiscard]] Verdict verdict_of(char letter);

/// Runs of one cell. Each call reuses one record, so that a million of them cost little.
class CellFeed {
public:
    explicit CellFeed(CellKey key, std::string run_prefix = "r");
    /// A run that took `took` and ended at `ended_at`. `failure_class`: not of a pass.
    const Record& run(Verdict verdict, Wall ended_at, Duration took = std::chrono::milliseconds(200),
                      std::string_view failure_class = "expectation_failed");
    /// The same, with messages: as many of each state as it says.
    const Record& messages(Verdict verdict, Wall ended_at, const std::vector<std::pair<std::string, int>>& states);
    [[nodiscard]] Outcome& outcome() { return *outcome_; }
    [[nodiscard]] const std::shared_ptr<const CellKey>& key() const { return record_.key; }
    /// The newest once more.
    [[nodiscard]] const Record& again() const { return record_; }

private:
    std::shared_ptr<Outcome> outcome_;
    Record record_;
    std::string prefix_;
    std::uint64_t number_ = 0;
};

/// Default rules of a probe of that name, of service "chat" every minute; only what `hard` and `soft` say unless the
/// test adds more.
[[nodiscard]] ProbeRules plain_rules(const std::string& probe = "chat-delivery");

/// A policy and its cells, a minute a letter.
class PolicyPlay {
public:
    explicit PolicyPlay(Policy::Options options);
    explicit PolicyPlay(ProbeRules rules);

    /// One run in `cell`, at now().
    std::vector<FaultChange> run(const CellKey& cell, char letter,
                                 std::string_view failure_class = "expectation_failed");
    /// One run after the other in one cell, a minute apart; all changes.
    std::vector<FaultChange> play(const CellKey& cell, std::string_view letters);
    /// One run in each cell, then a minute: `rounds` are words of as many letters as there are cells; '.' is no run.
    std::vector<FaultChange> rounds(const std::vector<CellKey>& cells, std::string_view words);
    std::vector<FaultChange> tick() { return policy.tick(now); }
    CellFeed& feed(const CellKey& cell);

    Policy policy;
    Wall now = policy_epoch;

private:
    std::vector<std::pair<CellKey, CellFeed>> feeds_;
};

/// "raised chat expectation_failed critical target": for comparison in one line.
[[nodiscard]] std::string told(const FaultChange& change);
[[nodiscard]] std::vector<std::string> told(const std::vector<FaultChange>& changes);

struct Fleet {
    int probes = 1, vantages = 3, targets = 1;
    Duration every = std::chrono::minutes(1);
    std::int64_t rounds = 1000;
    double transient = 0.001;     ///< share of runs that fail with a 503
    std::int64_t outage_at = -1;  ///< round in which the first vantage sees nothing, for two rounds; < 0: never
    double sigma = 0.35;          ///< of the log-normal run time around 200 ms
    std::uint64_t seed = 1;
    std::int64_t ticks_every = 1;  ///< rounds
};
struct FleetResult {
    std::int64_t runs = 0, failed = 0;
    std::int64_t critical = 0, warnings = 0;  ///< faults that were raised with, or raised to, this severity
};
[[nodiscard]] FleetResult play_fleet(const Fleet& fleet);

}  // namespace serin::test
