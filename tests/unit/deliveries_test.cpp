// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/deliveries.hpp"

#include <catch2/catch.hpp>

namespace serin {
namespace {

using namespace std::chrono_literals;

const Steady sent = Steady{} + 1h;
const Expected once_within_2s{.sent = sent, .acknowledged = true, .within = 2s, .horizon = 10min, .exactly = 1};

TEST_CASE("a match within its time is delivered, to the nanosecond") {
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 2s}}, sent + 3s) == "delivered");
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 2s + 1ns}}, sent + 3s) == "late");
}

TEST_CASE("more matches than asked for are duplicates, also when the first was late") {
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 1s}, Seen{.at = sent + 2s}}, sent + 3s) == "duplicated");
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 3s}, Seen{.at = sent + 4s}}, sent + 5s) == "duplicated");
}

TEST_CASE("without `exactly` copies are no duplicates") {
    Expected at_least_one = once_within_2s;
    at_least_one.exactly = 0;
    CHECK(delivery_state(at_least_one, {Seen{.at = sent + 1s}, Seen{.at = sent + 2s}}, sent + 3s) == "delivered");
}

TEST_CASE("what carries the nonce but never matches is corrupted, and one good copy makes it delivered") {
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 1s, .matched = false}}, sent + 3s) == "corrupted");
    CHECK(delivery_state(once_within_2s, {Seen{.at = sent + 1s, .matched = false}, Seen{.at = sent + 2s}}, sent + 3s) ==
          "delivered");
}

TEST_CASE("what was accepted and not seen is outstanding until the horizon and lost from then on") {
    CHECK(delivery_state(once_within_2s, {}, sent + 3s) == "outstanding");
    CHECK(delivery_state(once_within_2s, {}, sent + 10min - 1ns) == "outstanding");
    CHECK(delivery_state(once_within_2s, {}, sent + 10min) == "lost");
}

TEST_CASE("what nobody answered and nobody saw is unknown") {
    Expected timed_out = once_within_2s;
    timed_out.acknowledged = false;
    CHECK(delivery_state(timed_out, {}, sent + 3s) == "unknown");
}

TEST_CASE("without a horizon nothing is ever called lost") {
    Expected no_horizon = once_within_2s;
    no_horizon.horizon.reset();
    CHECK(delivery_state(no_horizon, {}, sent + 1000h) == "outstanding");
}

TEST_CASE("a refused message that nobody saw is rejected, and one that came all the same is told as it came") {
    Expected refused = once_within_2s;
    refused.rejected = true;
    refused.acknowledged = false;
    CHECK(delivery_state(refused, {}, sent + 11min) == "rejected");
    CHECK(delivery_state(refused, {Seen{.at = sent + 1s}}, sent + 3s) == "delivered");
}

TEST_CASE("a message of which no byte left is never lost") {
    Expected unsent = once_within_2s;
    unsent.sent.reset();
    unsent.acknowledged = false;
    CHECK(delivery_state(unsent, {}, sent + 11min) == "unknown");
}

TEST_CASE("an overtaken message is reordered, a repeated one is not") {
    CHECK_FALSE(reordered({}));
    CHECK_FALSE(reordered({0, 1, 2}));
    CHECK_FALSE(reordered({0, 2}));
    CHECK_FALSE(reordered({0, 1, 0, 2, 1}));
    CHECK(reordered({1, 0}));
    CHECK(reordered({0, 2, 2, 1}));
}

}  // namespace
}  // namespace serin
