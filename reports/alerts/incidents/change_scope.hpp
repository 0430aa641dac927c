// SPDX-License-Identifier: Apache-2.0
// What a change touched of what fails, and the advice to undo it in words. Of causes.cpp. Pure.
#pragma once
#include <string>
#include <string_view>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

struct ScopeOverlap {
    double component = 1, targets = 1;  ///< factors of a suspect's score, 0 … 1
    std::string component_why{}, targets_why{};
    bool in_scope = false;  ///< it names the service, or targets that fail
};
[[nodiscard]] ScopeOverlap overlap_of(const Change& change, const Incident& incident);

/// Does its component, title, link or plan hold `id` as a word of its own? "deploy-47" is not in "deploy-471".
[[nodiscard]] bool names_change(const Change& change, std::string_view id);

/// "revert deploy-4711 (deploy of api, began 4 min before): …", one printable line.
[[nodiscard]] std::string revert_in_words(const Change& change, const Incident& incident, Wall began);

}  // namespace serin
