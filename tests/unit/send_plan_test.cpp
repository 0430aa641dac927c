// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/send_plan.hpp"

#include <catch2/catch.hpp>
#include <chrono>

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using State = OutboxRow::State;
using Ids = std::vector<std::int64_t>;

const Wall noon = Wall(hours(500'000));

SendRules steady_rules() {
    SendRules rules;
    rules.jitter = 0;
    return rules;
}

Notice notice_of(const std::string& incident, int number, NoticeKind kind, bool page = true) {
    Notice notice;
    notice.id = incident + "." + std::to_string(number);
    notice.kind = kind;
    notice.incident.id = incident;
    notice.made_at = noon;
    notice.channels = {"A"};
    notice.failover = {"B"};
    notice.page = page;
    return notice;
}

SendResult took(Took how, const std::string& said = "words") {
    return {.took = how, .said = said, .retry_after = {}, .reference = {}};
}

SendResult later(Duration wish) {
    return {.took = Took::retry, .said = "429", .retry_after = wish, .reference = {}};
}

/// A plan with rows of one notice after the other, ids from 1 on.
struct Play {
    explicit Play(SendRules rules = steady_rules()) : plan(std::move(rules), 1) {}
    void add(const Notice& notice) {
        auto rows = plan.rows_for(notice, next_id);
        next_id += std::ssize(rows);
        plan.add(std::move(rows));
    }
    Ids due(Duration after) {
        Ids ids;
        for (const OutboxRow& row : plan.due(noon + after)) ids.push_back(row.id);
        return ids;
    }
    std::vector<OutboxRow> settle(std::int64_t id, const SendResult& result, Duration after) {
        return plan.settle(id, result, noon + after);
    }
    SendPlan plan;
    std::int64_t next_id = 1;
};

const OutboxRow& row_with(const std::vector<OutboxRow>& rows, std::int64_t id) {
    for (const OutboxRow& row : rows)
        if (row.id == id) return row;
    FAIL("no row " << id);
    return rows.front();
}

Ids ids_of(const std::vector<OutboxRow>& rows) {
    Ids ids;
    for (const OutboxRow& row : rows) ids.push_back(row.id);
    return ids;
}

}  // namespace

TEST_CASE("a page has a row for each channel and a waiting one for each failover") {
    Notice notice = notice_of("inc-1", 1, NoticeKind::opened);
    notice.channels = {"A", "C", "A"};
    notice.failover = {"C", "B", "D"};
    const auto rows = SendPlan::rows_of(notice, 7, seconds(60));
    REQUIRE(rows.size() == 4);
    CHECK(ids_of(rows) == Ids{7, 8, 9, 10});
    CHECK(rows[0].channel == "A");
    CHECK(rows[1].channel == "C");
    CHECK(rows[1].order == 0);
    CHECK(rows[1].state == State::pending);
    CHECK(rows[2].channel == "B");
    CHECK(rows[2].order == 1);
    CHECK(rows[2].state == State::waiting);
    CHECK(rows[2].due_at == noon + seconds(60));
    CHECK(rows[3].due_at == noon + seconds(120));
    CHECK(SendPlan::rows_of(notice, 1, hours(1))[2].due_at == noon + seconds(120));
}

TEST_CASE("what is no page and what is a drill has no failover") {
    CHECK(SendPlan::rows_of(notice_of("i", 1, NoticeKind::opened, false), 1, seconds(60)).size() == 1);
    Notice drill = notice_of("i", 1, NoticeKind::opened);
    drill.incident.drill = true;
    CHECK(SendPlan::rows_of(drill, 1, seconds(60)).size() == 1);
}

TEST_CASE("a page with failovers only goes to the first of them at once") {
    Notice notice = notice_of("i", 1, NoticeKind::opened);
    notice.channels.clear();
    notice.failover = {"B", "C"};
    const auto rows = SendPlan::rows_of(notice, 1, seconds(60));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].state == State::pending);
    CHECK(rows[1].state == State::waiting);
}

