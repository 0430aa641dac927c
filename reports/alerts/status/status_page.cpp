// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/status/status_page.hpp"

#include <algorithm>

#include "core/failure_classes.hpp"
#include "reports/alerts/status/draft_words.hpp"

namespace serin {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration post_within = minutes(15);
constexpr Duration resolved_for = hours(24 * 7);

bool prober_fault(const Incident& incident) {
    const bool rule = incident.rule == RuleKind::prober || incident.rule == RuleKind::stale ||
                      incident.rule == RuleKind::missed || incident.rule == RuleKind::drill;
    return rule || incident.scope == FaultScope::vantage || incident.scope == FaultScope::schedule ||
           own_fault(incident.failure_class);
}

bool shows(const Incident& incident) {
    return !incident.drill && incident.severity != AlertSeverity::info && !prober_fault(incident);
}

bool concerns(const Component& component, const Incident& incident) {
    return std::ranges::find(component.services, incident.service) != component.services.end();
}

Wall since_of(const Incident& incident) {
    return incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
}

ComponentStanding standing_of(const Component& component, const std::vector<const Incident*>& incidents) {
    ComponentStanding standing{.component = component};
    Wall recovered{};
    for (const Incident* const each : incidents) {
        if (!concerns(component, *each)) continue;
        if (each->state != IncidentState::closed) standing.incidents.push_back(each->id);
        recovered = std::max(recovered, each->recovered_at.value_or(Wall{}));
        const ComponentState state = state_from(*each);
        if (state <= standing.state) continue;
        standing.state = state;
        standing.since = since_of(*each);
        standing.why = effect_on_users(*each);
    }
    if (standing.state == ComponentState::operational) standing.since = recovered;
    return standing;
}

bool wants_draft(const Incident& incident, const std::vector<Component>& components, Wall now) {
    if (incident.attached || (incident.maintenance && incident.state == IncidentState::open)) return false;
    if (incident.state == IncidentState::closed && now - incident.closed_at.value_or(Wall{}) > resolved_for)
        return false;
    return std::ranges::any_of(components, [&](const Component& each) { return concerns(each, incident); });
}

Draft draft_of(const Incident& incident, Wall now, const std::vector<std::string>& posted) {
    Draft draft{.incident_id = incident.id, .title = draft_title(incident), .text = draft_text(incident)};
    switch (incident.state) {
        case IncidentState::open: {
            draft.stage = "investigating";
            draft.at = incident.waves > 1 ? since_of(incident) : incident.opened_at;
            const bool late = incident.paged_at && now - *incident.paged_at >= post_within;
            draft.overdue = late && std::ranges::find(posted, incident.id) == posted.end();
            break;
        }
        case IncidentState::watching:
            draft.stage = "monitoring";
            draft.at = incident.recovered_at.value_or(incident.opened_at);
            break;
        case IncidentState::closed:
            draft.stage = "resolved";
            draft.at = incident.closed_at.value_or(incident.recovered_at.value_or(incident.opened_at));
            break;
    }
    return draft;
}

}  // namespace

const char* name_of(ComponentState state) {
    switch (state) {
        case ComponentState::operational:
            return "operational";
        case ComponentState::under_maintenance:
            return "under_maintenance";
        case ComponentState::degraded_performance:
            return "degraded_performance";
        case ComponentState::partial_outage:
            return "partial_outage";
        case ComponentState::major_outage:
            break;
    }
    return "major_outage";
}

ComponentState state_from(const Incident& incident) {
    if (!shows(incident) || incident.state != IncidentState::open) return ComponentState::operational;
    if (incident.maintenance) return ComponentState::under_maintenance;
    const bool sure = incident.confirmed || incident.vouched;
    if (incident.severity != AlertSeverity::critical || !sure) return ComponentState::degraded_performance;
    return incident.scope == FaultScope::global ? ComponentState::major_outage : ComponentState::partial_outage;
}

StatusPage status_page(const std::string& title, const std::vector<Component>& components,
                       const std::vector<Incident>& incidents, Wall now, const std::vector<std::string>& posted) {
    std::vector<const Incident*> shown;
    for (const Incident& each : incidents) {
        if (shows(each)) shown.push_back(&each);
    }
    std::ranges::sort(shown, [](const Incident* a, const Incident* b) {
        return a->began_at != b->began_at ? a->began_at < b->began_at : a->id < b->id;
    });
    StatusPage page{.title = title, .at = now};
    for (const Component& each : components) page.components.push_back(standing_of(each, shown));
    for (const Incident* const each : shown) {
        if (wants_draft(*each, components, now)) page.drafts.push_back(draft_of(*each, now, posted));
    }
    std::ranges::sort(page.drafts, [](const Draft& a, const Draft& b) {
        return a.at != b.at ? a.at > b.at : a.incident_id < b.incident_id;
    });
    return page;
}

}  // namespace serin
