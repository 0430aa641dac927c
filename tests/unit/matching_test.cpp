// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/matching.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace serin::test {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

Lines texts(const std::vector<Difference>& differences) {
    Lines lines;
    for (const Difference& one : differences) lines.push_back(one.text());
    return lines;
}
Lines match(const char* pattern, const char* value, bool strict = false) {
    return texts(differences(json::parse(pattern), json::parse(value), strict));
}
bool matches(const char* pattern, const char* value) {
    return match(pattern, value).empty();
}
Lines payload(const char* pattern, std::string_view bytes, bool binary = false) {
    return texts(payload_differences(json::parse(pattern), bytes, binary, false));
}

}  // namespace

TEST_CASE("a mapping matches what holds more, unless strict") {
    CHECK(match(R"({"type": "a"})", R"({"type": "a", "seq": 1})").empty());
    CHECK(match(R"({"type": "a"})", R"({"type": "a", "seq": 1})", true) == Lines{"seq: 1 ≠ absent"});
    CHECK(match(R"({"type": "message.new"})", R"({"type": "hello"})") == Lines{R"(type: "hello" ≠ "message.new")"});
    CHECK(match(R"({"a": {"b": 1, "c": 2}})", R"({"a": {"b": "1"}})") == Lines{R"(a.b: "1" ≠ 1)", "a.c: absent ≠ 2"});
    CHECK(match(R"({"odd key": 1})", R"({"odd key": 2})") == Lines{R"(["odd key"]: 2 ≠ 1)"});
    CHECK(match(R"({"a": 1})", "[1]") == Lines{R"([1] ≠ {"a":1})"});
}

TEST_CASE("scalars match by value") {
    CHECK(matches("1", "1.0"));
    CHECK(matches("null", "null"));
    CHECK_FALSE(matches("1", "true"));
    CHECK_FALSE(matches("null", "0"));
    CHECK(match(R"({"a": null})", "{}") == Lines{"a: absent ≠ null"});
}

TEST_CASE("lists match element by element and in length") {
    CHECK(matches(R"([1, {"a": 2}])", R"([1, {"a": 2, "b": 3}])"));
    CHECK(match("[1, 2, 3]", "[1, 5]") == Lines{"2 items ≠ 3 items", "[2]: 5 ≠ 2"});
    CHECK(match(R"({"l": [{"x": 1}]})", R"({"l": [{"x": 2}]})") == Lines{"l[1].x: 2 ≠ 1"});
    CHECK(match("[]", "[1]") == Lines{"1 item ≠ 0 items"});
}

TEST_CASE("each marker holds and fails") {
    CHECK(matches(R"({"$regex": "^m-[0-9]+$"})", R"("m-12")"));
    CHECK(match(R"({"id": {"$regex": "^m-"}})", R"({"id": "x"})") == Lines{R"(id: "x" ≠ {$regex: "^m-"})"});
    CHECK_FALSE(matches(R"({"$regex": "1"})", "1"));
    CHECK(matches(R"({"$contains": "b"})", R"("abc")"));
    CHECK(matches(R"({"$contains": {"id": 2}})", R"([{"id": 1}, {"id": 2, "x": 0}])"));
    CHECK_FALSE(matches(R"({"$contains": 5})", R"("abc5")"));
    CHECK(matches(R"({"$gt": 5})", "5.5"));
    CHECK_FALSE(matches(R"({"$gt": 5})", "5"));
    CHECK(matches(R"({"$ge": 5})", "5"));
    CHECK_FALSE(matches(R"({"$ge": 5})", R"("6")"));
    CHECK(matches(R"({"$lt": 5})", "4"));
    CHECK(matches(R"({"$le": 5})", "5"));
    CHECK(matches(R"({"$ge": 1, "$lt": 5})", "1"));
    CHECK_FALSE(matches(R"({"$ge": 1, "$lt": 5})", "5"));
    CHECK(matches(R"({"$ne": 5})", "4"));
    CHECK_FALSE(matches(R"({"$ne": 5})", "5"));
    CHECK(matches(R"({"$eq": {"$ref": 1}})", R"({"$ref": 1})"));
    CHECK(matches(R"({"a": {"$any": true}})", R"({"a": null})"));
    CHECK(match(R"({"a": {"$any": true}})", "{}") == Lines{"a: absent ≠ {$any: true}"});
    CHECK(matches(R"({"a": {"$absent": true}})", "{}"));
    CHECK_FALSE(matches(R"({"a": {"$absent": true}})", R"({"a": null})"));
    CHECK(matches(R"({"$len": 2})", R"("öä")"));
    CHECK(matches(R"({"$len": {"$gt": 2}})", "[1, 2, 3]"));
    CHECK_FALSE(matches(R"({"$len": 2})", "22"));
    CHECK(matches(R"({"$type": "integer"})", "5"));
    CHECK_FALSE(matches(R"({"$type": "integer"})", "5.5"));
    CHECK(matches(R"({"$type": "list"})", "[]"));
    CHECK(matches(R"({"$in": ["a", "b"]})", R"("b")"));
    CHECK_FALSE(matches(R"({"$in": ["a", "b"]})", R"("c")"));
    CHECK_FALSE(matches(R"({"$unknown": 1})", "1"));
    CHECK(match(R"({"a": {"$absent": true}})", R"({"a": 1})", true) == Lines{"a: 1 ≠ {$absent: true}"});
}