TEST_CASE("a proven page ends its failover and leaves the plan") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    CHECK(play.due(seconds(0)) == Ids{1});
    CHECK(play.due(seconds(1)).empty());  // handed out once
    SendResult proven = took(Took::proven);
    proven.reference = "ref-1";
    const auto changed = play.settle(1, proven, seconds(1));
    REQUIRE(ids_of(changed) == Ids{1, 2});
    CHECK(changed[0].state == State::delivered);
    CHECK(changed[0].attempts == 1);
    CHECK(changed[0].reference == "ref-1");
    CHECK(changed[0].first_attempt_at == noon);
    CHECK(changed[0].settled_at == noon + seconds(1));
    CHECK(changed[1].state == State::superseded);
    CHECK(changed[1].settled_at);
    CHECK(play.plan.size() == 0);
    CHECK_FALSE(play.plan.next_due());
    CHECK(play.plan.health().at("A").last_proven_at == noon + seconds(1));
    CHECK(play.settle(1, proven, seconds(2)).empty());
}

TEST_CASE("attempts follow the schedule and its last delay repeats") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    Duration at{};
    for (const int pause : {2, 5, 15, 30, 60, 60, 60}) {
        REQUIRE(play.due(at) == Ids{1});
        play.settle(1, took(Took::retry), at);
        at += seconds(pause);
        if (play.plan.health().at("A").circuit_open) break;
        CHECK(play.plan.next_due() == noon + at);
        CHECK(play.due(at - milliseconds(1)).empty());
    }
    CHECK(play.plan.health().at("A").failures_in_a_row == 5);
}

TEST_CASE("jitter stays within its share and is the same for the same seed") {
    SendRules rules;
    rules.schedule = {seconds(100)};
    rules.circuit_after = 1000;
    const auto delays = [&](std::uint64_t seed) {
        SendPlan plan(rules, seed);
        plan.add(SendPlan::rows_of(notice_of("i", 1, NoticeKind::opened, false), 1, seconds(60)));
        std::vector<Duration> found;
        Wall now = noon;
        for (int i = 0; i < 200; ++i) {
            REQUIRE(plan.due(now).size() == 1);
            const auto changed = plan.settle(1, took(Took::retry), now);
            found.emplace_back(changed[0].due_at - now);
            now = changed[0].due_at;
        }
        return found;
    };
    const auto one = delays(1);
    CHECK(one == delays(1));
    CHECK(one != delays(2));
    const auto [least, most] = std::ranges::minmax(one);
    CHECK(least >= seconds(80));
    CHECK(least < seconds(85));
    CHECK(most <= seconds(120));
    CHECK(most > seconds(115));
}

TEST_CASE("Retry-After is honoured and bounded to five minutes for a page and an hour for others") {
    for (const bool page : {true, false}) {
        Play play;
        play.add(notice_of("i", 1, NoticeKind::opened, page));
        play.due(seconds(0));
        const auto changed = play.settle(1, later(hours(7)), seconds(0));
        CHECK(row_with(changed, 1).due_at == noon + (page ? Duration(minutes(5)) : Duration(hours(1))));
    }
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    const auto changed = play.settle(1, later(seconds(30)), seconds(0));
    CHECK(row_with(changed, 1).due_at == noon + seconds(30));
    CHECK(ids_of(changed) == Ids{1});
}

TEST_CASE("a Retry-After holds the whole channel") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    play.due(seconds(0));
    play.settle(1, later(seconds(20)), seconds(0));
    play.add(notice_of("j", 1, NoticeKind::opened, false));
    CHECK(play.due(seconds(19)).empty());
    CHECK(play.plan.next_due() == noon + seconds(20));
    CHECK(play.due(seconds(20)) == Ids{1, 2});
}

TEST_CASE("a Retry-After beyond the failover begins the failover at once") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    play.settle(1, later(minutes(5)), seconds(1));
    CHECK(play.due(seconds(1)) == Ids{2});
}

