// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/book.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "reports/alerts/incidents/book_impl.hpp"

namespace serin {
namespace {

constexpr std::size_t closed_kept = 1000;

}  // namespace

Book::Book(BookRules rules, Seams seams) : impl_(std::make_unique<Impl>()) {
    impl_->rules = std::move(rules);
    impl_->seams = std::move(seams);
}
Book::~Book() = default;
Book::Book(Book&&) noexcept = default;
Book& Book::operator=(Book&&) noexcept = default;

void Book::replace_rules(BookRules rules) {
    impl_->rules = std::move(rules);
    impl_->refit_due = true;
    for (auto& [id, entry] : impl_->entries) {
        const auto people = impl_->rules.people.find(entry.incident.service);
        if (people == impl_->rules.people.end()) continue;
        std::tie(entry.incident.owner, entry.incident.runbook) = people->second;
    }
}

void Book::restore(std::vector<Incident> incidents, std::vector<Mute> mutes, std::vector<Change> changes) {
    std::ranges::sort(incidents, {}, &Incident::opened_at);
    for (Incident& incident : incidents) {
        const std::string id = incident.id;
        BookEntry& entry = impl_->entries[id];
        entry.incident = std::move(incident);
        entry.incident.highest_severity = std::max(entry.incident.highest_severity, entry.incident.severity);
        if (entry.incident.state == IncidentState::closed) {
            impl_->closed.push_back(id);
            continue;
        }
        const auto [known, added] = impl_->current.emplace(key_of(entry.incident), id);
        if (!added) impl_->doubled.push_back(std::exchange(known->second, id));
    }
    impl_->refit_due = true;
    for (Mute& mute : mutes) impl_->muted.push_back(std::move(mute));
    for (Change& change : changes) {
        const std::string id = change.id;
        impl_->changes[id] = std::move(change);
    }
}

Transitions Book::reconcile(const std::vector<Fault>& faults, Wall now) {
    impl_->last_now = now;
    BookStep step(now);
    for (const std::string& id : std::exchange(impl_->doubled, {})) {
        BookEntry& entry = *impl_->with_id(id);
        if (entry.incident.state == IncidentState::open)
            impl_->recover(entry, "another incident tells of it", {}, step);
        impl_->close(entry, "another incident of the same service and failure class is newer", {}, step);
    }
    std::set<std::string> failing;
    for (const Fault& fault : faults) failing.insert(key_of(fault));
    impl_->refit(step, failing);
    for (const bool roots : {true, false}) {
        for (const Fault& fault : faults) {
            if (fault.root.empty() != roots) continue;
            impl_->raise(fault, step);
        }
    }
    for (BookEntry* const entry : impl_->active_entries()) {
        const Incident& incident = entry->incident;
        if (incident.state != IncidentState::open || incident.declared || failing.contains(key_of(incident))) continue;
        impl_->recover(*entry, "it works again by what is known after a restart,", {}, step);
    }
    impl_->settle_all(step);
    return std::move(step).finish();
}

Transitions Book::take(const FaultChange& change) {
    impl_->last_now = change.at;
    BookStep step(change.at);
    impl_->refit(step);
    const std::string key = key_of(change.fault);
    // A drill that a person ended may linger in the policy; it must not begin again.
    const bool over = change.kind == FaultChange::Kind::changed && change.fault.drill && !impl_->active_of(key);
    if (change.kind == FaultChange::Kind::cleared) {
        impl_->clear(change.fault, step);
    } else if (!over) {
        impl_->raise(change.fault, step);
    }
    std::vector<BookEntry*> concerned;
    for (BookEntry* const entry : impl_->active_entries()) {
        const bool symptom = entry->incident.attached || (entry->cause && !entry->cause->root.empty());
        if (symptom || key_of(entry->incident) == key) concerned.push_back(entry);
    }
    impl_->settle(concerned, step);
    return std::move(step).finish();
}

Transitions Book::tick(Wall now) {
    impl_->last_now = now;
    while (impl_->closed.size() > closed_kept) {
        impl_->entries.erase(impl_->closed.front());
        impl_->closed.pop_front();
    }
    BookStep step(now);
    impl_->refit(step);
    impl_->settle_all(step);
    std::erase_if(impl_->muted, [&](const Mute& mute) { return mute.until <= now; });
    return std::move(step).finish();
}

void Book::Impl::settle(std::vector<BookEntry*> some, BookStep& step) {
    for (BookEntry* const entry : some) {
        refresh_mute(*entry, step);
        refresh_maintenance(*entry, step);
    }
    std::vector<BookEntry*> wider;
    for (BookEntry* const entry : some) {
        if (BookEntry* const root = refresh_root(*entry, step)) wider.push_back(root);
    }
    for (BookEntry* const root : wider) {
        if (std::ranges::find(some, root) == some.end()) some.push_back(root);
    }
    for (BookEntry* const entry : some) {
        decide_effects(entry->incident, step);
        refresh_advice(entry->incident, step);
        tell_what_is_due(*entry, step);
        watch(*entry, step);
    }
}

std::optional<Wall> Book::next_due() const {
    std::optional<Wall> due;
    if (impl_->refit_due) due = impl_->last_now;
    for (const auto& [key, id] : impl_->current) {
        const BookEntry& entry = impl_->entries.at(id);
        for (const auto& at : {impl_->telling_due(entry), impl_->watching_due(entry)}) {
            if (at && (!due || *at < *due)) due = at;
        }
    }
    return due;
}

Transitions Book::account(const std::string& incident_id, std::int64_t outstanding, const DeliveryCounts& counts,
                          Wall now) {
    impl_->last_now = now;
    BookStep step(now);
    BookEntry* const entry = impl_->with_id(incident_id);
    if (entry == nullptr) return {};
    Incident& incident = entry->incident;
    if (incident.outstanding != outstanding || incident.deliveries != counts) {
        incident.outstanding = outstanding;
        incident.deliveries = counts;
        step.touch(incident);
    }
    impl_->watch(*entry, step);
    return std::move(step).finish();
}

const Incident* Book::find(const std::string& id) const {
    const auto found = impl_->entries.find(id);
    return found == impl_->entries.end() ? nullptr : &found->second.incident;
}

std::vector<Incident> Book::active() const {
    std::vector<Incident> all;
    for (const auto& [key, id] : impl_->current) all.push_back(impl_->entries.at(id).incident);
    return all;
}

}  // namespace serin
