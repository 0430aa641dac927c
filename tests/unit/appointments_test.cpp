// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/appointments.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/virtual_clock.hpp"

using namespace std::chrono_literals;

namespace serin::test {
namespace {

/// One worker whose runs are scripted: how long each takes and how it ends.
class Office {
public:
    struct Call {
        std::string cell;
        Duration at{};
    };

    std::shared_ptr<const CellPlan> plan(const std::string& target, Duration every) const {
        auto made = std::make_shared<CellPlan>();
        made->key = std::make_shared<const CellKey>(CellKey{.probe = "p", .vantage = "v", .target = target});
        made->every = every;
        made->target = std::make_shared<InFlight>(100);
        made->state = std::make_shared<CellState>();
        return made;
    }
    static std::shared_ptr<CellPlan> copy(const std::shared_ptr<const CellPlan>& plan) {
        return std::make_shared<CellPlan>(*plan);
    }

    /// Serves `plans` for `time`, then stops and lets every run end.
    void serve(const CellPlans& plans, Duration time) {
        appointments.replace(plans, last);
        clock.after(time, [this] { appointments.stop(); });
        run_virtually(context, clock, appointments.serve());
    }

    [[nodiscard]] std::vector<Record> records() const { return of_kind<Record>(); }
    [[nodiscard]] std::vector<Gap> gaps() const { return of_kind<Gap>(); }
    [[nodiscard]] std::int64_t slots_not_run(GapReason reason) const {
        std::int64_t count = 0;
        for (const Gap& gap : gaps()) count += gap.reason == reason ? gap.count : 0;
        return count;
    }

