// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/cell_window.hpp"

#include <algorithm>

namespace serin {

void OfLastWindow::bad(const OfLast& of, BadRun run) {
    run.number = ++number_;
    bad_.push_back(std::move(run));
    forget(of);
}

int OfLastWindow::count(const std::string& failure_class) const {
    return static_cast<int>(
        std::ranges::count_if(bad_, [&](const BadRun& run) { return run.failure_class == failure_class; }));
}

int OfLastWindow::count_failed() const {
    return static_cast<int>(std::ranges::count_if(bad_, [](const BadRun& run) { return run.failed; }));
}

std::string OfLastWindow::usual_class() const {
    std::string usual;
    int most = 0;
    for (auto run = bad_.rbegin(); run != bad_.rend(); ++run) {
        const int times = count(run->failure_class);
        if (times <= most) continue;
        most = times;
        usual = run->failure_class;
    }
    return usual;
}

void OfLastWindow::forget(const OfLast& of) {
    const auto first = std::ranges::find_if(bad_, [&](const BadRun& run) { return run.number > number_ - of.runs; });
    bad_.erase(bad_.begin(), first);
}

}  // namespace serin
