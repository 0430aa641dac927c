// SPDX-License-Identifier: Apache-2.0
// How alerting itself is, as plain values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// What /metrics and /api/v1/status tell of the desk.
struct DeskFigures {
    std::map<std::pair<std::string, std::string>, std::int64_t> incidents{};  ///< (state, severity) → how many now
    std::int64_t opened = 0, pages = 0;                                       ///< since start
    std::int64_t outbox_pending = 0;                                          ///< on channels that page
    std::int64_t pages_untaken = 0;  ///< incidents whose last page every channel refused
    Duration outbox_oldest{};
    bool durable = true;  ///< the last transaction was written
    std::string fault{};
    struct ChannelFigures {
        std::map<std::string, std::int64_t> took{};  ///< word of Took → attempts
        bool broken = false, circuit_open = false;
        std::optional<Wall> last_proven_at{};
        std::optional<Wall> last_drill_at{};  ///< that was good
        bool drilled = false;                 ///< a drill of it ended, well or not
        bool last_drill_good = false;
        std::optional<Duration> drill_delivered_after{};
        std::vector<std::pair<double, std::int64_t>> delay_buckets{};  ///< seconds ≤ → notices proven or accepted
        double delay_sum = 0;
        std::int64_t delay_count = 0;
    };
    std::map<std::string, ChannelFigures> channels{};
    std::map<std::string, Wall> heartbeats{};  ///< last of each
};

}  // namespace serin
