// SPDX-License-Identifier: Apache-2.0
// What must hold for every history of the clocks, over thousands of random ones from fixed seeds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <random>

#include "runner/schedule/timetable.hpp"

namespace serin::test {

using namespace std::chrono_literals;

namespace {

constexpr Duration max_lateness = 10s;

/// A cell with a random interval and jitter, on clocks that a random history moves.
class History {
public:
    explicit History(std::uint64_t seed) : random_(seed), timetable_(max_lateness) {
        constexpr Duration intervals[] = {100ms, 250ms, 1s, 7s, 10s, 60s, 1h, 24h};
        every = intervals[below(std::size(intervals))];
        if (below(2) == 0) jitter = any(0s, every / 2);
        wall = Wall(1'700'000'000s) + any(0s, 2400h);
        const CellKey key{
            .probe = "probe-" + std::to_string(seed), .vantage = "v", .target = {}, .profile = {}, .cell = {}};
        first_ = slot_at_or_after(wall, every, phase_of(key, every));
        timetable_.add({.key = std::make_shared<const CellKey>(key), .every = every, .jitter = jitter}, read());
    }

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    Duration any(Duration from, Duration to) {
        return from + Duration(static_cast<Duration::rep>(below(static_cast<std::uint64_t>((to - from).count()) + 1)));
    }
    void pass(Duration d) { wall += d, steady += d; }
    void sleep(Duration d) { wall += d, suspended += d; }
    /// As a worker does: sleeps until something is due, but looks at the clock each second (a thousandth of a long
    /// interval here, to be done some day).
    void pass_to_next() {
        const Duration look = std::max<Duration>(1s, every / 1000);
        pass(std::clamp(Duration(timetable_.next() - steady), Duration::zero(), look));
    }
    [[nodiscard]] Duration elapsed() const { return steady.time_since_epoch() + suspended; }
    [[nodiscard]] ClockReading read() const { return {.wall = wall, .steady = steady, .suspended = suspended}; }

    Timetable::Due ask() { return timetable_.due(read()); }
    [[nodiscard]] Wall first_slot() const { return first_; }

    Duration every{}, jitter{};
    Wall wall{};
    Steady steady{1h};
    Duration suspended{};

private:
    std::mt19937_64 random_;
    Timetable timetable_;
    Wall first_{};
};

struct Told {
    Wall first{}, last{};
    std::int64_t count = 0;
};

std::vector<Told> in_order(const Timetable::Due& due) {
    std::vector<Told> told;
    for (const MissedSlots& slots : due.missed)
        told.push_back({.first = slots.first_scheduled_at, .last = slots.last_scheduled_at, .count = slots.count});
    for (const Slot& slot : due.slots)
        told.push_back({.first = slot.scheduled_at, .last = slot.scheduled_at, .count = 1});
    std::ranges::sort(told, {}, &Told::first);
    return told;
}

}  // namespace

TEST_CASE("while nobody sets the clock each slot is started or told as missed exactly once") {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        CAPTURE(seed);
        History history(seed);
        Wall expected = history.first_slot();
        for (int i = 0; i < 60; ++i) {
            switch (history.below(6)) {
                case 0:
                    history.pass(history.any(0s, history.every * 4));
                    break;
                case 1:
                    history.sleep(history.any(0s, history.every * 20));
                    break;
                case 2:
                    history.pass_to_next();
                    history.pass(history.any(0s, history.every));
                    break;
                default:
                    history.pass_to_next();
            }
            const Timetable::Due due = history.ask();
            for (const Told& told : in_order(due)) {
                REQUIRE(told.first == expected);
                REQUIRE(told.last == expected + (told.count - 1) * history.every);
                expected = told.last + history.every;
            }
            for (const Slot& slot : due.slots) {
                REQUIRE(slot.due <= history.steady);
                const Duration lateness = history.steady - slot.due;
                REQUIRE(lateness <= std::min(history.every / 2, max_lateness) + history.jitter);
                // Due is on the grid, shifted by the jitter.
                const Duration after_slot = history.wall - lateness - slot.scheduled_at;
                REQUIRE(after_slot >= 0s);
                REQUIRE(after_slot <= history.jitter);
            }
            // Nothing that is overdue is kept back.
            REQUIRE(expected + history.every / 2 + history.jitter > history.wall);
        }
    }
}

TEST_CASE("however the clocks move two starts are at least half an interval apart") {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        CAPTURE(seed);
        History history(seed);
        std::optional<Duration> last;
        for (int i = 0; i < 80; ++i) {
            switch (history.below(8)) {
                case 0:
                    history.pass(history.any(0s, history.every * 3));
                    break;
                case 1:
                    history.sleep(history.any(0s, history.every * 3));
                    break;
                case 2:
                    history.wall += history.any(-1h, 1h);
                    break;
                case 3:
                    history.wall += history.any(-history.every, history.every);
                    break;
                case 4:
                    history.wall += history.any(-2ms, 2ms);
                    history.pass(history.any(0s, history.every / 10));
                    break;
                default:
                    history.pass_to_next();
            }
            const Timetable::Due due = history.ask();
            REQUIRE(due.slots.size() <= 1);
            if (due.slots.empty()) continue;
            if (last) REQUIRE(history.elapsed() - *last >= history.every / 2);
            last = history.elapsed();
        }
    }
}

