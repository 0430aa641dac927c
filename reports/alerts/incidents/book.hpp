// SPDX-License-Identifier: Apache-2.0
// Faults in, incidents and notices out. Pure: time comes with each call, ids from a function that is given. One thread.
// Each step looks at what should have been told by now, not at what has just happened: so a restart loses nothing.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/incidents/notice.hpp"
#include "reports/alerts/policy/condition.hpp"

namespace serin {

struct EscalationLevel {
    Duration after = std::chrono::minutes(5);  ///< unacknowledged for so long after the level before; the first: 0
    std::vector<std::string> channels{};
    std::vector<std::string> failover{};
};

struct BookRules {
    std::vector<EscalationLevel> levels{};       ///< of critical incidents
    Duration repeat = std::chrono::minutes(15);  ///< after the last level: the chain again; zero: never
    std::vector<std::string> warning_channels{}, info_channels{};
    Duration gather = std::chrono::seconds(0);  ///< hold the first notice for siblings, at most 10 s
    Duration ack_for = std::chrono::minutes(30);
    Duration watch = std::chrono::hours(24);
    double latency_factor = 1.5;  ///< back to the baseline: at most so many times it
    Duration advise_after = std::chrono::minutes(10);
    Duration suspect_within = std::chrono::hours(24 * 7);  ///< changes older than this are no suspects
    Duration longest_mute = std::chrono::hours(24 * 14);
    /// owner and runbook by service.
    std::map<std::string, std::pair<std::string, std::string>> people{};
    /// Those that something watches: an open incident of another one is closed, but for declared ones and drills.
    /// Empty: all are.
    std::set<std::string> services{};
};

/// What must be written in one transaction, before anybody is told.
struct Transition {
    Incident incident{};
    std::vector<TimelineEntry> timeline{};
    std::vector<Notice> notices{};
    bool acknowledged = false;  ///< a person has just acknowledged it, whether that is told or not
};
using Transitions = std::vector<Transition>;

class Book {
public:
    struct Seams {
        /// Is notification of this cell and failure class suppressed now?
        std::function<bool(const CellKey&, const std::string& failure_class, Wall now)> in_maintenance;
        std::function<std::string()> make_id;  ///< "inc-…"
        /// Of the policy: before the incident, and newest. May give nullopt.
        std::function<std::optional<double>(const CellKey&, Wall before)> baseline;
        std::function<std::optional<double>(const CellKey&)> latency;
    };
    Book(BookRules rules, Seams seams);
    ~Book();
    Book(Book&&) noexcept;
    Book& operator=(Book&&) noexcept;

    /// What follows from them is in the transitions of the next call: an incident none of whose channels is left is
    /// told anew, one whose service is not watched any more is closed.
    void replace_rules(BookRules rules);
    /// After a restart: what was stored (open and watching incidents, mutes, changes of the last week; closed incidents
    /// too, for declare() to find and close() to judge). Then reconcile() with the policy's faults.
    void restore(std::vector<Incident> incidents, std::vector<Mute> mutes, std::vector<Change> changes);
    /// Level-triggered: opens what is missing, recovers what is gone, changes nothing that is told already.
    Transitions reconcile(const std::vector<Fault>& faults, Wall now);

    /// The only target of a drill's fault is the name of the channel that is told (`drill_channel`); none: all.
    Transitions take(const FaultChange& change);
    Transitions take(const Change& change);  ///< suspects and mitigations
    /// Escalation, expiry of acknowledgements and mutes, end of maintenance, gathering, watching → closed.
    Transitions tick(Wall now);
    /// When tick() has something to do at the latest; unset: nothing is due.
    [[nodiscard]] std::optional<Wall> next_due() const;
    /// Ledger entries of an incident's time that are not settled yet, and its reconciled counts.
    Transitions account(const std::string& incident_id, std::int64_t outstanding, const DeliveryCounts& counts,
                        Wall now);

    /// What people do. An Error names what is wrong (unknown id, closed, too long) and changes nothing.
    Result<Transitions> acknowledge(const std::string& id, const std::string& by, const std::string& via,
                                    const std::string& note, std::optional<Duration> lasts, Wall now);
    Result<Transitions> mute(const Mute& mute, Wall now);
    Result<Transitions> unmute(const std::string& service, const std::string& failure_class, const std::string& by,
                               Wall now);
    /// An open incident whose fault goes on is not closed by a wish: an Error, but for declared ones and drills. A
    /// closed one can only be judged: `usefulness` is kept, and must be known.
    Result<Transitions> close(const std::string& id, const std::string& by, const std::string& note,
                              Usefulness usefulness, Wall now);
    /// A person, or a customer, found it first: a recall miss when no incident of the service covers `began_at`.
    Result<Transitions> declare(const std::string& service, const std::string& message, const std::string& by,
                                Wall began_at, std::optional<Wall> ended_at, Wall now);
    /// A channel tells that a person acknowledged or resolved there.
    Transitions note(const std::string& id, const std::string& event, const std::string& text, Wall now);

    [[nodiscard]] const Incident* find(const std::string& id) const;
    [[nodiscard]] std::vector<Incident> active() const;  ///< open and watching
    [[nodiscard]] std::vector<Mute> mutes(Wall now) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
