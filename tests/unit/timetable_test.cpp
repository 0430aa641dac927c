// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/timetable.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace serin::test {

using namespace std::chrono_literals;

namespace {

const Wall noon{std::chrono::seconds(1'795'348'800)};  // 2026-11-22T12:00:00Z

std::shared_ptr<const CellKey> key(std::string probe, std::string target = "s1") {
    return std::make_shared<const CellKey>(
        CellKey{.probe = std::move(probe), .vantage = "v1", .target = std::move(target), .profile = {}, .cell = {}});
}

/// Clocks that only the test moves.
struct Clocks {
    Wall wall = noon;
    Steady steady{1h};
    Duration suspended{};

    void pass(Duration d) { wall += d, steady += d; }
    void sleep(Duration d) { wall += d, suspended += d; }
    [[nodiscard]] ClockReading read() const { return {.wall = wall, .steady = steady, .suspended = suspended}; }
    [[nodiscard]] Steady awake() const { return steady; }
};

/// One cell whose slots stand at whole multiples of `every` after noon, `until_first` from now.
struct OneCell {
    Clocks clocks;
    Timetable timetable;
    Duration every;
    std::size_t id;

    explicit OneCell(Duration interval, Duration until_first, Duration max_lateness = 10s)
        : timetable(max_lateness), every(interval) {
        const auto cell = key("login");
        clocks.wall = slot_at_or_after(noon, every, phase_of(*cell, every)) - until_first;
        id = timetable.add({.key = cell, .every = every, .jitter = {}}, clocks.read());
    }
    Timetable::Due due_after(Duration d) {
        clocks.pass(d);
        return timetable.due(clocks.read());
    }
};

}  // namespace

TEST_CASE("a phase is the same in every version") {
    // Computed by another implementation of FNV-1a over "login\x1fv1\x1fs1\x1f\x1f" and so on.
    CHECK(phase_of(*key("login"), 10s) == Duration(7'843'156'121));
    CHECK(phase_of(*key("chat-delivery", "us-east-1"), 60s) == Duration(4'805'237'535));
    const CellKey full{.probe = "mail",
                       .vantage = "eu-west-2",
                       .target = "shard-07",
                       .profile = "heavy",
                       .cell = "sender=a receiver=b"};
    CHECK(phase_of(full, 100ms) == Duration(18'956'159));
    CHECK(phase_of(CellKey{}, 24h) == Duration(52'428'059'355'025));
}

TEST_CASE("fields of a key do not run into each other") {
    const CellKey one{.probe = "ab", .vantage = "c", .target = {}, .profile = {}, .cell = {}};
    const CellKey other{.probe = "a", .vantage = "bc", .target = {}, .profile = {}, .cell = {}};
    CHECK(phase_of(one, 24h) != phase_of(other, 24h));
}

TEST_CASE("the phases of many keys spread evenly") {
    for (const Duration every : {Duration(100ms), Duration(10s), Duration(60s), Duration(24h)}) {
        constexpr int keys = 10'000;
        constexpr int buckets = 100;
        std::vector<int> filled(buckets);
        for (int i = 0; i < keys; ++i) {
            const Duration phase =
                phase_of(*key("probe-" + std::to_string(i), "shard-" + std::to_string(i % 12)), every);
            REQUIRE(phase >= 0s);
            REQUIRE(phase < every);
            ++filled[static_cast<std::size_t>(phase.count() / (every.count() / buckets))];
        }
        double chi_square = 0;
        for (const int count : filled) chi_square += (count - 100.0) * (count - 100.0) / 100.0;
        CAPTURE(human_duration(every));
        CHECK(chi_square < 150.0);  // 99 degrees of freedom: above 148.2 once in a thousand
    }
}

TEST_CASE("the first slot at or after a time") {
    CHECK(slot_at_or_after(Wall(20s), 10s, 3s) == Wall(23s));
    CHECK(slot_at_or_after(Wall(23s), 10s, 3s) == Wall(23s));
    CHECK(slot_at_or_after(Wall(23s + 1ns), 10s, 3s) == Wall(33s));
    CHECK(slot_at_or_after(Wall(-20s), 10s, 3s) == Wall(-17s));
    CHECK(slot_at_or_after(Wall(-17s), 10s, 3s) == Wall(-17s));
    CHECK(slot_at_or_after(Wall(-16s), 10s, 3s) == Wall(-7s));
    CHECK(slot_at_or_after(Wall(1s), 10s, 3s) == Wall(3s));
}

TEST_CASE("jitter is a stable part of its range and differs from slot to slot") {
    const CellKey cell = *key("login");
    CHECK(jitter_of(cell, noon, 0s) == 0s);
    CHECK(jitter_of(cell, noon, 2s) == jitter_of(cell, noon, 2s));
    Duration sum{};
    for (int i = 0; i < 1000; ++i) {
        const Duration jitter = jitter_of(cell, noon + i * 10s, 2s);
        REQUIRE(jitter >= 0s);
        REQUIRE(jitter < 2s);
        sum += jitter;
    }
    CHECK(sum / 1000 > 900ms);
    CHECK(sum / 1000 < 1100ms);
}

TEST_CASE("a slot is handed out once, when it is due, and then the next one is planned") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    CHECK(cell.timetable.next() == cell.clocks.steady + 4s);
    CHECK(cell.timetable.next_slot(cell.id) == first);
    CHECK(cell.due_after(4s - 1ns).slots.empty());
    const Timetable::Due due = cell.due_after(1ns);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].entry == cell.id);
    CHECK(due.slots[0].scheduled_at == first);
    CHECK(due.slots[0].due == cell.clocks.steady);
    CHECK_FALSE(due.slots[0].re_check);
    CHECK(due.missed.empty());
    CHECK(cell.due_after(0s).slots.empty());
    CHECK(cell.timetable.next() == cell.clocks.steady + 10s);
    CHECK(cell.timetable.next_slot(cell.id) == first + 10s);
}

TEST_CASE("an empty timetable never asks to be asked") {
    Timetable timetable;
    CHECK(timetable.next() == Steady::max());
    CHECK(timetable.size() == 0);
    CHECK(timetable.due(Clocks{}.read()).slots.empty());
    CHECK_FALSE(timetable.next_slot(1));
}

TEST_CASE("lateness counts from the slot and not from the call") {
    OneCell cell(10s, 4s);
    const Timetable::Due due = cell.due_after(4s + 30ms);
    REQUIRE(due.slots.size() == 1);
    CHECK(cell.clocks.steady - due.slots[0].due == 30ms);
    CHECK(cell.timetable.next() == due.slots[0].due + 10s);
}

TEST_CASE("a slot later than half its interval is missed and not started") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    const Timetable::Due due = cell.due_after(9s + 1ms);
    CHECK(due.slots.empty());
    REQUIRE(due.missed.size() == 1);
    CHECK(due.missed[0].entry == cell.id);
    CHECK(due.missed[0].first_scheduled_at == first);
    CHECK(due.missed[0].last_scheduled_at == first);
    CHECK(due.missed[0].count == 1);

    OneCell in_time(10s, 4s);
    CHECK(in_time.due_after(9s).slots.size() == 1);
}

TEST_CASE("a slot of a long interval is missed once it is later than the greatest lateness") {
    OneCell cell(1h, 4s, 10s);
    CHECK(cell.due_after(14s).slots.size() == 1);
    CHECK(cell.due_after(1h + 1ms).missed.size() == 1);
    CHECK(cell.due_after(1h - 1ms).slots.size() == 1);
}

TEST_CASE("of many overdue slots the young one starts and the others are missed in one range") {
    OneCell cell(100ms, 50ms);
    const Wall first = cell.clocks.wall + 50ms;
    const Timetable::Due due = cell.due_after(24h + 60ms);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].scheduled_at == first + 24h);
    REQUIRE(due.missed.size() == 1);
    CHECK(due.missed[0].first_scheduled_at == first);
    CHECK(due.missed[0].last_scheduled_at == first + 24h - 100ms);
    CHECK(due.missed[0].count == 864'000);
}

TEST_CASE("being away for a day costs one step a cell and not one a slot") {
    // 1000 cells × 864,000 slots: stepping through them would take minutes.
    Clocks clocks;
    Timetable timetable;
    for (int i = 0; i < 1000; ++i)
        timetable.add({.key = key("p" + std::to_string(i)), .every = 100ms, .jitter = 20ms}, clocks.read());
    clocks.pass(24h);
    const Timetable::Due due = timetable.due(clocks.read());
    std::int64_t told = static_cast<std::int64_t>(due.slots.size());
    for (const MissedSlots& slots : due.missed) told += slots.count;
    CHECK(due.missed.size() == 1000);
    CHECK(told > 864'000'000 - 1000);
    CHECK(told <= 864'000'000);
}

TEST_CASE("time that the machine slept is missed") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    cell.clocks.sleep(8h + 5s);
    const Timetable::Due due = cell.timetable.due(cell.clocks.read());
    REQUIRE(due.missed.size() == 1);
    CHECK(due.missed[0].first_scheduled_at == first);
    CHECK(due.missed[0].count == 8 * 360);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].scheduled_at == first + 8h);
    CHECK(cell.clocks.steady - due.slots[0].due == 1s);
    CHECK(cell.timetable.next() == cell.clocks.steady + 9s);
}

