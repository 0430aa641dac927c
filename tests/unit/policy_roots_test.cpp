// SPDX-License-Identifier: Apache-2.0
// Which fault explains which, and faults that come and go.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/policy_simulation.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

CellKey cell_of(const std::string& probe) {
    return {.probe = probe, .vantage = "berlin", .target = "us-east"};
}

ProbeRules service(const std::string& name, std::vector<std::string> depends_on) {
    ProbeRules rules = plain_rules(name);
    rules.service = name;
    rules.depends_on = std::move(depends_on);
    return rules;
}

}  // namespace

TEST_CASE("policy: a service is explained by one that it depends on as long as that fails") {
    PolicyPlay play(Policy::Options{.probes = {service("chat", {"login"}), service("login", {})}, .now = policy_epoch});
    play.play(cell_of("chat"), "FF");
    CHECK(play.policy.faults().at(0).root.empty());
    CHECK(told(play.play(cell_of("login"), "FF")) ==
          Texts{"raised login expectation_failed critical global",
                "changed chat expectation_failed critical global root=login/expectation_failed"});
    CHECK(told(play.play(cell_of("login"), "PPP")) ==
          Texts{"changed chat expectation_failed critical global", "cleared login expectation_failed critical global"});
}

TEST_CASE("policy: a dependency explains failures only on the targets that it fails on") {
    const std::vector<CellKey> cells{{.probe = "login", .vantage = "berlin", .target = "us-east"},
                                     {.probe = "login", .vantage = "berlin", .target = "us-west"},
                                     {.probe = "chat", .vantage = "berlin", .target = "us-east"},
                                     {.probe = "chat", .vantage = "berlin", .target = "us-west"}};
    const auto roots = [&](std::string_view words) {
        PolicyPlay play(
            Policy::Options{.probes = {service("chat", {"login"}), service("login", {})}, .now = policy_epoch});
        play.rounds(cells, words);
        for (const Fault& fault : play.policy.faults()) {
            if (fault.service == "chat") return fault.root;
        }
        return std::string("chat works");
    };
    CHECK(roots("PPPP PFFP PFFP").empty());     // it fails elsewhere
    CHECK(roots("PPPP PFPF PFPF") == "login");  // where it fails too
    CHECK(roots("PPPP PFFF PFFF").empty());     // it explains a part of it
    CHECK(roots("PPPP FFFP FFFP") == "login");  // it fails everywhere
    CHECK(roots("PPPP FFPF FFPF") == "login");
}

TEST_CASE("policy: a dependency without targets explains every target") {
    HeartbeatRules job;
    job.heartbeat = job.service = "sessions";
    PolicyPlay play(
        Policy::Options{.probes = {service("chat", {"sessions"})}, .heartbeats = {job}, .now = policy_epoch});
    play.rounds({cell_of("chat"), {.probe = "chat", .vantage = "berlin", .target = "us-west"}}, "FP FP");
    CHECK(play.policy.observe({.heartbeat = "sessions", .failed = true, .at = play.now}).size() == 2);
    CHECK(play.policy.faults().at(0).root == "sessions");
}

TEST_CASE("policy: every drill comes and goes as the first did") {
    ProbeRules rules = plain_rules("drill");
    rules.drill = true;
    rules.recover = rules.recover_vantages = 1;
    PolicyPlay play(rules);
    Texts kinds;
    for (int drill = 0; drill < 12; ++drill) {
        for (const FaultChange& change : play.play(cell_of("drill"), "FFP")) {
            CHECK(change.fault.drill);
            CHECK_FALSE(change.fault.flapping);
            kinds.push_back(told(change).substr(0, 7));
        }
    }
    CHECK(kinds.size() == 24);
    CHECK(std::ranges::count(kinds, "raised ") == 12);
    CHECK(std::ranges::count(kinds, "cleared") == 12);
}

TEST_CASE("policy: a warning never explains a page") {
    ProbeRules login = service("login", {});
    login.severity = AlertSeverity::warning;
    PolicyPlay play(Policy::Options{.probes = {service("chat", {"login"}), login}, .now = policy_epoch});
    play.play(cell_of("login"), "FF");
    CHECK(told(play.play(cell_of("chat"), "FF")) == Texts{"raised chat expectation_failed critical global"});
}

TEST_CASE("policy: a drill explains nothing") {
    ProbeRules drill = service("login", {});
    drill.drill = true;
    PolicyPlay play(Policy::Options{.probes = {service("chat", {"login"}), drill}, .now = policy_epoch});
    const auto changes = play.play(cell_of("login"), "FF");
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].fault.drill);
    CHECK(told(play.play(cell_of("chat"), "FF")) == Texts{"raised chat expectation_failed critical global"});
}

TEST_CASE("policy: of services that depend on each other the first to fail is the root") {
    PolicyPlay play(Policy::Options{.probes = {service("a", {"b"}), service("b", {"c"}), service("c", {"a"})},
                                    .now = policy_epoch});
    for (const char* name : {"b", "c", "a"}) play.play(cell_of(name), "FF");
    int roots = 0;
    for (const Fault& fault : play.policy.faults()) {
        if (fault.root.empty()) ++roots;
        if (fault.service == "b") CHECK(fault.root.empty());
        if (fault.service == "a") CHECK(fault.root == "b");
    }
    CHECK(roots >= 1);
}