    boost::asio::io_context context;
    VirtualClock clock{context.get_executor()};
    Duration suspended{};
    Duration run_time = 100ms;
    std::map<CellKey, Wall> last;
    std::function<Verdict(int)> verdict = [](int) { return Verdict::pass; };
    std::vector<Call> calls;
    std::vector<std::size_t> deliveries;  ///< entries of each
    std::vector<Duration> delivered_at;
    std::vector<StoreEntry> entries;
    std::shared_ptr<InFlight> process = std::make_shared<InFlight>(1000);
    Appointments appointments{{.executor = context.get_executor(),
                               .clock = clock,
                               .suspended = [this] { return suspended; },
                               .play = [this](std::shared_ptr<const CellPlan> plan,
                                              Stop& stop) { return play(*this, std::move(plan), stop); },
                               .deliver = [this](std::vector<StoreEntry> some) { take(std::move(some)); },
                               .process = process}};

private:
    static boost::asio::awaitable<Outcome> play(Office& office, std::shared_ptr<const CellPlan> plan, Stop& stop) {
        office.calls.push_back({.cell = plan->key->target, .at = office.clock.elapsed()});
        const int number = static_cast<int>(office.calls.size());
        const std::unique_ptr<Bell> bell = office.clock.make_bell();
        const std::size_t id = stop.listen([&bell] { bell->ring(); });
        const bool stopped = co_await bell->wait_until(deadline_after(office.clock.now(), office.run_time).at);
        stop.forget(id);
        Outcome outcome;
        outcome.run_id = std::to_string(number);
        outcome.verdict = stopped ? Verdict::aborted : office.verdict(number);
        co_return outcome;
    }
    void take(std::vector<StoreEntry> some) {
        deliveries.push_back(some.size());
        delivered_at.push_back(clock.elapsed());
        for (StoreEntry& entry : some) entries.push_back(std::move(entry));
    }
    template <class Kind>
    [[nodiscard]] std::vector<Kind> of_kind() const {
        std::vector<Kind> found;
        for (const StoreEntry& entry : entries) {
            if (const auto* one = std::get_if<Kind>(&entry)) found.push_back(*one);
        }
        return found;
    }
};

TEST_CASE("every slot of the grid becomes a run, at its time") {
    Office office;
    office.serve({office.plan("a", 10s), office.plan("b", 5s)}, 100s);
    std::map<std::string, std::vector<Duration>> at;
    for (const Office::Call& call : office.calls) at[call.cell].push_back(call.at);
    REQUIRE(at["a"].size() == 10);
    REQUIRE(at["b"].size() == 20);
    for (std::size_t i = 1; i < at["a"].size(); ++i) CHECK(at["a"][i] - at["a"][i - 1] == 10s);
    for (const Record& record : office.records()) {
        CHECK(record.start_lateness == 0ns);
        CHECK_FALSE(record.on_request);
    }
    CHECK(office.records().size() == 30);
    CHECK(office.gaps().empty());
}

TEST_CASE("passing runs are delivered together, one that failed at once") {
    Office office;
    office.run_time = 1ms;
    office.verdict = [](int number) { return number % 50 == 0 ? Verdict::fail : Verdict::pass; };
    office.serve({office.plan("a", 100ms), office.plan("b", 100ms), office.plan("c", 100ms)}, 10s);
    REQUIRE(office.records().size() == 300);
    CHECK(office.deliveries.size() < 120);
    std::size_t failed = 0;
    for (const Record& record : office.records()) failed += record.outcome->verdict == Verdict::fail ? 1 : 0;
    CHECK(failed == 6);
}

TEST_CASE("a passing run waits for company at most as long as it is held") {
    Office office;
    office.run_time = 1ms;
    office.serve({office.plan("a", 10s)}, 25s);
    REQUIRE(office.calls.size() >= 2);
    REQUIRE(office.delivered_at.size() == office.calls.size());
    for (std::size_t i = 0; i < office.calls.size(); ++i) CHECK(office.delivered_at[i] - office.calls[i].at <= 101ms);
}

TEST_CASE("a cell whose run is still going on skips its slot, and says so") {
    Office office;
    office.run_time = 25s;
    office.serve({office.plan("a", 10s)}, 100s);
    CHECK(office.calls.size() == 4);
    CHECK(office.slots_not_run(GapReason::overlap) == 6);
}

TEST_CASE("with room for it, runs of one cell overlap") {
    Office office;
    office.run_time = 25s;
    const auto plan = Office::copy(office.plan("a", 10s));
    plan->overlap = 3;
    office.serve({plan}, 100s);
    CHECK(office.calls.size() == 10);
    CHECK(office.gaps().empty());
}

TEST_CASE("beyond the cap of its target a slot is shed, not queued") {
    Office office;
    office.run_time = 60s;
    const auto target = std::make_shared<InFlight>(2);
    CellPlans plans;
    for (const char* name : {"a", "b", "c", "d"}) {
        const auto plan = Office::copy(office.plan(name, 50s));
        plan->target = target;
        plans.push_back(plan);
    }
    office.serve(plans, 50s);
    CHECK(office.calls.size() == 2);
    CHECK(office.slots_not_run(GapReason::shed) == 2);
    CHECK(target->count() == 0);
    CHECK(office.process->count() == 0);
}

TEST_CASE("while a cell fails it is looked at again sooner, beside its grid") {
    Office office;
    office.run_time = 10ms;
    const auto plan = Office::copy(office.plan("a", 60s));
    plan->confirm = 2s;
    office.verdict = [](int number) { return number == 1 || number == 2 ? Verdict::fail : Verdict::pass; };
    office.serve({plan}, 120s);
    REQUIRE(office.calls.size() == 4);
    CHECK(office.calls[1].at - office.calls[0].at == 2s + 10ms);
    CHECK(office.calls[2].at - office.calls[1].at == 2s + 10ms);
    CHECK(office.calls[3].at - office.calls[0].at == 60s);
    const std::vector<Record> records = office.records();
    CHECK_FALSE(records[0].on_request);
    CHECK(records[1].on_request);
    CHECK(records[2].on_request);
    CHECK_FALSE(records[3].on_request);
}

TEST_CASE("a re-check that hangs takes no slot's place: an outage is counted slot by slot") {
    Office office;
    office.run_time = 2200ms;
    const auto plan = Office::copy(office.plan("a", 4s));
    plan->confirm = 1s;
    office.verdict = [](int) { return Verdict::fail; };
    office.serve({plan}, 40s);
    std::size_t slots = 0;
    for (const Record& record : office.records()) slots += record.on_request ? 0 : 1;
    CHECK(slots == 10);
    CHECK(office.gaps().empty());
    CHECK(plan->state->in_flight == 0);
    CHECK(plan->state->slots_in_flight == 0);
}

TEST_CASE("what an earlier process left undone is missed, once") {
    Office office;
    const auto plan = office.plan("a", 10s);
    const Wall now = office.clock.wall();
    const Wall slot = slot_at_or_after(now, 10s, phase_of(*plan->key, 10s));
    office.last[*plan->key] = slot - 70s;
    office.serve({plan}, 30s);
    CHECK(office.slots_not_run(GapReason::missed) == 6);
    CHECK(office.calls.size() == 3);
}

TEST_CASE("a reload keeps unchanged cells in their place and drops those that are gone") {
    Office office;
    const auto a = office.plan("a", 10s);
    const auto b = office.plan("b", 10s);
    office.clock.after(50s, [&] { office.appointments.replace({Office::copy(a), office.plan("c", 10s)}, {}); });
    office.serve({a, b}, 100s);
    std::map<std::string, std::vector<Duration>> at;
    for (const Office::Call& call : office.calls) at[call.cell].push_back(call.at);
    CHECK(at["a"].size() == 10);
    CHECK(at["b"].size() == 5);
    CHECK(at["c"].size() == 5);
    for (std::size_t i = 1; i < at["a"].size(); ++i) CHECK(at["a"][i] - at["a"][i - 1] == 10s);
    CHECK(office.gaps().empty());
}

TEST_CASE("a stop starts nothing more and lets runs in flight end") {
    Office office;
    office.run_time = 30s;
    office.serve({office.plan("a", 100s)}, 100s);
    REQUIRE(office.records().size() == 1);
    CHECK(office.records().front().outcome->verdict == Verdict::pass);
}

TEST_CASE("an interrupt ends the runs in flight, and they are told") {
    Office office;
    office.run_time = 1000s;
    office.clock.after(101s, [&] { office.appointments.interrupt(); });
    office.serve({office.plan("a", 100s)}, 100s);
    REQUIRE(office.records().size() == 1);
    CHECK(office.records().front().outcome->verdict == Verdict::aborted);
    CHECK(office.clock.elapsed() < 200s);
}

TEST_CASE("a person's request starts the chosen cells beside the schedule") {
    Office office;
    int started = 0;
    office.clock.after(1ms, [&] { started = office.appointments.start_now("p", "b"); });
    office.serve({office.plan("a", 24h), office.plan("b", 24h)}, 1s);
    CHECK(started == 1);
    REQUIRE_FALSE(office.records().empty());
    CHECK(office.records().front().key->target == "b");
    CHECK(office.records().front().on_request);
}

}  // namespace
}  // namespace serin::test