TEST_CASE("a wall clock that is set by whole intervals changes nothing but the names of slots") {
    for (const Duration step : {Duration(1h), Duration(-1h)}) {
        OneCell cell(10s, 4s);
        const Wall first = cell.clocks.wall + 4s;
        REQUIRE(cell.due_after(4s).slots.size() == 1);
        cell.clocks.wall += step;
        const Timetable::Due at_step = cell.due_after(1s);
        CHECK(at_step.slots.empty());
        CHECK(at_step.missed.empty());
        const Timetable::Due due = cell.due_after(9s);
        CHECK(due.missed.empty());
        REQUIRE(due.slots.size() == 1);
        CHECK(due.slots[0].scheduled_at == first + 10s + step);
        CHECK(due.slots[0].due == cell.clocks.steady);
    }
}

TEST_CASE("a step back by less than half an interval puts the next start off by it") {
    OneCell cell(10s, 4s);
    REQUIRE(cell.due_after(4s).slots.size() == 1);
    cell.clocks.wall -= 4s;
    CHECK(cell.due_after(1s).slots.empty());
    CHECK(cell.timetable.next() == cell.clocks.steady + 13s);
    CHECK(cell.due_after(13s).slots.size() == 1);
    CHECK(cell.timetable.next() == cell.clocks.steady + 10s);
}

