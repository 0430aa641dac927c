// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/loader.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "core/drawing.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

Loaded load(const std::map<std::string, std::string>& files) {
    return load_scenario("s.yaml", [&](const std::string& path) -> Result<std::string> {
        const auto found = files.find(path);
        if (found == files.end()) return fail("cannot read " + path, "check the path");
        return found->second;
    });
}
Loaded load(const std::string& text) {
    return load(std::map<std::string, std::string>{{"s.yaml", text}});
}

Loaded load_steps(const std::string& steps) {
    return load("version: 1\nname: shop\nsteps:\n" + steps);
}

Scenario good(const Loaded& loaded) {
    INFO(draw(loaded.mistakes, Palette{}));
    REQUIRE(loaded.scenario);
    return *loaded.scenario;
}

std::string text_of(const Template& value) {
    const auto& text = std::get<Text>(value.value);
    REQUIRE(text.constant());
    return text.parts.empty() ? "" : std::get<std::string>(text.parts.front());
}

std::vector<std::string> titles(const Mistakes& mistakes) {
    std::vector<std::string> all;
    for (const Mistake& mistake : mistakes) all.push_back(mistake.title);
    return all;
}

const std::string get = "  - get: /x\n    expect: status == 200\n";

}  // namespace

TEST_CASE("what a file leaves out has the documented defaults") {
    const Scenario scenario = good(load_steps(get));
    CHECK(scenario.timeout == 30s);
    CHECK(scenario.cleanup_timeout == 10s);
    CHECK(scenario.retry.attempts == 1);
    CHECK(scenario.cleanup.empty());
    const Step& step = scenario.steps.at(0);
    CHECK(step.kind == "get");
    CHECK(step.actor.empty());
    CHECK(step.severity == Severity::fail);
    CHECK_FALSE(step.timeout);
    const auto& http = std::get<HttpStep>(step.action);
    CHECK(http.method == "GET");
    CHECK(text_of(http.url) == "/x");
    CHECK(http.body_kind == BodyKind::none);
    CHECK_FALSE(http.reuse);
    CHECK(http.max_redirects == 0);
    CHECK(http.max_body == 1 << 20);
    CHECK_FALSE(http.read_only);
}

TEST_CASE("the head of a scenario is read as written") {
    const Scenario scenario =
        good(load("version: 1\nname: a.b-c\nabout: An example.\ntags: [x, y]\nowner: team\nrunbook: https://r.example\n"
                  "timeout: 1m30s\ncleanup_timeout: 5s\nretry: { attempts: 3, backoff: 2s }\nsteps:\n" +
                  get));
    CHECK(scenario.name == "a.b-c");
    CHECK(scenario.about == "An example.");
    CHECK(scenario.tags == std::vector<std::string>{"x", "y"});
    CHECK(scenario.timeout == 90s);
    CHECK(scenario.retry.attempts == 3);
    CHECK(scenario.retry.backoff == 2s);
}

TEST_CASE("a value keeps its type, a text stays as written") {
    const Scenario scenario =
        good(load_steps("  - post: /x\n    headers: { A: 007, B: 1.10, C: true }\n    json: { i: 7, f: 1.5, t: true, "
                        "n: null, s: \"7\", d: \"${nonce}\" }\n"
                        "    expect: status == 200\n"));
    const auto& http = std::get<HttpStep>(scenario.steps[0].action);
    CHECK(text_of(http.headers[0].value) == "007");
    CHECK(text_of(http.headers[1].value) == "1.10");
    CHECK(text_of(http.headers[2].value) == "true");
    const auto& json = std::get<Template::Map>(http.body.value);
    REQUIRE(json.size() == 6);
    CHECK(std::get<std::int64_t>(json[0].value.value) == 7);
    CHECK(std::get<double>(json[1].value.value) == 1.5);
    CHECK(std::get<bool>(json[2].value.value));
    CHECK(std::holds_alternative<std::nullptr_t>(json[3].value.value));
    CHECK(text_of(json[4].value) == "7");
    const Expression* nonce = std::get<Text>(json[5].value.value).lone_expression();
    REQUIRE(nonce != nullptr);
    CHECK(nonce->text == "nonce");
    CHECK(nonce->place.text() == "s.yaml:6:59");
}

