// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reports/alerts/incidents/book_impl.hpp"
#include "reports/alerts/incidents/book_join.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

Cause cause_of(const Fault& fault, const Joined& joined) {
    return {.root = fault.root, .root_class = fault.root_class, .since = fault.since, .unlisted = joined.unlisted};
}

int all_cells(const Incident& incident) {
    return static_cast<int>(incident.cells.size()) + incident.more_cells;
}

std::string new_cells_in_words(const Joined& joined) {
    std::vector<std::string> names = joined.cells;
    if (joined.new_cells > static_cast<int>(names.size())) {
        if (names.size() == most_named_cells) names.pop_back();
        const int others = joined.new_cells - static_cast<int>(names.size());
        names.push_back(names.empty() ? fmt::format("{} cells", others) : fmt::format("{} more", others));
    }
    return names_in_words(names, most_named_cells - 1);
}

}  // namespace

std::string key_of(const Incident& incident) {
    return incident.service + "\n" + incident.failure_class + (incident.drill ? "\ndrill" : "");
}
std::string key_of(const Fault& fault) {
    return fault.key() + (fault.drill ? "\ndrill" : "");
}

BookEntry* Book::Impl::with_id(const std::string& id) {
    const auto found = entries.find(id);
    return found == entries.end() ? nullptr : &found->second;
}

BookEntry* Book::Impl::active_of(const std::string& key) {
    const auto found = current.find(key);
    return found == current.end() ? nullptr : with_id(found->second);
}

std::vector<BookEntry*> Book::Impl::active_entries() {
    std::vector<BookEntry*> all;
    for (const auto& [key, id] : current) all.push_back(&entries.at(id));
    return all;
}

void Book::Impl::find_baselines(Incident& incident) const {
    if (incident.drill || !seams.baseline) return;
    for (AffectedCell& cell : incident.cells) {
        if (!cell.baseline_seconds) cell.baseline_seconds = seams.baseline(cell.cell, incident.began_at);
        if (!incident.baseline_seconds) incident.baseline_seconds = cell.baseline_seconds;
    }
}

BookEntry& Book::Impl::open(const Fault& fault, BookStep& step) {
    const std::string id = seams.make_id();
    BookEntry& entry = entries[id];
    entry.wave_decided_at = step.now();
    Incident& incident = entry.incident;
    incident.id = id;
    incident.service = fault.service;
    incident.failure_class = fault.failure_class;
    incident.severity = fault.severity;
    incident.scope = fault.scope;
    incident.drill = fault.drill;
    if (fault.drill && fault.targets.size() == 1) incident.drill_channel = fault.targets.front();
    incident.began_at = fault.since;
    incident.opened_at = step.now();
    incident.wave_began_at = {fault.since};
    const auto people = rules.people.find(fault.service);
    if (people != rules.people.end()) std::tie(incident.owner, incident.runbook) = people->second;
    entry.cause = cause_of(fault, join_fault(incident, fault, step.now()));
    take_words(incident, fault);
    find_baselines(incident);
    current[key_of(fault)] = id;
    const std::string scope = scope_in_words(incident);
    const std::string because = fault.conditions.empty() ? std::string() : fault.conditions.front().because;
    step.log(
        incident, "opened",
        fmt::format("{}{}{}{}; began {}, decided {} later", effect_in_words(incident), scope.empty() ? "" : ", ", scope,
                    because.empty() ? "" : " (" + because + ")", moment_in_words(incident.began_at, step.now()),
                    human_duration(incident.opened_at - incident.began_at)));
    rank(incident, step);
    return entry;
}

