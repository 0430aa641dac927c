// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/expression.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

namespace serin::test {
namespace {

KnownNames known() {
    KnownNames names;
    names.add("status");
    names.add("ms");
    names.add("json");
    names.add("count");
    names.add("sent", {"status", "json", "headers"});
    return names;
}

struct Parsed {
    std::optional<Expression> expression;
    Mistakes mistakes;
};

/// As if `text` stood at column 5 of line 1.
Parsed parse(const std::string& text) {
    const auto source = std::make_shared<const Source>(Source{"a.yaml", "  - " + text});
    Parsed parsed;
    parsed.expression = parse_expression(text, Place{source, 1, 5, 1}, known(), parsed.mistakes);
    return parsed;
}

/// "column+length title | remedy" of the first mistake; columns count from the expression's first character, as 1.
std::string mistake(const std::string& text) {
    const Parsed parsed = parse(text);
    if (parsed.mistakes.empty()) return "none";
    const Mistake& first = parsed.mistakes.front();
    return std::to_string(first.place.column - 4) + "+" + std::to_string(first.place.length) + " " + first.title +
           " | " + first.remedy;
}

std::string lua(const std::string& text) {
    const Parsed parsed = parse(text);
    return parsed.expression ? parsed.expression->lua : mistake(text);
}

Text text_of(const std::string& scalar, Mistakes& mistakes) {
    const auto source = std::make_shared<const Source>(Source{"a.yaml", "text: \"" + scalar + "\""});
    return parse_text(scalar, Place{source, 1, 7, 1}, known(), mistakes);
}

}  // namespace

TEST_CASE("operators bind as in Lua 5.4") {
    CHECK(lua("1 + 2 * 3") == "(1 + (2 * 3))");
    CHECK(lua("1 - 2 - 3") == "((1 - 2) - 3)");
    CHECK(lua("2 ^ 3 ^ 2") == "(2 ^ (3 ^ 2))");
    CHECK(lua("-2 ^ 2") == "(- (2 ^ 2))");
    CHECK(lua("2 ^ -1") == "(2 ^ (- 1))");
    CHECK(lua("'a' .. 'b' .. 'c'") == R"(("a" .. ("b" .. "c")))");
    CHECK(lua("1 << 2 + 3") == "(1 << (2 + 3))");
    CHECK(lua("1 | 2 ~ 3 & 4") == "(1 | (2 ~ (3 & 4)))");
    CHECK(lua("~1 // 2 % 3") == "(((~ 1) // 2) % 3)");
    CHECK(lua("ms < 3 or ms > 5 and ms ~= 7") == "((S.ms < 3) or ((S.ms > 5) and (S.ms ~= 7)))");
    CHECK(lua("1 .. 2 == 3") == "((1 .. 2) == 3)");
    CHECK(lua("#json.items + 1") == R"(((# (S.json)["items"]) + 1))");
}

TEST_CASE("other languages' spellings mean Lua's") {
    CHECK(lua("status != 200") == "(S.status ~= 200)");
    CHECK(lua("status == 1 && ms == 2 || ms == 3") == "(((S.status == 1) and (S.ms == 2)) or (S.ms == 3))");
    CHECK(lua("!json.ok") == R"((not T((S.json)["ok"])))");
    CHECK(lua("json.x == null") == R"((E((S.json)["x"],N)))");
}

TEST_CASE("conditions are tested for absent only where it can occur") {
    CHECK(lua("json.x or 'd'") == R"((T((S.json)["x"]) or "d"))");
    CHECK(lua("json.x and json.y") == R"((T((S.json)["x"]) and (S.json)["y"]))");
    CHECK(lua("not (status == 1)") == "(not (S.status == 1))");
    CHECK(lua("json.x == nil") == R"((E((S.json)["x"],nil)))");
    CHECK(lua("json.x ~= sent.json") == R"((not E((S.json)["x"],(S.sent)["json"])))");
}

TEST_CASE("literals keep their bytes") {
    CHECK(lua(R"('it\'s "\65\x42\u{e9}\n\z   x')") == R"("it's \"AB\195\169\010x")");
    CHECK(lua("[==[a]]b\\n]==]") == R"("a]]b\\n")");
    CHECK(lua("0x1F + 1e-3 + .5 + 3. + 0x.8p1") == "((((0x1F + 1e-3) + .5) + 3.) + 0x.8p1)");
    CHECK(lua("{1, a = 2, ['b c'] = {}; 3}") == R"({1,["a"]=2,["b c"]={},3,})");
    CHECK(lua("json.end.größe") == "12+2 unexpected `ö` | texts stand in \"…\" or '…'");
    CHECK(lua("json.end[\"größe\"]") == R"(((S.json)["end"])["gr\195\182\195\159e"])");
}

