// SPDX-License-Identifier: Apache-2.0
// A book played over virtual time: everything that it ever said is kept, as a database would keep it.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reports/alerts/incidents/book.hpp"

namespace serin::test {

/// 2026-11-21 11:42:00 UTC.
[[nodiscard]] Wall noon_play();
/// Levels of chat (failover sms) and phone after 5 min, repeated after 15 min; warnings to mail; nobody for infos.
[[nodiscard]] BookRules book_rules();
/// A fault of "messages" and class "not_in_time": "messages are not delivered live", on `targets` from `vantages`.
[[nodiscard]] Fault fault_of(std::vector<std::string> targets, std::vector<std::string> vantages, Wall since);
[[nodiscard]] Change change_of(const std::string& id, const std::string& kind, Wall started_at);

class BookPlay {
public:
    explicit BookPlay(BookRules rules = book_rules());

    Wall now = noon_play();
    std::set<std::string> maintained{};         ///< targets in maintenance
    std::map<std::string, double> baselines{};  ///< by target
    std::map<std::string, double> latencies{};
    std::map<std::string, Incident> stored{};
    std::vector<TimelineEntry> timeline{};
    std::vector<Notice> notices{};
    std::vector<Mute> mutes{};
    std::vector<Change> changes{};
    BookRules rules;
    Book book;

    void raise(const Fault& fault) { keep(book.take(change(FaultChange::Kind::raised, fault))); }
    void change_to(const Fault& fault) { keep(book.take(change(FaultChange::Kind::changed, fault))); }
    void clear(const Fault& fault) { keep(book.take(change(FaultChange::Kind::cleared, fault))); }
    void tell(const Change& change);
    /// Lets time pass in steps, a tick each.
    void pass(Duration whole, Duration step = std::chrono::seconds(1));
    /// The process dies and comes back: only what was stored is left, and it went through JSON.
    void restart(const std::vector<Fault>& faults);
    Transitions keep(Transitions transitions);
    /// What a person did and was allowed to.
    Transitions done(Result<Transitions> transitions);

    /// The only incident, as it was stored last.
    [[nodiscard]] const Incident& only() const;
    [[nodiscard]] const Incident& of(const std::string& service) const;
    /// "opened:chat+phone page" of each notice since the last call.
    [[nodiscard]] std::vector<std::string> told();
    [[nodiscard]] int entries_of(const std::string& event) const;

private:
    std::size_t told_ = 0;
    int ids_ = 0;
    [[nodiscard]] Book::Seams seams();
    [[nodiscard]] FaultChange change(FaultChange::Kind kind, const Fault& fault) const;
};

}  // namespace serin::test