void Book::Impl::reopen(BookEntry& entry, const Fault& fault, BookStep& step) {
    Incident& incident = entry.incident;
    const Duration calm = incident.recovered_at ? step.now() - *incident.recovered_at : Duration::zero();
    entry.wave_decided_at = step.now();
    entry.hold_over = true;  // who is called for a second time need not wait for siblings
    ++incident.waves;
    incident.wave_began_at.push_back(fault.since);
    incident.state = IncidentState::open;
    incident.severity = fault.severity;
    incident.recovered_at.reset();
    incident.latency_seconds.reset();
    incident.told = incident.paged = incident.maintenance = incident.attached = false;
    incident.attached_to.clear();
    incident.told_channels.clear();
    incident.told_failover.clear();
    incident.level = 0;
    incident.escalate_at.reset();
    incident.tell_change_at.reset();
    void_acknowledgement(entry, "the failure is back", step);
    entry.cause = cause_of(fault, join_fault(incident, fault, step.now()));
    take_words(incident, fault);
    find_baselines(incident);
    step.log(incident, "reopened",
             fmt::format("wave {}: {} again, {} after it recovered", incident.waves, effect_in_words(incident),
                         human_duration(calm)));
}

void Book::Impl::void_acknowledgement(BookEntry& entry, const std::string& why, BookStep& step) {
    Incident& incident = entry.incident;
    if (!incident.acknowledgement) return;
    step.log(incident, "acknowledgement_void",
             fmt::format("the acknowledgement of {} is void: {}", incident.acknowledgement->by, why));
    incident.acknowledgement.reset();
    if (incident.told && incident.state == IncidentState::open) plan_escalation(incident, step.now());
}

void Book::Impl::merge(BookEntry& entry, const Fault& fault, BookStep& step) {
    Incident& incident = entry.incident;
    const Joined joined = join_fault(incident, fault, step.now());
    entry.cause = cause_of(fault, joined);
    if (!joined.any) return;
    step.touch(incident);
    if (joined.new_cells > 0) {
        find_baselines(incident);
        step.log(incident, "widened",
                 fmt::format("{} failed too; {}", new_cells_in_words(joined), scope_in_words(incident)));
    } else if (joined.wider_scope) {
        step.log(incident, "widened", "it goes further: " + scope_in_words(incident));
    }
    if (joined.recovered > 0)
        step.log(incident, "narrowed",
                 fmt::format("{} of {} cells pass again", all_cells(incident) - joined.failing, all_cells(incident)));
    if (joined.more_severe)
        step.log(incident, "severity", fmt::format("it is {} by the rules", name_of(incident.severity)));
    if (joined.flapping_began) step.log(incident, "flapping", "it comes and goes: held open until it is steady");
    if (joined.flapping_ended) step.log(incident, "steady", "it does not flap any more");
    if (!joined.places.empty()) void_acknowledgement(entry, names_in_words(joined.places, 5) + " failed too", step);
    if (joined.more_severe) void_acknowledgement(entry, "it became more severe", step);
    if (joined.worth_telling()) tell_change(incident, step);
    if (joined.new_cells > 0) rank(incident, step);
}

void Book::Impl::raise(const Fault& fault, BookStep& step) {
    BookEntry* const entry = active_of(key_of(fault));
    if (entry == nullptr) {
        open(fault, step);
    } else if (entry->incident.state == IncidentState::watching) {
        reopen(*entry, fault, step);
    } else {
        merge(*entry, fault, step);
    }
}

void Book::Impl::clear(const Fault& fault, BookStep& step) {
    BookEntry* const entry = active_of(key_of(fault));
    if (entry == nullptr || entry->incident.state != IncidentState::open || entry->incident.declared) return;
    // Of a flapping one the policy says this once it is steady, so there is nothing to wait for.
    recover(*entry, "it works again", {}, step);
}

void Book::Impl::end_wave(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    incident.flapping = incident.attached = false;
    incident.escalate_at.reset();
    incident.tell_change_at.reset();
    entry.cause.reset();
    end_symptom(incident, step);
    if (incident.told) follow_up(incident, NoticeKind::resolved, step);
    incident.told = false;
}

void Book::Impl::recover(BookEntry& entry, const std::string& text, const std::string& by, BookStep& step) {
    Incident& incident = entry.incident;
    incident.state = IncidentState::watching;
    incident.recovered_at = step.now();
    for (AffectedCell& cell : incident.cells) {
        if (!cell.recovered_at) cell.recovered_at = step.now();
    }
    const Wall began = incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
    step.log(incident, "recovered", fmt::format("{} after {}", text, human_duration(step.now() - began)), by);
    effects_of_recovery(incident, step);
    end_wave(entry, step);
}

}  // namespace serin
