// SPDX-License-Identifier: Apache-2.0
// How many lines of each event a second: a broken target must not fill a disk.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// Counts lines by event word. Any thread, lock-free. Holds 128 words; all further ones count as one.
class EventRate {
public:
    /// `per_second`: of each event, in each second of the wall clock.
    explicit EventRate(int per_second) : per_second_(per_second) {}
    ~EventRate();
    EventRate(const EventRate&) = delete;
    EventRate& operator=(const EventRate&) = delete;

    /// May one more line of `event` be written? If not, it is counted as left out.
    [[nodiscard]] bool allow(std::string_view event, Wall now);

    struct LeftOut {
        std::string event;
        std::int64_t lines = 0;
    };
    /// What was left out since it was asked last.
    [[nodiscard]] std::vector<LeftOut> left_out();
    /// True for one caller in each second: whoever hears it tells what was left out.
    [[nodiscard]] bool new_second(Wall now);

private:
    struct Place {
        std::atomic<const std::string*> event{nullptr};  // set once, freed with the whole
        std::atomic<std::uint64_t> window{0};            // the second in the upper 40 bits, its lines in the lower 24
        std::atomic<std::int64_t> left_out{0};
    };
    [[nodiscard]] Place& place_of(std::string_view event);

    const int per_second_;
    std::array<Place, 128> places_;
    Place others_;
    std::atomic<std::int64_t> last_second_{0};
};

}  // namespace serin
