// SPDX-License-Identifier: Apache-2.0
#include "runner/exit_code.hpp"

#include <csignal>

namespace serin {

ExitCode exit_code(const Totals& totals, int signal_number, bool report_lost) {
    if (signal_number == SIGHUP) return ExitCode::hangup;
    if (signal_number == SIGINT) return ExitCode::interrupt;
    if (signal_number == SIGTERM) return ExitCode::terminated;
    if (totals.fail > 0) return ExitCode::fail;
    if (totals.error > 0 || report_lost) return ExitCode::cannot_judge;
    if (totals.runs() == 0 || totals.skipped > 0 || totals.aborted > 0 || totals.not_run > 0)
        return ExitCode::nothing_ran;
    return ExitCode::pass;
}

}  // namespace serin
