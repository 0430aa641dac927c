// SPDX-License-Identifier: Apache-2.0
// Component states from incidents by a written rule, and drafts of what to say. Pure: files are written by
// status_files.hpp. Nothing is ever published as an incident by itself: drafts are for people.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// The words of Statuspage's component API.
enum class ComponentState { operational, under_maintenance, degraded_performance, partial_outage, major_outage };
[[nodiscard]] const char* name_of(ComponentState state);

struct Component {
    std::string name{};
    std::string about{};
    std::vector<std::string> services{};
    std::string statuspage_id{};  ///< empty: not published there
};

struct ComponentStanding {
    Component component{};
    ComponentState state = ComponentState::operational;
    Wall since{};                          ///< begin of what decided it; the epoch: not known
    std::vector<std::string> incidents{};  ///< ids of those that are open or watched, by begin
    std::string why{};                     ///< of the incident that decided it, in words; empty: nothing to say
};

struct Draft {
    std::string incident_id{};
    std::string stage{};  ///< investigating, monitoring, resolved
    std::string title{}, text{};
    bool overdue = false;  ///< 15 min after the page, while it is open, nobody is known to have posted anything
    Wall at{};             ///< begin of the stage
};

struct StatusPage {
    std::string title{};
    Wall at{};
    std::vector<ComponentStanding> components{};
    std::vector<Draft> drafts{};
};

/// Confirmed or vouched critical on every target: major outage; on some: partial outage; warnings, and other critical
/// ones: degraded; covered by maintenance: under maintenance. Muted incidents count. Watching ones: operational, their
/// drafts stay. Drills and prober faults never show.
///
/// Of several incidents the worst state counts. Prober faults are those of scope vantage or schedule, of the rules
/// prober, stale, missed and drill, and of a class that is our own fault. Info never shows. A gauge or heartbeat has no
/// targets: confirmed or vouched critical, it is a partial outage.
/// Drafts: for critical and warning incidents of the components' services that no other incident explains and no
/// maintenance covers; open: investigating, watching: monitoring, closed within the last 7 days: resolved. `posted`:
/// ids of incidents that somebody has posted about.
[[nodiscard]] StatusPage status_page(const std::string& title, const std::vector<Component>& components,
                                     const std::vector<Incident>& incidents, Wall now,
                                     const std::vector<std::string>& posted = {});
/// The state that one incident gives its service's components.
[[nodiscard]] ComponentState state_from(const Incident& incident);

/// An object with `title`, `updated_at` (to the minute), `state` (the worst), `components` and `drafts`.
[[nodiscard]] std::string status_json(const StatusPage& page);
/// One file, no script, works offline; says the minute that it is of.
[[nodiscard]] std::string status_html(const StatusPage& page);
/// Atom (RFC 4287) of the drafts, newest first. `base_url`: of the page, for ids and links; empty: ids are URNs. It
/// changes only when a draft does.
[[nodiscard]] std::string status_atom(const StatusPage& page, const std::string& base_url);

}  // namespace serin
