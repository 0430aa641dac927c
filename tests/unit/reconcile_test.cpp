// SPDX-License-Identifier: Apache-2.0
#include "reports/store/reconcile.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

using std::chrono::seconds;

const Wall sent_at{std::chrono::hours(1000)};

ReconciledDelivery seen_at(const std::string& state, int copies, std::optional<Duration> took,
                           const std::vector<std::pair<std::string, seconds>>& sightings) {
    std::vector<ForeignSighting> foreign;
    for (const auto& [run, after] : sightings) foreign.push_back({.run_id = run, .at = sent_at + after});
    return reconcile({.state = state, .copies = copies, .send_to_receive = took}, "sender", sent_at, foreign);
}

}  // namespace

TEST_CASE("what nobody else saw stays as its run settled it") {
    for (const char* const state :
         {"delivered", "late", "lost", "outstanding", "unknown", "rejected", "misdelivered"}) {
        const ReconciledDelivery now = seen_at(state, 1, seconds(3), {});
        CHECK(now.state == state);
        CHECK(now.copies == 1);
        CHECK_FALSE(now.reclassified_at);
    }
}

TEST_CASE("a message that its own run did not see and another run did is late") {
    for (const char* const state : {"lost", "outstanding", "unknown", "rejected", ""}) {
        const ReconciledDelivery now = seen_at(state, 0, std::nullopt, {{"other", seconds(70)}});
        CHECK(now.state == "late");
        CHECK(now.copies == 1);
        CHECK(now.send_to_receive == Duration(seconds(70)));
        CHECK(now.reclassified_at == sent_at + seconds(70));
    }
}

TEST_CASE("a message that comes once more is duplicated") {
    CHECK(seen_at("lost", 0, std::nullopt, {{"a", seconds(70)}, {"a", seconds(71)}}).state == "duplicated");
    CHECK(seen_at("lost", 0, std::nullopt, {{"a", seconds(70)}, {"b", seconds(90)}}).copies == 2);
    CHECK(seen_at("delivered", 1, seconds(1), {{"b", seconds(61)}}).state == "duplicated");
    CHECK(seen_at("duplicated", 2, seconds(1), {{"b", seconds(61)}}).copies == 3);
}

TEST_CASE("runs that listen side by side see one copy") {
    CHECK(seen_at("delivered", 1, seconds(10), {{"b", seconds(10)}, {"c", seconds(11)}}).state == "delivered");
    const ReconciledDelivery now = seen_at("lost", 0, std::nullopt, {{"b", seconds(70)}, {"c", seconds(71)}});
    CHECK(now.state == "late");
    CHECK(now.copies == 1);
}

TEST_CASE("corrupted and misdelivered stay whoever else sees the message") {
    CHECK(seen_at("corrupted", 0, std::nullopt, {{"b", seconds(60)}}).state == "corrupted");
    CHECK(seen_at("misdelivered", 1, std::nullopt, {{"b", seconds(60)}}).state == "misdelivered");
}

TEST_CASE("a clock that stepped back makes no negative time") {
    CHECK(seen_at("lost", 0, std::nullopt, {{"b", seconds(-5)}}).send_to_receive == Duration{});
}

TEST_CASE("of two verdicts on one delivery the one that tells more is kept") {
    CHECK(tells_more("delivered", "lost"));
    CHECK_FALSE(tells_more("lost", "delivered"));
    CHECK(tells_more("misdelivered", "duplicated"));
    CHECK_FALSE(tells_more("late", "late"));
}

}  // namespace serin::test
