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
    Wall since{};
    std::vector<std::string> incidents{};  ///< ids
    std::string why{};
};

struct Draft {
    std::string incident_id{};
    std::string stage{};  ///< investigating, monitoring, resolved
    std::string title{}, text{};
    bool overdue = false;  ///< 15 min after the page nobody has posted anything
    Wall at{};
};

struct StatusPage {
    std::string title{};
    Wall at{};
    std::vector<ComponentStanding> components{};
    std::vector<Draft> drafts{};
};

/// Confirmed critical on every target: major outage; on some: partial outage; warnings, and unconfirmed critical ones:
/// degraded; covered by maintenance: under maintenance. Muted incidents count. Watching ones: operational, their
/// drafts stay. Drills and prober faults never show.
[[nodiscard]] StatusPage status_page(const std::string& title, const std::vector<Component>& components,
                                     const std::vector<Incident>& incidents, Wall now);

[[nodiscard]] std::string status_json(const StatusPage& page);
/// One file, no script, works offline.
[[nodiscard]] std::string status_html(const StatusPage& page);
/// Atom (RFC 4287) of the drafts. `base_url`: of the page, for ids and links.
[[nodiscard]] std::string status_atom(const StatusPage& page, const std::string& base_url);

}  // namespace serin
