// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/alerts/incidents/book_impl.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

/// Who acknowledged it knew of the symptoms until then.
bool known_to_all(const Incident& root, const std::string& service) {
    return !root.acknowledgement || std::ranges::any_of(root.symptoms, [&](const Symptom& symptom) {
        return symptom.service == service && symptom.noted_at <= root.acknowledgement->at;
    });
}

}  // namespace

bool silenced(const Incident& incident) {
    return incident.muted && !(incident.severity == AlertSeverity::critical && incident.confirmed);
}

bool quiet(const Incident& incident) {
    return silenced(incident) || incident.maintenance || incident.attached;
}

const Mute* Book::Impl::mute_of(const Incident& incident, Wall now) const {
    const Mute* found = nullptr;
    for (const Mute& mute : muted) {
        const bool covers = mute.service == incident.service &&
                            (mute.failure_class.empty() || mute.failure_class == incident.failure_class);
        if (covers && now < mute.until && (found == nullptr || found->until < mute.until)) found = &mute;
    }
    return found;
}

void Book::Impl::refresh_mute(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    const Mute* const mute = incident.drill ? nullptr : mute_of(incident, step.now());
    if (mute != nullptr) {
        const bool same = incident.muted && incident.muted->until == mute->until &&
                          incident.muted->owner == mute->owner && incident.muted->reason == mute->reason;
        if (same) return;
        incident.muted = *mute;
        step.log(incident, "muted", "muted until " + moment_in_words(mute->until, step.now()) + ": " + mute->reason,
                 mute->owner);
        return;
    }
    if (!incident.muted) return;
    const bool was_silent = silenced(incident);
    step.log(incident, "mute_over", "the mute of " + incident.muted->owner + " is over");
    incident.muted.reset();
    entry.hold_over = true;
    if (was_silent && incident.told && incident.state == IncidentState::open) remind(incident, step);
}

void Book::Impl::refresh_maintenance(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    if (incident.state != IncidentState::open || incident.told || !seams.in_maintenance) return;
    const std::vector<CellKey> none;
    const std::vector<CellKey>& unlisted = entry.cause ? entry.cause->unlisted : none;
    const auto covers = [&](const CellKey& cell) {
        return seams.in_maintenance(cell, incident.failure_class, step.now());
    };
    bool any = false;
    bool all = static_cast<int>(unlisted.size()) == incident.more_cells;  // of what is not known, nothing is
    for (const AffectedCell& cell : incident.cells) {
        if (cell.recovered_at) continue;
        any = true;
        all = all && covers(cell.cell);
        if (!all) break;
    }
    const bool covered = all && (any || !unlisted.empty()) && std::ranges::all_of(unlisted, covers);
    if (covered == incident.maintenance) return;
    incident.maintenance = covered;
    if (!covered) entry.hold_over = true;
    step.log(incident, covered ? "maintenance" : "maintenance_over",
             covered ? "a maintenance window covers every failing cell: nobody is told"
                     : "it goes on outside of maintenance");
}

bool Book::Impl::will_be_told(const Incident& incident) const {
    if (silenced(incident) || incident.maintenance) return false;
    if (incident.told) return true;
    const EscalationLevel who = audience(incident);
    return !(who.channels.empty() && who.failover.empty());
}

BookEntry* Book::Impl::root_of(const BookEntry& entry) {
    BookEntry* root = nullptr;
    for (BookEntry* const other : active_entries()) {
        const Incident& incident = other->incident;
        if (incident.state != IncidentState::open || incident.drill || other == &entry) continue;
        if (incident.service != entry.cause->root) continue;
        const bool meant = incident.failure_class == entry.cause->root_class;
        if (meant || (entry.cause->root_class.empty() && root == nullptr)) root = other;
    }
    for (int steps = 0; root != nullptr && root->incident.attached; ++steps) {
        root = with_id(root->incident.attached_to);
        if (root == &entry || steps > 20) return nullptr;  // services that depend on each other explain nothing
    }
    return root;
}

bool Book::Impl::note_symptom(const BookEntry& entry, Incident& root, BookStep& step) {
    const Incident& incident = entry.incident;
    const bool critical = incident.severity == AlertSeverity::critical;
    auto& symptoms = root.symptoms;
    const bool wider = critical && std::ranges::none_of(symptoms, [&](const Symptom& symptom) {
                           return symptom.service == incident.service && symptom.critical;
                       });
    auto known = std::ranges::find_if(symptoms, [&](const Symptom& symptom) {
        return symptom.service == incident.service && symptom.failure_class == incident.failure_class;
    });
    if (known == symptoms.end() || known->until) {
        if (known == symptoms.end()) known = symptoms.insert(known, Symptom{.noted_at = step.now()});
        *known = Symptom{.service = incident.service,
                         .failure_class = incident.failure_class,
                         .message = incident.message,
                         .since = entry.cause->since,
                         .noted_at = known->noted_at,
                         .critical = known->critical};
        step.log(root, "symptom", incident.service + " fails too: " + effect_in_words(incident));
    }
    if (critical && !known->critical) {
        known->critical = true;
        step.touch(root);
    }
    return wider;
}

BookEntry* Book::Impl::refresh_root(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    if (incident.state != IncidentState::open || !entry.cause) return nullptr;
    BookEntry* const root = entry.cause->root.empty() ? nullptr : root_of(entry);
    const bool critical_news = root != nullptr && note_symptom(entry, root->incident, step);
    // Its root must wake the same people, or nobody would.
    const bool able = root != nullptr && root->incident.severity >= incident.severity && will_be_told(root->incident);
    const bool widens = critical_news && able && !incident.told;
    if (widens) {
        void_acknowledgement(*root, incident.service + " fails because of it", step);
        tell_change(root->incident, step);
    }
    const bool explained = able && known_to_all(root->incident, incident.service);
    const bool awaited =
        root == nullptr && !entry.cause->root.empty() && step.now() < entry.wave_decided_at + root_awaited;
    const bool attached = !incident.told && (awaited || explained);
    const std::string to = explained && attached ? root->incident.id : "";
    if (attached == incident.attached && (to.empty() || to == incident.attached_to)) return widens ? root : nullptr;
    if (attached && !to.empty())
        step.log(incident, "attached", "explained by " + to + ": " + effect_in_words(root->incident));
    if (!attached && !incident.attached_to.empty())
        step.log(incident, "detached", "it goes on without what explained it");
    if (!attached) entry.hold_over = true;
    incident.attached = attached;
    incident.attached_to = to;
    step.touch(incident);
    return widens ? root : nullptr;
}

void Book::Impl::end_symptom(const Incident& symptom, BookStep& step) {
    for (BookEntry* const other : active_entries()) {
        for (Symptom& known : other->incident.symptoms) {
            if (known.service != symptom.service || known.failure_class != symptom.failure_class || known.until)
                continue;
            known.until = step.now();
            step.touch(other->incident);
        }
    }
}

}  // namespace serin