TEST_CASE("a clock that is set misses nothing and makes no start late or more than one and a half intervals away") {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        CAPTURE(seed);
        History history(seed);
        std::optional<Duration> last;
        for (int i = 0; i < 80; ++i) {
            switch (history.below(8)) {
                case 0:
                    history.wall += history.below(2) == 0 ? 1h : -1h;
                    break;
                case 1:
                    history.wall += history.every / 5 * (history.below(2) == 0 ? 2 : -2);
                    break;
                case 2:
                    history.wall += history.any(-history.every, history.every);
                    break;
                case 3:
                    history.wall += history.any(-5ms, 5ms);
                    break;
                default:
                    history.pass_to_next();
            }
            const Timetable::Due due = history.ask();
            REQUIRE(due.missed.empty());
            if (due.slots.empty()) {
                if (last) REQUIRE(history.elapsed() - *last <= history.every * 3 / 2 + history.jitter);
                continue;
            }
            REQUIRE(history.steady - due.slots[0].due <= history.jitter);
            if (history.jitter == 0s) REQUIRE(history.steady == due.slots[0].due);
            if (last) REQUIRE(history.elapsed() - *last >= history.every / 2);
            last = history.elapsed();
        }
    }
}

TEST_CASE("a restart at any moment continues where the earlier process ended") {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const auto key = std::make_shared<const CellKey>(
            CellKey{.probe = "p" + std::to_string(seed), .vantage = "v", .target = {}, .profile = {}, .cell = {}});
        const TimetableEntry entry{.key = key, .every = 10s, .jitter = seed % 3 == 0 ? 3s : 0s};
        Wall wall{1'700'000'000s};
        std::optional<Wall> last;
        for (int process = 0; process < 10; ++process) {
            Timetable timetable;
            Steady steady{Duration(static_cast<Duration::rep>(random() % 1'000'000'000'000))};  // rebooted at times
            timetable.add(entry, {.wall = wall, .steady = steady, .suspended = 0s}, last);
            for (int i = 0; i < 10; ++i) {
                for (const Told& told : in_order(timetable.due({.wall = wall, .steady = steady, .suspended = 0s}))) {
                    if (last) REQUIRE(told.first == *last + 10s);
                    last = told.last;
                }
                const Duration passes{static_cast<Duration::rep>(random() % 6'000'000'000)};
                wall += passes;
                steady += passes;
            }
            wall += Duration(static_cast<Duration::rep>(random() % 60'000'000'000));
        }
        REQUIRE(last);
        REQUIRE(wall - *last < 80s);
    }
}

}  // namespace serin::test
