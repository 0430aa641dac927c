// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "reports/alerts/incidents/causes.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Wall began = Wall(hours(24 * 18000));
constexpr Duration week = hours(24 * 7);

/// `before`: how long before the incident it began.
Change change(const std::string& id, const std::string& kind, const std::string& component, Duration before,
              std::vector<std::string> shards = {}) {
    return {.id = id,
            .kind = kind,
            .component = component,
            .title = {},
            .shards = std::move(shards),
            .author = {},
            .contact = {},
            .rollback_plan = {},
            .link = {},
            .started_at = began - before,
            .ended_at = {}};
}

Incident incident(const std::string& service, std::vector<std::string> targets, FaultScope scope = FaultScope::target) {
    Incident it{.id = "inc-0123456789", .service = service, .failure_class = "not_in_time", .scope = scope};
    it.began_at = began;
    it.opened_at = began + minutes(2);
    it.wave_began_at = {began};
    it.message = "message not delivered in time";
    it.targets = std::move(targets);
    it.vantages = {"home"};
    it.vantages_failing = it.vantages_reporting = 3;
    it.confirmed = true;
    return it;
}

Mitigation mitigation(Change change, const std::string& effect) {
    return {.change = std::move(change), .effect = effect};
}

std::vector<std::string> ids(const std::vector<Suspect>& suspects) {
    std::vector<std::string> names;
    for (const Suspect& each : suspects) names.push_back(each.change.id);
    return names;
}

const Suspect& suspect(const std::vector<Suspect>& suspects, const std::string& id) {
    const auto found = std::ranges::find(suspects, id, [](const Suspect& each) { return each.change.id; });
    REQUIRE(found != suspects.end());
    return *found;
}

