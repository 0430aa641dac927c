// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/admission.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace serin::test {

TEST_CASE("places are taken up to the cap and given back") {
    InFlight target(2);
    CHECK(target.enter());
    CHECK(target.enter());
    CHECK_FALSE(target.enter());
    CHECK(target.count() == 2);
    target.leave();
    CHECK(target.enter());
    CHECK_FALSE(InFlight(0).enter());
    CHECK_FALSE(InFlight(-1).enter());
}

TEST_CASE("a cap that is lowered lets those in flight end and nobody in until then") {
    InFlight target(3);
    for (int i = 0; i < 3; ++i) REQUIRE(target.enter());
    target.set_cap(1);
    CHECK_FALSE(target.enter());
    target.leave();
    target.leave();
    CHECK_FALSE(target.enter());
    target.leave();
    CHECK(target.enter());
    target.set_cap(2);
    CHECK(target.enter());
}

TEST_CASE("an admission holds one place of each and gives it back once") {
    const auto target = std::make_shared<InFlight>(1);
    const auto process = std::make_shared<InFlight>(10);
    {
        Admission::Answer answer = Admission::ask(0, 1, target, process);
        REQUIRE_FALSE(answer.refused);
        CHECK(target->count() == 1);
        CHECK(process->count() == 1);
        Admission moved = std::move(answer.admission);
        Admission again;
        again = std::move(moved);
        CHECK(target->count() == 1);
        again = Admission{};
        CHECK(target->count() == 0);
        CHECK(process->count() == 0);
        again = std::move(Admission::ask(0, 1, target, process).admission);
        CHECK(target->count() == 1);
        Admission& self = again;
        again = std::move(self);
        CHECK(target->count() == 1);
    }
    CHECK(target->count() == 0);
    CHECK(process->count() == 0);
}

TEST_CASE("who is refused holds no place and hears why") {
    const auto target = std::make_shared<InFlight>(1);
    const auto process = std::make_shared<InFlight>(1);
    CHECK(Admission::ask(1, 1, target, process).refused == GapReason::overlap);
    CHECK(Admission::ask(0, 0, target, process).refused == GapReason::overlap);
    CHECK(target->count() == 0);
    {
        const Admission::Answer first = Admission::ask(0, 1, target, nullptr);
        CHECK(Admission::ask(0, 1, target, process).refused == GapReason::shed);
        CHECK(process->count() == 0);
        CHECK(Admission::ask(1, 1, target, process).refused == GapReason::overlap);  // its own run comes first
    }
    {
        const Admission::Answer first = Admission::ask(0, 1, nullptr, process);
        CHECK(Admission::ask(0, 1, target, process).refused == GapReason::shed);
        CHECK(target->count() == 0);
    }
    CHECK_FALSE(Admission::ask(2, 3, nullptr, nullptr).refused);
}

TEST_CASE("threads that share a cap never exceed it and leave nothing behind") {
    constexpr int cap = 3;
    const auto target = std::make_shared<InFlight>(cap);
    const auto process = std::make_shared<InFlight>(5);
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::atomic<int> admitted{0};
    const auto work = [&] {
        for (int i = 0; i < 20'000; ++i) {
            const Admission::Answer answer = Admission::ask(0, 1, target, process);
            if (answer.refused) continue;
            const int now = ++inside;
            int before = most.load();
            while (now > before && !most.compare_exchange_weak(before, now)) {
            }
            ++admitted;
            --inside;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    CHECK(most <= cap);
    CHECK(admitted >= 20'000);  // one of them at least always finds a place
    CHECK(target->count() == 0);
    CHECK(process->count() == 0);
}

}  // namespace serin::test
