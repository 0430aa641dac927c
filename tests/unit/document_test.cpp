// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/document.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

struct Parsed {
    Document document;
    Mistakes mistakes;
    const YamlNode& root() const { return *document.root; }
};
Parsed parse(std::string text) {
    Parsed parsed;
    parsed.document = parse_document("t.yaml", std::move(text), parsed.mistakes);
    return parsed;
}

/// What a place covers in its source.
std::string covered(const Place& place) {
    return std::string(place.source->line(place.line)
                           .substr(static_cast<std::size_t>(place.column - 1), static_cast<std::size_t>(place.length)));
}

std::string only_title(const Parsed& parsed) {
    REQUIRE(parsed.mistakes.size() == 1);
    return parsed.mistakes.front().title;
}

}  // namespace

TEST_CASE("keys and values know where they stand") {
    const Parsed parsed = parse("a: one\nb: { c: \"two\", d: [3, 'fo''ur'] }\n");
    const YamlNode& b = *parsed.root().find("b");
    CHECK(covered(parsed.root().entries[0].key_place) == "a");
    CHECK(covered(parsed.root().find("a")->place) == "one");
    CHECK(covered(b.find("c")->place) == "\"two\"");
    CHECK(covered(b.find("c")->content) == "two");
    CHECK(covered(b.find("d")->items[0].place) == "3");
    CHECK(covered(b.find("d")->items[1].place) == "'fo''ur'");
    CHECK(covered(b.find("d")->items[1].content) == "'fo''ur'");  // not verbatim: '' stands for one quote
    CHECK(b.find("d")->items[1].text == "fo'ur");
    CHECK(parsed.root().find("x") == nullptr);
}

TEST_CASE("an anchor does not shift the place of its value") {
    const Parsed parsed = parse("a: &one 'x y'\nb: *one\nc: &two |\n  text\n");
    CHECK(covered(parsed.root().find("a")->place) == "'x y'");
    CHECK(parsed.root().find("b")->text == "x y");
    CHECK(parsed.root().find("c")->style == ScalarStyle::literal);
}

TEST_CASE("each line of a literal block has its own place") {
    const Parsed parsed = parse("expect: |\n  status == 200\n\n    ms < 5\n");
    const std::vector<ScalarLine> lines = lines_of(*parsed.root().find("expect"));
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "status == 200");
    CHECK(covered(lines[0].place) == "status == 200");
    CHECK(lines[0].place.line == 2);
    CHECK(lines[1].text.empty());
    CHECK(lines[2].text == "  ms < 5");
    CHECK(lines[2].place.line == 4);
    CHECK(lines[2].place.column == 3);
}

TEST_CASE("a byte order mark and CRLF change neither values nor places") {
    const Parsed parsed = parse(
        "\xEF\xBB\xBF"
        "a: one\r\nb: |\r\n  x\r\n  y\r\n");
    CHECK(parsed.mistakes.empty());
    CHECK(parsed.root().entries[0].key_place.column == 1);
    CHECK(parsed.root().find("a")->text == "one");
    CHECK(covered(lines_of(*parsed.root().find("b"))[1].place) == "y");
}

TEST_CASE("plain scalars are typed by the core schema of YAML 1.2") {
    CHECK(typed_plain("") == ScalarValue(nullptr));
    CHECK(typed_plain("~") == ScalarValue(nullptr));
    CHECK(typed_plain("true") == ScalarValue(true));
    CHECK(typed_plain("FALSE") == ScalarValue(false));
    CHECK(typed_plain("42") == ScalarValue(std::int64_t{42}));
    CHECK(typed_plain("-7") == ScalarValue(std::int64_t{-7}));
    CHECK(typed_plain("+7") == ScalarValue(std::int64_t{7}));
    CHECK(typed_plain("0x1F") == ScalarValue(std::int64_t{31}));
    CHECK(typed_plain("9223372036854775807") == ScalarValue(std::int64_t{INT64_MAX}));
    CHECK(typed_plain("9223372036854775808") == ScalarValue(9223372036854775808.0));
    CHECK(typed_plain("1.5e3") == ScalarValue(1500.0));
    CHECK(typed_plain("-.5") == ScalarValue(-0.5));
}

