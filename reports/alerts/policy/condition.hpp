// SPDX-License-Identifier: Apache-2.0
// What the rules say: a condition is one rule's finding in one cell, a fault is what the conditions of a service come
// to when they are laid over the vantage × target matrix. Plain values, already redacted.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/time.hpp"

namespace serin {

enum class AlertSeverity {
    info,      ///< shown, nobody is told
    warning,   ///< somebody looks at it in working hours
    critical,  ///< a page: somebody, now
};
[[nodiscard]] const char* name_of(AlertSeverity severity);

enum class RuleKind {
    hard,        ///< x of the last y runs failed
    soft,        ///< x of the last y runs were degraded or worse
    lost,        ///< share of messages that were lost, by its Wilson interval
    late,        ///< likewise
    duplicated,  ///< likewise
    latency,     ///< slower than its own baseline
    burn,        ///< the error budget burns in both windows
    forecast,    ///< a gauge will be exhausted soon
    stale,       ///< a cell has not been judged for too long
    missed,      ///< the prober did not keep its appointments
    heartbeat,   ///< a job that reports to us is silent, or reported a failure
    prober,      ///< the prober could not judge (verdict error), x of y
    drill,       ///< a channel has not been proven for too long
};
[[nodiscard]] const char* name_of(RuleKind rule);

/// One rule's finding in one cell, for as long as it lasts.
struct Condition {
    RuleKind rule = RuleKind::hard;
    CellKey cell{};               ///< of a gauge or heartbeat only `probe` is set: its name
    std::string failure_class{};  ///< of the runs; or slow, budget_burn, exhaustion, stale, missed_runs, silent
    AlertSeverity severity = AlertSeverity::critical;
    Wall since{};                   ///< begin of the first bad run that counts
    Wall decided_at{};              ///< end of the run (or the tick) that tipped the rule
    std::string message{};          ///< one line for people: what does not work
    std::string run_id{};           ///< newest bad run; empty for rules without run
    std::string step{};             ///< of its first step that failed: title or id
    int step_number = 0;            ///< its place in the scenario, for root causes
    std::optional<double> value{};  ///< what was measured: a rate, a factor, seconds left
    std::optional<double> limit{};  ///< what it was held against
    std::string because{};          ///< the rule in figures: "2 of 3 runs", "lost 0.67 (0.58 … 0.75) of 120 messages"
};

enum class FaultScope {
    cell,      ///< one cell (or a persistent minority of the vantages): a path fault
    target,    ///< every reporting vantage, on some targets only
    vantage,   ///< one vantage on all targets, control targets too: the prober's own fault
    global,    ///< every target from every reporting vantage
    schedule,  ///< about the prober: stale, missed, error
    named,     ///< a gauge, a heartbeat or a drill: there is no matrix
};
[[nodiscard]] const char* name_of(FaultScope scope);

/// What is wrong with a service for one reason, in however many cells.
struct Fault {
    std::string service{}, failure_class{};
    FaultScope scope = FaultScope::cell;
    AlertSeverity severity = AlertSeverity::critical;
    std::vector<Condition> conditions{};             ///< by cell, then rule; at least one
    std::vector<std::string> targets{}, vantages{};  ///< those affected, sorted
    int vantages_failing = 0, vantages_reporting = 0;
    bool confirmed = false;  ///< a strict majority of at least two reporting vantages sees it
    bool vouched = false;    ///< the only vantage that reports sees its control target well
    bool flapping = false;
    Wall since{};              ///< the earliest of its conditions
    std::string root{};        ///< service whose fault explains this one (`depends_on`); empty: none
    std::string root_class{};  ///< its failure class
    bool drill = false;
    /// Identity: one incident a service and failure class.
    [[nodiscard]] std::string key() const { return service + "\n" + failure_class; }
};

struct FaultChange {
    enum class Kind {
        raised,
        changed,  ///< cells, scope, severity, root or flapping differ
        cleared,  ///< no condition is left, by the rule of recovery
    };
    Kind kind = Kind::raised;
    Fault fault;  ///< as it is; of a cleared one as it last was
    Wall at{};    ///< when the deciding run ended, or the tick
};

}  // namespace serin
