// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "reports/alerts/incidents/noise.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Wall from = Wall(hours(24 * 18000)), until = from + hours(24 * 7);

/// A page of rule hard on `service` that was told a minute after its begin and recovered after `lasted`.
Incident page(Duration lasted, const std::string& service = "chat") {
    Incident it{.service = service, .failure_class = "not_in_time"};
    it.state = IncidentState::closed;
    it.owner = "chat-team";
    it.began_at = from + hours(1);
    it.opened_at = it.began_at + minutes(1);
    it.paged_at = it.opened_at;
    it.recovered_at = it.began_at + lasted;
    it.closed_at = it.recovered_at;
    return it;
}

Incident acknowledged(Incident it, Duration after = minutes(2)) {
    it.acknowledged_at = *it.paged_at + after;
    return it;
}

Incident said(Incident it, Usefulness usefulness) {
    it.usefulness = usefulness;
    return it;
}

Incident open_page(Wall opened_at) {
    Incident it = page(minutes(6));
    it.state = IncidentState::open;
    it.began_at = it.opened_at = opened_at;
    it.paged_at = opened_at;
    it.recovered_at.reset();
    it.closed_at.reset();
    return it;
}

RuleNoise only_rule(const std::vector<Incident>& incidents) {
    const NoiseReport report = noise_of(incidents, from, until);
    REQUIRE(report.rules.size() == 1);
    return report.rules.front();
}

}  // namespace

TEST_CASE("without incidents there is no precision and no recall") {
    const NoiseReport report = noise_of({}, from, until);
    CHECK(report.rules.empty());
    CHECK(report.reviews.empty());
    CHECK_FALSE(report.recall);
    CHECK(report.recall_interval.low == 0);
    CHECK(report.recall_interval.high == 1);
}

TEST_CASE("what people said of a page counts") {
    const RuleNoise rule =
        only_rule({said(page(minutes(30)), Usefulness::actioned), said(page(minutes(30)), Usefulness::no_action),
                   said(page(minutes(30)), Usefulness::false_alarm),
                   said(acknowledged(page(minutes(30))), Usefulness::false_alarm)});
    CHECK(rule.service == "chat");
    CHECK(rule.rule == "hard");
    CHECK(rule.pages == 4);
    CHECK(rule.pending == 0);
    CHECK(rule.actioned == 1);
    CHECK(rule.no_action == 1);
    CHECK(rule.false_alarms == 2);
    CHECK(rule.acknowledged == 1);
    REQUIRE(rule.precision);
    CHECK(*rule.precision == 0.25);
    CHECK(rule.interval.low == Approx(wilson(1, 4).low));
}

TEST_CASE("a long page of which nothing was said is actioned only when acknowledged") {
    const RuleNoise acked = only_rule({acknowledged(page(minutes(6)))});
    CHECK(acked.actioned == 1);
    CHECK(*acked.precision == 1);
    const RuleNoise ignored = only_rule({page(minutes(6))});
    CHECK(ignored.auto_closed == 0);
    CHECK(ignored.no_action == 1);
    REQUIRE(ignored.precision);
    CHECK(*ignored.precision == 0);
    CHECK(only_rule({acknowledged(open_page(until - hours(24)))}).actioned == 1);
    CHECK(only_rule({open_page(until - hours(24))}).no_action == 1);
}

TEST_CASE("a page that is open and younger than a day is not held against its rule yet") {
    const RuleNoise young = only_rule({open_page(until - hours(24) + seconds(1)), acknowledged(page(minutes(6)))});
    CHECK(young.pages == 2);
    CHECK(young.pending == 1);
    CHECK(young.actioned == 1);
    REQUIRE(young.precision);
    CHECK(*young.precision == 1);
    const RuleNoise alone = only_rule({acknowledged(open_page(until - hours(1)))});
    CHECK(alone.acknowledged == 1);
    CHECK_FALSE(alone.precision);
    Incident watched = open_page(until - hours(1));
    watched.state = IncidentState::watching;
    watched.recovered_at = until - minutes(30);
    CHECK(only_rule({watched}).pending == 0);
    CHECK(only_rule({watched}).no_action == 1);
    CHECK(noise_of(std::vector<Incident>(10, open_page(until - hours(1))), from, until).reviews.empty());
}

TEST_CASE("one reflex acknowledgement does not save a rule that everybody ignores") {
    std::vector<Incident> incidents(20, page(minutes(10)));
    incidents.push_back(acknowledged(page(minutes(10)), seconds(20)));
    const NoiseReport report = noise_of(incidents, from, until);
    REQUIRE(report.rules.size() == 1);
    CHECK(report.rules[0].pages == 21);
    CHECK(report.rules[0].acknowledged == 1);
    CHECK(report.rules[0].actioned == 1);
    CHECK(report.rules[0].no_action == 20);
    CHECK(*report.rules[0].precision == Approx(1.0 / 21));
    CHECK(report.rules[0].interval.high == Approx(wilson(1, 21).high));
    REQUIRE(report.reviews.size() == 1);
    CHECK(report.reviews[0].owner == "chat-team");
    CHECK(report.reviews[0].text.contains("1 of 21 pages"));
}

