// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "core/outcome.hpp"
#include "core/result.hpp"

namespace serin {

/// An Outcome from the text that outcome_json() made of it, so that a stored run is told in the words of a fresh one.
/// Members that the text lacks keep their defaults, unknown ones are passed over: a store outlives the version that
/// wrote it. The text of the scenario is not stored, so there is no Place to draw: a finding's explanation begins with
/// "in chat-delivery.yaml:23:5" instead. An Error only for a text that is no JSON object.
[[nodiscard]] Result<Outcome> read_outcome(std::string_view text);

}  // namespace serin
