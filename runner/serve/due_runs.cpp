// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/due_runs.hpp"

namespace serin {

std::int64_t DueRuns::second_of(Steady now) const {
    return std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
}

void DueRuns::add(Steady now, std::int64_t ran, std::int64_t due) {
    const std::int64_t number = second_of(now);
    Second& second = seconds_[static_cast<std::size_t>(number % window)];
    if (second.number != number) second = {.number = number};
    second.ran += ran;
    second.due += due;
}

double DueRuns::share(Steady now) {
    const std::int64_t newest = second_of(now);
    std::int64_t ran = 0, due = 0;
    for (const Second& second : seconds_) {
        if (second.number < 0 || second.number <= newest - window) continue;
        ran += second.ran;
        due += second.due;
    }
    return due == 0 ? 1.0 : static_cast<double>(ran) / static_cast<double>(due);
}

}  // namespace serin
