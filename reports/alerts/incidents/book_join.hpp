// SPDX-License-Identifier: Apache-2.0
// A fault as it is now, laid into its incident. Pure.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/incidents/incident.hpp"

namespace serin {

/// What became different by it.
struct Joined {
    bool any = false;
    int new_cells = 0;                  ///< that had not failed before in this incident
    std::vector<std::string> cells{};   ///< the first of them, in words
    std::vector<CellKey> unlisted{};    ///< that fail and are beyond those that the incident lists
    std::vector<std::string> places{};  ///< targets and vantages that had not been affected before
    int recovered = 0, failing = 0;     ///< cells: that recovered, that fail now
    bool wider_scope = false, more_severe = false, flapping_began = false, flapping_ended = false;
    /// People must hear of it: wider, or flapping.
    [[nodiscard]] bool worth_telling() const { return new_cells > 0 || wider_scope || flapping_began; }
};

inline constexpr std::size_t most_cells = 1000;     ///< an incident lists; the others are counted
inline constexpr std::size_t most_named_cells = 6;  ///< in words

/// Cells that no condition names any more have recovered at `now`. Severity is the highest of the wave. Of n conditions
/// it takes O(n log n), whatever the incident holds.
Joined join_fault(Incident& incident, const Fault& fault, Wall now);
/// What users cannot do: message and step of the condition nearest to the root.
void take_words(Incident& incident, const Fault& fault);
/// Cells that fail now, listed or not.
[[nodiscard]] int failing_cells(const Incident& incident);

}  // namespace serin
