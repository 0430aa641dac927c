// SPDX-License-Identifier: Apache-2.0
// What a condition says of the run behind it.
#pragma once
#include <string>

#include "core/outcome.hpp"

namespace serin {

struct StepEvidence {
    std::string step{};  ///< title, or id, or kind
    int number = 0;      ///< 0: no step failed
};
/// The first step that came out as the run did; cleanup only when nothing else did.
[[nodiscard]] StepEvidence first_bad_step(const Outcome& outcome);
/// Never empty: a run without a class has its verdict's name for one.
[[nodiscard]] std::string class_of(const Outcome& outcome);

}  // namespace serin