TEST_CASE("a step back by more than half an interval repeats the slot instead of leaving a gap") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    REQUIRE(cell.due_after(4s).slots.size() == 1);
    cell.clocks.wall -= 6s;
    CHECK(cell.due_after(1s).slots.empty());
    const Timetable::Due due = cell.due_after(5s);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].scheduled_at == first);
}

TEST_CASE("a step forward that pushes a slot into the past starts it mirrored and not late") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    REQUIRE(cell.due_after(4s).slots.size() == 1);
    CHECK(cell.due_after(8s).slots.empty());
    cell.clocks.wall += 3s;  // the slot at +10 s stands one second ago
    const Timetable::Due at_step = cell.due_after(0s);
    CHECK(at_step.slots.empty());
    CHECK(at_step.missed.empty());
    const Timetable::Due due = cell.due_after(1s);
    CHECK(due.missed.empty());
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].scheduled_at == first + 10s);
    CHECK(due.slots[0].due == cell.clocks.steady);
    CHECK(cell.timetable.next() == cell.clocks.steady + 8s);
}

TEST_CASE("a step of the clock makes no burst") {
    Clocks clocks;
    Timetable timetable;
    constexpr int cells = 1000;
    for (int i = 0; i < cells; ++i)
        timetable.add({.key = key("p" + std::to_string(i)), .every = 10s, .jitter = {}}, clocks.read());
    std::size_t most = 0;
    std::size_t all = 0;
    for (int tick = 0; tick < 400; ++tick) {
        clocks.pass(100ms);
        if (tick == 200) clocks.wall += 47min + 4s;
        const std::size_t slots = timetable.due(clocks.read()).slots.size();
        most = std::max(most, slots);
        all += slots;
    }
    CHECK(most <= 40);  // ten on average
    CHECK(all > 3800);
    CHECK(all < 4600);
}

