// SPDX-License-Identifier: Apache-2.0
#include "tests/support/schedule_simulation.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "runner/schedule/admission.hpp"
#include "runner/schedule/timetable.hpp"

namespace serin::test {
namespace {

struct RunInFlight {
    Duration ends{};
    std::size_t entry = 0;
    Admission admission;
};

bool ends_later(const RunInFlight& a, const RunInFlight& b) {
    return a.ends > b.ends;
}

struct SimulatedCell {
    int in_flight = 0;
    std::optional<Duration> started;
};

class Simulation {
public:
    explicit Simulation(const SimulatedDay& day);
    SimulatedResults play();

private:
    [[nodiscard]] ClockReading reading() const;
    [[nodiscard]] Duration next_wake() const;
    void pass_events();
    void end_runs();
    void start(const Slot& slot);
    void note_start(SimulatedCell& cell);

    const SimulatedDay& day_;
    std::mt19937_64 random_;
    Duration elapsed_{};  // since the begin, sleep included
    Duration slept_{};
    Duration stepped_{};
    std::size_t next_event_ = 0;
    Timetable timetable_;
    std::vector<SimulatedCell> cells_;  // by entry id
    std::vector<std::shared_ptr<InFlight>> targets_;
    std::shared_ptr<InFlight> process_;
    std::vector<RunInFlight> runs_;
    SimulatedResults results_;
};

Simulation::Simulation(const SimulatedDay& day)
    : day_(day), random_(day.seed), process_(std::make_shared<InFlight>(day.process_cap)) {
    for (int i = 0; i < day.targets; ++i) targets_.push_back(std::make_shared<InFlight>(day.target_cap));
    for (int i = 0; i < day.probes; ++i) {
        const CellKey key{.probe = "probe-" + std::to_string(i),
                          .vantage = "simulated",
                          .target = "shard-" + std::to_string(i % day.targets),
                          .profile = {},
                          .cell = {}};
        const TimetableEntry entry{
            .key = std::make_shared<const CellKey>(key), .every = day.every, .jitter = day.jitter};
        cells_.resize(timetable_.add(entry, reading()) + 1);
    }
}

ClockReading Simulation::reading() const {
    return {.wall = day_.begin + elapsed_ + stepped_,
            .steady = Steady(std::chrono::hours(1)) + (elapsed_ - slept_),
            .suspended = slept_};
}

/// A worker sleeps until something is due, but looks at the clock each second.
Duration Simulation::next_wake() const {
    Duration wake = elapsed_ + std::chrono::seconds(1);
    wake = std::min(wake, elapsed_ + Duration(timetable_.next() - reading().steady));
    if (!runs_.empty()) wake = std::min(wake, runs_.front().ends);
    if (next_event_ < day_.events.size()) wake = std::min(wake, day_.events[next_event_].at);
    return std::max(wake, elapsed_);
}

void Simulation::pass_events() {
    for (; next_event_ < day_.events.size() && day_.events[next_event_].at <= elapsed_; ++next_event_) {
        const ClockEvent& event = day_.events[next_event_];
        stepped_ += event.step;
        slept_ += event.sleep;
        elapsed_ += event.sleep + event.stall;
    }
}

void Simulation::end_runs() {
    while (!runs_.empty() && runs_.front().ends <= elapsed_) {
        std::ranges::pop_heap(runs_, ends_later);
        --cells_[runs_.back().entry].in_flight;
        runs_.pop_back();
    }
}

void Simulation::note_start(SimulatedCell& cell) {
    if (cell.started) {
        results_.closest_starts = std::min(results_.closest_starts, elapsed_ - *cell.started);
        results_.widest_starts = std::max(results_.widest_starts, elapsed_ - *cell.started);
    }
    cell.started = elapsed_;
}

void Simulation::start(const Slot& slot) {
    SimulatedCell& cell = cells_[slot.entry];
    const auto& target = targets_[slot.entry % targets_.size()];
    Admission::Answer answer = Admission::ask(cell.in_flight, day_.overlap, target, process_);
    if (answer.refused) {
        ++(*answer.refused == GapReason::shed ? results_.shed : results_.overlapped);
        return;
    }
    ++results_.started;
    ++cell.in_flight;
    results_.worst_lateness = std::max(results_.worst_lateness, Duration(reading().steady - slot.due));
    if (std::ranges::any_of(day_.maintenance, [&](const auto& window) { return covers(window, slot.scheduled_at); }))
        ++results_.in_maintenance;
    note_start(cell);
    const auto spread = static_cast<std::uint64_t>((day_.longest_run - day_.shortest_run).count()) + 1;
    const Duration takes = day_.shortest_run + Duration(static_cast<Duration::rep>(random_() % spread));
    runs_.push_back({.ends = elapsed_ + takes, .entry = slot.entry, .admission = std::move(answer.admission)});
    std::ranges::push_heap(runs_, ends_later);
    results_.most_in_flight = std::max(results_.most_in_flight, process_->count());
    elapsed_ += day_.start_cost;
}

SimulatedResults Simulation::play() {
    while (elapsed_ < day_.length) {
        pass_events();
        end_runs();
        const Timetable::Due due = timetable_.due(reading());
        for (const MissedSlots& slots : due.missed) results_.missed += slots.count;
        for (const Slot& slot : due.slots) start(slot);
        elapsed_ = next_wake();
    }
    return results_;
}

}  // namespace

SimulatedResults simulate(const SimulatedDay& day) {
    return Simulation(day).play();
}

}  // namespace serin::test
