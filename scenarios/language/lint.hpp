// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/scenario.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/reading.hpp"

namespace serin {

/// What only a whole scenario shows: that it judges nothing, and what it declares but never uses. `judges`: some main
/// step has an expectation.
void lint(const Scenario& scenario, bool judges, const Place& steps, Reading& reading);
/// A token or password that stands in the file itself.
void lint_actor(const Actor& actor, const YamlNode& node, Reading& reading);

}  // namespace serin
