// SPDX-License-Identifier: Apache-2.0
// Changes laid beside incidents: suspects before, mitigations during, and what became of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/book_play.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

Fault narrow(const BookPlay& play) {
    return fault_of({"us-east-1"}, {"fra", "iad"}, play.now - 90s);
}
std::string effect_of(const BookPlay& play) {
    REQUIRE(play.only().mitigations.size() == 1);
    return play.only().mitigations[0].effect;
}

}  // namespace

TEST_CASE("a change before the incident is a suspect from its opening on") {
    BookPlay play;
    play.tell(change_of("deploy-4711", "deploy", play.now - 6min));
    play.raise(narrow(play));
    REQUIRE(play.only().suspects.size() == 1);
    CHECK(play.only().suspects[0].change.id == "deploy-4711");
    CHECK(play.notices[0].incident.suspects.size() == 1);
    CHECK(play.only().mitigations.empty());
    CHECK(play.entries_of("suspect") == 1);
}

TEST_CASE("a change that is recorded late becomes a suspect then") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(1min);
    play.tell(change_of("deploy-4711", "deploy", play.now - 1h));
    CHECK(play.only().suspects.size() == 1);
    CHECK(play.only().mitigations.empty());
    play.clear(narrow(play));
    play.tell(change_of("flag-9", "flag", noon_play() - 30min));
    CHECK(play.only().suspects.size() == 2);
}

TEST_CASE("the same change again updates and does not double") {
    BookPlay play;
    play.tell(change_of("deploy-4711", "deploy", play.now - 6min));
    Change ended = change_of("deploy-4711", "deploy", play.now - 6min);
    ended.ended_at = play.now - 3min;
    play.tell(ended);
    play.raise(narrow(play));
    REQUIRE(play.only().suspects.size() == 1);
    CHECK(play.only().suspects[0].change.ended_at == play.now - 3min);
}

TEST_CASE("a change while it goes on is a mitigation and what recovers soon after has improved") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(5min);
    play.tell(change_of("rollback-1", "rollback", play.now));
    CHECK(effect_of(play).empty());
    play.pass(9min);
    play.clear(narrow(play));
    CHECK(effect_of(play) == "improved");
}

TEST_CASE("a mitigation after which it still fails had no effect and its suspect is rejected") {
    BookPlay play;
    Change deploy = change_of("deploy-4711", "deploy", play.now - 6min);
    play.tell(deploy);
    play.raise(narrow(play));
    play.pass(5min);
    Change rollback = change_of("rollback-1", "rollback", play.now);
    rollback.ended_at = play.now + 1min;
    play.tell(rollback);
    play.pass(11min - 1s);
    CHECK(effect_of(play).empty());
    play.pass(1s);
    CHECK(effect_of(play) == "none");
    CHECK(play.entries_of("effect") == 1);
    REQUIRE(play.only().suspects.size() == 1);
    CHECK(play.only().suspects[0].rejected);
    CHECK(play.only().suspects[0].rejected_by == "rollback-1");
    play.clear(narrow(play));
    CHECK(effect_of(play) == "none");
}

TEST_CASE("a mitigation after which more cells fail made it worse") {
    BookPlay play;
    play.raise(narrow(play));
    play.pass(5min);
    play.tell(change_of("capacity-1", "capacity", play.now));
    play.pass(2min);
    play.change_to(fault_of({"us-east-1", "us-east-2"}, {"fra", "iad"}, play.now));
    CHECK(effect_of(play) == "worse");
    play.clear(narrow(play));
    CHECK(effect_of(play) == "worse");
}

TEST_CASE("the end of a mitigation that is told later is waited for") {
    BookPlay play;
    play.raise(narrow(play));
    play.tell(change_of("rollback-1", "rollback", play.now));
    play.pass(11min);
    CHECK(effect_of(play) == "none");
    Change ended = change_of("rollback-1", "rollback", noon_play());
    ended.ended_at = play.now;
    play.tell(ended);
    CHECK(effect_of(play).empty());
    play.pass(2min);
    play.clear(narrow(play));
    CHECK(effect_of(play) == "improved");
}

TEST_CASE("a change of other shards is no mitigation") {
    BookPlay play;
    play.raise(narrow(play));
    Change other = change_of("deploy-5", "deploy", play.now);
    other.shards = {"eu-west-1"};
    play.tell(other);
    CHECK(play.only().mitigations.empty());
    other.id = "deploy-6";
    other.shards = {"us-east-1"};
    play.tell(other);
    CHECK(play.only().mitigations.size() == 1);
}

TEST_CASE("a change while it is watched is no mitigation") {
    BookPlay play;
    play.raise(narrow(play));
    play.clear(narrow(play));
    play.pass(1h, 1min);
    play.tell(change_of("deploy-5", "deploy", play.now));
    CHECK(play.only().mitigations.empty());
}

TEST_CASE("advice comes once users have failed for long enough and goes when it is rejected") {
    BookPlay play;
    Change deploy = change_of("deploy-4711", "deploy", play.now - 6min);
    deploy.shards = {"us-east-1"};
    play.tell(deploy);
    play.raise(narrow(play));
    CHECK(play.only().advice.empty());
    play.pass(15min);
    CHECK_FALSE(play.only().advice.empty());
    CHECK(play.entries_of("advice") == 1);
    play.tell(change_of("rollback-1", "rollback", play.now));
    play.pass(10min);
    CHECK(play.only().suspects.at(0).rejected);
    CHECK(play.only().advice.empty());
}

TEST_CASE("changes outlive a restart") {
    BookPlay play;
    play.tell(change_of("deploy-4711", "deploy", play.now - 1h));
    play.restart({});
    play.raise(narrow(play));
    CHECK(play.only().suspects.size() == 1);
}

}  // namespace serin::test