TEST_CASE("what YAML 1.1 and 1.2 read differently stays a text") {
    for (const std::string text : {"yes", "no", "on", "off", "010", "0o10", "1_000", "1:30", ".inf", ".nan", "0x",
                                   "0x-1", "1e", "1.2.3", "-", "+", "."}) {
        INFO(text);
        CHECK(typed_plain(text) == ScalarValue(text));
    }
}

TEST_CASE("quoted scalars, blocks and !!str are texts") {
    const Parsed parsed = parse("a: \"1\"\nb: '2'\nc: |-\n  3\nd: !!str 4\n");
    for (const YamlEntry& entry : parsed.root().entries) CHECK(std::holds_alternative<std::string>(typed(entry.value)));
    CHECK(parsed.root().find("d")->tag.empty());
}

TEST_CASE("values are described for messages") {
    const Parsed parsed = parse("a: 5\nb: text\nc: [1]\nd: {}\ne:\nf: true\ng: |\n  x\nh: ''\ni: null\n");
    const auto words = [&](const char* key) { return described(*parsed.root().find(key)); };
    CHECK(words("a") == "the number 5");
    CHECK(words("b") == "the text `text`");
    CHECK(words("c") == "a list");
    CHECK(words("d") == "a mapping");
    CHECK(words("e") == "nothing");
    CHECK(words("f") == "`true`");
    CHECK(words("g") == "a text block");
    CHECK(words("h") == "an empty text");
    CHECK(words("i") == "nothing");
}

TEST_CASE("a duplicate key names both places and the first value stays") {
    const Parsed parsed = parse("a: 1\nb: 2\na: 3\n");
    CHECK(only_title(parsed) == "duplicate key `a`");
    CHECK(parsed.mistakes[0].place.line == 3);
    CHECK(parsed.mistakes[0].note == "first at line 1, column 1");
    CHECK(parsed.root().find("a")->text == "1");
}

TEST_CASE("an alias bomb is refused before it is expanded") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 30; ++i) {
        bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
    }
    CHECK(only_title(parse(bomb)) == "more than 100000 values, aliases expanded");
}

TEST_CASE("too many plain values are refused") {
    std::string many = "a:\n";
    for (int i = 0; i < max_nodes; ++i) many += "- 1\n";
    CHECK(only_title(parse(many)) == "more than 100000 values, aliases expanded");
}

TEST_CASE("nesting is bounded, also through aliases") {
    CHECK(only_title(parse(std::string(70, '[') + std::string(70, ']'))) == "nested deeper than 64 levels");
    CHECK(parse(std::string(60, '[') + std::string(60, ']')).mistakes.empty());
    CHECK(only_title(parse("a: &a " + std::string(60, '[') + std::string(60, ']') + "\nb: [[[[[[ *a ]]]]]]\n")) ==
          "nested deeper than 64 levels");
    CHECK_FALSE(parse(std::string(20'000, '[')).document.root);
    CHECK_FALSE(parse(std::string(20'000, '{')).document.root);
}

TEST_CASE("a file beyond 4 MiB is refused") {
    CHECK(only_title(parse(std::string(max_file_bytes + 1, ' '))).find("larger than 4 MiB") != std::string::npos);
}

TEST_CASE("what is no text is refused with its place") {
    const Parsed utf8 = parse("a: 1\nb: caf\xe9\n");
    CHECK(only_title(utf8) == "this line is not UTF-8");
    CHECK(utf8.mistakes[0].place.text() == "t.yaml:2:7");
    const Parsed control = parse("a: x\x04y\nb: lost\n");  // yaml-cpp would end the file here, in silence
    CHECK(only_title(control) == "control character 0x04");
    CHECK(control.mistakes[0].place.text() == "t.yaml:1:5");
    CHECK_FALSE(control.document.root);
}

TEST_CASE("one document a file") {
    CHECK(parse("---\na: 1\n...\n").mistakes.empty());
    CHECK(only_title(parse("a: 1\n---\nb: 2\n")) == "a second document begins here");
    CHECK(only_title(parse("- a\nb: 1\n")) == "a second document begins here");
    CHECK(only_title(parse("")) == "the file is empty");
}

TEST_CASE("a quote that is never closed is a mistake although yaml-cpp accepts it") {
    CHECK(only_title(parse("a: \"x\nb: 1\n")) == "this quote is never closed");
    CHECK(only_title(parse("a: 'it''s\n")) == "this quote is never closed");
    CHECK(parse("a: 'it''s'\nb: \"\\\"\"\n").mistakes.empty());
}

}  // namespace serin::test