TEST_CASE("a failover begins when the first channel has not proven delivery in time and the first keeps trying") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    CHECK(play.due(seconds(0)) == Ids{1});  // hangs
    CHECK(play.due(seconds(59)).empty());
    CHECK(play.plan.next_due() == noon + seconds(60));
    CHECK(play.due(seconds(60)) == Ids{2});
    const auto changed = play.settle(2, took(Took::proven), seconds(61));
    CHECK(row_with(changed, 2).state == State::delivered);
    CHECK(play.plan.size() == 1);
    play.settle(1, took(Took::retry), seconds(70));
    CHECK(play.due(seconds(72)) == Ids{1});
}

TEST_CASE("a refused page fails over at once") {
    for (const Took how : {Took::refused, Took::broken}) {
        Play play;
        play.add(notice_of("i", 1, NoticeKind::opened));
        play.due(seconds(0));
        const auto changed = play.settle(1, took(how, "400 bad"), seconds(1));
        CHECK(row_with(changed, 1).state == State::refused);
        CHECK(row_with(changed, 1).said == "400 bad");
        CHECK(row_with(changed, 2).due_at == noon + seconds(1));
        CHECK(play.due(seconds(1)) == Ids{2});
        CHECK(play.plan.health().at("A").broken == (how == Took::broken));
    }
}

TEST_CASE("further failovers follow one after the other") {
    Play play;
    Notice notice = notice_of("i", 1, NoticeKind::opened);
    notice.failover = {"B", "C"};
    play.add(notice);
    play.due(seconds(0));
    play.settle(1, took(Took::refused), seconds(1));
    CHECK(play.due(seconds(1)) == Ids{2});
    CHECK(play.plan.next_due() == noon + seconds(61));  // a minute after the one before
    play.settle(2, took(Took::refused), seconds(2));
    CHECK(play.due(seconds(2)) == Ids{3});
    const auto changed = play.settle(3, took(Took::proven), seconds(3));
    CHECK(row_with(changed, 3).state == State::delivered);
    CHECK(play.plan.size() == 0);
}

TEST_CASE("with two channels told one refusal alone does not begin the failover") {
    Play play;
    Notice notice = notice_of("i", 1, NoticeKind::opened);
    notice.channels = {"A", "C"};
    play.add(notice);
    CHECK(play.due(seconds(0)) == Ids{1, 2});
    play.settle(1, took(Took::refused), seconds(1));
    CHECK(play.due(seconds(1)).empty());
    play.settle(2, took(Took::refused), seconds(2));
    CHECK(play.due(seconds(2)) == Ids{3});
}

TEST_CASE("the last channel that is left keeps trying when it is broken") {
    Play play;
    Notice alone = notice_of("i", 1, NoticeKind::opened);
    alone.failover.clear();
    play.add(alone);
    play.due(seconds(0));
    CHECK(row_with(play.settle(1, took(Took::broken, "401"), seconds(0)), 1).state == State::pending);
    CHECK(play.plan.health().at("A").broken);
    CHECK(play.due(minutes(4)).empty());
    CHECK(play.due(minutes(5)) == Ids{1});
    CHECK(row_with(play.settle(1, took(Took::proven), minutes(5)), 1).state == State::delivered);
    CHECK_FALSE(play.plan.health().at("A").broken);
}

TEST_CASE("what cannot be sent for a day is refused in words") {
    SendRules rules = steady_rules();
    rules.schedule = {hours(1)};
    Play play(rules);
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    OutboxRow last;
    for (int hour = 0; hour <= 24; ++hour) {
        REQUIRE(play.due(hours(hour)) == Ids{1});
        last = row_with(play.settle(1, took(Took::retry, "reset"), hours(hour)), 1);
        CHECK((last.state == State::refused) == (hour == 24));
    }
    CHECK(last.said.find("given up") != std::string::npos);
    CHECK(last.said.find("reset") != std::string::npos);
    CHECK(play.plan.size() == 0);
}

TEST_CASE("an accepted page is read back until it is proven") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    CHECK(row_with(play.settle(1, took(Took::accepted), seconds(0)), 1).state == State::accepted);
    CHECK(play.due(std::chrono::milliseconds(400)).empty());
    const auto again = play.plan.due(noon + std::chrono::milliseconds(500));
    REQUIRE(again.size() == 1);
    CHECK(again[0].state == State::accepted);
    play.settle(1, took(Took::retry), seconds(1));  // the look failed: nothing is sent again
    CHECK(play.plan.health().at("A").failures_in_a_row == 0);
    CHECK(play.due(seconds(6)) == Ids{1});
    const auto changed = play.settle(1, took(Took::proven), seconds(7));
    CHECK(row_with(changed, 1).state == State::delivered);
    CHECK(row_with(changed, 1).attempts == 1);
    CHECK(row_with(changed, 2).state == State::superseded);
}

