// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "reports/formats/reporter.hpp"

namespace serin {

enum class ExitCode : int {
    pass = 0,
    fail = 1,          ///< users cannot do what they came for
    usage = 2,         ///< what a person typed, in a file or on the command line, is wrong; nothing was run
    cannot_judge = 3,  ///< the prober's own fault, also a report that could not be written
    nothing_ran = 4,   ///< no run, or one in which nothing was judged
    hangup = 129,
    interrupt = 130,
    terminated = 143,
};

/// What a pipeline is told of a whole `serin run`. `signal_number`: of the signal that ended it, 0 for none. Pure.
[[nodiscard]] ExitCode exit_code(const Totals& totals, int signal_number, bool report_lost);

}  // namespace serin