TEST_CASE("expectations come one a line, with their own places and severities") {
    const Scenario scenario =
        good(load_steps("  - get: /x\n    severity: degrade\n    expect:\n      - |\n        status == 200\n        -- "
                        "why\n        # why\n        #text > 0\n"
                        "      - fail: ms < 900\n      - degrade: \"ms < 300\"\n      - ${status < 300}\n"));
    const std::vector<Expectation>& expect = scenario.steps[0].expect;
    REQUIRE(expect.size() == 5);
    CHECK(expect[0].expression.text == "status == 200");
    CHECK(expect[0].expression.place.text() == "s.yaml:8:9");
    CHECK(expect[0].severity == Severity::degrade);
    CHECK(expect[1].expression.text == "#text > 0");  // the length operator, not a comment
    CHECK(expect[1].expression.place.line == 11);
    CHECK(expect[2].severity == Severity::fail);
    CHECK(expect[3].severity == Severity::degrade);
    CHECK(expect[3].expression.place.text() == "s.yaml:13:19");
    CHECK(expect[4].expression.text == "status < 300");
}

TEST_CASE("a websocket conversation is read with all its options") {
    const Scenario scenario =
        good(load("version: 1\nname: ws\nactors: { bob: { ws: wss://ws.example } }\nsteps:\n"
                  "  - connect: /ws\n    as: bob\n    protocols: [a, b]\n    compress: false\n    max_frames: 5\n"
                  "  - send: hello\n    as: bob\n    id: said\n"
                  "  - receive: { type: x, n: { $gt: 5 } }\n    as: bob\n    from: said\n    within: 2s\n    exactly: "
                  "1\n    settle: 1s\n    horizon: 10m\n    ordered: true\n"
                  "  - none: { $regex: err }\n    as: bob\n    within: 100ms\n"));
    const auto& connect = std::get<ConnectStep>(scenario.steps[0].action);
    CHECK(connect.protocols == std::vector<std::string>{"a", "b"});
    CHECK_FALSE(connect.compress);
    CHECK(connect.max_frames == 5);
    const auto& send = std::get<SendStep>(scenario.steps[1].action);
    CHECK(text_of(send.message) == "hello");
    const auto& receive = std::get<ReceiveStep>(scenario.steps[2].action);
    CHECK(receive.from == "said");
    CHECK(receive.within == 2s);
    CHECK(std::get<std::int64_t>(receive.exactly->value) == 1);
    CHECK(receive.settle == 1s);
    CHECK(receive.horizon == 10min);
    CHECK(receive.ordered);
    CHECK(scenario.steps[2].place.text() == "s.yaml:13:5");
    const auto& none = std::get<NoneStep>(scenario.steps[3].action);
    CHECK_FALSE(none.from);
    CHECK(none.within == 100ms);
}

TEST_CASE("poll takes a path or an HTTP step that reads") {
    const Scenario scenario =
        good(load_steps("  - poll: /a\n    within: 5s\n    expect: json.ready\n"
                        "  - poll: { post: /search, json: { q: x }, read_only: true }\n    every: 1s\n    within: 9s\n "
                        "   expect: tries < 3\n"));
    const auto& path = std::get<PollStep>(scenario.steps[0].action);
    CHECK(path.every == 500ms);
    CHECK(path.request->kind == "get");
    CHECK(text_of(std::get<HttpStep>(path.request->action).url) == "/a");
    const auto& post = std::get<PollStep>(scenario.steps[1].action);
    CHECK(post.every == 1s);
    CHECK(std::get<HttpStep>(post.request->action).method == "POST");
    CHECK(post.request->place.text() == "s.yaml:7:13");
}

TEST_CASE("parallel branches are steps or lists of steps, repeat holds its own") {
    const Scenario scenario = good(load_steps(
        "  - parallel:\n      - get: /a\n        expect: status == 200\n      - - get: /b\n        - get: /c\n"
        "  - repeat: { times: \"${len(nonce)}\", every: 10ms, steps: [{ get: \"/${iteration}\" }] }\n    id: burst\n"));
    const auto& parallel = std::get<ParallelStep>(scenario.steps[0].action);
    REQUIRE(parallel.branches.size() == 2);
    CHECK(parallel.branches[0].size() == 1);
    CHECK(parallel.branches[1].size() == 2);
    const auto& repeat = std::get<RepeatStep>(scenario.steps[1].action);
    CHECK(repeat.every == 10ms);
    CHECK(repeat.steps->size() == 1);
}