TEST_CASE("an accepted page that never shows goes to the failover and is settled as accepted") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    play.settle(1, took(Took::accepted), seconds(0));
    Duration at{};
    while (at < seconds(60)) {
        at += seconds(1);
        for (const OutboxRow& row : play.plan.due(noon + at)) {
            if (row.id == 1) play.settle(1, took(Took::accepted), at);
            if (row.id == 2) play.settle(2, took(Took::proven), at);
        }
    }
    CHECK(play.due(seconds(90)) == Ids{1});
    const auto changed = play.settle(1, took(Took::accepted), seconds(90));
    CHECK(row_with(changed, 1).state == State::accepted);
    CHECK(row_with(changed, 1).settled_at);
    CHECK(play.plan.size() == 0);
}

TEST_CASE("a page that was dropped by the channel fails over at once") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    play.settle(1, took(Took::accepted), seconds(0));
    CHECK(play.due(seconds(3)) == Ids{1});
    play.settle(1, took(Took::refused, "no such incident"), seconds(3));
    CHECK(play.due(seconds(3)) == Ids{2});
}

TEST_CASE("a channel that cannot prove is settled as accepted and the failover goes unless somebody acknowledges") {
    for (const bool acknowledged : {true, false}) {
        Play play;
        play.plan.know_channel("A", {.provable = false});
        play.add(notice_of("i", 1, NoticeKind::opened));
        play.due(seconds(0));
        const auto changed = play.settle(1, took(Took::accepted), seconds(0));
        CHECK(row_with(changed, 1).state == State::accepted);
        CHECK(row_with(changed, 1).settled_at);
        if (acknowledged) {
            const auto ended = play.plan.acknowledged("i", noon + seconds(30));
            CHECK(row_with(ended, 2).state == State::superseded);
        }
        CHECK(play.due(seconds(59)).empty());
        CHECK(play.due(seconds(60)) == (acknowledged ? Ids{} : Ids{2}));
    }
}

TEST_CASE("a channel that wakes nobody does not count for a page") {
    Notice notice = notice_of("i", 1, NoticeKind::opened);
    notice.channels = {"A", "chart"};
    Play play;
    play.plan.know_channel("chart", {.pages = false});
    play.add(notice);
    REQUIRE(play.due(seconds(0)) == Ids{1, 2});
    SECTION("its proof ends no failover") {
        CHECK(ids_of(play.settle(2, took(Took::proven), seconds(0))) == Ids{2});
        CHECK(play.due(seconds(60)) == Ids{3});
    }
    SECTION("what it accepts is delivered") {
        CHECK(row_with(play.settle(2, took(Took::accepted), seconds(0)), 2).state == State::delivered);
        CHECK(play.due(seconds(60)) == Ids{3});
    }
    SECTION("that it still tries holds up no failover") {
        play.settle(1, took(Took::refused), seconds(0));
        CHECK(play.due(seconds(0)) == Ids{3});
    }
    SECTION("its refusal begins no failover") {
        play.settle(2, took(Took::broken), seconds(0));
        CHECK(play.due(seconds(0)).empty());
    }
    SECTION("it carries nothing for a channel that is broken") {
        Play alone;
        alone.plan.know_channel("chart", {.pages = false});
        notice.failover.clear();
        alone.add(notice);
        alone.due(seconds(0));
        CHECK(row_with(alone.settle(1, took(Took::broken), seconds(0)), 1).state == State::pending);
    }
}

