// SPDX-License-Identifier: Apache-2.0
// What new rules, or a restart under new rules, make of the incidents that go on.
#include <algorithm>
#include <utility>

#include "reports/alerts/incidents/book_impl.hpp"

namespace serin {
namespace {

std::set<std::string> channels_of(const BookRules& rules) {
    std::set<std::string> names(rules.warning_channels.begin(), rules.warning_channels.end());
    names.insert(rules.info_channels.begin(), rules.info_channels.end());
    for (const EscalationLevel& level : rules.levels) {
        names.insert(level.channels.begin(), level.channels.end());
        names.insert(level.failover.begin(), level.failover.end());
    }
    return names;
}

/// Nobody is left of those who were told; a drill's channel need not be in the rules.
bool told_nobody_left(const Incident& incident, const std::set<std::string>& channels) {
    const auto left = [&](const std::string& name) { return channels.contains(name); };
    return incident.told && !incident.drill && std::ranges::none_of(incident.told_channels, left) &&
           std::ranges::none_of(incident.told_failover, left);
}

}  // namespace

bool Book::Impl::is_watched(const Incident& incident) const {
    return rules.services.empty() || incident.declared || incident.drill || rules.services.contains(incident.service);
}

void Book::Impl::refit(BookStep& step, const std::set<std::string>& failing) {
    if (!std::exchange(refit_due, false)) return;
    const std::set<std::string> channels = channels_of(rules);
    for (BookEntry* const entry : active_entries()) {
        const Incident& incident = entry->incident;
        if (incident.state != IncidentState::open) continue;
        if (!is_watched(incident) && !failing.contains(key_of(incident))) {
            unwatch(*entry, step);
        } else if (told_nobody_left(incident, channels)) {
            tell_anew(*entry, step);
        }
    }
}

void Book::Impl::tell_anew(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    step.log(incident, "channels_gone", "no channel that was told of it is left: those that are there are told");
    incident.told = incident.paged = false;
    incident.told_channels.clear();
    incident.told_failover.clear();
    incident.level = 0;
    incident.escalate_at.reset();
    incident.tell_change_at.reset();
    entry.hold_over = true;
}

void Book::Impl::unwatch(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    incident.unwatched = true;
    step.log(incident, "no longer watched",
             "nothing watches " + incident.service + " any more: whether it works is not known");
    end_wave(entry, step);
    close(entry, "it is no longer watched", {}, step);
}

}  // namespace serin
