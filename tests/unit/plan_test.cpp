// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/plan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace std::chrono_literals;

namespace serin::test {
namespace {

std::shared_ptr<const Scenario> scenario_of(const std::string& text) {
    const Loaded loaded = load_scenario("test.yaml", [&](const std::string&) -> Result<std::string> { return text; });
    REQUIRE(loaded.scenario);
    return std::make_shared<const Scenario>(*loaded.scenario);
}

constexpr const char* plain = R"(version: 1
name: plain
vars: { room: lobby }
steps:
  - get: /health
    expect: status == 200
)";

constexpr const char* with_matrix = R"(version: 1
name: pairs
matrix: { sender: [a, b], receiver: [a, b, c] }
steps:
  - get: "/${matrix.sender}/${matrix.receiver}"
    expect: status == 200
)";

constexpr const char* with_secret = R"(version: 1
name: armed
secrets: { key: { env: SERIN_TEST_NO_SUCH_VARIABLE } }
steps:
  - get: "/${secret.key}"
    expect: status == 200
)";

ProbeConfig probe_of(const std::string& name, const std::string& text) {
    ProbeConfig probe;
    probe.name = name;
    probe.file = name + ".yaml";
    probe.scenario = scenario_of(text);
    probe.every = 10s;
    return probe;
}

Target target_of(const std::string& name, const std::string& region) {
    Target target;
    target.name = name;
    target.values = {{"api", "http://" + name + ".test"}, {"region", region}};
    return target;
}

Config config_of(std::vector<ProbeConfig> probes) {
    Config config;
    config.file = "serin.yaml";
    config.vantage = "here";
    config.targets = {target_of("one", "eu"), target_of("two", "eu"), target_of("three", "us")};
    config.probes = std::move(probes);
    return config;
}

std::set<std::string> names_of(const CellPlans& plans) {
    std::set<std::string> names;
    for (const auto& plan : plans) names.insert(plan->key->text());
    return names;
}

TEST_CASE("a probe has one cell for each of its targets, profiles and values of its matrix") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("pairs", with_matrix);
    probe.targets = {"one", "two"};
    const auto plans = make_plan(config_of({probe}), evaluator, standing);
    REQUIRE(plans);
    CHECK(plans->size() == 12);
    CHECK(names_of(*plans).contains("pairs two sender=b receiver=c"));
    CHECK(standing.states.size() == 12);
}

TEST_CASE("a probe's own choice of matrix values leaves the others out") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("pairs", with_matrix);
    probe.targets = {"one"};
    probe.matrix = {{"sender", {"a"}}, {"receiver", {"b", "c"}}};
    const auto plans = make_plan(config_of({probe}), evaluator, standing);
    REQUIRE(plans);
    CHECK(names_of(*plans) == std::set<std::string>{"pairs one sender=a receiver=b", "pairs one sender=a receiver=c"});
}

TEST_CASE("targets may be chosen by what they are labelled with") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("plain", plain);
    probe.target_labels = {{"region", "eu"}};
    const auto plans = make_plan(config_of({probe}), evaluator, standing);
    REQUIRE(plans);
    CHECK(names_of(*plans) == std::set<std::string>{"plain one", "plain two"});
}

TEST_CASE("a profile is a cell of its own, with its own variables and secrets") {
    Evaluator evaluator;
    Standing standing;
    Config config = config_of({probe_of("plain", plain)});
    config.profiles = {{.name = "heavy", .vars = {{"room", "big"}}, .secrets = {}},
                       {.name = "light", .vars = {}, .secrets = {}}};
    config.probes[0].targets = {"one"};
    config.probes[0].profiles = {"heavy", "light"};
    const auto plans = make_plan(config, evaluator, standing);
    REQUIRE(plans);
    CHECK(names_of(*plans) == std::set<std::string>{"plain one profile=heavy", "plain one profile=light"});
    CHECK(plans->at(0)->world != plans->at(1)->world);
    CHECK(plans->at(0)->again.find("--set room=big") != std::string::npos);
}

TEST_CASE("a probe's timeout replaces its scenario's, for that probe only") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig quick = probe_of("quick", plain);
    quick.timeout = 3s;
    quick.targets = {"one"};
    ProbeConfig usual = probe_of("usual", plain);
    usual.targets = {"one"};
    const auto plans = make_plan(config_of({quick, usual}), evaluator, standing);
    REQUIRE(plans);
    CHECK(plans->at(0)->scenario->timeout == 3s);
    CHECK(plans->at(1)->scenario->timeout == 30s);
}

