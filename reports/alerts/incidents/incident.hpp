// SPDX-License-Identifier: Apache-2.0
// What a person is told: one per service and failure class, however many cells fail. Plain values; stored as JSON
// (incident_json.hpp) and shown by API, commands, status page and channels alike.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.hpp"
#include "reports/alerts/policy/condition.hpp"

namespace serin {

enum class IncidentState {
    open,
    watching,  ///< recovered, not yet trusted: a recurrence reopens it
    closed,
};
[[nodiscard]] const char* name_of(IncidentState state);

struct Acknowledgement {
    std::string by{}, via{};  ///< via: cli, api, pagerduty
    std::string note{};
    Wall at{}, until{};  ///< void afterwards, and as soon as the incident widens
};

/// Of a service and failure class ("" : any), not of one incident: it outlives them.
struct Mute {
    std::string service{}, failure_class{};
    std::string owner{}, reason{};
    Wall at{}, until{};  ///< at most 14 days apart
};

struct Suspect {
    Change change{};
    double score = 0;                ///< 0 … 1, ranks only
    std::vector<std::string> why{};  ///< "began 4 min before", "touches the failing targets", "armed by flag …"
    bool rejected = false;           ///< undoing it had no effect
    std::string rejected_by{};       ///< id of the change that undid it
};

/// What somebody did against it, and whether it helped: a rollback or other change that began while it was open.
struct Mitigation {
    Change change{};
    std::string effect{};    ///< "", "improved", "none", "worse": filled in once enough runs came after it
    int failing_before = 0;  ///< cells that failed when it began
};

struct AffectedCell {
    CellKey cell{};
    RuleKind rule = RuleKind::hard;
    Wall since{};
    std::optional<Wall> recovered_at{};
    std::string run_id{}, message{}, because{}, step{};
    int wave = 1;                              ///< in which it was hit first
    std::optional<double> baseline_seconds{};  ///< of its runs, before the incident
};

/// Another service's or class' fault that this one explains.
struct Symptom {
    std::string service{}, failure_class{}, message{};
    Wall since{};
    std::optional<Wall> until{};
    Wall noted_at{};        ///< when it was known first to be one
    bool critical = false;  ///< ever: the first of its service widens what explains it
};

/// Counts of messages between begin and recovery, reconciled with what turned up later.
using DeliveryCounts = std::map<std::string, std::int64_t>;

/// What people say about it afterwards; for noise accounting.
enum class Usefulness {
    unknown,
    actioned,     ///< somebody had to do something
    no_action,    ///< true, but nobody had to do anything
    false_alarm,  ///< nothing was wrong
};
[[nodiscard]] const char* name_of(Usefulness usefulness);

struct Incident {
    std::string id{};  ///< "inc-" and 10 letters or digits; unique for ever
    std::string service{}, failure_class{};
    IncidentState state = IncidentState::open;
    AlertSeverity severity = AlertSeverity::critical;      ///< the highest of this wave: who is told
    AlertSeverity highest_severity = AlertSeverity::info;  ///< of all waves: for looking back
    FaultScope scope = FaultScope::cell;
    RuleKind rule = RuleKind::hard;  ///< that opened it
    std::string owner{}, runbook{};
    bool drill = false;
    std::string drill_channel{};  ///< of a drill: the only channel that is told; empty: all
    bool declared = false;        ///< a person told us, no rule did: a recall miss

    Wall began_at{};                     ///< first bad run
    Wall opened_at{};                    ///< decided: opened_at - began_at is the time to detect
    std::optional<Wall> recovered_at{};  ///< of the latest wave
    std::optional<Wall> closed_at{};
    bool unwatched = false;  ///< closed while it failed, as nobody watches its service any more: nothing recovered
    int waves = 1;
    std::vector<Wall> wave_began_at{};

    std::string message{};  ///< what users cannot do, one line: of the root condition
    std::string root_step{};
    std::vector<AffectedCell> cells{};               ///< at most 1,000, in the order in which they failed first
    int more_cells = 0;                              ///< that fail, by the newest fault, and are not among `cells`
    std::vector<std::string> targets{}, vantages{};  ///< ever affected, sorted
    int vantages_failing = 0, vantages_reporting = 0;
    bool confirmed = false;  ///< by a quorum of at least two vantages
    bool vouched = false;    ///< by the only reporting vantage, which sees its control target well
    bool flapping = false;
    std::vector<Symptom> symptoms{};
    std::vector<Suspect> suspects{};  ///< by rank
    std::vector<Mitigation> mitigations{};
    std::string advice{};  ///< by written rule: "revert deploy-4711: …"; empty: none
    std::optional<double> baseline_seconds{}, latency_seconds{};  ///< before the incident; newest clean
    std::int64_t outstanding = 0;                                 ///< ledger entries of its time that are not settled
    DeliveryCounts deliveries{};

    std::optional<Acknowledgement> acknowledgement{};
    std::optional<Mute> muted{};
    bool maintenance = false;               ///< nobody is told while a window covers it
    bool attached = false;                  ///< explained by another service's incident: nobody is told of it by itself
    std::string attached_to{};              ///< that incident's id
    std::optional<Wall> paged_at{};         ///< first page; unset: nobody was paged
    std::optional<Wall> acknowledged_at{};  ///< first acknowledgement
    bool paged = false;                     ///< somebody was, in this wave
    int pages = 0;
    int level = 0;                      ///< of escalation, 0: the first
    int repeats = 0;                    ///< rounds of the whole chain
    std::optional<Wall> escalate_at{};  ///< when the next level is due
    bool told = false;                  ///< an opening notice is out and not taken back: so a resolve must follow
    /// In this wave: those that were told, and those that may have been told in their place.
    std::vector<std::string> told_channels{}, told_failover{};
    std::optional<Wall> told_at{};         ///< the newest notice that says how things are
    std::optional<Wall> tell_change_at{};  ///< a `changed` notice is held until then: at most one a minute
    std::uint64_t notices = 0;             ///< made so far
    Usefulness usefulness = Usefulness::unknown;
};

struct TimelineEntry {
    std::string incident_id{};
    Wall at{};
    std::string event{};  ///< opened, widened, reopened, recovered, closed, paged, escalated, acknowledged, …
    std::string text{};
    std::string by{};  ///< a person; empty: Serin
};

/// The newest first line for people: what users cannot do, where, since when, likely change, runbook.
[[nodiscard]] std::string headline(const Incident& incident, Wall now);
/// Where, in words: "on us-east-1 and us-east-2, seen from 3 of 3 vantages".
[[nodiscard]] std::string scope_in_words(const Incident& incident);

}  // namespace serin
