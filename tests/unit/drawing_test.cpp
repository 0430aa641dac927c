// SPDX-License-Identifier: Apache-2.0
#include "core/drawing.hpp"

#include <catch2/catch.hpp>
#include <memory>

namespace serin::test {
namespace {

Place place_in(std::string text, int line, int column, int length) {
    return {.source = std::make_shared<const Source>(Source{.name = "chat.yaml", .text = std::move(text)}),
            .line = line,
            .column = column,
            .length = length};
}

Mistake mistake_at(Place place, Level level = Level::error) {
    return {.level = level,
            .place = std::move(place),
            .title = "unknown key `expct`",
            .note = "here",
            .remedy = "did you mean `expect`?",
            .called_from = {}};
}

}  // namespace

TEST_CASE("a mistake is drawn with its line, carets, note and remedy") {
    const Mistake mistake = mistake_at(place_in("steps:\n  - get: /\n    expct: x\n", 3, 5, 5));
    CHECK(draw(mistake, Palette{}) ==
          "error: unknown key `expct`\n"
          "  --> chat.yaml:3:5\n"
          "   |\n"
          " 3 |     expct: x\n"
          "   |     ^^^^^ here\n"
          "   = help: did you mean `expect`?\n");
}

TEST_CASE("the gutter grows with the line number") {
    const Place place = place_in(std::string(122, '\n') + "abc", 123, 2, 1);
    CHECK(draw_place(place, "", Palette{}) ==
          "   --> chat.yaml:123:2\n"
          "    |\n"
          "123 | abc\n"
          "    |  ^\n");
}

TEST_CASE("colours frame words but change no text") {
    const Mistake mistake = mistake_at(place_in("expct: x", 1, 1, 5));
    std::string coloured = draw(mistake, Palette{.colour = true});
    CHECK(coloured.find("\x1b[1;31merror\x1b[0m") == 0);
    CHECK(coloured.find("\x1b[1;31m^^^^^ here\x1b[0m") != std::string::npos);
    for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    CHECK(coloured == draw(mistake, Palette{}));
}

TEST_CASE("a warning is yellow") {
    const std::string drawn = draw(mistake_at(place_in("expct: x", 1, 1, 5), Level::warning), Palette{.colour = true});
    CHECK(drawn.starts_with("\x1b[1;33mwarning\x1b[0m"));
}

TEST_CASE("tabs stay, so that the carets stand right in any terminal") {
    CHECK(draw_place(place_in("\tab\tcd", 1, 5, 2), "", Palette{}) ==
          "  --> chat.yaml:1:5\n"
          "   |\n"
          " 1 | \tab\tcd\n"
          "   | \t  \t^^\n");
}

TEST_CASE("carets count characters, not bytes") {
    CHECK(draw_place(place_in("é€: über", 1, 8, 5), "", Palette{}) ==
          "  --> chat.yaml:1:8\n"
          "   |\n"
          " 1 | é€: über\n"
          "   |     ^^^^\n");
}

TEST_CASE("an overlong line is cut around the place") {
    const std::string line = std::string(200, 'a') + "HERE" + std::string(200, 'b');
    CHECK(draw_place(place_in(line, 1, 201, 4), "", Palette{}) ==
          "  --> chat.yaml:1:201\n"
          "   |\n"
          " 1 | …" +
              std::string(60, 'a') + "HERE" + std::string(56, 'b') + "…\n" + "   |  " + std::string(60, ' ') +
              "^^^^\n");
}

TEST_CASE("a quoted line cannot steer the terminal") {
    const std::string drawn = draw_place(place_in("a\x1b[2Jb\xff\x9b", 1, 1, 1), "", Palette{});
    CHECK(drawn.find('\x1b') == std::string::npos);
    CHECK(drawn.find('\xff') == std::string::npos);
    CHECK(drawn.find(" 1 | a\uFFFD[2Jb\uFFFD\uFFFD\n") != std::string::npos);
}

TEST_CASE("a place beyond the line or the file is drawn at its end") {
    CHECK(draw_place(place_in("abc\n", 1, 9, 4), "end", Palette{}).find("   |    ^ end\n") != std::string::npos);
    CHECK(draw_place(place_in("abc\n", 7, 1, 1), "gone", Palette{}).find(" 7 |\n   | ^ gone\n") != std::string::npos);
}

TEST_CASE("a mistake without a place is a title and a remedy") {
    const Mistake mistake{.place = {},
                          .title = "cannot read x.yaml: no such file",
                          .note = {},
                          .remedy = "check the path",
                          .called_from = {}};
    CHECK(draw(mistake, Palette{}) == "error: cannot read x.yaml: no such file\n   = help: check the path\n");
    CHECK(draw_place({}, "note", Palette{}).empty());
}

TEST_CASE("every includer is named, innermost first") {
    Mistake mistake = mistake_at(place_in("expct: x", 1, 1, 5));
    mistake.called_from = {place_in("call: b", 4, 7, 1), place_in("call: a", 9, 7, 1)};
    CHECK(draw(mistake, Palette{})
              .find("^^^^^ here\n  --> called from chat.yaml:4:7\n  --> called from chat.yaml:9:7\n   = help") !=
          std::string::npos);
}

TEST_CASE("a remedy of several lines stays under its beginning") {
    Mistake mistake = mistake_at(place_in("expct: x", 1, 1, 5));
    mistake.remedy = "write\nexpect: x";
    CHECK(draw(mistake, Palette{}).ends_with("   = help: write\n           expect: x\n"));
}

TEST_CASE("all mistakes: errors before warnings, each in file order, counted at the end") {
    Mistake second = mistake_at(place_in("a\nb", 2, 1, 1));
    second.title = "second";
    const std::string drawn =
        draw(Mistakes{mistake_at(place_in("a", 1, 1, 1), Level::warning), mistake_at(place_in("a", 1, 1, 1)), second},
             Palette{});
    CHECK(drawn.find("error: unknown") < drawn.find("error: second"));
    CHECK(drawn.find("error: second") < drawn.find("warning: unknown"));
    CHECK(drawn.ends_with("\n\n2 errors, 1 warning\n"));
    CHECK(draw(Mistakes{}, Palette{}).empty());
    CHECK(draw(Mistakes{second}, Palette{}).ends_with("\n\n1 error\n"));
}

TEST_CASE("a source hands out its lines without their ends") {
    const Source source{.name = "x", .text = "a\r\n\nc"};
    CHECK(source.line(1) == "a");
    CHECK(source.line(2).empty());
    CHECK(source.line(3) == "c");
    CHECK(source.line(4).empty());
    CHECK(source.line(0).empty());
    CHECK(source.line(-1).empty());
}

}  // namespace serin::test