TEST_CASE("a clock that is slewed moves the grid along and neither doubles nor drops a slot") {
    for (const Duration rate : {Duration(500us), Duration(-500us), Duration(80ms), Duration(-80ms)}) {
        OneCell cell(1s, 500ms);
        const Wall first = cell.clocks.wall + 500ms;
        std::int64_t count = 0;
        for (int tick = 0; tick < 60'000; ++tick) {
            cell.clocks.wall += rate / 100;  // a hundred ticks a second
            const Timetable::Due due = cell.due_after(10ms);
            REQUIRE(due.missed.empty());
            for (const Slot& slot : due.slots) {
                REQUIRE(slot.scheduled_at == first + count++ * 1s);
                REQUIRE(cell.clocks.wall - slot.scheduled_at >= -2ms);
                REQUIRE(cell.clocks.wall - slot.scheduled_at < 13ms);
            }
        }
        const Duration passed = 600s + 600 * rate;
        CHECK(count >= passed / 1s - 1);
        CHECK(count <= passed / 1s + 1);
    }
}

TEST_CASE("slots between an earlier process and this one are missed and the young one starts") {
    OneCell template_cell(10s, 4s);
    const Wall first = template_cell.clocks.wall + 4s;
    Clocks clocks;
    clocks.wall = first + 1s;
    Timetable timetable;
    const auto id = timetable.add({.key = key("login"), .every = 10s, .jitter = {}}, clocks.read(), first - 1h);
    CHECK(timetable.next() <= clocks.steady);
    const Timetable::Due due = timetable.due(clocks.read());
    REQUIRE(due.missed.size() == 1);
    CHECK(due.missed[0].entry == id);
    CHECK(due.missed[0].first_scheduled_at == first - 1h + 10s);
    CHECK(due.missed[0].last_scheduled_at == first - 10s);
    CHECK(due.missed[0].count == 359);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].scheduled_at == first);
    CHECK(clocks.steady - due.slots[0].due == 1s);
}

TEST_CASE("a restart within an interval misses nothing and doubles nothing") {
    OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    REQUIRE(cell.due_after(4s).slots.size() == 1);
    Clocks clocks = cell.clocks;
    clocks.pass(3s);
    Timetable next;
    next.add({.key = key("login"), .every = 10s, .jitter = {}}, clocks.read(), first);
    const Timetable::Due at_once = next.due(clocks.read());
    CHECK(at_once.slots.empty());
    CHECK(at_once.missed.empty());
    CHECK(next.next() == clocks.steady + 7s);
}

TEST_CASE("a last slot that is off the grid or far in the future does no harm") {
    const OneCell cell(10s, 4s);
    const Wall first = cell.clocks.wall + 4s;
    Timetable timetable;
    const TimetableEntry entry{.key = key("login"), .every = 10s, .jitter = {}};
    const ClockReading now = cell.clocks.read();
    CHECK(timetable.next_slot(timetable.add(entry, now, first - 3s)) == first);
    CHECK(timetable.next_slot(timetable.add(entry, now, first + 1h)) == first);  // that clock was wrong
    CHECK(timetable.next_slot(timetable.add(entry, now, first)) == first + 10s);
    // Nothing overflows.
    CHECK(timetable.next_slot(timetable.add(entry, now, Wall::max())) == first);
    timetable.add(entry, now, Wall::min());
    std::int64_t most = 0;
    for (const MissedSlots& slots : timetable.due(now).missed) most = std::max(most, slots.count);
    CHECK(most == (first - 10s).time_since_epoch() / 10s + 1);
}

TEST_CASE("a re-check starts beside the grid at its own time") {
    OneCell cell(10s, 4s);
    REQUIRE(cell.due_after(4s).slots.size() == 1);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 2s);
    CHECK(cell.timetable.next() == cell.clocks.steady + 2s);
    const Wall wanted = cell.clocks.wall + 2s;
    const Timetable::Due due = cell.due_after(2s);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].re_check);
    CHECK(due.slots[0].scheduled_at == wanted);
    CHECK(due.slots[0].due == cell.clocks.steady);
    CHECK(cell.due_after(0s).slots.empty());
    CHECK(cell.timetable.next() == cell.clocks.steady + 8s);
    CHECK_FALSE(cell.due_after(8s).slots[0].re_check);
}