TEST_CASE("calls reach built-in functions only, also where a saved name is called alike") {
    CHECK(lua("count(json.items, count) == 1") == R"((F["count"]((S.json)["items"],S.count) == 1))");
    CHECK(lua("json.text:lower()") == R"(F["lower"]((S.json)["text"]))");
    CHECK(lua("re.match(json.text, '^m-(.*)$')") == R"(F["re.match"]((S.json)["text"],"^m-(.*)$"))");
    CHECK(mistake("json.items(1)") ==
          "1+10 `json.items` is not a function | only the built-in functions can be called");
    CHECK(mistake("json.text:find('a.-b')") ==
          "11+4 there is no `:find()` | write `re.test(text, pattern)` or `contains(text, part)`");
    CHECK(mistake("string.format('%d', 1)") ==
          "1+13 `string.format` is not a function | join with `..` or write `${…}` inside a text");
    CHECK(mistake("status(1)") ==
          "1+6 `status` is a value, not a function | only the built-in functions can be called");
    CHECK(mistake("contans(json.x, 'a')") == "1+7 unknown function `contans` | did you mean `contains`?");
    CHECK(mistake("contains(json.x)") == "1+8 `contains` takes 2 arguments, 1 given | write `contains(x, part)`");
    CHECK(mistake("len == 3") == "1+3 `len` is a function | write `len(x)`");
    CHECK(mistake("re.test(json.x, 'a(b')").starts_with("17+5 `a(b` is not a regular expression: missing )"));
}

TEST_CASE("names are strict, with the nearest one offered") {
    CHECK(mistake("statsu == 200") == "1+6 unknown name `statsu` | did you mean `status`?");
    CHECK(mistake("status == 200 and mz < 3") == "19+2 unknown name `mz` | did you mean `ms`?");
    CHECK(mistake("sent.statsu == 200") == "6+6 `sent` has no field `statsu` | did you mean `status`?");
    CHECK(mistake("sent['statsu'] == 200") == "6+8 `sent` has no field `statsu` | did you mean `status`?");
    CHECK(mistake("json.anything.at.all == 1") == "none");
    CHECK(mistake("json.ok == True") == "12+4 unknown name `True` | did you mean `true`?");
    CHECK(parse("statsu == mz").mistakes.size() == 2);
    CHECK(parse("statsu == 1").expression == std::nullopt);
}

TEST_CASE("a script's steps may use any name") {
    KnownNames any;
    any.unchecked = true;
    Mistakes mistakes;
    CHECK(parse_expression("made_by_script.x == 1", {}, any, mistakes));
    CHECK(mistakes.empty());
}

TEST_CASE("syntax mistakes point at the character and say the way out") {
    CHECK(mistake("status = 200") == "8+1 `=` assigns, and nothing can be assigned here | did you mean `==`?");
    CHECK(mistake("(status = 200)") == "9+1 `=` assigns, and nothing can be assigned here | did you mean `==`?");
    CHECK(mistake("status === 200") == "8+3 `===` has no meaning in an expression | write `==`");
    CHECK(mistake("status == ") == "8+2 the expression ends too early | something is missing after `==`");
    CHECK(mistake("status == 200)") == "14+1 unexpected `)` | there is no opening bracket for it");
    CHECK(mistake("(status == 200") == "1+1 `(` is not closed | add `)`");
    CHECK(mistake("status is 200") == "8+2 unexpected `is` | did you mean `==`?");
    CHECK(mistake("status == 200 # ok") == "15+1 unexpected `#` | a comment begins with `--`");
    CHECK(mistake("status == 200 -- ok") == "none");
    CHECK(mistake("json.a == 'open") == "11+5 the text is not closed | add `'` at its end");
    CHECK(mistake("json.a == [[open") == "11+2 the text is not closed | add `]]`");
    CHECK(mistake("ms < 800ms") ==
          "6+5 `800ms` is not a number | write the number alone, without a unit; a name begins with a letter");
    CHECK(mistake("json.x == ${y}") ==
          "11+2 `${` has no meaning in an expression | inside an expression write the name alone: `x`, not `${x}`");
    CHECK(mistake("json. == 1") ==
          "7+2 a field name is missing after `.` | write `json.field`, or `json[\"any key\"]` and `json.items[1]`");
    CHECK(mistake("status == function() end") ==
          "11+8 functions cannot be written in an expression | use a `lua:` step");
    CHECK(mistake("if status == 1 then") ==
          "1+2 `if` cannot stand here | an expression has no statements; use a `lua:` step");
    CHECK(mistake("json == {a: 1}") == "11+1 unexpected `:` | write `{ key = value }`, or `{ [\"any key\"] = value }`");
    CHECK(mistake("'a\\q'") ==
          "3+2 unknown escape `\\q` | write `\\\\` for a backslash; [[…]] takes everything literally");
    CHECK(mistake("") == "1+1 the expression is empty | write a condition such as `status == 200`");
    CHECK(mistake("status == “a”") == "11+3 `“` has no meaning in an expression | use plain quotes: \"…\"");
}

