// SPDX-License-Identifier: Apache-2.0
#include "reports/store/reconcile.hpp"

#include <algorithm>
#include <array>

namespace serin {
namespace {

/// Within it, sightings of several runs are one copy pushed to several connections.
constexpr Duration side_by_side = std::chrono::seconds(2);

/// From what tells least to what tells most.
constexpr std::array<std::string_view, 10> states{"unknown",    "outstanding", "rejected",  "lost",
                                                  "late",       "delivered",   "corrupted", "reordered",
                                                  "duplicated", "misdelivered"};

bool seen_by_sender_run(std::string_view state) {
    return state == "delivered" || state == "late" || state == "reordered" || state == "duplicated" ||
           state == "corrupted" || state == "misdelivered";
}

}  // namespace

ReconciledDelivery reconcile(const SettledDelivery& settled, const std::string& sender_run, Wall sent_at,
                             const std::vector<ForeignSighting>& sightings) {
    ReconciledDelivery now{.state = settled.state,
                           .copies = settled.copies,
                           .send_to_receive = settled.send_to_receive,
                           .reclassified_at = std::nullopt};
    const bool seen_first = seen_by_sender_run(settled.state);
    std::optional<Wall> last_at;
    std::string_view last_run = sender_run;
    if (seen_first && settled.send_to_receive) last_at = sent_at + *settled.send_to_receive;
    for (const ForeignSighting& sighting : sightings) {
        const bool near = last_at && sighting.at - *last_at <= side_by_side && *last_at - sighting.at <= side_by_side;
        if (near && sighting.run_id != last_run) continue;
        last_at = sighting.at;
        last_run = sighting.run_id;
        ++now.copies;
        if (!seen_first && now.copies == 1) {
            now.state = "late";
            now.send_to_receive = std::max(Duration{}, Duration(sighting.at - sent_at));
            now.reclassified_at = sighting.at;
        } else if (now.state == "delivered" || now.state == "late" || now.state == "reordered") {
            now.state = "duplicated";
            now.reclassified_at = sighting.at;
        }
    }
    return now;
}

bool tells_more(std::string_view state, std::string_view other) {
    // A word that is not ours comes last: whatever it is, it was said on purpose.
    return std::ranges::find(states, state) > std::ranges::find(states, other);
}

}  // namespace serin
