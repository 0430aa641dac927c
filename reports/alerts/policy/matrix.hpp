// SPDX-License-Identifier: Apache-2.0
// The vantage × target matrix of one service and failure class: who is to blame. Pure.
#pragma once
#include <string>
#include <vector>

#include "reports/alerts/policy/condition.hpp"

namespace serin {

struct MatrixStanding {
    std::string vantage{}, target{};
    bool failing = false;
    bool control = false;  ///< a control target
    bool known = true;     ///< false: it has not reported lately: neither good nor bad
};

struct Blame {
    FaultScope scope = FaultScope::cell;
    std::vector<std::string> targets{}, vantages{};  ///< affected, sorted
    int vantages_failing = 0, vantages_reporting = 0;
    bool confirmed = false;  ///< a strict majority of at least two reporting vantages
    bool minority = false;   ///< several vantages report, and no majority fails: a separate signal of low severity
};

/// Column = target fault, row with failing control targets = vantage fault, one cell = path fault, all = global. Quorum
/// is a strict majority of the vantages that report on the target; once it was reached (`held`), half is enough
/// (hysteresis). With one reporting vantage its word counts, unconfirmed.
///
/// What is not known is as if it were not there. Of several standings of a cell a failing one counts. A vantage is
/// doubted while more than half of its control targets fail: its failures count for nothing, what it sees working
/// works. But a control target that fails from every vantage (of at least two) is down itself: it raises no doubt, for
/// otherwise the loss of a shared control target would swallow a page. Where there are only control targets, those are
/// the targets.
[[nodiscard]] Blame blame(const std::vector<MatrixStanding>& standings, bool held);

}  // namespace serin
