// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "runner/console.hpp"
#include "runner/exit_code.hpp"

namespace serin {

/// The words after `serin`.
using Arguments = std::vector<std::string>;

/// `serin …`: finds the command and runs it. Never throws.
[[nodiscard]] ExitCode run_cli(const Arguments& arguments, Console& console);

// One a command; each parses its own arguments and prints its own help.
[[nodiscard]] ExitCode run_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode lint_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode schema_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode demo_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode serve_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode change_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode runs_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode ledger_command(const Arguments& arguments, Console& console);
[[nodiscard]] ExitCode report_command(const Arguments& arguments, Console& console);

}  // namespace serin
