// SPDX-License-Identifier: Apache-2.0
// Healthy services with the noise that every network has: nobody is woken.
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {

TEST_CASE("policy: ten thousand healthy runs with benign noise raise no critical fault") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        CAPTURE(seed);
        Fleet fleet;
        fleet.targets = 4;
        fleet.rounds = 835;
        fleet.outage_at = 400;
        fleet.seed = seed;
        const FleetResult result = play_fleet(fleet);
        CHECK(result.runs >= 10'000);
        CHECK(result.failed >= 8);  // the outage did happen
        CHECK(result.critical == 0);
        CHECK(result.warnings >= 1);  // and it is shown
    }
}

TEST_CASE("policy: the same noise from one vantage alone is worth a page") {
    Fleet fleet;
    fleet.vantages = 1;
    fleet.rounds = 100;
    fleet.outage_at = 50;
    CHECK(play_fleet(fleet).critical > 0);
}

}  // namespace serin::test
