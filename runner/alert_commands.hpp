// SPDX-License-Identifier: Apache-2.0
// The commands of alerting; each parses its own arguments and prints its own help.
#pragma once
#include "runner/cli.hpp"

namespace serin {

[[nodiscard]] ExitCode incidents_command(const Arguments& arguments, Console& console);
/// Drills the channels of a running daemon.
[[nodiscard]] ExitCode drill_command(const Arguments& arguments, Console& console);
/// Reports to a running daemon that a job is alive.
[[nodiscard]] ExitCode heartbeat_command(const Arguments& arguments, Console& console);

}  // namespace serin