bool says(const Suspect& suspect, const std::string& part) {
    return std::ranges::any_of(suspect.why, [&](const std::string& each) { return each.contains(part); });
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("nothing is suspect where nothing was changed") {
    CHECK(rank_suspects({}, incident("chat", {"us-east-1"}), week).empty());
}

TEST_CASE("of equal changes the nearer one ranks first and says how near") {
    const auto ranked =
        rank_suspects({change("old", "deploy", "chat", hours(5)), change("new", "deploy", "chat", minutes(4))},
                      incident("chat", {"us-east-1"}), week);
    CHECK(ids(ranked) == Ids{"new", "old"});
    CHECK(says(ranked[0], "4 min before"));
    CHECK(says(ranked[0], "changes chat, which fails"));
    CHECK(says(ranked[1], "latent"));
    CHECK(ranked[0].score <= 1);
    CHECK(ranked[1].score > 0);
}

TEST_CASE("what began during the incident is no suspect") {
    auto late = change("late", "deploy", "chat", -minutes(1)),
         at_once = change("at-once", "deploy", "chat", seconds(0));
    CHECK(rank_suspects({late, at_once}, incident("chat", {"a"}), week).empty());
}

TEST_CASE("a latent change stays in and goes only with the window") {
    for (const Duration age : {Duration(hours(24)), Duration(hours(48)), week}) {
        const auto ranked = rank_suspects({change("m", "deploy", "chat", age)}, incident("chat", {"a"}), week);
        REQUIRE(ranked.size() == 1);
        CHECK(ranked[0].score > 0.1);
    }
    CHECK(rank_suspects({change("m", "deploy", "chat", week + seconds(1))}, incident("chat", {"a"}), week).empty());
    Change slow = change("slow", "migration", "chat", week * 2);
    slow.ended_at = began - hours(1);
    CHECK(rank_suspects({slow}, incident("chat", {"a"}), week).size() == 1);
}

TEST_CASE("a change that was under way when it began is as near as can be") {
    Change rolling = change("rolling", "deploy", "chat", hours(3));
    rolling.ended_at = began + hours(1);
    const auto ranked =
        rank_suspects({rolling, change("near", "deploy", "chat", minutes(10))}, incident("chat", {"a"}), week);
    CHECK(ids(ranked) == Ids{"rolling", "near"});
    CHECK(says(ranked[0], "was under way"));
}

TEST_CASE("a change of the failing targets ranks above one that touches none of them") {
    const auto ranked = rank_suspects({change("elsewhere", "deploy", "chat", minutes(5), {"eu-1", "eu-2"}),
                                       change("here", "deploy", "chat", hours(2), {"us-1", "us-2"}),
                                       change("everywhere", "deploy", "chat", hours(2))},
                                      incident("chat", {"us-1"}), week);
    CHECK(ids(ranked) == Ids{"here", "everywhere", "elsewhere"});
    CHECK(says(ranked[0], "touches every failing target"));
    CHECK(says(ranked[2], "none of the failing targets"));
}

TEST_CASE("a change of the failing component ranks above one of another") {
    const auto ranked = rank_suspects(
        {change("site", "deploy", "website", minutes(10)), change("gateway", "deploy", "chat-gateway", minutes(40))},
        incident("chat", {"a"}), week);
    CHECK(ids(ranked) == Ids{"gateway", "site"});
}

TEST_CASE("Streak: a migration ten hours before beats the last deploy") {
    Change migration = change("migrate-permissions", "migration", "boxes", hours(10));
    migration.ended_at = began - hours(9);
    const auto ranked = rank_suspects({change("deploy-812", "deploy", "boxes", minutes(90)), migration,
                                       change("deploy-811", "deploy", "website", minutes(30))},
                                      incident("boxes", {"srv-1"}), week);
    CHECK(ids(ranked) == Ids{"migrate-permissions", "deploy-812", "deploy-811"});
}

TEST_CASE("Stream: the rolling deploy of the shard that fails first") {
    Change rolling = change("build-77", "deploy", "chat", minutes(6), {"us-east-1", "us-east-2", "singapore-1"});
    rolling.ended_at = began + hours(3);
    const auto ranked = rank_suspects({rolling, change("flag-9", "flag", "billing", minutes(2)),
                                       change("cap-3", "capacity", "chat", minutes(20), {"eu-west-1"})},
                                      incident("chat", {"us-east-1"}), week);
    CHECK(ranked.front().change.id == "build-77");
}

TEST_CASE("Olark: a deploy 18 h 41 min before stays in the first two") {
    const auto ranked = rank_suspects(
        {change("cache-deploy", "deploy", "availability", hours(18) + minutes(41)),
         change("docs-deploy", "deploy", "docs", hours(2)), change("billing-flag", "flag", "billing", hours(30)),
         change("site-deploy", "deploy", "website", hours(7))},
        incident("availability", {"queue"}), week);
    const Ids order = ids(ranked);
    CHECK(std::ranges::find(order, "cache-deploy") - order.begin() < 2);
}

TEST_CASE("Tray: the config flip beats the last deploy and the rollback rejects that") {
    const std::vector<Change> changes{change("config-31", "config", "executor", minutes(3)),
                                      change("deploy-90", "deploy", "executor", hours(4)),
                                      change("deploy-84", "deploy", "executor", hours(70))};
    Incident it = incident("executor", {"eu", "us"}, FaultScope::global);
    auto ranked = rank_suspects(changes, it, week);
    CHECK(ids(ranked) == Ids{"config-31", "deploy-90", "deploy-84"});
    CHECK(says(ranked[1], "may have been armed by config-31"));

    it.mitigations = {mitigation(change("throttle", "manual", "executor", -minutes(20)), "none"),
                      mitigation(change("rollback-91", "rollback", "executor", -minutes(40)), "none")};
    ranked = rank_suspects(changes, it, week);
    CHECK(ids(ranked) == Ids{"config-31", "deploy-84", "deploy-90"});
    CHECK_FALSE(ranked[0].rejected);
    CHECK_FALSE(ranked[1].rejected);
    CHECK(ranked[2].rejected);
    CHECK(ranked[2].rejected_by == "rollback-91");
    CHECK(says(ranked[2], "rollback-91 undid it without effect"));
}

TEST_CASE("a flip arms code that is older than the window") {
    const auto ranked = rank_suspects(
        {change("flag-1", "flag", "executor", minutes(3)), change("dormant", "deploy", "executor", week * 2),
         change("other", "deploy", "website", week * 2)},
        incident("executor", {"a"}), week);
    CHECK(ids(ranked) == Ids{"flag-1", "dormant"});
    CHECK(ranked[1].score < ranked[0].score);
}

TEST_CASE("a flip arms nothing that came after it") {
    const auto ranked = rank_suspects(
        {change("flag-1", "flag", "executor", hours(3)), change("later", "deploy", "executor", minutes(30))},
        incident("executor", {"a"}), week);
    CHECK_FALSE(says(suspect(ranked, "later"), "armed"));
}

TEST_CASE("a rollback rejects what it names and nothing else") {
    const std::vector<Change> changes{change("deploy-47", "deploy", "chat", minutes(30)),
                                      change("deploy-471", "deploy", "chat", minutes(5))};
    Incident it = incident("chat", {"a"});
    for (const int place : {0, 1, 2, 3}) {
        Change rollback = change("rb-1", "rollback", place == 0 ? "deploy-47" : "chat", -minutes(10));
        if (place == 1) rollback.title = "roll back deploy-47, and wait";
        if (place == 2) rollback.link = "https://ci.example/deploy-47/undo";
        if (place == 3) rollback.rollback_plan = "(deploy-47)";
        for (const std::string effect : {"none", "worse"}) {
            it.mitigations = {mitigation(rollback, effect)};
            const auto ranked = rank_suspects(changes, it, week);
            INFO(place << " " << effect);
            CHECK(ids(ranked) == Ids{"deploy-471", "deploy-47"});
            CHECK_FALSE(ranked[0].rejected);
            CHECK(ranked[1].rejected);
        }
    }
}

TEST_CASE("a second rollback rejects the deploy before") {
    Incident it = incident("chat", {"a"});
    it.mitigations = {mitigation(change("rb-1", "rollback", "chat", -minutes(10)), "none"),
                      mitigation(change("rb-2", "rollback", "chat", -minutes(30)), "none")};
    const auto ranked =
        rank_suspects({change("deploy-1", "deploy", "chat", hours(2)), change("deploy-2", "deploy", "chat", hours(1)),
                       change("deploy-0", "deploy", "chat", hours(3))},
                      it, week);
    CHECK(ids(ranked) == Ids{"deploy-0", "deploy-2", "deploy-1"});
    CHECK(suspect(ranked, "deploy-2").rejected_by == "rb-1");
    CHECK(suspect(ranked, "deploy-1").rejected_by == "rb-2");
}

TEST_CASE("a mitigation whose effect is not known yet rejects nothing") {
    Incident it = incident("chat", {"a"});
    it.mitigations = {mitigation(change("rb-1", "rollback", "chat", -minutes(10)), "")};
    const auto ranked = rank_suspects({change("deploy-1", "deploy", "chat", minutes(30))}, it, week);
    CHECK_FALSE(ranked.front().rejected);
}

TEST_CASE("more capacity that made it worse does not clear the deploy") {
    Incident it = incident("availability", {"a"});
    it.mitigations = {mitigation(change("add-8", "capacity", "availability", -hours(4)), "worse")};
    const auto ranked = rank_suspects({change("cache-deploy", "deploy", "availability", hours(18))}, it, week);
    CHECK_FALSE(ranked.front().rejected);
}

TEST_CASE("what was undone with success comes first") {
    Incident it = incident("chat", {"a"});
    Change revert = change("revert-1", "other", "", -minutes(10));
    revert.title = "revert migrate-5";
    it.mitigations = {mitigation(revert, "improved")};
    const auto ranked = rank_suspects(
        {change("deploy-1", "deploy", "chat", minutes(1)), change("migrate-5", "migration", "storage", hours(60))}, it,
        week);
    CHECK(ids(ranked) == Ids{"migrate-5", "deploy-1"});
    CHECK(says(ranked[0], "revert-1 undid it, and it works again"));
}

TEST_CASE("what was rolled back before anything failed is less suspect") {
    Change rollback = change("rb-1", "rollback", "chat", hours(1));
    rollback.title = "back from deploy-1";
    const auto ranked = rank_suspects(
        {change("deploy-1", "deploy", "chat", hours(2)), rollback, change("deploy-0", "deploy", "chat", hours(3))},
        incident("chat", {"a"}), week);
    CHECK(ranked.back().change.id == "deploy-1");
    CHECK(says(ranked.back(), "undone before by rb-1"));
}

TEST_CASE("there are at most ten suspects and the rejected ones are the first to go") {
    std::vector<Change> changes;
    for (int i = 0; i < 14; ++i)
        changes.push_back(change("deploy-" + std::to_string(i), "deploy", "chat", hours(i + 1)));
    Incident it = incident("chat", {"a"});
    it.mitigations = {mitigation(change("rb", "rollback", "chat", -minutes(5)), "none")};
    const auto ranked = rank_suspects(changes, it, week);
    CHECK(ranked.size() == 10);
    CHECK(std::ranges::none_of(ranked, &Suspect::rejected));
    CHECK(std::ranges::is_sorted(ranked, std::greater{}, &Suspect::score));
    std::ranges::reverse(changes);
    CHECK(ids(rank_suspects(changes, it, week)) == ids(ranked));
}

TEST_CASE("advice names the change and its plan and what was seen") {
    Incident it = incident("availability", {"queue"});
    Change deploy = change("deploy-4711", "deploy", "availability", hours(18) + minutes(41));
    deploy.rollback_plan = "helm rollback availability 12";
    deploy.link = "https://ci.example/4711";
    it.suspects = rank_suspects({deploy}, it, week);
    CHECK(advice(it, began + minutes(10), minutes(10)).empty());
    const std::string words = advice(it, began + minutes(11), minutes(10));
    CHECK(words.starts_with("revert deploy-4711 (deploy of availability, began 18.7 h before): "));
    CHECK(words.contains("message not delivered in time"));
    CHECK(words.contains("3 of 3 vantages"));
    CHECK(words.contains("plan: helm rollback availability 12"));
    CHECK(words.contains("https://ci.example/4711"));
    CHECK(advice(it, began + hours(40), minutes(10)) == words);
}

TEST_CASE("advice without a plan says whom to ask") {
    Incident it = incident("chat", {"a"});
    Change deploy = change("deploy-1", "deploy", "chat", minutes(5));
    deploy.author = "chat team";
    it.suspects = rank_suspects({deploy}, it, week);
    CHECK(advice(it, began + hours(1), minutes(10)).ends_with("no rollback plan was recorded, ask chat team"));
}

TEST_CASE("advice is one printable line whatever people wrote") {
    Incident it = incident("chat", {"a"});
    Change deploy = change("deploy-1", "deploy", "chat", minutes(5));
    deploy.rollback_plan = "first\nsecond\x1b[31m";
    it.suspects = rank_suspects({deploy}, it, week);
    const std::string words = advice(it, began + hours(1), minutes(10));
    CHECK_FALSE(words.empty());
    CHECK(std::ranges::none_of(words, [](char c) { return c == '\n' || c == '\x1b'; }));
}

TEST_CASE("there is no advice where the written rule does not hold") {
    const Wall now = began + hours(1);
    Incident good = incident("chat", {"a"});
    good.suspects = rank_suspects({change("deploy-1", "deploy", "chat", minutes(5))}, good, week);
    REQUIRE_FALSE(advice(good, now, minutes(10)).empty());

    Incident it = good;
    it.confirmed = false;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.severity = AlertSeverity::warning;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.state = IncidentState::watching;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.scope = FaultScope::vantage;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.drill = true;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.suspects.front().rejected = true;
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.wave_began_at.push_back(now - minutes(5));
    CHECK(advice(it, now, minutes(10)).empty());
    it = good;
    it.suspects.front().change.component = "website";
    CHECK(advice(it, now, minutes(10)).empty());
    it.suspects.front().change.shards = {"a"};
    CHECK_FALSE(advice(it, now, minutes(10)).empty());
    it = good;
    it.suspects.front().change.started_at = began - hours(24);
    CHECK(advice(it, now, minutes(10)).empty());
    it.suspects.front().change.started_at = began - hours(24) + seconds(1);
    CHECK_FALSE(advice(it, now, minutes(10)).empty());
    it = good;
    it.suspects.front().change.kind = "rollback";
    CHECK(advice(it, now, minutes(10)).empty());
}

TEST_CASE("nobody is told to undo what is being undone") {
    Incident it = incident("chat", {"a"});
    it.suspects = rank_suspects({change("deploy-1", "deploy", "chat", minutes(5))}, it, week);
    it.mitigations = {mitigation(change("rb-1", "rollback", "chat", -minutes(20)), "")};
    CHECK(advice(it, began + hours(1), minutes(10)).empty());
    it.mitigations = {mitigation(change("scale-1", "capacity", "chat", -minutes(20)), "")};
    CHECK_FALSE(advice(it, began + hours(1), minutes(10)).empty());
}

TEST_CASE("advice is given when the only vantage is vouched for and not when nothing speaks for it") {
    Incident it = incident("chat", {"us-east-1"});
    it.suspects = rank_suspects({change("deploy-1", "deploy", "chat", minutes(5))}, it, week);
    it.confirmed = false;
    CHECK(advice(it, began + minutes(30), minutes(10)).empty());
    it.vouched = true;
    CHECK(advice(it, began + minutes(30), minutes(10)).starts_with("revert deploy-1"));
}

}  // namespace serin::test
