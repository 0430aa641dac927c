// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "core/record.hpp"
#include "core/time.hpp"

namespace serin {

/// Which share of the runs that were due in the last minute took place. Pure.
class DueRuns {
public:
    static constexpr int window = 60;  ///< seconds
    explicit DueRuns(Steady begin) : begin_(begin) {}

    /// Runs on request were not due.
    void count(const Record& record, Steady now) { add(now, record.on_request ? 0 : 1, record.on_request ? 0 : 1); }
    void count(const Gap& gap, Steady now) { add(now, 0, gap.count); }
    /// 1 when none was due.
    [[nodiscard]] double share(Steady now);
    /// A whole window has passed since the begin.
    [[nodiscard]] bool window_closed(Steady now) const { return now - begin_ >= std::chrono::seconds(window); }

private:
    struct Second {
        std::int64_t number = -1, ran = 0, due = 0;
    };
    [[nodiscard]] std::int64_t second_of(Steady now) const;
    void add(Steady now, std::int64_t ran, std::int64_t due);
    Steady begin_;
    std::array<Second, window> seconds_{};
};

}  // namespace serin