TEST_CASE("defer and diagnose belong to their step") {
    const Scenario scenario =
        good(load_steps("  - post: /x\n    id: made\n    save: { x: json.id }\n    expect: status == 201\n    defer: { "
                        "delete: \"/x/${x}\" }\n"
                        "    diagnose:\n      - get: /health\n        id: up\n      - class: all_down\n        if: "
                        "up.status >= 500 and made.ms > 1\n"));
    const Step& step = scenario.steps[0];
    REQUIRE(step.defer);
    CHECK(step.defer->at(0).kind == "delete");
    REQUIRE(step.diagnose.size() == 2);
    CHECK(step.diagnose[0].step->id == "up");
    CHECK(step.diagnose[1].failure_class == "all_down");
    CHECK(step.diagnose[1].when->text == "up.status >= 500 and made.ms > 1");
}

TEST_CASE("a fragment is read once and knows only its inputs") {
    const std::string login =
        "version: 1\nfragment: login\ninputs: { user: , room: lobby }\noutputs: { token: a.json.t }\nsteps:\n  - post: "
        "/login\n    id: a\n    json: { u: \"${user}\", r: \"${room}\" }\n";
    const Loaded loaded = load(
        {{"s.yaml",
          "version: 1\nname: f\nuse: [lib/login.yaml]\nsteps:\n  - call: login\n    id: one\n    with: { user: a }\n"
          "  - call: login\n    with: { user: b, room: c }\n    expect: token == one.token\n"},
         {"lib/login.yaml", login}});
    const Scenario scenario = good(loaded);
    const auto& first = std::get<CallStep>(scenario.steps[0].action);
    const auto& second = std::get<CallStep>(scenario.steps[1].action);
    CHECK(first.target == second.target);
    REQUIRE(scenario.fragments.size() == 1);
    CHECK(scenario.fragments[0] == first.target);
    CHECK(first.target->inputs.size() == 2);
    CHECK(first.target->outputs.at(0).name == "token");
}

TEST_CASE("a mistake in a fragment says who included it") {
    const Loaded loaded =
        load({{"s.yaml", "version: 1\nname: f\nuse: [login.yaml]\nsteps:\n  - call: login\n    expect: vantage == 1\n"},
              {"login.yaml", "version: 1\nfragment: login\nsteps:\n  - get: \"/${nonec}\"\n"}});
    REQUIRE(loaded.mistakes.size() == 1);
    CHECK(loaded.mistakes[0].place.text() == "login.yaml:4:14");
    REQUIRE(loaded.mistakes[0].called_from.size() == 1);
    CHECK(loaded.mistakes[0].called_from[0].text() == "s.yaml:3:7");
}

TEST_CASE("globals that a script assigns are names of later steps, its locals are not") {
    CHECK(load_steps("  - lua: |\n      a, b = 1, 2\n      if c == 3 then d = 4 end\n  - get: \"/${a}/${b}/${d}\"\n    "
                     "expect: status == 200\n")
              .scenario);
    const Loaded loaded = load_steps("  - lua: |\n      local a = 1\n  - get: \"/${a}\"\n    expect: status == 200\n");
    CHECK(titles(loaded.mistakes) == std::vector<std::string>{"unknown name `a`"});
}

TEST_CASE("all mistakes of a file are told, in the order of the file") {
    const Loaded loaded = load(
        "version: 1\nname: x\ntimeuot: 5s\nsteps:\n  - gte: /a\n  - get: /b\n    expct: 1\n    expect: staus == 200\n");
    CHECK_FALSE(loaded.scenario);
    CHECK(titles(loaded.mistakes) ==
          std::vector<std::string>{"unknown key `timeuot` in a scenario", "unknown step kind `gte`",
                                   "unknown key `expct` in a get step", "unknown name `staus`"});
}

TEST_CASE("a warning does not keep a scenario from loading") {
    const Loaded loaded = load("version: 1\nname: x\nvars: { a: 1 }\nsteps:\n" + get);
    CHECK(loaded.scenario);
    CHECK(titles(loaded.mistakes) == std::vector<std::string>{"`vars.a` is never used"});
}

TEST_CASE("what is unused is only told when nothing is wrong: the typo may be the reason") {
    const Loaded loaded =
        load("version: 1\nname: x\nvars: { room: 1 }\nsteps:\n  - get: \"/${vars.rom}\"\n    expect: status == 200\n");
    CHECK(titles(loaded.mistakes) == std::vector<std::string>{"`vars` has no field `rom`"});
}

TEST_CASE("a computed index uses every variable") {
    CHECK(load("version: 1\nname: x\nvars: { a: 1, b: 2 }\nsteps:\n  - get: \"/${vars[nonce]}\"\n    expect: status == "
               "200\n")
              .mistakes.empty());
    CHECK(load("version: 1\nname: x\nvars: { a: 1 }\nsteps:\n  - get: \"/${vars['a']}\"\n    expect: status == 200\n")
              .mistakes.empty());
}