TEST_CASE("a later re-check replaces an earlier one and a slot cancels none") {
    OneCell cell(10s, 4s);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 1s);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 6s);
    CHECK(cell.due_after(3s).slots.empty());
    CHECK(cell.due_after(1s).slots.size() == 1);
    const Timetable::Due due = cell.due_after(2s);
    REQUIRE(due.slots.size() == 1);
    CHECK(due.slots[0].re_check);
    cell.timetable.re_check(cell.id, cell.clocks.read(), -5s);
    CHECK(cell.due_after(0s).slots.size() == 1);
}

TEST_CASE("a step of the wall clock does not move a re-check") {
    OneCell cell(1h, 30min);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 2s);
    cell.clocks.wall -= 5h;
    CHECK(cell.due_after(1s).slots.empty());
    CHECK(cell.due_after(1s).slots.size() == 1);
}

TEST_CASE("what is removed is not told of any more") {
    OneCell cell(10s, 4s);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 1s);
    const std::size_t other = cell.timetable.add({.key = key("other"), .every = 10s, .jitter = {}}, cell.clocks.read());
    CHECK(other != cell.id);
    cell.clocks.pass(1h);  // both are due
    cell.timetable.remove(cell.id);
    cell.timetable.remove(cell.id);
    cell.timetable.remove(999);
    CHECK(cell.timetable.size() == 1);
    CHECK_FALSE(cell.timetable.next_slot(cell.id));
    const Timetable::Due due = cell.timetable.due(cell.clocks.read());
    for (const Slot& slot : due.slots) CHECK(slot.entry == other);
    for (const MissedSlots& slots : due.missed) CHECK(slots.entry == other);
    cell.timetable.re_check(cell.id, cell.clocks.read(), 0s);
    CHECK(cell.timetable.due(cell.clocks.read()).slots.empty());
    const std::size_t again = cell.timetable.add({.key = key("login"), .every = 10s, .jitter = {}}, cell.clocks.read());
    CHECK(again > other);
    cell.timetable.remove(again);
    cell.timetable.remove(other);
    CHECK(cell.timetable.next() == Steady::max());
}

TEST_CASE("adding and removing for a year leaves nothing behind") {
    Clocks clocks;
    Timetable timetable;
    std::size_t id = 0;
    for (int i = 0; i < 20'000; ++i) {
        if (id != 0) timetable.remove(id);
        id = timetable.add({.key = key("daily"), .every = 24h, .jitter = {}}, clocks.read());
        timetable.re_check(id, clocks.read(), 12h);
        timetable.re_check(id, clocks.read(), 13h);
        clocks.pass(1s);
        REQUIRE(timetable.due(clocks.read()).slots.size() <= 1);
    }
    CHECK(timetable.size() == 1);
    clocks.pass(13h);
    CHECK(timetable.due(clocks.read()).slots.size() <= 2);
}

TEST_CASE("slots come in the order in which they were due") {
    Clocks clocks;
    Timetable timetable;
    for (int i = 0; i < 200; ++i)
        timetable.add({.key = key("p" + std::to_string(i)), .every = 10s, .jitter = 5s}, clocks.read());
    clocks.pass(9s);
    const std::vector<Slot> slots = timetable.due(clocks.read()).slots;
    REQUIRE(slots.size() > 100);
    for (std::size_t i = 1; i < slots.size(); ++i) REQUIRE(slots[i - 1].due <= slots[i].due);
}

TEST_CASE("intervals and jitters out of range are brought into it") {
    Clocks clocks;
    Timetable timetable;
    const std::size_t zero = timetable.add({.key = key("zero"), .every = 0s, .jitter = {}}, clocks.read());
    clocks.pass(10ms);
    std::int64_t told = 0;
    for (const MissedSlots& slots : timetable.due(clocks.read()).missed) told += slots.count;
    CHECK(told >= 8);
    CHECK(told <= 10);
    timetable.remove(zero);
    timetable.add({.key = key("shaky"), .every = 10s, .jitter = 1h}, clocks.read());
    CHECK(timetable.next() < clocks.steady + 15s);
}

}  // namespace serin::test