TEST_CASE("a short page that nobody acknowledged closed by itself") {
    const RuleNoise alone = only_rule({page(minutes(5))});
    CHECK(alone.auto_closed == 1);
    CHECK(alone.no_action == 1);
    CHECK(*alone.precision == 0);
    const RuleNoise acked = only_rule({acknowledged(page(minutes(5)))});
    CHECK(acked.auto_closed == 0);
    CHECK(acked.no_action == 1);
    const RuleNoise used = only_rule({said(page(minutes(5)), Usefulness::actioned)});
    CHECK(used.auto_closed == 0);
    CHECK(used.actioned == 1);
    const RuleNoise wrong = only_rule({said(page(minutes(5)), Usefulness::false_alarm)});
    CHECK(wrong.auto_closed == 0);
    CHECK(wrong.false_alarms == 1);
}

TEST_CASE("incidents that paged nobody are no pages") {
    Incident quiet = page(minutes(30));
    quiet.paged_at.reset();
    const RuleNoise rule = only_rule({quiet});
    CHECK(rule.pages == 0);
    CHECK_FALSE(rule.precision);
    CHECK(rule.mean_time_to_detect == minutes(1));
}

TEST_CASE("drills and what lies outside of the window are left out") {
    Incident drill = page(minutes(30)), early = drill, late = drill, first = page(minutes(30));
    drill.drill = true;
    early.opened_at = from - seconds(1);
    late.opened_at = until;
    first.opened_at = from;
    const NoiseReport report = noise_of({drill, early, late, first}, from, until);
    REQUIRE(report.rules.size() == 1);
    CHECK(report.rules[0].pages == 1);
    CHECK(report.found_first == 1);
}

TEST_CASE("times to acknowledge and to detect are means") {
    Incident slow = acknowledged(page(minutes(30)), minutes(8));
    slow.began_at -= minutes(4);
    const RuleNoise rule = only_rule({slow, acknowledged(page(minutes(30)), minutes(2)), page(minutes(30))});
    CHECK(rule.mean_time_to_acknowledge == minutes(5));
    CHECK(rule.mean_time_to_detect == Duration(minutes(7)) / 3);
}

TEST_CASE("rules are listed by service and then by rule") {
    Incident soft = page(minutes(30));
    soft.rule = RuleKind::soft;
    const NoiseReport report = noise_of({soft, page(minutes(30), "mail"), page(minutes(30))}, from, until);
    REQUIRE(report.rules.size() == 3);
    CHECK(report.rules[0].rule == "hard");
    CHECK(report.rules[1].rule == "soft");
    CHECK(report.rules[2].service == "mail");
}

TEST_CASE("ten pages with a precision below one half make a review with an owner and a date") {
    std::vector<Incident> incidents(10, said(page(minutes(30)), Usefulness::no_action));
    for (std::size_t i = 0; i < 4; ++i) incidents[i].usefulness = Usefulness::actioned;
    incidents.back().owner.clear();
    const NoiseReport report = noise_of(incidents, from, until);
    REQUIRE(report.reviews.size() == 1);
    CHECK(report.reviews[0].service == "chat");
    CHECK(report.reviews[0].rule == "hard");
    CHECK(report.reviews[0].owner == "chat-team");
    CHECK(report.reviews[0].due_at == until + hours(24 * 14));
    CHECK(report.reviews[0].text.contains("4 of 10 pages"));

    incidents[5].usefulness = Usefulness::actioned;  // half is enough
    CHECK(noise_of(incidents, from, until).reviews.empty());
    incidents[5].usefulness = Usefulness::no_action;
    incidents.pop_back();  // nine are not
    CHECK(noise_of(incidents, from, until).reviews.empty());
}

TEST_CASE("ten pages that nobody looked at make a review as well") {
    const std::vector<Incident> incidents(10, page(minutes(30)));
    const NoiseReport report = noise_of(incidents, from, until);
    REQUIRE(report.reviews.size() == 1);
    CHECK(report.reviews[0].text.contains("0 of 10 pages"));
    CHECK(report.reviews[0].text.contains("0 were acknowledged"));
}

TEST_CASE("a review always has an owner") {
    Incident orphan = page(minutes(30));
    orphan.owner.clear();
    const NoiseReport report = noise_of(std::vector<Incident>(10, orphan), from, until);
    REQUIRE(report.reviews.size() == 1);
    CHECK(report.reviews[0].owner == "nobody: set `owner` for the probe");
}

TEST_CASE("the owner of a review is that of the newest incident") {
    std::vector<Incident> incidents(10, said(page(minutes(30)), Usefulness::false_alarm));
    incidents[3].owner = "new-team";
    incidents[3].opened_at += hours(5);
    CHECK(noise_of(incidents, from, until).reviews.at(0).owner == "new-team");
}

TEST_CASE("recall holds what rules found against what only people found") {
    Incident missed = page(hours(1));
    missed.declared = true;
    missed.paged_at.reset();
    Incident symptom = page(hours(1)), prober = symptom, quiet = symptom;
    symptom.attached = true;
    prober.scope = FaultScope::vantage;
    quiet.paged_at.reset();
    const NoiseReport report =
        noise_of({missed, symptom, prober, quiet, page(hours(1)), page(hours(1)), acknowledged(page(minutes(2))),
                  page(minutes(2)), said(page(hours(1)), Usefulness::false_alarm)},
                 from, until);
    CHECK(report.declared == 1);
    CHECK(report.found_first == 3);
    REQUIRE(report.recall);
    CHECK(*report.recall == 0.75);
    CHECK(report.recall_interval.low == Approx(wilson(3, 4).low));
    CHECK(report.recall_interval.high == Approx(wilson(3, 4).high));
}

}  // namespace serin::test