TEST_CASE("a mistake behind an anchor is told once") {
    const Loaded loaded = load_steps("  - get: /a\n    expect: &e [staus == 200]\n  - get: /b\n    expect: *e\n");
    CHECK(titles(loaded.mistakes) == std::vector<std::string>{"unknown name `staus`"});
}

TEST_CASE("the number of steps is bounded") {
    std::string many;
    for (int i = 0; i < 1001; ++i) many += get;
    CHECK(titles(load_steps(many).mistakes) == std::vector<std::string>{"more than 1000 steps"});
}

TEST_CASE("a file that cannot be read is a mistake without a place") {
    const Loaded loaded = load(std::map<std::string, std::string>{});
    REQUIRE(loaded.mistakes.size() == 1);
    CHECK(loaded.mistakes[0].title == "cannot read s.yaml");
    CHECK(loaded.mistakes[0].remedy == "check the path");
    CHECK_FALSE(loaded.mistakes[0].place.known());
}

TEST_CASE("read_file refuses folders and what is not there") {
    CHECK_FALSE(read_file("/"));
    CHECK_FALSE(read_file("/no/such/file"));
    CHECK(read_file(std::string(SERIN_SOURCE_DIR) + "/tests/golden/good/minimal.yaml")->starts_with("version: 1"));
}

TEST_CASE("targets keep their values and their routes") {
    const LoadedTargets loaded = load_targets("t.yaml", [](const std::string&) -> Result<std::string> {
        return "version: 1\ntargets:\n  a: { api: https://a.example, zone: z1, connect_to: [\"x:1:y:2\"], ca: ca.pem "
               "}\n  b: { ws: ws://b.example }\n";
    });
    CHECK(loaded.mistakes.empty());
    REQUIRE(loaded.targets.size() == 2);
    CHECK(loaded.targets[0].name == "a");
    CHECK(*loaded.targets[0].find("api") == "https://a.example");
    CHECK(*loaded.targets[0].find("zone") == "z1");
    CHECK(loaded.targets[0].find("ca") == nullptr);
    CHECK(loaded.targets[0].ca == "ca.pem");
    CHECK(loaded.targets[0].connect_to == std::vector<std::string>{"x:1:y:2"});
    CHECK(loaded.targets[1].place.text() == "t.yaml:4:3");
}

TEST_CASE("a script's mapping makes a step as YAML would, with names left open") {
    const Place place{.source = std::make_shared<const Source>(Source{.name = "s.yaml", .text = "x\npost{}"}),
                      .line = 2,
                      .column = 1,
                      .length = 4};
    const LoadedStep loaded = step_from_json({{"post", "/x"},
                                              {"as", "whoever"},
                                              {"json", {{"n", 1}, {"t", "a"}}},
                                              {"expect", {"status == 201", "mine > 0"}},
                                              {"timeout", "2s"}},
                                             place);
    INFO(draw(loaded.mistakes, Palette{}));
    REQUIRE(loaded.step);
    CHECK(loaded.step->kind == "post");
    CHECK(loaded.step->actor == "whoever");
    CHECK(loaded.step->timeout == 2s);
    CHECK(loaded.step->expect.size() == 2);
    const auto& http = std::get<HttpStep>(loaded.step->action);
    CHECK(http.method == "POST");
    CHECK(std::get<std::int64_t>(std::get<Template::Map>(http.body.value)[0].value.value) == 1);
}

TEST_CASE("a script's step is checked against the same table, at the script's line") {
    const Place place{.source = std::make_shared<const Source>(Source{.name = "s.yaml", .text = "x\ngte{}"}),
                      .line = 2,
                      .column = 1,
                      .length = 3};
    const LoadedStep unknown = step_from_json({{"get", "/x"}, {"expct", "true"}}, place);
    CHECK_FALSE(unknown.step);
    REQUIRE(unknown.mistakes.size() == 1);
    CHECK(unknown.mistakes[0].title == "unknown key `expct` in a get step");
    CHECK(unknown.mistakes[0].place.text() == "s.yaml:2:1");
    CHECK_FALSE(step_from_json({{"get", "/x"}, {"timeout", 5}}, place).step);
    CHECK_FALSE(step_from_json({{"call", "login"}}, place).step);
    CHECK_FALSE(step_from_json("get", place).step);
    CHECK_FALSE(step_from_json(nullptr, place).step);
    CHECK(step_from_json({{"receive", "x"}, {"within", "1s"}, {"from", "any"}}, place).step);
}

}  // namespace serin::test