TEST_CASE("policy: of several failure classes in one cell the nearest to the root explains the others") {
    ProbeRules rules = plain_rules("chat");
    PolicyPlay play(rules);
    const CellKey cell = cell_of("chat");
    for (const char* failure : {"expectation_failed", "expectation_failed", "dns_failure", "dns_failure"}) {
        play.run(cell, 'F', failure);
        play.now += 1min;
    }
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].failure_class == "dns_failure");
    CHECK(faults[0].root.empty());
    CHECK(faults[1].root == "chat");
    CHECK(faults[1].root_class == "dns_failure");
    CHECK(told(play.play(cell, "PPP")).size() == 2);
}

TEST_CASE("policy: of classes of one kind the earlier step is the root") {
    PolicyPlay play(plain_rules("chat"));
    const CellKey cell = cell_of("chat");
    CellFeed& feed = play.feed(cell);
    const auto fail_at = [&](int number, const char* failure) {
        feed.run(Verdict::fail, play.now, 200ms, failure);
        StepResult step;
        step.number = number;
        step.verdict = Verdict::fail;
        feed.outcome().steps = {step};
        play.policy.observe(feed.again());
        play.now += 1min;
    };
    for (int times = 0; times < 2; ++times) fail_at(7, "aa_late_step");
    for (int times = 0; times < 2; ++times) fail_at(3, "zz_early_step");
    const auto faults = play.policy.faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].root_class == "zz_early_step");
    CHECK(faults[1].root.empty());
}

TEST_CASE("policy: a cell that flaps is one fault until it holds still") {
    PolicyPlay play(plain_rules("chat"));
    const CellKey cell = cell_of("chat");
    int raised = 0, cleared = 0;
    bool flapping = false;
    for (int wave = 0; wave < 30; ++wave) {
        for (const FaultChange& change : play.play(cell, "FFPPP")) {
            raised += change.kind == FaultChange::Kind::raised ? 1 : 0;
            cleared += change.kind == FaultChange::Kind::cleared ? 1 : 0;
            flapping = flapping || change.fault.flapping;
        }
    }
    CHECK(raised <= 3);
    CHECK(cleared == raised - 1);
    CHECK(flapping);
    REQUIRE(play.policy.faults().size() == 1);
    const auto calm = play.play(cell, "PPPPPPPPPPPPPPPPPPPPPPP");
    REQUIRE_FALSE(calm.empty());
    CHECK(calm.back().kind == FaultChange::Kind::cleared);
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy: a flapping cell that stays down stays raised") {
    PolicyPlay play(plain_rules("chat"));
    const CellKey cell = cell_of("chat");
    for (int wave = 0; wave < 10; ++wave) play.play(cell, "FFPPP");
    for (const FaultChange& change : play.play(cell, std::string(40, 'F')))
        CHECK(change.kind == FaultChange::Kind::changed);
    REQUIRE(play.policy.faults().size() == 1);
    CHECK_FALSE(play.policy.faults()[0].flapping);
    CHECK(play.play(cell, "PPP").back().kind == FaultChange::Kind::cleared);
}

TEST_CASE("policy: a reload keeps what stays and clears what is gone") {
    ProbeRules chat = service("chat", {}), login = service("login", {});
    PolicyPlay play(Policy::Options{.probes = {chat, login}, .now = policy_epoch});
    play.play(cell_of("chat"), "FF");
    play.play(cell_of("login"), "FF");
    chat.hard = OfLast{.failures = 3, .runs = 3};
    CHECK(told(play.policy.replace_rules({.probes = {chat}, .now = play.now})) ==
          Texts{"cleared login expectation_failed critical global"});
    CHECK(play.policy.replace_rules({.probes = {chat}, .now = play.now}).empty());
    CHECK(play.policy.faults().size() == 1);
    CHECK(told(play.play(cell_of("chat"), "PPP")) == Texts{"cleared chat expectation_failed critical global"});
    CHECK(play.play(cell_of("chat"), "FF").empty());  // the new rule
    CHECK(play.play(cell_of("chat"), "F").size() == 1);
    chat.service = "messages";
    CHECK(
        told(play.policy.replace_rules({.probes = {chat}, .now = play.now})) ==
        Texts{"cleared chat expectation_failed critical global", "raised messages expectation_failed critical global"});
    chat.hard.reset();
    CHECK(play.policy.replace_rules({.probes = {chat}, .now = play.now}).size() == 1);
    CHECK(play.policy.faults().empty());
}

TEST_CASE("policy: the same records give the same faults") {
    const auto story = [] {
        Texts texts;
        PolicyPlay play(
            Policy::Options{.probes = {service("chat", {"login"}), service("login", {})}, .now = policy_epoch});
        std::uint64_t dice = 7;
        for (int run = 0; run < 1200; ++run) {
            dice = dice * 6364136223846793005U + 1442695040888963407U;
            CellKey cell = cell_of(dice >> 63U != 0 ? "chat" : "login");
            cell.vantage = std::to_string((dice >> 60U) & 3U);
            const auto luck = (dice >> 40U) % 100;
            for (const FaultChange& change : play.run(cell,
                                                      luck < 25   ? 'F'
                                                      : luck < 28 ? 'E'
                                                                  : 'P',
                                                      luck < 10 ? "timeout" : "stale_read"))
                texts.push_back(told(change));
            play.now += 7s;
            if (run % 10 != 0) continue;
            for (const FaultChange& change : play.tick()) texts.push_back(told(change));
        }
        return texts;
    };
    const Texts first = story();
    CHECK(first.size() > 50);
    CHECK(first == story());
}

}  // namespace serin::test
