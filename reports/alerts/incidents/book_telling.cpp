// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/incidents/book_impl.hpp"
#include "reports/alerts/incidents/book_join.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

constexpr Duration longest_gather = std::chrono::seconds(10);

void unite(std::vector<std::string>& all, const std::vector<std::string>& added) {
    for (const std::string& name : added) {
        if (std::ranges::find(all, name) == all.end()) all.push_back(name);
    }
}

std::size_t level_in(const BookRules& rules, const Incident& incident) {
    if (rules.levels.empty() || incident.level < 0) return 0;
    return std::min(static_cast<std::size_t>(incident.level), rules.levels.size() - 1);
}

/// Until the level after this one; nullopt: the end of the chain, and it is not repeated.
std::optional<Duration> wait_of(const BookRules& rules, const Incident& incident) {
    const std::size_t next = level_in(rules, incident) + 1;
    if (next < rules.levels.size()) return rules.levels[next].after;
    if (rules.repeat > Duration::zero()) return rules.repeat;
    return std::nullopt;
}

const char* event_of(NoticeKind kind, bool page) {
    if (kind == NoticeKind::escalated) return "escalated";
    if (kind == NoticeKind::repeated) return "repeated";
    return page ? "paged" : "told";
}

}  // namespace

EscalationLevel Book::Impl::audience(const Incident& incident) const {
    EscalationLevel who;
    if (incident.drill && !incident.drill_channel.empty()) {
        who.channels = {incident.drill_channel};
    } else if (incident.severity == AlertSeverity::critical || incident.drill) {
        if (!rules.levels.empty()) who = rules.levels[level_in(rules, incident)];
        if (incident.drill) who.failover.clear();
        if (who.channels.empty()) who.channels = std::move(who.failover);
        if (who.channels.empty()) who.channels = rules.warning_channels;  // a page is told to somebody
    } else {
        who.channels = incident.severity == AlertSeverity::warning ? rules.warning_channels : rules.info_channels;
    }
    return who;
}

bool Book::Impl::notify(Incident& incident, NoticeKind kind, bool page, BookStep& step) {
    EscalationLevel who = audience(incident);
    if (who.channels.empty()) return false;
    incident.told = true;
    incident.told_at = step.now();
    incident.tell_change_at.reset();
    unite(incident.told_channels, who.channels);
    unite(incident.told_failover, who.failover);
    if (page) {
        ++incident.pages;
        incident.paged = true;
        if (!incident.paged_at) incident.paged_at = step.now();
        if (incident.muted)
            step.log(incident, "mute_overridden",
                     "a confirmed critical failure overrides the mute of " + incident.muted->owner);
    }
    step.log(incident, event_of(kind, page),
             fmt::format("level {}: {}", incident.level + 1, names_in_words(who.channels, 8)));
    step.tell(incident, Notice{.kind = kind,
                               .level = incident.level,
                               .channels = std::move(who.channels),
                               .failover = std::move(who.failover),
                               .page = page});
    return true;
}

void Book::Impl::follow_up(Incident& incident, NoticeKind kind, BookStep& step) {
    step.touch(incident);
    if (incident.told_channels.empty()) return;
    step.tell(incident, Notice{.kind = kind,
                               .level = incident.level,
                               .channels = incident.told_channels,
                               .failover = incident.told_failover});
}

/// At the next occasion, when there is anybody to tell.
void Book::Impl::tell_change(Incident& incident, BookStep& step) const {
    if (!incident.told || incident.tell_change_at) return;
    incident.tell_change_at = std::max(step.now(), incident.told_at.value_or(Wall{}) + between_changes);
    step.touch(incident);
}

void Book::Impl::plan_escalation(Incident& incident, Wall now) const {
    incident.escalate_at.reset();
    if (incident.drill || incident.acknowledgement || incident.severity != AlertSeverity::critical) return;
    if (const auto wait = wait_of(rules, incident)) incident.escalate_at = now + *wait;
}

