// SPDX-License-Identifier: Apache-2.0
// What became of a tagged message, as a pure function of what was sent and what was seen.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// One sighting of the nonce by the receiver, in order of arrival.
struct Seen {
    Steady at{};
    bool matched = true;  ///< false: the nonce was there, the rest was not as expected
};

/// The sending and what was asked of the receiver.
struct Expected {
    std::optional<Steady> sent;  ///< unset: no byte left
    bool rejected = false;       ///< the sender was told no (an answer of 400 or more)
    bool acknowledged = false;   ///< the sender was told yes
    Duration within{};
    std::optional<Duration> horizon;
    int exactly = 0;  ///< 0: at least one
};

/// Delivery state at `now`, in this precedence: rejected (never accepted and not seen) · duplicated (more than
/// `exactly`) · delivered (a match in time) · late (a match after `within`) · corrupted (seen, never matching) · lost
/// (the horizon has passed) · outstanding (accepted, not seen, the horizon still open) · unknown (nobody can say
/// whether it was accepted, and it was not seen).
[[nodiscard]] std::string_view delivery_state(const Expected& expected, const std::vector<Seen>& seen, Steady now);

/// True when a later-sent message overtook an earlier one. `sent_order` is the order of sending (0, 1, 2, …) of each
/// sighting, in order of arrival; duplicates of an already seen message do not count as overtaken.
[[nodiscard]] bool reordered(const std::vector<int>& sent_order);

}  // namespace serin
