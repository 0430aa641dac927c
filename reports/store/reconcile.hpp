// SPDX-License-Identifier: Apache-2.0
// What a delivery is when the sightings of other runs are laid beside it: a pure function, so that the order in which
// sending, verdict and sightings become known does not matter.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// Seen by another run than the sender's.
struct ForeignSighting {
    std::string run_id;
    Wall at{};
};

/// As the sender's run settled it.
struct SettledDelivery {
    std::string state;  ///< empty: it never told
    int copies = 0;
    std::optional<Duration> send_to_receive;
};

struct ReconciledDelivery {
    std::string state;
    int copies = 0;
    std::optional<Duration> send_to_receive;
    std::optional<Wall> reclassified_at;  ///< of the sighting that made the state another one
};

/// `sightings` in order of time. Nobody saw it in the sender's run (lost, outstanding, unknown, rejected, never told),
/// another run did: late. Seen, and seen again: duplicated. Several runs that see it within two seconds of each other
/// listen side by side and see one copy. Corrupted and misdelivered stay: they say more.
[[nodiscard]] ReconciledDelivery reconcile(const SettledDelivery& settled, const std::string& sender_run, Wall sent_at,
                                           const std::vector<ForeignSighting>& sightings);

/// Whether `state` tells more of a delivery than `other`: a run that waits twice for a message settles it twice.
[[nodiscard]] bool tells_more(std::string_view state, std::string_view other);

}  // namespace serin