TEST_CASE("a payload is matched as JSON, as text or as bytes, as the pattern asks") {
    CHECK(payload(R"({"a": 1})", R"({"a": 1, "b": 2})").empty());
    CHECK(payload(R"({"a": 1})", "pong") == Lines{R"("pong" ≠ JSON like {"a":1})"});
    CHECK(payload(R"("hello")", "hello").empty());
    CHECK(payload(R"("hello")", "hello!") == Lines{R"("hello!" ≠ "hello")"});
    CHECK(payload(R"("hello")", "hello", true) == Lines{R"(68656c6c6f (binary, 5 bytes) ≠ "hello")"});
    CHECK(payload("42", "42").empty());
    CHECK(payload("true", "true").empty());
    CHECK(payload(R"({"$contains": "ell"})", "hello").empty());
    CHECK(payload(R"({"$regex": "^\\d+$"})", "42").empty());
    CHECK(payload(R"({"$contains": "a"})", R"({"a": 1})").empty());
    CHECK(payload(R"({"$gt": 41})", "42").empty());
    CHECK(payload(R"({"$ne": "42"})", "42").size() == 1);
    CHECK(payload(R"({"$ne": 42})", "42").size() == 1);
    CHECK(payload(R"({"$ne": 42})", "43").empty());
    CHECK(payload(R"({"$type": "object"})", "{}").empty());
    CHECK(payload(R"({"$any": true})", "").empty());
    CHECK(payload(R"({"$hex": "00 ff"})", std::string_view("\x00\xff", 2), true).empty());
    CHECK(payload(R"({"$hex": "00fe"})", std::string_view("\x00\xff", 2), true) ==
          Lines{R"(00ff (binary, 2 bytes) ≠ {$hex: "00fe"})"});
    CHECK(payload(R"([1])", std::string(100'000, '[')).size() == 1);
}

TEST_CASE("differences of large values stay few and short") {
    json pattern = json::array(), value = json::array();
    for (int i = 0; i < 1000; ++i) {
        pattern.push_back(i);
        value.push_back(std::string(1000, 'x'));
    }
    const auto found = differences(pattern, value, false);
    CHECK(found.size() == 50);
    CHECK(found.front().found.size() < 5000);
}

TEST_CASE("mistakes in a pattern are told, with the way out") {
    const auto mistakes = [](const char* pattern) {
        Lines lines;
        for (const Error& each : pattern_mistakes(json::parse(pattern))) {
            CHECK(each.remedy != "");
            lines.push_back(each.title + "; " + each.remedy);
        }
        return lines;
    };
    CHECK(mistakes(R"({"a": {"$regex": "x"}, "b": [{"$gt": 1}]})").empty());
    CHECK(mistakes(R"({"a": {"$regx": "x"}})") == Lines{"unknown marker `$regx`; did you mean `$regex`?"});
    CHECK(mistakes(R"({"a": {"$regex": "("}})").at(0).starts_with("`(` is not a regular expression: missing )"));
    CHECK(mistakes(R"({"$gt": "5"})") == Lines{R"(`$gt` takes a number, not "5"; write it as `{ $gt: 5 }`)"});
    CHECK(mistakes(R"({"$type": "strng"})") == Lines{"`$type` knows no `strng`; did you mean `string`?"});
    CHECK(mistakes(R"({"$any": false, "$in": 3})").size() == 2);
    CHECK(mistakes(R"({"$gt": 1, "a": 2})") ==
          Lines{"the marker `$gt` stands beside plain keys; give markers a mapping of their own"});
    CHECK(mistakes(R"({"$hex": "0"})").size() == 1);
    CHECK(mistakes(R"({"a": {"$hex": "00"}})") == Lines{"`$hex` describes a whole binary frame; use it alone"});
    CHECK(mistakes(R"({"$in": [{"$oops": 1}]})").size() == 1);
    CHECK(mistakes(R"({"$eq": {"$ref": 1}})").empty());
    CHECK(mistakes(R"({"$close": 4001})").empty());
    CHECK(mistakes(R"({"$close": {"$any": true}})").empty());
    CHECK(mistakes(R"({"$close": {"$ge": 4000, "$lt": 5000}})").empty());
    CHECK(mistakes(R"({"$close": {"$ge": "x"}})").size() == 1);
    CHECK(mistakes(R"({"$close": "4001"})") ==
          Lines{R"(`$close` takes a close code or a comparison, not "4001"; write it as `{ $close: 4001 }`)"});
    CHECK(mistakes(R"({"a": {"$close": 4001}})") == Lines{"`$close` describes the end of a connection; use it alone"});
    CHECK(mistakes(R"({"$close": 4001, "$any": true})").size() == 1);
}

}  // namespace serin::test