TEST_CASE("a page without failover is read back for ten minutes at most") {
    Play play;
    Notice alone = notice_of("i", 1, NoticeKind::opened);
    alone.failover.clear();
    play.add(alone);
    int reads = -1;
    for (Duration at{}; at <= minutes(11); at += seconds(1)) {
        for (const auto id : play.due(at)) {
            play.settle(id, took(Took::accepted), at);
            ++reads;
        }
    }
    CHECK(play.plan.size() == 0);
    CHECK(reads > 15);
    CHECK(reads < 40);
}

TEST_CASE("what is no page is delivered when it is accepted") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    play.due(seconds(0));
    CHECK(row_with(play.settle(1, took(Took::accepted), seconds(0)), 1).state == State::delivered);
    CHECK(play.plan.size() == 0);
}

TEST_CASE("of a drill the resolve is read back as well") {
    Play play;
    Notice resolved = notice_of("i", 2, NoticeKind::resolved, false);
    resolved.incident.drill = true;
    play.add(resolved);
    play.due(seconds(0));
    CHECK(row_with(play.settle(1, took(Took::accepted), seconds(0)), 1).state == State::accepted);
    CHECK(play.due(seconds(3)) == Ids{1});
    CHECK(row_with(play.settle(1, took(Took::proven), seconds(3)), 1).state == State::delivered);
}

TEST_CASE("rows of one incident and channel go in order and others do not wait for them") {
    Play play;
    Notice opened = notice_of("i", 1, NoticeKind::opened);
    opened.failover.clear();
    Notice resolved = notice_of("i", 2, NoticeKind::resolved, false);
    resolved.channels = {"A", "C"};
    play.add(opened);
    play.add(resolved);
    play.add(notice_of("j", 1, NoticeKind::opened, false));
    CHECK(play.due(seconds(0)) == Ids{1, 3, 4});  // pages first, then by id; 2 is behind 1
    play.settle(1, took(Took::retry), seconds(0));
    CHECK(play.due(seconds(1)).empty());
    CHECK(play.due(seconds(2)) == Ids{1});
    play.settle(1, took(Took::accepted), seconds(2));  // it was sent: what follows may go
    CHECK(play.due(seconds(2)) == Ids{2});
}

TEST_CASE("a change that was not sent is superseded by a newer one") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    CHECK(play.due(seconds(0)) == Ids{1});
    play.add(notice_of("i", 2, NoticeKind::changed, false));  // 3
    play.add(notice_of("i", 3, NoticeKind::changed, false));  // 4
    const auto changed = play.settle(1, took(Took::proven), seconds(1));
    CHECK(ids_of(changed) == Ids{1, 2, 3});
    CHECK(row_with(changed, 3).state == State::superseded);
    CHECK(play.due(seconds(1)) == Ids{4});
}

TEST_CASE("a change that pages is not superseded by one that does not and its failover is not put off by newer ones") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    play.due(seconds(0));
    play.add(notice_of("i", 2, NoticeKind::changed, true));   // 2 on A, 3 waits for B
    play.add(notice_of("i", 3, NoticeKind::changed, false));  // 4
    Notice newer = notice_of("i", 4, NoticeKind::changed, true);
    newer.made_at = noon + seconds(50);
    play.add(newer);  // 5, 6
    const auto changed = play.settle(1, took(Took::retry), seconds(50));
    CHECK(ids_of(changed) == Ids{1, 2, 3, 4});
    CHECK(play.due(seconds(60)) == Ids{6, 1});  // due when the failover of the first was
}

TEST_CASE("a resolve takes the place of what was never sent and is no page") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    play.add(notice_of("i", 2, NoticeKind::resolved, false));
    CHECK(play.due(seconds(0)) == Ids{2});
    const auto changed = play.settle(2, took(Took::accepted), seconds(0));
    CHECK(row_with(changed, 1).state == State::superseded);
    CHECK(play.plan.size() == 0);
}

TEST_CASE("a page and its resolve both go in order") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.add(notice_of("i", 2, NoticeKind::resolved, false));
    CHECK(play.due(seconds(0)) == Ids{1});
    play.settle(1, took(Took::proven), seconds(0));
    CHECK(play.due(seconds(0)) == Ids{3});
}

