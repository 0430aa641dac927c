// SPDX-License-Identifier: Apache-2.0
#include "runner/exit_code.hpp"

#include <catch2/catch.hpp>
#include <csignal>

namespace serin::test {

TEST_CASE("only runs that all passed or were degraded are a success") {
    CHECK(exit_code(Totals{.pass = 3}, 0, false) == ExitCode::pass);
    CHECK(exit_code(Totals{.pass = 2, .degraded = 1}, 0, false) == ExitCode::pass);
    CHECK(exit_code(Totals{}, 0, false) == ExitCode::nothing_ran);
    CHECK(exit_code(Totals{.skipped = 2}, 0, false) == ExitCode::nothing_ran);
    CHECK(exit_code(Totals{.pass = 9, .skipped = 1}, 0, false) == ExitCode::nothing_ran);
    CHECK(exit_code(Totals{.pass = 9, .not_run = 1}, 0, false) == ExitCode::nothing_ran);
}

TEST_CASE("a failure of the target goes before a failure of the prober, and a signal before both") {
    CHECK(exit_code(Totals{.pass = 1, .fail = 1}, 0, false) == ExitCode::fail);
    CHECK(exit_code(Totals{.fail = 1, .error = 1}, 0, true) == ExitCode::fail);
    CHECK(exit_code(Totals{.pass = 1, .error = 1}, 0, false) == ExitCode::cannot_judge);
    CHECK(exit_code(Totals{.pass = 1}, 0, true) == ExitCode::cannot_judge);
    CHECK(exit_code(Totals{.fail = 1, .aborted = 1}, SIGINT, false) == ExitCode::interrupt);
    CHECK(exit_code(Totals{.pass = 1}, SIGTERM, false) == ExitCode::terminated);
    CHECK(exit_code(Totals{.pass = 1}, SIGHUP, false) == ExitCode::hangup);
}

TEST_CASE("a failed cleanup does not turn a success") {
    CHECK(exit_code(Totals{.pass = 1, .cleanup_failed = 1}, 0, false) == ExitCode::pass);
}

}  // namespace serin::test
