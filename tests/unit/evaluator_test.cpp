// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/evaluator.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/language/expression.hpp"

namespace serin::test {
namespace {

class MapScope : public Scope {
public:
    std::map<std::string, Binding, std::less<>> names;
    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override {
        const auto found = names.find(name);
        return found == names.end() ? std::nullopt : std::optional(found->second);
    }
    void set_json(const std::string& name, Json value) {
        auto document = std::make_shared<const Json>(std::move(value));
        const Json* node = document.get();
        names[name] = JsonView{document, node, name};
    }
};

MapScope reply() {
    MapScope scope;
    scope.names["status"] = std::int64_t{503};
    scope.names["ms"] = 41.5;
    scope.names["nonce"] = std::string("r81f");
    scope.names["gone"] = std::monostate{};
    scope.set_json("json", Json::parse(R"({
        "id": "m-1", "user": {"name": "Zoë", "none": null, "odd key": 1}, "items": [{"id": 1}, {"id": 2}], "tags": ["a", "b"],
        "empty": [], "blank": {}, "big": 9223372036854775807, "huge": 18446744073709551615, "float": 0.1, "no": false, "zero": 0})"));
    return scope;
}

Expression expression(const std::string& text) {
    KnownNames names;
    names.unchecked = true;
    Mistakes mistakes;
    auto parsed = parse_expression(text, {}, names, mistakes);
    INFO(text << (mistakes.empty() ? "" : ": " + mistakes[0].title));
    REQUIRE(parsed);
    return *parsed;
}

/// The value as JSON text, or "error: …".
std::string value(const std::string& text, const MapScope& scope = reply()) {
    Evaluator evaluator;
    const auto result = evaluator.evaluate(expression(text), scope);
    return result ? result->dump() : "error: " + result.error().title;
}

std::string holds(const std::string& text, const MapScope& scope = reply()) {
    Evaluator evaluator;
    const auto result = evaluator.holds(expression(text), scope);
    return result ? *result ? "true" : "false" : "error: " + result.error().title;
}

std::vector<std::string> explain(const std::string& text) {
    Evaluator evaluator;
    return evaluator.explain(expression(text), reply());
}

using Lines = std::vector<std::string>;

Template text_template(const std::string& scalar) {
    KnownNames names;
    names.unchecked = true;
    Mistakes mistakes;
    Template made;
    made.value = parse_text(scalar, {}, names, mistakes);
    REQUIRE(mistakes.empty());
    return made;
}

std::string resolved(const std::string& scalar) {
    Evaluator evaluator;
    const auto result = evaluator.resolve(text_template(scalar), reply());
    return result ? result->dump() : "error: " + result.error().title;
}

}  // namespace

TEST_CASE("every operator computes as in Lua") {
    CHECK(value("1 + 2 * 3 - 4 / 2") == "5.0");
    CHECK(value("7 // 2") == "3");
    CHECK(value("-7 % 3") == "2");
    CHECK(value("2 ^ 3 ^ 2") == "512.0");
    CHECK(value("'a' .. 1 .. 'b'") == R"("a1b")");
    CHECK(value("6 & 3 | 8 ~ 1") == "11");
    CHECK(value("1 << 4 >> 2") == "4");
    CHECK(value("~0") == "-1");
    CHECK(value("-(-3)") == "3");
    CHECK(value("#'Zoë'") == "4");
    CHECK(value("not true") == "false");
    CHECK(value("1 < 2 and 2 <= 2 and 3 > 2 and 2 >= 2") == "true");
    CHECK(value("1 == 1.0") == "true");
    CHECK(value("'1' == 1") == "false");
    CHECK(value("1 ~= 2") == "true");
}

TEST_CASE("JSON survives the round trip") {
    CHECK(value("json.big") == "9223372036854775807");
    CHECK(value("json.huge") == "18446744073709551615");
    CHECK(value("-9223372036854775807 - 1") == "-9223372036854775808");
    CHECK(value("json.float") == "0.1");
    CHECK(value("json.empty") == "[]");
    CHECK(value("json.blank") == "{}");
    CHECK(value("json.user.none") == "null");
    CHECK(value("json.user.name") == R"("Zoë")");
    CHECK(value("{1, 'a', {b = json.tags}}") == R"([1,"a",{"b":["a","b"]}])");
    CHECK(value("{a = 1, ['b c'] = null}") == R"({"a":1,"b c":null})");
    CHECK(value("json_decode(json_encode(json)) == json") == "true");
    CHECK(holds("json.huge > json.big") == "true");
    CHECK(holds("json.huge > 5") == "true");
}

TEST_CASE("lists count from 1 and have a length") {
    CHECK(value("json.items[1].id") == "1");
    CHECK(value("json.items[2.0].id") == "2");
    CHECK(value("#json.items") == "2");
    CHECK(value("len(json.items)") == "2");
    CHECK(value("json.items[0]") == "error: json.items[0] is absent (json.items has 2 items)");
    CHECK(value("json.items[-1]") == "error: json.items[-1] is absent (json.items has 2 items)");
    CHECK(value("json.items[3].id") == "error: json.items[3] is absent (json.items has 2 items)");
    CHECK(value("json.items.id") == "error: json.items.id is absent (json.items has 2 items)");
}

TEST_CASE("absent is false, equal to nil, and says where the path ended") {
    CHECK(holds("json.usr") == "false");
    CHECK(holds("not json.usr.name") == "true");
    CHECK(value("json.usr or 'default'") == R"("default")");
    CHECK(value("json.user.none or 'default'") == R"("default")");
    CHECK(value("json.no or 'default'") == R"("default")");
    CHECK(value("json.zero or 'default'") == "0");
    CHECK(holds("json.usr == nil") == "true");
    CHECK(holds("json.usr == absent") == "true");
    CHECK(holds("nil == absent") == "true");
    CHECK(holds("json.usr ~= nil") == "false");
    CHECK(holds("json.usr == null") == "false");
    CHECK(holds("json.user.none == null") == "true");
    CHECK(holds("json.user.none == nil") == "false");
    CHECK(holds("json.usr == 1") == "false");
    CHECK(holds("json.usr ~= 1") == "true");
    CHECK(holds("json.usr == json.id") == "false");
    CHECK(holds("gone == nil") == "true");
    CHECK(value("gone") == "error: gone is absent");
    CHECK(value("json.user.nme.first.x") == "error: json.user.nme is absent (json.user has: name, none, odd key)");
    CHECK(value("json.user.none.x") == "error: json.user.none.x is absent (json.user.none is null)");
    CHECK(value("json.user['odd key'] + 1") == "2");
    CHECK(value("json.user['odd kex'] + 1") ==
          R"(error: json.user["odd kex"] is absent (json.user has: name, none, odd key))");
    CHECK(value("json.blank.x") == "error: json.blank.x is absent (json.blank is {})");
    CHECK(value("json.id.x") == R"(error: ("m-1").x is absent (a string has no fields))");
    CHECK(value("status.x") == "error: (503).x is absent (a number has no fields)");
    CHECK(value("nil") == "error: nil is absent");
}

TEST_CASE("computing with what is absent, null or of the wrong type says which value it was") {
    const std::string absent =
        "error: json.x is absent (json has: big, blank, empty, float, huge, id, items, no, tags, user, zero)";
    CHECK(holds("json.x < 3") == absent);
    CHECK(holds("3 >= json.x") == absent);
    CHECK(value("json.x + 1") == absent);
    CHECK(value("'a' .. json.x") == absent);
    CHECK(value("#json.x") == absent);
    CHECK(value("-json.x") == absent);
    CHECK(value("{json.x}") == absent);
    CHECK(value("len(json.x)") == "error: `len` cannot take what is absent: " + absent.substr(7));
    CHECK(holds("json.user.none < 3") == "error: json.user.none is null");
    CHECK(holds("json.user < 3") == "error: json.user is an object, where a number or a text is needed");
    CHECK(holds("json.id < 3") == "error: attempt to compare string with number");
    CHECK(value("lower(5.5)") == R"("5.5")");
    CHECK(value("lower(json.tags)") == R"(error: `lower` cannot take ["a","b"]  (list of 2): it wants a text)");
    CHECK(holds("unheard_of == 1") == "error: unknown name `unheard_of`");
}

TEST_CASE("lists and objects are equal by value") {
    CHECK(holds("json.tags == {'a', 'b'}") == "true");
    CHECK(holds("{'a', 'b'} == json.tags") == "true");
    CHECK(holds("json.tags == {'b', 'a'}") == "false");
    CHECK(holds("json.items[1] == {id = 1.0}") == "true");
    CHECK(holds("json.huge == 18446744073709551615") == "true");
    CHECK(holds("json.items == json.items") == "true");
    CHECK(holds("json.user == json.tags") == "false");
}

TEST_CASE("functions over texts") {
    CHECK(value("len('Zoë')") == "3");
    CHECK(holds("contains('abc', 'bc') and starts('abc', 'ab') and ends('abc', 'bc')") == "true");
    CHECK(holds("contains('abc', 'x') or starts('abc', 'b') or ends('abc', 'b')") == "false");
    CHECK(value("upper('aé') .. lower('BÉ')") == R"("AébÉ")");
    CHECK(value("trim('  a b\\n')") == R"("a b")");
    CHECK(value("{sub('abcdef', 2, 3), sub('abc', -2), sub('abc', 5), sub('abc', 0, -2)}") == R"(["bc","bc","","ab"])");
    CHECK(value("replace('a.b.c', '.', '--')") == R"("a--b--c")");
    CHECK(value("split('a,,b', ',')") == R"(["a","","b"])");
    CHECK(value("join(split('a,b', ','), ';') .. join({1, 2.5, true})") == R"("a;b12.5true")");
    CHECK(value("json.id:upper()") == R"("M-1")");
    CHECK(value("tostring(json.items) .. tostring(1.0) .. tostring(gone)") == R"("[{\"id\":1},{\"id\":2}]1absent")");
    CHECK(value("{tonumber('12'), tonumber('0x10'), tonumber('1.5'), tonumber(3)}") == "[12,16,1.5,3]");
    CHECK(value("tonumber('12a')") == R"(error: the number is absent ("12a" spells none))");
}

TEST_CASE("regular expressions are RE2's") {
    CHECK(value("re.match('id=\"m-81f\"', 'id=\"([^\"]+)\"')") == R"("m-81f")");
    CHECK(value("re.match('abc', 'b.')") == R"("bc")");
    CHECK(holds("re.match('abc', 'x') == nil") == "true");
    CHECK(value("re.match('abc', '(x)')") == "error: the match is absent (`(x)` matches nothing)");
    CHECK(holds("re.test('Größe', '^Gr.ße$')") == "true");
    CHECK(value("re.find_all('a1b22', '[0-9]+')") == R"(["1","22"])");
    CHECK(value("re.find_all('a=1,b=2', '(\\\\w)=')") == R"(["a","b"])");
    CHECK(value("len(re.find_all('abc', ''))") == "4");
    CHECK(value("re.test('a', nonce .. '(')") == "error: `r81f(` is not a regular expression: missing ): r81f(");
}

TEST_CASE("functions over lists and objects") {
    CHECK(value("find(json.items, 'id', 2)") == R"({"id":2})");
    CHECK(value("find(json.items, 'id', 9).x") == "error: the item is absent (none of 2 has that id)");
    CHECK(value("pluck(json.items, 'id')") == "[1,2]");
    CHECK(holds("contains(pluck(json.items, 'id'), 2)") == "true");
    CHECK(value("count(json.tags, 'a') + count({1, 1, 2}, 1)") == "3");
    CHECK(holds("has(json, 'id') and has(json.user, 'none') and has(json.items, 2)") == "true");
    CHECK(holds("has(json, 'x') or has(json.items, 3) or has(json.items, 0)") == "false");
    CHECK(value("keys(json.user)") == R"(["name","none","odd key"])");
    CHECK(value("values({b = 2, a = 1})") == "[1,2]");
    CHECK(value("{min(3, 1, 2), max({3, 1, 2}), min(1.5, 1), len({}), len(json.user)}") == "[1,3,1,0,3]");
    CHECK(value("{floor(1.5), ceil(1.5), round(2.5), round(-2.5), abs(-3), abs(-1.5), floor(7)}") ==
          "[1,2,3,-3,3,1.5,7]");
    CHECK(value("{type(1), type(1.5), type('a'), type(true), type(json), type(json.items), type(gone), "
                "type(json.user.none)}") ==
          R"(["number","number","string","boolean","object","array","absent","null"])");
}

TEST_CASE("encodings") {
    CHECK(value("base64_encode('a\\0b') .. base64_encode('')") == R"("YQBi")");
    CHECK(value("base64_decode('eyJhIjoxfQ')") == R"("{\"a\":1}")");
    CHECK(value("base64_decode('_-8=') == '\\xff\\xef'") == "true");
    CHECK(value("base64_decode('a')").starts_with("error: `base64_decode` cannot take"));
    CHECK(value("base64_decode('a b*')").starts_with("error: `base64_decode` cannot take"));
    CHECK(value("sha256('abc')") == R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")");
    // RFC 4231, test case 2.
    CHECK(value("hmac_sha256('Jefe', 'what do ya want for nothing?')") ==
          R"("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")");
    CHECK(value("url_escape('a b/ö~')") == R"("a%20b%2F%C3%B6~")");
    CHECK(value("json_decode('{\"a\": [1, null]}').a[2] == null") == "true");
    CHECK(value("json_decode('{')") == R"(error: `json_decode`: not JSON: "{")");
}

TEST_CASE("nothing of Lua that reaches outside is there") {
    for (const std::string name : {"load",         "loadstring",     "dofile", "require",   "os",       "io",
                                   "debug",        "collectgarbage", "rawset", "rawget",    "rawequal", "getmetatable",
                                   "setmetatable", "pcall",          "xpcall", "coroutine", "package",  "_G",
                                   "_ENV",         "string",         "S",      "F",         "T",        "E"}) {
        INFO(name);
        CHECK(value(name) == "error: unknown name `" + name + "`");
    }
    CHECK(value("('').rep") == R"(error: ("").rep is absent (a string has no fields))");
}

TEST_CASE("a pattern that is catastrophic elsewhere takes linear time") {
    MapScope scope;
    scope.names["text"] = std::string(100'000, 'a');
    CHECK(holds("re.test(text, '(a*)*(a*)*(a*)*b')", scope) == "false");
    CHECK(holds("re.test(text, '(a|aa)+$')", scope) == "true");
}

TEST_CASE("memory and text sizes are capped, and the evaluator works on") {
    MapScope scope;
    scope.names["mib"] = std::string(1 << 20, 'a');
    scope.names["ok"] = true;
    Evaluator evaluator;
    std::string bomb = "mib";
    for (int i = 0; i < 30; ++i) bomb += " .. mib";
    const auto burst = evaluator.evaluate(expression(bomb), scope);
    REQUIRE_FALSE(burst);
    CHECK(burst.error().title == "it needs more than 16 MiB of memory");
    const auto longer = evaluator.evaluate(expression("replace(mib, 'a', 'aa')"), scope);
    REQUIRE_FALSE(longer);
    CHECK(longer.error().title.ends_with("1 MiB is the most"));
    CHECK(evaluator.holds(expression("ok"), scope).value());
}

TEST_CASE("JSON that nests without end is refused, not crashed on") {
    Json deep = 1;
    for (int i = 0; i < 5000; ++i) deep = Json::array({std::move(deep)});
    MapScope scope;
    scope.set_json("json", std::move(deep));
    Evaluator evaluator;
    CHECK(value("json", scope) == "error: json nests deeper than 200 levels");
    CHECK(evaluator.show(expression("json"), scope).ends_with("(list of 1)"));
    CHECK(value("#json[1][1]", scope) == "1");
    scope.names["text"] = std::string(100'000, '[');
    CHECK(value("json_decode(text)", scope) == "error: `json_decode`: the JSON nests deeper than 200 levels");
}

TEST_CASE("a saved name may be called like a function") {
    MapScope scope = reply();
    scope.names["count"] = std::int64_t{2};
    CHECK(value("count + count(json.tags, 'a')", scope) == "3");
}

TEST_CASE("values are shown with their types") {
    Evaluator evaluator;
    const MapScope scope = reply();
    const auto show = [&](const std::string& text) { return evaluator.show(expression(text), scope); };
    CHECK(show("status") == "503  (integer)");
    CHECK(show("ms") == "41.5  (number)");
    CHECK(show("nonce") == "\"r81f\"  (string)");
    CHECK(show("json.no") == "false  (boolean)");
    CHECK(show("json.tags") == "[\"a\",\"b\"]  (list of 2)");
    CHECK(show("json.user") == "{\"name\":\"Zoë\",\"none\":null,\"odd key\":1}  (object)");
    CHECK(show("json.user.none") == "null  (JSON null)");
    CHECK(show("json.user.x") == "absent  (json.user has: name, none, odd key)");
    CHECK(show("json.x + 1").starts_with("error: json.x is absent"));
    MapScope large;
    large.names["text"] = std::string(5000, 'x');
    CHECK(evaluator.show(expression("text"), large) == "\"" + std::string(4095, 'x') + "…  (string of 5000 bytes)");
}

TEST_CASE("a failed assertion shows what decided") {
    CHECK(explain("status == 201") == Lines{"status = 503  (integer)"});
    CHECK(explain("status == 503 and ms < 40") == Lines{"ms = 41.5  (number)"});
    CHECK(explain("status == 201 and ms < 40") == Lines{"status = 503  (integer)"});
    CHECK(explain("status == 201 or status == 202 or ms < 40") ==
          Lines{"status = 503  (integer)", "ms = 41.5  (number)"});
    CHECK(explain("(status == 201 or ms > 40) and json.id == nonce") ==
          Lines{"json.id = \"m-1\"  (string)", "nonce = \"r81f\"  (string)"});
    CHECK(explain("contains(json.id, 'x')") ==
          Lines{"contains(json.id, 'x') = false  (boolean)", "json.id = \"m-1\"  (string)"});
    CHECK(explain("#json.items >= 3") ==
          Lines{"#json.items = 2  (integer)", "json.items = [{\"id\":1},{\"id\":2}]  (list of 2)"});
    CHECK(explain("not (status == 503)") == Lines{"status = 503  (integer)"});
    CHECK(explain("not (status == 201 or ms > 40)") == Lines{"ms = 41.5  (number)"});
    CHECK(explain("json.usr.id == nonce").at(0).starts_with("json.usr.id = absent  (json has: big, "));
    CHECK(explain("json.id < 3") ==
          Lines{"json.id = \"m-1\"  (string)", "json.id < 3: error: attempt to compare string with number"});
    CHECK(explain("status == 503").empty());
}

TEST_CASE("a lone expression keeps its type, inside a text it is spelled") {
    CHECK(resolved("${status}") == "503");
    CHECK(resolved("${json.user}") == R"({"name":"Zoë","none":null,"odd key":1})");
    CHECK(resolved("${json.user.none}") == "null");
    CHECK(resolved("s=${status} f=${ms} w=${2.0} b=${true} j=${json.tags}") ==
          R"("s=503 f=41.5 w=2 b=true j=[\"a\",\"b\"]")");
    CHECK(resolved("$${x} ${nonce}") == R"("${x} r81f")");
    CHECK(resolved("a ${gone}") == "error: `${gone}`: gone is absent");
    CHECK(resolved("${gone}") == "error: `${gone}`: gone is absent");
    CHECK(resolved("a ${json.user.none}") == "error: `${json.user.none}`: json.user.none is null");
    CHECK(resolved("a ${1 / 0}") == "error: `${1 / 0}`: inf is not a JSON number");
    CHECK(resolved("") == R"("")");
}

TEST_CASE("templates resolve through lists and mappings") {
    Template tree;
    Template::Map map;
    map.push_back({"to", {}, text_template("${nonce}")});
    Template list;
    Template number;
    number.value = std::int64_t{7};
    list.value = Template::List{number, Template{}, text_template("x${status}")};
    map.push_back({"list", {}, list});
    tree.value = std::move(map);
    Evaluator evaluator;
    CHECK(evaluator.resolve(tree, reply()).value().dump() == R"({"list":[7,null,"x503"],"to":"r81f"})");
    CHECK(evaluator.resolve_text(text_template("${status}"), reply()).value() == "503");
}

TEST_CASE("documents are let go of when the evaluation ends") {
    auto document = std::make_shared<const Json>(Json::parse(R"({"a": {"b": []}})"));
    MapScope scope;
    scope.names["json"] = JsonView{document, document.get(), "json"};
    Evaluator evaluator;
    const long before = document.use_count();
    CHECK(evaluator.holds(expression("json.a.b ~= json.x"), scope).value());
    CHECK(document.use_count() == before);
}

TEST_CASE("a scope may itself evaluate") {
    class Nested : public Scope {
    public:
        Evaluator& evaluator;
        MapScope inner = reply();
        explicit Nested(Evaluator& one) : evaluator(one) {}
        [[nodiscard]] std::optional<Binding> find(std::string_view name) const override {
            if (name != "outer") return std::nullopt;
            return Binding{evaluator.evaluate(expression("status + 1"), inner).value().get<std::int64_t>()};
        }
    };
    Evaluator evaluator;
    const Nested scope{evaluator};
    CHECK(evaluator.evaluate(expression("outer + outer"), scope).value() == 1008);
}

}  // namespace serin::test