TEST_CASE("an opening that was attempted is not superseded by its resolve") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened, false));
    play.due(seconds(0));
    play.settle(1, took(Took::retry), seconds(0));  // who knows whether it arrived
    play.add(notice_of("i", 2, NoticeKind::resolved, false));
    CHECK(play.due(seconds(2)) == Ids{1});
    play.settle(1, took(Took::accepted), seconds(2));
    CHECK(play.due(seconds(2)) == Ids{2});
}

TEST_CASE("five failures in a row open the circuit: one probing attempt at a time until it answers") {
    SendRules rules = steady_rules();
    rules.schedule = {seconds(0), seconds(1)};
    Play play(rules);
    for (int i = 0; i < 10; ++i) play.add(notice_of("i-" + std::to_string(i), 1, NoticeKind::opened, false));
    CHECK(play.due(seconds(0)).size() == 10);
    for (std::int64_t id = 1; id <= 10; ++id) play.settle(id, took(Took::retry), seconds(0));
    CHECK(play.plan.health().at("A").circuit_open);
    CHECK(play.plan.health().at("A").pending == 10);
    CHECK(play.due(seconds(29)).empty());
    CHECK(play.plan.next_due() == noon + seconds(30));
    const Ids probe = play.due(seconds(30));
    REQUIRE(probe.size() == 1);
    CHECK_FALSE(play.plan.next_due());  // nothing before the probe is settled
    play.settle(probe[0], took(Took::retry), seconds(31));
    CHECK(play.due(seconds(60)).empty());
    const Ids second = play.due(seconds(61));
    REQUIRE(second.size() == 1);
    play.settle(second[0], took(Took::accepted), seconds(61));
    CHECK_FALSE(play.plan.health().at("A").circuit_open);
    CHECK(play.due(seconds(61)).size() == 9);
}

TEST_CASE("a page whose channel is out fails over at once") {
    Play play;
    for (int i = 0; i < 5; ++i) {
        play.add(notice_of("i-" + std::to_string(i), 1, NoticeKind::opened, false));
        play.due(seconds(0));
        play.settle(i + 1, took(Took::retry), seconds(0));
    }
    Notice page = notice_of("p", 1, NoticeKind::opened);
    page.made_at = noon + seconds(5);
    play.add(page);
    CHECK(play.plan.next_due() == noon + seconds(5));
    CHECK(play.due(seconds(5)) == Ids{7});
    // And one that was waiting when the circuit opened.
    Play other;
    other.add(notice_of("p", 1, NoticeKind::opened));
    REQUIRE(other.due(seconds(0)) == Ids{1});
    other.settle(1, took(Took::retry), seconds(0));
    for (int i = 0; i < 4; ++i) {
        other.add(notice_of("i-" + std::to_string(i), 1, NoticeKind::opened, false));
        other.due(seconds(1));
        other.settle(i + 3, took(Took::retry), seconds(1));
    }
    CHECK(other.due(seconds(1)) == Ids{2});
}

TEST_CASE("a refusal is about the row and not about the channel") {
    Play play;
    for (int i = 0; i < 9; ++i) {
        play.add(notice_of("i-" + std::to_string(i), 1, NoticeKind::opened, false));
        play.due(seconds(0));
        play.settle(i + 1, took(Took::refused), seconds(0));
    }
    CHECK_FALSE(play.plan.health().at("A").circuit_open);
    CHECK(play.plan.health().at("A").last_failure_at);
    play.add(notice_of("j", 1, NoticeKind::opened, false));
    CHECK(play.due(seconds(0)) == Ids{10});
}

TEST_CASE("an acknowledgement ends escalations that did not get through and lets the page itself go on") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    CHECK(play.due(seconds(0)) == Ids{1});
    play.settle(1, took(Took::retry), seconds(0));
    Notice escalated = notice_of("i", 2, NoticeKind::escalated);
    escalated.channels = {"C"};
    escalated.failover = {"D"};
    play.add(escalated);  // 3, 4
    play.add(notice_of("other", 1, NoticeKind::opened));
    CHECK(ids_of(play.plan.acknowledged("i", noon + seconds(1))) == Ids{2, 3, 4});
    CHECK(play.due(seconds(70)) == Ids{1, 5, 6});
}

