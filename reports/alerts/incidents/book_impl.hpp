// SPDX-License-Identifier: Apache-2.0
// The inside of the book, shared by its parts: faults (book_faults), notices (book_telling), quiet (book_quiet),
// changes (book_changes), new rules (book_refit), watching (book_watching) and what people do (book_people).
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/alerts/incidents/book.hpp"
#include "reports/alerts/incidents/book_step.hpp"

namespace serin {

struct Book::Impl {
    BookRules rules{};
    Seams seams{};
    std::map<std::string, BookEntry> entries{};    ///< by id; closed ones for a while
    std::map<std::string, std::string> current{};  ///< fault key → id of its open or watching incident
    std::vector<std::string> doubled{};            ///< stored as active beside another of the same key
    std::deque<std::string> closed{};              ///< ids, the oldest first
    std::vector<Mute> muted{};
    std::map<std::string, Change> changes{};
    Wall last_now{};
    bool refit_due = false;  ///< rules or incidents are new: does each incident fit the rules?

    // book_faults: what the policy says
    void raise(const Fault& fault, BookStep& step);
    void clear(const Fault& fault, BookStep& step);
    BookEntry& open(const Fault& fault, BookStep& step);
    void reopen(BookEntry& entry, const Fault& fault, BookStep& step);
    void merge(BookEntry& entry, const Fault& fault, BookStep& step);
    void recover(BookEntry& entry, const std::string& text, const std::string& by, BookStep& step);
    void end_wave(BookEntry& entry, BookStep& step);
    void void_acknowledgement(BookEntry& entry, const std::string& why, BookStep& step);
    void find_baselines(Incident& incident) const;
    [[nodiscard]] BookEntry* active_of(const std::string& key);
    [[nodiscard]] std::vector<BookEntry*> active_entries();
    [[nodiscard]] BookEntry* with_id(const std::string& id);

    // book_quiet: who must not be told of what
    void refresh_mute(BookEntry& entry, BookStep& step);
    void refresh_maintenance(BookEntry& entry, BookStep& step);
    /// Gives the root that became wider by it; nullptr: none did.
    BookEntry* refresh_root(BookEntry& entry, BookStep& step);
    [[nodiscard]] bool note_symptom(const BookEntry& entry, Incident& root, BookStep& step);
    [[nodiscard]] BookEntry* root_of(const BookEntry& entry);
    [[nodiscard]] bool will_be_told(const Incident& incident) const;
    void end_symptom(const Incident& symptom, BookStep& step);
    [[nodiscard]] const Mute* mute_of(const Incident& incident, Wall now) const;

    // book_refit: what new rules, or a restart under new rules, make of the incidents
    /// `failing`: keys of what fails by the policy, whatever the rules say.
    void refit(BookStep& step, const std::set<std::string>& failing = {});
    void tell_anew(BookEntry& entry, BookStep& step);
    void unwatch(BookEntry& entry, BookStep& step);
    [[nodiscard]] bool is_watched(const Incident& incident) const;

    // book_telling: notices and escalation
    void tell_what_is_due(BookEntry& entry, BookStep& step);
    bool notify(Incident& incident, NoticeKind kind, bool page, BookStep& step);
    void follow_up(Incident& incident, NoticeKind kind, BookStep& step);
    void tell_change(Incident& incident, BookStep& step) const;
    void plan_escalation(Incident& incident, Wall now) const;
    void escalate(Incident& incident, BookStep& step);
    void expire_acknowledgement(Incident& incident, BookStep& step);
    void remind(Incident& incident, BookStep& step);
    [[nodiscard]] EscalationLevel audience(const Incident& incident) const;
    [[nodiscard]] std::optional<Wall> hold_until(const BookEntry& entry) const;
    [[nodiscard]] std::optional<Wall> telling_due(const BookEntry& entry) const;

    // book_changes: suspects and mitigations
    void rank(Incident& incident, BookStep& step);
    void judge(const Change& change, Incident& incident, BookStep& step);
    void decide_effects(Incident& incident, BookStep& step);
    void effects_of_recovery(Incident& incident, BookStep& step);
    void refresh_advice(Incident& incident, BookStep& step);

    // book_watching: recovered, not yet trusted
    void watch(BookEntry& entry, BookStep& step);
    void close(BookEntry& entry, const std::string& text, const std::string& by, BookStep& step);
    /// How many times its baseline the slowest cell takes; nullopt when nothing can be said.
    [[nodiscard]] std::optional<double> slowness(Incident& incident) const;
    [[nodiscard]] std::optional<Wall> watching_due(const BookEntry& entry) const;

    /// Whatever should have happened by now to these.
    void settle(std::vector<BookEntry*> some, BookStep& step);
    void settle_all(BookStep& step) { settle(active_entries(), step); }
};

/// Nobody is told because somebody muted it; a confirmed critical failure overrides every mute.
[[nodiscard]] bool silenced(const Incident& incident);
/// Nobody is told of it now, for whichever reason.
[[nodiscard]] bool quiet(const Incident& incident);
/// Of an incident, as Fault::key() of its fault; drills apart.
[[nodiscard]] std::string key_of(const Incident& incident);
[[nodiscard]] std::string key_of(const Fault& fault);

inline constexpr Duration root_awaited = std::chrono::seconds(10);    ///< a symptom waits for its root's incident
inline constexpr Duration between_changes = std::chrono::minutes(1);  ///< of one incident's `changed` notices
inline constexpr Duration effect_within = std::chrono::minutes(10);   ///< a mitigation shows what it is worth

}  // namespace serin
