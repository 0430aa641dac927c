// SPDX-License-Identifier: Apache-2.0
// Outcomes of invented runs, for tests of what reads outcomes.
#pragma once
#include "core/outcome.hpp"

namespace serin::test {

/// 412 ms, sender=us-east-1 receiver=us-east-1.
[[nodiscard]] Outcome passed_run();
/// The failure of the language page: bob's message was stored, but not pushed to his websocket.
[[nodiscard]] Outcome undelivered_message();
/// Passed at the second attempt, and one soft expectation is broken.
[[nodiscard]] Outcome flaky_run();
/// The prober has no file descriptor left.
[[nodiscard]] Outcome unjudged_run();
/// Passed, but its cleanup failed and left a message behind.
[[nodiscard]] Outcome littering_run();
/// Its `if` was false.
[[nodiscard]] Outcome skipped_run();
/// Whatever a target can send: terminal escapes, markup, workflow commands, TAP directives, bytes that are no UTF-8.
[[nodiscard]] Outcome hostile_run();

}  // namespace serin::test