std::optional<Wall> Book::Impl::hold_until(const BookEntry& entry) const {
    const Incident& incident = entry.incident;
    if (entry.hold_over || incident.waves > 1 || incident.drill) return std::nullopt;
    return incident.opened_at + std::clamp(rules.gather, Duration::zero(), longest_gather);
}

void Book::Impl::remind(Incident& incident, BookStep& step) {
    if (incident.acknowledgement || incident.maintenance || incident.attached) return;
    notify(incident, NoticeKind::repeated, incident.severity == AlertSeverity::critical, step);
    plan_escalation(incident, step.now());
}

void Book::Impl::expire_acknowledgement(Incident& incident, BookStep& step) {
    if (!incident.acknowledgement || step.now() < incident.acknowledgement->until) return;
    step.log(incident, "acknowledgement_expired",
             "the acknowledgement of " + incident.acknowledgement->by + " has expired and the failure goes on");
    incident.acknowledgement.reset();
    if (!incident.told || incident.severity != AlertSeverity::critical || incident.drill) return;
    if (quiet(incident)) return plan_escalation(incident, step.now());
    remind(incident, step);
}

void Book::Impl::escalate(Incident& incident, BookStep& step) {
    const bool failing = incident.declared || failing_cells(incident) > 0;
    if (!incident.escalate_at || incident.acknowledgement || !failing) return;
    if (step.now() < *incident.escalate_at) {
        // A wall clock that stepped back, or shorter rules, must not put it off.
        const auto wait = wait_of(rules, incident);
        if (wait && *incident.escalate_at > step.now() + *wait) {
            incident.escalate_at = step.now() + *wait;
            step.touch(incident);
        }
        return;
    }
    if (level_in(rules, incident) + 1 < rules.levels.size()) {
        incident.level = static_cast<int>(level_in(rules, incident)) + 1;
        notify(incident, NoticeKind::escalated, true, step);
    } else {
        incident.level = 0;
        ++incident.repeats;
        notify(incident, NoticeKind::repeated, true, step);
    }
    step.touch(incident);
    plan_escalation(incident, step.now());
}

void Book::Impl::tell_what_is_due(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    if (incident.state != IncidentState::open) return;
    expire_acknowledgement(incident, step);
    if (quiet(incident)) return;
    const bool page = incident.severity == AlertSeverity::critical;
    if (!incident.told) {
        const auto held = hold_until(entry);
        if (held && step.now() < *held && incident.opened_at <= step.now()) return;
        const NoticeKind kind = incident.waves > 1 ? NoticeKind::reopened : NoticeKind::opened;
        const bool known = incident.paged_at && incident.acknowledgement;  // only who tells it is new
        if (notify(incident, kind, page && !known, step)) plan_escalation(incident, step.now());
        return;
    }
    if (page && !incident.paged && !incident.acknowledgement) {
        notify(incident, NoticeKind::changed, true, step);
        return plan_escalation(incident, step.now());
    }
    if (incident.tell_change_at && *incident.tell_change_at <= step.now()) {
        incident.tell_change_at.reset();
        incident.told_at = step.now();
        step.log(incident, "told", "how it has changed: " + names_in_words(incident.told_channels, 8));
        follow_up(incident, NoticeKind::changed, step);
    }
    escalate(incident, step);
}

std::optional<Wall> Book::Impl::telling_due(const BookEntry& entry) const {
    const Incident& incident = entry.incident;
    std::optional<Wall> due;
    const auto at = [&due](const std::optional<Wall>& when) {
        if (when && (!due || *when < *due)) due = when;
    };
    if (incident.muted) at(incident.muted->until);
    if (incident.state != IncidentState::open) return due;
    if (incident.maintenance) at(last_now + std::chrono::seconds(1));
    if (incident.attached && incident.attached_to.empty()) at(entry.wave_decided_at + root_awaited);
    if (incident.acknowledgement) at(incident.acknowledgement->until);
    if (quiet(incident)) return due;
    if (!incident.told && will_be_told(incident)) at(hold_until(entry).value_or(last_now));
    if (!incident.told) return due;
    at(incident.tell_change_at);
    if (incident.declared || failing_cells(incident) > 0) at(incident.escalate_at);
    return due;
}

}  // namespace serin