TEST_CASE("probes of other vantages and disabled ones are not planned") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig there = probe_of("there", plain);
    there.vantages = {"elsewhere"};
    ProbeConfig off = probe_of("off", plain);
    off.enabled = false;
    ProbeConfig here = probe_of("here", plain);
    here.vantages = {"elsewhere", "here"};
    const auto plans = make_plan(config_of({there, off, here}), evaluator, standing);
    REQUIRE(plans);
    CHECK(names_of(*plans) == std::set<std::string>{"here"});
    const auto none = make_plan(config_of({there, off}), evaluator, standing);
    REQUIRE_FALSE(none);
    CHECK(none.error().title.find("no probe is enabled for the vantage `here`") != std::string::npos);
    CHECK_FALSE(none.error().remedy.empty());
}

TEST_CASE("one unreadable secret refuses the whole plan and leaves what stands untouched") {
    Evaluator evaluator;
    Standing standing;
    REQUIRE(make_plan(config_of({probe_of("plain", plain)}), evaluator, standing));
    const std::size_t before = standing.states.size();
    const auto plans = make_plan(
        config_of({probe_of("plain", plain), probe_of("armed", with_secret), probe_of("armed-too", with_secret)}),
        evaluator, standing);
    REQUIRE_FALSE(plans);
    CHECK(plans.error().title.find("probe `armed`") != std::string::npos);
    CHECK(plans.error().title.find("probe `armed-too`") != std::string::npos);
    CHECK(plans.error().title.find("SERIN_TEST_NO_SUCH_VARIABLE") != std::string::npos);
    CHECK(standing.states.size() == before);
}

TEST_CASE("a probe whose choice leaves no cell is an error, never silently idle") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("plain", plain);
    probe.target_labels = {{"region", "mars"}};
    const auto plans = make_plan(config_of({probe, probe_of("other", plain)}), evaluator, standing);
    REQUIRE_FALSE(plans);
    CHECK(plans.error().title.find("probe `plain` has no cell") != std::string::npos);
}

TEST_CASE("caps and states outlive a new plan") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("plain", plain);
    probe.targets = {"one"};
    Config config = config_of({probe});
    config.limits.target_concurrency = 5;
    const auto first = make_plan(config, evaluator, standing);
    REQUIRE(first);
    REQUIRE(first->at(0)->target->enter());
    config.limits.target_concurrency = 1;
    const auto second = make_plan(config, evaluator, standing);
    REQUIRE(second);
    CHECK(second->at(0)->target == first->at(0)->target);
    CHECK(second->at(0)->state == first->at(0)->state);
    CHECK_FALSE(second->at(0)->target->enter());  // the one place is still taken by the run from before
    first->at(0)->target->leave();
}

TEST_CASE("a probe's own cap holds for each of its targets, the general one for a target as a whole") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig own = probe_of("own", plain);
    own.targets = {"one", "two"};
    own.target_concurrency = 2;
    ProbeConfig a = probe_of("a", plain);
    a.targets = {"one"};
    ProbeConfig b = probe_of("b", plain);
    b.targets = {"one"};
    const auto plans = make_plan(config_of({own, a, b}), evaluator, standing);
    REQUIRE(plans);
    CHECK(plans->at(0)->target != plans->at(1)->target);
    CHECK(plans->at(0)->target != plans->at(2)->target);
    CHECK(plans->at(2)->target == plans->at(3)->target);
}

TEST_CASE("a cell knows the maintenance windows that are about it") {
    Evaluator evaluator;
    Standing standing;
    ProbeConfig probe = probe_of("plain", plain);
    probe.targets = {"one", "two"};
    Config config = config_of({probe});
    MaintenanceWindow all;
    all.name = "all";
    MaintenanceWindow two = all;
    two.name = "two";
    two.targets = {"two"};
    MaintenanceWindow other = all;
    other.name = "other";
    other.probes = {"another"};
    config.maintenance = {all, two, other};
    const auto plans = make_plan(config, evaluator, standing);
    REQUIRE(plans);
    REQUIRE(plans->at(0)->maintenance.size() == 1);
    REQUIRE(plans->at(1)->maintenance.size() == 2);
    CHECK(plans->at(1)->maintenance[1].name == "two");
}

}  // namespace
}  // namespace serin::test