TEST_CASE("an escalation that is under way when it is acknowledged is not tried again") {
    Play play;
    Notice escalated = notice_of("i", 2, NoticeKind::escalated);
    escalated.failover.clear();
    play.add(escalated);
    CHECK(play.due(seconds(0)) == Ids{1});
    CHECK(play.plan.acknowledged("i", noon).empty());
    CHECK(row_with(play.settle(1, took(Took::retry), seconds(1)), 1).state == State::superseded);
}

TEST_CASE("who was told by failover is told that it is over") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    play.due(seconds(0));
    play.settle(1, took(Took::refused), seconds(0));
    REQUIRE(play.due(seconds(0)) == Ids{2});
    play.settle(2, took(Took::proven), seconds(1));
    const auto rows = play.plan.rows_for(notice_of("i", 2, NoticeKind::resolved, false), 3);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].channel == "A");
    CHECK(rows[1].channel == "B");
    CHECK(rows[1].state == State::pending);
    play.plan.add(rows);
    CHECK(play.plan.rows_for(notice_of("i", 3, NoticeKind::resolved, false), 5).size() == 1);
    SendPlan restarted(steady_rules(), 1);
    restarted.restore_told("i", "B");
    CHECK(restarted.rows_for(notice_of("i", 2, NoticeKind::resolved, false), 3).size() == 2);
    CHECK(restarted.rows_for(notice_of("j", 2, NoticeKind::resolved, false), 3).size() == 1);
}

TEST_CASE("after a restart what was under way is due again and the failover keeps its time") {
    auto rows = SendPlan::rows_of(notice_of("i", 1, NoticeKind::opened), 1, seconds(60));
    rows[0].attempts = 2;
    rows[0].first_attempt_at = noon;
    auto accepted = SendPlan::rows_of(notice_of("j", 1, NoticeKind::opened), 3, seconds(60));
    accepted[0].state = State::accepted;
    accepted[0].first_attempt_at = noon;
    auto settled = SendPlan::rows_of(notice_of("k", 1, NoticeKind::opened), 5, seconds(60));
    settled[0].state = State::delivered;
    settled[0].settled_at = noon;
    settled.pop_back();
    SendPlan plan(steady_rules(), 1);
    plan.add(rows);
    plan.add(accepted);
    plan.add(settled);
    CHECK(plan.size() == 4);
    CHECK(plan.pending() == 1);
    CHECK(plan.oldest() == noon);
    const auto due = plan.due(noon + seconds(5));
    REQUIRE(ids_of(due) == Ids{1, 3});
    CHECK(due[1].state == State::accepted);  // looked for, not sent a second time
    CHECK(plan.next_due() == noon + seconds(60));
}

TEST_CASE("after a restart a failover whose first channel had accepted keeps its time") {
    auto rows = SendPlan::rows_of(notice_of("i", 1, NoticeKind::opened), 1, seconds(60));
    rows.erase(rows.begin());
    SendPlan plan(steady_rules(), 1);
    plan.add(rows);
    CHECK(plan.due(noon + seconds(59)).empty());
    CHECK(plan.due(noon + seconds(60)).size() == 1);
}

TEST_CASE("a clock that is set back puts nothing off") {
    Play play;
    play.add(notice_of("i", 1, NoticeKind::opened));
    CHECK(play.due(hours(3)) == Ids{1, 2});
    play.settle(1, took(Took::retry), hours(3));
    play.settle(2, took(Took::retry), hours(3));
    CHECK(play.due(hours(-2)).empty());  // five hours back
    CHECK(play.due(hours(-2) + seconds(2)) == Ids{1, 2});
    // A stored row from the future.
    Play stored;
    auto rows = SendPlan::rows_of(notice_of("i", 1, NoticeKind::opened), 1, seconds(60));
    rows[0].due_at = noon + hours(50);
    rows[1].due_at = noon + hours(50);
    stored.plan.add(rows);
    CHECK(stored.due(seconds(0)).empty());
    CHECK(stored.due(seconds(60)) == Ids{2});
    CHECK(stored.due(minutes(7)) == Ids{1});
}

}  // namespace serin::test
