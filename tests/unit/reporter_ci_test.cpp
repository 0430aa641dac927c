// SPDX-License-Identifier: Apache-2.0
// The reports that machines of others read: JUnit XML, GitHub workflow commands, TAP.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/escaping.hpp"
#include "tests/support/outcome_examples.hpp"
#include "tests/support/report_goldens.hpp"

namespace serin::test {
namespace {

using namespace std::string_view_literals;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("the JUnit report of all kinds of runs") {
    CHECK(golden_report("junit") == golden("junit.xml"));
}
TEST_CASE("the GitHub report of all kinds of runs") {
    CHECK(golden_report("github") == golden("github.txt"));
}
TEST_CASE("the TAP report of all kinds of runs") {
    CHECK(golden_report("tap") == golden("tap.txt"));
}

TEST_CASE("no run is an error in JUnit, GitHub and TAP") {
    CHECK(report("junit", {}) == golden("junit-nothing.xml"));
    CHECK(report("github", {}) ==
          "::error title=serin::nothing ran, so nothing was judged\n"
          "0 runs: nothing ran in 3.4 s\n");
    CHECK(report("tap", {}) ==
          "TAP version 14\n"
          "1..1\n"
          "not ok 1 - something ran\n"
          "Bail out! nothing ran, so nothing was judged\n"
          "# 0 runs: nothing ran in 3.4 s\n");
}

TEST_CASE("only skipped runs are an error in each format too") {
    CHECK(report("junit", {skipped_run()}).contains("<error message=\"every run was skipped, so nothing was judged\""));
    CHECK(report("github", {skipped_run()}).contains("::error title=serin::every run was skipped"));
    CHECK(report("tap", {skipped_run()}).contains("\nBail out! every run was skipped"));
    CHECK(report("text", {skipped_run()}).contains("error: every run was skipped"));
}

TEST_CASE("XML text holds only what XML 1.0 can hold") {
    CHECK(xml_text("a<b>&\"c\" ]]>") == "a&lt;b&gt;&amp;&quot;c&quot; ]]&gt;");
    CHECK(xml_text("\0\x01\x1b[0m\x7f\xc2\x9b|\n\t\r"sv) == "[0m|\n\t");
    CHECK(xml_text("\xff|\xed\xa0\x80|\xc3") == "\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd");
    CHECK(xml_text("\xef\xbf\xbe\xef\xbf\xbf"
                   "é🐤") == "é🐤");
    CHECK(xml_attribute("a\n\"b\"\t") == "a&#10;&quot;b&quot;&#9;");
}

TEST_CASE("a hostile outcome closes no element of the JUnit report") {
    const std::string xml = report("junit", {hostile_run()}, {.verbose = true});
    CHECK_FALSE(xml.contains('\x1b'));
    CHECK_FALSE(xml.contains("owned</failure>"));
    std::size_t ends = 0;
    for (std::size_t at = 0; (at = xml.find("</failure>", at)) != std::string::npos; ++at) ++ends;
    CHECK(ends == 1);
}

TEST_CASE("GitHub's escapes: percent and line breaks in a message, colon and comma in a property too") {
    CHECK(github_message("50%: a,b\nc\r") == "50%25: a,b%0Ac\\r");
    CHECK(github_property("50%: a,b\nc") == "50%25%3A a%2Cb%0Ac");
    CHECK(github_plain("  ::error::x\na::b\n##[debug]") == "  \\::error::x\na::b\n## [debug]");
}

TEST_CASE("a hostile outcome gives GitHub no command of its own") {
    for (const std::string& line : lines_of(report("github", {hostile_run()}, {.verbose = true, .curl = true}))) {
        CAPTURE(line);
        const std::size_t begin = line.find_first_not_of(" \t");
        const bool command = begin != std::string::npos && line.substr(begin).starts_with("::");
        if (command) {
            const bool ours =
                line.starts_with("::error file=chat-delivery.yaml,line=23,col=5,endColumn=12,title=FAIL chat") ||
                line.starts_with("::warning title=CLEANUP chat") || line.starts_with("::group::FAIL chat") ||
                line == "::endgroup::";
            CHECK(ours);
        } else {
            CHECK_FALSE(line.contains("##["));
        }
    }
}

TEST_CASE("a hostile outcome is one TAP test point with one diagnostic block") {
    std::size_t points = 0, opened = 0, closed = 0;
    for (const std::string& line : lines_of(report("tap", {hostile_run()}))) {
        CAPTURE(line);
        if (line.starts_with("ok") || line.starts_with("not ok")) {
            ++points;
            CHECK_FALSE(line.contains(" # "));  // no directive: a TODO would be taken for a success
        }
        opened += line == "  ---" ? 1U : 0U;
        closed += line == "  ..." ? 1U : 0U;
    }
    CHECK(points == 1);
    CHECK(opened == 1);
    CHECK(closed == 1);
}

TEST_CASE("TAP descriptions and YAML scalars are escaped") {
    CHECK(tap_description("a # TODO \\ b\n") == "a \\# TODO \\\\ b\\\\n");
    CHECK(yaml_quoted("say \"hi\" \\ \x01") == R"("say \"hi\" \\ \\x01")");
}

}  // namespace serin::test