TEST_CASE("two traps of Lua's precedence are mistakes") {
    CHECK(mistake("not status == 200") == "1+13 `not` binds tighter than `==` | write `not (a == b)` or `a ~= b`");
    CHECK(mistake("1 < ms < 5") == "8+1 comparisons cannot be chained | write `a < b and b < c`");
    CHECK(mistake("(not json.ok) == true") == "none");
}

TEST_CASE("what nests too deeply is refused, not crashed on") {
    const std::string deep = std::string(5000, '(') + "1" + std::string(5000, ')');
    CHECK(parse(deep).mistakes.front().title == "the expression nests too deeply");
    std::string chain = "1";
    for (int i = 0; i < 5000; ++i) chain += "+1";
    CHECK(parse(chain).mistakes.front().title == "the expression nests too deeply");
    CHECK(parse(std::string(5000, '-') + "1").expression == std::nullopt);
    CHECK(parse(std::string(70000, ' ') + "1").expression);
    CHECK(parse(std::string(70000, '1')).mistakes.front().title == "the expression is longer than 64 KiB");
}

TEST_CASE("every prefix of an expression is an expression or a mistake inside its text") {
    const std::string whole =
        R"lua(not (json.a["x"] == 'b\n') and re.test(json.b, "(c)") or #{1, k = 2} >= 0x1p4 -- end)lua";
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const Parsed parsed = parse(whole.substr(0, length));
        INFO(whole.substr(0, length));
        CHECK(parsed.expression.has_value() == parsed.mistakes.empty());
        for (const Mistake& mistake : parsed.mistakes) {
            CHECK(mistake.place.column >= 5);
            CHECK(mistake.place.column + mistake.place.length <= static_cast<int>(length) + 6);
        }
    }
}

TEST_CASE("a scalar is split at its expressions") {
    Mistakes mistakes;
    const Text text = text_of("canary ${json.a .. '}'} and $${x} ${ms}", mistakes);
    REQUIRE(mistakes.empty());
    REQUIRE(text.parts.size() == 4);
    CHECK(std::get<std::string>(text.parts[0]) == "canary ");
    CHECK(std::get<Expression>(text.parts[1]).text == "json.a .. '}'");
    CHECK(std::get<std::string>(text.parts[2]) == " and ${x} ");
    CHECK(std::get<Expression>(text.parts[3]).text == "ms");
    CHECK(std::get<Expression>(text.parts[1]).place.column == 17);
    CHECK(text_of("${ms}", mistakes).lone_expression() != nullptr);
    CHECK(text_of("plain", mistakes).constant());
    CHECK(text_of("${ {a = 1} }", mistakes).lone_expression()->text == "{a = 1}");
}

TEST_CASE("mistakes in a scalar's expressions are placed in the file") {
    Mistakes mistakes;
    static_cast<void>(text_of("to ${statsu}", mistakes));
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].place.column == 13);
    mistakes.clear();
    static_cast<void>(text_of("to ${ms", mistakes));
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].title == "`${` is not closed");
    CHECK(mistakes[0].place.column == 11);
}

TEST_CASE("a scalar whose source is escaped keeps its own place") {
    const auto source = std::make_shared<const Source>(Source{"a.yaml", R"(text: "\x20${statsu}")"});
    const Place place{source, 1, 7, 1};
    Mistakes mistakes;
    static_cast<void>(parse_text(" ${statsu}", place, known(), mistakes));
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].place.column == 7);
}

TEST_CASE("an assertion is taken apart at its connectives") {
    const Parsed parsed = parse("status == 201 and (ms < 8 or not contains(json.text, 'x'))");
    REQUIRE(parsed.expression);
    const Assertion whole = take_apart(*parsed.expression);
    CHECK(whole.shape == Assertion::Shape::all_of);
    REQUIRE(whole.branches.size() == 2);
    CHECK(whole.branches[0].operands.at(0).text == "status");
    const Assertion& either = whole.branches[1];
    CHECK(either.shape == Assertion::Shape::any_of);
    CHECK(either.branches.at(0).expression.text == "ms < 8");
    CHECK(either.branches.at(0).expression.place.column == 24);
    CHECK(either.branches.at(1).shape == Assertion::Shape::negation);
    CHECK(either.branches.at(1).branches.at(0).operands.at(1).text == "json.text");
}

}  // namespace serin::test
