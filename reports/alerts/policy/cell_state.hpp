// SPDX-License-Identifier: Apache-2.0
// What the rules of its probe find in one cell, run by run.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "reports/alerts/policy/arithmetic.hpp"
#include "reports/alerts/policy/cell_baseline.hpp"
#include "reports/alerts/policy/cell_messages.hpp"
#include "reports/alerts/policy/cell_window.hpp"
#include "reports/alerts/policy/condition.hpp"
#include "reports/alerts/policy/rules.hpp"

namespace serin {

class CellState;

/// The same cell as its vantages see it: one each. For recovery that several vantages must agree on.
struct CellRow {
    std::vector<CellState*> cells{};
    int holding = 0;  ///< cells with a condition
};

/// A rule that the runs of a target decide: it is laid over the matrix.
[[nodiscard]] bool about_target(RuleKind rule);

/// A rule whose conditions a cell holds, and that `rules` have.
[[nodiscard]] bool keeps_rule(const ProbeRules& rules, RuleKind rule);

/// A condition for as long as it lasts. `resting`: its rule has recovered, but the cell flaps.
struct HeldCondition {
    Condition condition{};
    bool resting = false;
};

class CellState {
public:
    /// `rules` must outlive the cell or be replaced. Before the first run: join().
    CellState(std::shared_ptr<const CellKey> key, const ProbeRules& rules, Wall now);
    void join(CellRow& row);
    /// A condition that held when an earlier process ended holds until its rule has recovered; the cell reports as of
    /// `now`, unless it was stale. True when it is held.
    bool take_up(Condition condition, Wall now);
    /// It was known when the earlier process ended: it counts as reporting as of `now`, unless it is stale.
    void presume_reporting(Wall now);
    /// The clock went back: nothing is later than `now`.
    void turn_back(Wall now);

    enum class Seen {
        before,   ///< this run was observed already
        changed,  ///< what a fault is made of differs: conditions, their severity, flapping, whether the cell reports,
                  ///< whether it fails lastingly
        quiet,
    };
    Seen observe(const Record& record);
    /// True when its condition came.
    bool observe(const Gap& gap);
    /// Conditions of this cell that are over by the rule of recovery. True when one is.
    bool recover(Wall now);
    /// For stale: true when the condition came.
    bool tick(Wall now);
    /// True once when it no longer reports.
    bool fell_silent(Wall now);
    /// Conditions of rules that are gone are dropped; true when there were any.
    bool replace_rules(const ProbeRules& rules);
    /// Not listed in the probe's cells, though it has a list: its silence is nobody's business.
    void expect_silence(bool silent) { may_be_silent_ = silent; }

    [[nodiscard]] const CellKey& key() const { return *key_; }
    [[nodiscard]] const ProbeRules& rules() const { return *rules_; }
    [[nodiscard]] CellRow& row() { return *row_; }
    [[nodiscard]] const std::vector<HeldCondition>& held() const { return held_; }  ///< by rule, then class
    /// A condition of a rule about the target is held; of `failure_class` when it is given.
    [[nodiscard]] bool failing(const std::string* failure_class = nullptr) const;
    /// For control targets: the newest judged run failed, or a condition about the target holds and is not resting.
    [[nodiscard]] bool suspicious() const { return (last_runs_ & 1U) != 0 || holds_about_target(); }
    /// Judged within stale_after intervals.
    [[nodiscard]] bool reports(Wall now) const {
        return judged_ && now - last_judged_at_ <= rules_->every * rules_->stale_after;
    }
    /// Never of a drill: each is to come and go.
    [[nodiscard]] bool flapping() const { return !rules_->drill && flapping_.flapping(); }
    /// Bad runs of the last five.
    [[nodiscard]] int bad_of_five() const;
    [[nodiscard]] Wall last_judged_at() const { return last_judged_at_; }
    /// When tick() may find it stale at the earliest.
    [[nodiscard]] Wall stale_at() const { return last_judged_at_ + rules_->every * rules_->stale_after; }
    [[nodiscard]] std::optional<double> baseline(Wall before) const;
    [[nodiscard]] std::optional<double> latest_latency() const;

private:
    /// How one rule stands.
    struct Standing {
        OfLastWindow window{};
        std::int64_t clean_in_row = 0;
        Wall bad_at{}, clean_at{};  ///< ends of the newest
        Wall taken_up_at{};         ///< when the condition of an earlier process was; else long ago
        void clean(Wall at) {
            if (at <= bad_at) return;  // it is history
            ++clean_in_row;
            clean_at = at;
        }
        void bad(Wall at) {
            clean_in_row = 0;
            bad_at = std::max(bad_at, at);
        }
    };
    struct Run;

    [[nodiscard]] bool seen(const std::string& run_id);
    bool judged(const Run& run);
    bool judge(const Run& run);
    bool slot_kept(Wall at);
    bool bad_run(RuleKind rule, const OfLast& of, const Run& run, const std::string& failure_class);
    bool messages(const Run& run);
    bool message_rule(std::size_t kind, const RateRule& rule, const MessageCounts& counts, const Run& run);
    bool latency(const Run& run);
    void refresh_limit(const LatencyRule& rule, Wall at);
    /// Nothing was wrong yet at `at`.
    [[nodiscard]] bool usual(Wall at) const;
    bool flap();
    bool rest(Wall now);
    bool settle();
    bool hold(Condition condition);  ///< an empty `because` leaves what the condition said before
    bool lift(RuleKind rule);
    [[nodiscard]] bool holds(RuleKind rule, const std::string* failure_class = nullptr) const;
    [[nodiscard]] const Condition* held_by(RuleKind rule) const;  ///< that is not resting; null: none
    [[nodiscard]] bool fails_lastingly() const { return bad_of_five() >= 3 && failing(); }
    [[nodiscard]] bool holds_about_target() const;
    [[nodiscard]] bool recovered(RuleKind rule, Wall now) const;
    [[nodiscard]] Condition condition_of(RuleKind rule, const Run& run) const;
    [[nodiscard]] Standing& standing(RuleKind rule) { return standings_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] const Standing& standing(RuleKind rule) const { return standings_[static_cast<std::size_t>(rule)]; }

    std::shared_ptr<const CellKey> key_;
    const ProbeRules* rules_;
    CellRow* row_ = nullptr;
    std::vector<HeldCondition> held_;
    std::array<Standing, static_cast<std::size_t>(RuleKind::drill)> standings_{};
    std::array<std::uint64_t, 8> run_ids_{};  ///< hashes of the newest
    std::uint8_t next_id_ = 0;
    std::uint8_t last_runs_ = 0;  ///< bit 0: the newest judged run was bad
    bool judged_ = false, may_be_silent_ = false;
    bool heard_ = false;  ///< it reports, as far as fell_silent() knows
    int steady_ = 0;      ///< judged runs since the state that flapping_ records last changed
    bool steady_state_ = false;
    Wall last_judged_at_{};  ///< or when the cell was first heard of
    Wall last_gap_at_{};
    Flapping flapping_;
    MessageWindow messages_;
    Baseline baseline_;
    std::int64_t limit_hour_ = 0;      ///< of which `limit_` is
    std::optional<Duration> limit_{};  ///< of a pass, by the latency rule
    double usual_ = 0;                 ///< the median that it comes from
    std::array<Duration, 5> latest_{};
    std::uint8_t latest_count_ = 0;
};

}  // namespace serin
