// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/language/evaluator.hpp"

namespace serin::test {
namespace {

class NonceScope : public Scope {
public:
    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override {
        if (name == "nonce") return Binding{std::string("r81f")};
        if (name == "send") return Binding{std::string("a step's id")};
        return std::nullopt;
    }
};

struct Story {
    std::vector<std::string> asked;  ///< "line: step"
    std::string error;
    int error_line = 0;
    std::map<std::string, std::string> results;
};

/// Runs a script to its end; every step is answered by `answer`.
Story tell(const std::string& text, const Json& answer = Json::object()) {
    Evaluator evaluator;
    const NonceScope scope;
    LuaStep step;
    step.script = text;
    Script script{evaluator, step, scope};
    Story story;
    Json last = nullptr;
    while (true) {
        auto said = script.next(last);
        if (const auto* ended = std::get_if<Script::Ended>(&said)) {
            if (ended->error) story.error = ended->error->title;
            story.error_line = ended->line;
            break;
        }
        const auto& ask = std::get<Script::Ask>(said);
        story.asked.push_back(std::to_string(ask.line) + ": " + ask.step->dump());
        last = answer;
    }
    for (const auto& [name, value] : script.results()) story.results[name] = value.dump();
    return story;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("each call of a script is a step with its line") {
    const Story story = tell(R"(get("/a")
post("/b", { as = "alice", json = { text = "canary " .. nonce } })
for i = 1, 2 do
  receive({ type = "message.new", n = i }, { as = "bob", within = "2s" })
end
step{ delete = "/b", expect = { "status == 204" } }
send("hi"))");
    CHECK(story.error.empty());
    CHECK(story.asked == Lines{R"(1: {"get":"/a"})", R"(2: {"as":"alice","json":{"text":"canary r81f"},"post":"/b"})",
                               R"(4: {"as":"bob","receive":{"n":1,"type":"message.new"},"within":"2s"})",
                               R"(4: {"as":"bob","receive":{"n":2,"type":"message.new"},"within":"2s"})",
                               R"(6: {"delete":"/b","expect":["status == 204"]})", R"(7: {"send":"hi"})"});
}

TEST_CASE("a script reads the answers of its steps") {
    const Story story =
        tell(R"(
local made = post("/b")
status = made.status
first = made.json.items[1]
missing = made.json.nope == nil
nothing = made.json.none == nil and not made.json.none
all = made.json
sum = 0
for i, item in ipairs(made.json.items) do sum = sum + item end
names = {}
for key, value in pairs(made.json) do table.insert(names, key) end
length = #made.json.items
)",
             Json::parse(R"({"status": 201, "json": {"items": [3, 4], "none": null, "big": 9223372036854775807}})"));
    CHECK(story.error.empty());
    CHECK(story.results ==
          std::map<std::string, std::string>{{"status", "201"},
                                             {"first", "3"},
                                             {"missing", "true"},
                                             {"nothing", "true"},
                                             {"all", R"({"big":9223372036854775807,"items":[3,4],"none":null})"},
                                             {"sum", "7"},
                                             {"names", R"(["big","items","none"])"},
                                             {"length", "2"}});
}

TEST_CASE("a script's functions may ask for steps, and its globals become results") {
    const Story story = tell(R"lua(
function login(name) return get("/login/" .. name) end
login("a") login("b")
local hidden = 1
shown = upper("x") .. ("y"):upper() .. math.floor(2.5) .. re.match("k=v", "=(.)") .. type({}) .. tostring(nil)
)lua");
    CHECK(story.asked == Lines{R"(2: {"get":"/login/a"})", R"(2: {"get":"/login/b"})"});
    CHECK(story.results == std::map<std::string, std::string>{{"shown", R"("XY2vtablenil")"}});
}

TEST_CASE("errors carry the script's line") {
    const auto error = [](const std::string& text) { return tell(text).error; };
    CHECK(error("local x = {}\n\nlocal y = x.nope.deep") == "line 3: attempt to index a nil value (field 'nope')");
    CHECK(error("local x = = 1").starts_with("line 1: unexpected symbol near '='"));
    CHECK(error("\nerror('my own')") == "line 2: my own");
    CHECK(error("error({})") == "an error without a text (a table)");
    CHECK(error("\nassert(1 == 2, 'not so')") == "line 2: not so");
    CHECK(error("\nget()") == "line 2: the first argument of `get` is missing");
    CHECK(error("get('/', 5)") == "line 1: the second argument of `get` is a table of options");
    CHECK(error("step(5)").starts_with("line 1: `step` takes a table"));
    CHECK(error("step{ get = print }").starts_with("line 1: the value is nil") == false);
    CHECK(error("get('/', { f = function() end })") == "line 1: a function is not a JSON value");
    CHECK(error("get('/', { 1, 2, nil, 4, a = 1 })") == "line 1: a table is either a list or an object, not both");
    CHECK(error("len(nil)") == "line 1: `len` cannot take nil: it wants a text, a list or an object");
    CHECK(tell("\n\nx()").error_line == 3);
}

TEST_CASE("answers cannot be changed") {
    CHECK(tell("local a = get('/')\na.status = 1", Json{{"status", 200}}).error == "line 2: result cannot be changed");
}

TEST_CASE("nothing that leaves the sandbox is there") {
    for (const std::string name :
         {"load",           "loadstring", "loadfile", "dofile",   "require", "os",           "io",           "debug",
          "collectgarbage", "rawset",     "rawget",   "rawequal", "rawlen",  "getmetatable", "setmetatable", "pcall",
          "xpcall",         "coroutine",  "package",  "_G",       "string",  "print",        "warn"}) {
        INFO(name);
        CHECK(tell("found = " + name + " ~= nil").results.at("found") == "false");
    }
    CHECK(tell("x = ('a'):rep(10)").error ==
          "line 1: a text has no method `rep`; patterns are read by re.match(text, pattern)");
    CHECK(tell("x = ('a'):find('a')").error.starts_with("line 1: a text has no method `find`"));
    CHECK(tell("x = math.random").results.empty());
    CHECK(tell("x = (5).y").error == "line 1: attempt to index a number value");
    CHECK(tell("\x1bLua").error.starts_with("line 1: ") == false);
    CHECK_FALSE(tell("\x1bLua").error.empty());
}

TEST_CASE("what one script changes no other sees") {
    Evaluator evaluator;
    const NonceScope scope;
    LuaStep spoil, look;
    spoil.script = "len = nil; upper = function() return 'spoiled' end; leak = 1";
    look.script = "a = upper('x'); b = leak == nil; c = len('abc')";
    Script first{evaluator, spoil, scope};
    CHECK(std::holds_alternative<Script::Ended>(first.next(nullptr)));
    Script second{evaluator, look, scope};
    CHECK(std::holds_alternative<Script::Ended>(second.next(nullptr)));
    const auto results = second.results();
    REQUIRE(results.size() == 3);
    CHECK(results[0].second == "X");
    CHECK(results[1].second == true);
    CHECK(results[2].second == 3);
    for (const std::string library : {"math", "table", "re"}) {
        CHECK(tell(library + ".x = 1").error == "line 1: `x` cannot be assigned");
        CHECK(tell("table.insert(" + library + ", 1)").error.ends_with("cannot be assigned"));
    }
}

TEST_CASE("an endless loop ends") {
    CHECK(tell("while true do end").error == "line 1: it takes more than 10000000 instructions in one go");
    CHECK(tell("local function f() return f() end f()").error ==
          "line 1: it takes more than 10000000 instructions in one go");
    CHECK(tell("local function f() f() end\nf()").error == "the script needs more than 16 MiB of memory");
    CHECK(tell("table.sort({3, 2, 1}, function() while true do end end)").error.find("instructions") !=
          std::string::npos);
    CHECK(tell("local t = {}; for i = 1, 20000 do t[i] = 'abcdefgh' end; while true do contains(t, 'x') end").error ==
          "line 1: the texts and lists that it works through are too large in sum");
}

TEST_CASE("memory is capped over a script's whole life") {
    CHECK(tell("local s = 'x' while true do s = s .. s end").error == "the script needs more than 16 MiB of memory");
    CHECK(tell("local t = {} for i = 1, 1e9 do t[i] = i end").error == "the script needs more than 16 MiB of memory");
    CHECK(tell("local t = {} while true do get('/') for i = 1, 10000 do t[#t + 1] = { i } end end").error ==
          "the script needs more than 16 MiB of memory");
    // Small in Lua, endless as JSON.
    CHECK(tell("local t = {'x'} for i = 1, 60 do t = {t, t} end get(t)").error ==
          "line 1: the value is larger than 16 MiB");
    CHECK(tell("local t = {} t[1] = t get(t)").error == "line 1: the table nests deeper than 100 levels");
}

TEST_CASE("scripts and expressions of one worker run interleaved") {
    Evaluator evaluator;
    const NonceScope scope;
    LuaStep step;
    step.script = "local a = get('/1') mine = a.n local b = get('/2') mine = mine + b.n";
    Script one{evaluator, step, scope};
    {
        Script other{evaluator, step, scope};
        CHECK(std::holds_alternative<Script::Ask>(one.next(nullptr)));
        CHECK(std::holds_alternative<Script::Ask>(other.next(nullptr)));
        CHECK(std::holds_alternative<Script::Ask>(one.next(Json{{"n", 1}})));
        CHECK(std::holds_alternative<Script::Ask>(other.next(Json{{"n", 10}})));
    }  // dropped in the middle, as when a run is cancelled
    CHECK(std::holds_alternative<Script::Ended>(one.next(Json{{"n", 2}})));
    CHECK(one.results().at(0).second == 3);
    CHECK(std::holds_alternative<Script::Ended>(one.next(nullptr)));
}

}  // namespace serin::test
