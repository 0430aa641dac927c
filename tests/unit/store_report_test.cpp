// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/store_report.hpp"

#include <catch2/catch.hpp>
#include <cctype>
#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/formats/html.hpp"
#include "reports/formats/markdown.hpp"
#include "reports/formats/table.hpp"
#include "tests/support/report_goldens.hpp"
#include "tests/support/store_report_example.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; at += what.size()) ++found;
    return found;
}

/// Nothing that a terminal obeys, whatever stands in the report.
bool plain(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n') || byte == 0x7f) return false;
    }
    return !text.contains("\xe2\x80\xae") && !text.contains('\xff');
}

}  // namespace

TEST_CASE("the store's report as text, JUnit, Markdown and HTML is as people were promised") {
    CHECK(report_in("text", example_report(), false) == golden("store-report.txt"));
    CHECK(report_in("junit", example_report(), false) == golden("store-report.xml"));
    CHECK(report_in("markdown", example_report(), false) == golden("store-report.md"));
    CHECK(report_in("html", example_report(), false) == golden("store-report.html"));
}

TEST_CASE("the store's report as JSON names what it counts") {
    const auto json = nlohmann::json::parse(report_in("json", example_report(), false));
    CHECK(json["schema"] == "serin.report/1");
    CHECK(json["nothing_ran"] == false);
    CHECK(json["counts"]["judged"] == 3960);
    CHECK(json["counts"]["slots"] == 4320);
    CHECK(json["counts"]["missed"] == 360);
    CHECK(json["probes"].size() == 3);
    CHECK(json["probes"][2]["counts"]["availability"].is_null());
    CHECK(json["probes"][2]["counts"]["took"]["p99_ms"].is_null());
    CHECK(json["probes"][0]["timeline"].size() == 72);
    CHECK(json["episodes"].size() == 1);
    CHECK(json["episodes"][0]["from"] == "2026-11-22T02:00:00.000Z");
    CHECK(json["failures"][0]["outcome"]["failure_class"] == "stored_not_pushed");
    CHECK(json["deliveries"]["counts"]["lost"] == 250);
    CHECK(json["changes"][0]["id"] == "deploy-4711");
}

TEST_CASE("a window without a judged run is green in no format") {
    const StoreReport report = empty_report();
    CHECK(report.nothing_ran());
    CHECK(report_in("text", report, false).contains("error: no run was judged in 2026-11-22 00:00:00Z – "));
    CHECK(report_in("junit", report, false).contains("<error message=\"no run was judged"));
    CHECK(report_in("junit", report, false).contains("tests=\"2\" failures=\"0\" errors=\"2\""));
    CHECK(report_in("markdown", report, false).contains("**no run was judged"));
    const std::string html = report_in("html", report, false);
    CHECK(html.contains("Nothing was judged"));
    CHECK_FALSE(html.contains("hero good"));
    CHECK_FALSE(html.contains("100 %"));
    CHECK(nlohmann::json::parse(report_in("json", report, false))["nothing_ran"] == true);
    StoreReport nobody;
    nobody.until = nobody.from + 1h;
    nobody.step = 1min;
    for (const std::string& format : report_formats()) {
        INFO(format);
        CHECK_FALSE(report_in(format, nobody, false).empty());
    }
    CHECK(report_in("junit", nobody, false).contains("errors=\"1\""));
}

TEST_CASE("no text of a target or a person is markup in the HTML report") {
    const std::string html = report_in("html", hostile_report(), false);
    CHECK(plain(html));
    CHECK_FALSE(html.contains("<script"));
    CHECK_FALSE(html.contains("href=\"javascript"));
    CHECK_FALSE(html.contains("\"onmouseover"));
    CHECK(count(html, "<style>") == 1);
    CHECK(count(html, "</style>") == 1);
    CHECK(count(html, "<pre ") == count(html, "</pre>"));
    // Every tag is one that the page is built of, so every "<" that came from outside was escaped.
    const std::string_view known =
        " !doctype html head meta title style body main header p h1 h2 h3 dl dt dd div section table caption thead "
        "tbody "
        "tr th td b span a br details summary pre figure figcaption ul li small footer svg defs pattern rect line path "
        "circle g text ";
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
        std::string name = " ";
        for (std::size_t i = at + 1 + (html[at + 1] == '/' ? 1 : 0);
             i < html.size() && (std::isalnum(static_cast<unsigned char>(html[i])) != 0 || html[i] == '!'); ++i)
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(html[i])));
        INFO(html.substr(at, 60));
        CHECK(known.contains(name + " "));
    }
}

TEST_CASE("the HTML report asks nobody for anything") {
    const std::string html = report_in("html", example_report(), false);
    CHECK(html.contains("default-src 'none'"));
    for (const char* what :
         {"<script", "<link", "<img", "<iframe", "@import", "src=", "url(http", "<object", "<form"}) {
        INFO(what);
        CHECK_FALSE(html.contains(what));
    }
    CHECK(html.contains("prefers-color-scheme:dark"));
    CHECK(html.contains("width=device-width"));
}

TEST_CASE("a hostile report steers no terminal, parser or forge") {
    CHECK(plain(report_in("text", hostile_report(), false)));
    const std::string xml = report_in("junit", hostile_report(), false);
    CHECK_FALSE(xml.contains('\x1b'));
    CHECK(count(xml, "</failure>") == 1);
    CHECK_FALSE(xml.contains("<script"));
    const std::string markdown = report_in("markdown", hostile_report(), false);
    CHECK(plain(markdown));
    bool fenced = false;
    for (std::size_t begin = 0; begin < markdown.size();) {
        const std::string line = markdown.substr(begin, markdown.find('\n', begin) - begin);
        begin += line.size() + 1;
        if (line.starts_with("```")) fenced = !fenced;
        if (fenced) continue;
        INFO(line);
        for (const char* markup : {"<script", "](javascript", "@all", " |x|"}) CHECK_FALSE(line.contains(markup));
    }
    CHECK_FALSE(fenced);
    CHECK_NOTHROW(nlohmann::json::parse(report_in("json", hostile_report(), false)));
}

TEST_CASE("a share is never rounded up to all") {
    CHECK(share_text(1.0) == "100 %");
    CHECK(share_text(0.999999) == "99.99 %");
    CHECK(share_text(0.0) == "0.00 %");
    CHECK(share_text(std::nullopt) == "no data");
    CHECK(tone_of(0.999999) == "fair");
    CHECK(tone_of(std::nullopt) == "none");
}

TEST_CASE("what was not judged is in the coverage and never in the availability") {
    CellCounts counts;
    CHECK_FALSE(counts.availability().has_value());
    CHECK_FALSE(counts.coverage().has_value());
    counts.missed = counts.shed = counts.overlap = counts.error = counts.skipped = counts.aborted = 1;
    CHECK_FALSE(counts.availability().has_value());
    CHECK(counts.coverage() == 0.0);
    counts.pass = counts.degraded = 1;
    counts.fail = 2;
    CHECK(counts.availability() == 0.5);
    CHECK(counts.coverage() == 0.4);
}

TEST_CASE("stretches of failure end where a step has none") {
    StoreReport report = example_report();
    const std::vector<Episode> episodes = episodes_of(report);
    REQUIRE(episodes.size() == 1);
    CHECK(episodes[0].from == report.from + 2h);
    CHECK(episodes[0].until == report.from + 210min);
    CHECK(episodes[0].failed == 252);
    report.probes[0].timeline[30].counts.fail = 0;
    CHECK(episodes_of(report).size() == 2);
    report.probes[0].timeline.back().counts.fail = 1;
    CHECK(episodes_of(report).back().until == report.until);
}

TEST_CASE("markdown text is never markup, and a block cannot be ended from inside") {
    CHECK(markdown_text("a|b*c_d`e`<x>@me #1") == "a\\|b\\*c\\_d\\`e\\`&lt;x&gt;&#64;me \\#1");
    CHECK(markdown_text("see https://x.example www.y.example") == "see https&#58;//x.example www&#46;y.example");
    CHECK(markdown_link("https://x.example/a?b=c") == "<https://x.example/a?b=c>");
    CHECK(markdown_link("javascript:alert(1)") == "javascript:alert\\(1\\)");
    CHECK(markdown_link("https://x> [y](z)") == "https&#58;//x&gt; \\[y\\]\\(z\\)");
    CHECK(markdown_block("a\n````\nb") == "`````text\na\n````\nb\n`````\n");
}

TEST_CASE("a table is as wide as what is in it and no field is wider than allowed") {
    CHECK(table({{.head = "A", .widest = 4}, {.head = "N", .widest = 9, .right = true}},
                {{{.text = "éclair\n"}, {.text = "1"}}, {{.text = ""}, {.text = "22"}}}, false) ==
          "A      N\n"
          "écl…   1\n"
          "      22\n");
    CHECK(fitted("abc", 3) == "abc");
    CHECK(fitted("abcd", 3) == "ab…");
    CHECK(fitted("abcd", 0).empty());
    CHECK(grouped(1204331) == "1,204,331");
    CHECK(grouped(999) == "999");
    CHECK(grouped(-1000) == "-1,000");
}

TEST_CASE("incidents and mutes are shown in every format and steer none") {
    StoreReport report = example_report();
    report.alerts = {{.kind = ReportedAlert::Kind::incident,
                      .id = "inc-1",
                      .service = "chat",
                      .state = "open",
                      .text = "chat: <b>down</b> \x1b[31m",
                      .at = report.from},
                     {.kind = ReportedAlert::Kind::mute,
                      .service = "mail",
                      .text = "known & \"quoted\"",
                      .owner = "somebody",
                      .at = report.from,
                      .until = report.until}};
    for (const std::string& format : report_formats()) {
        INFO(format);
        const std::string text = report_in(format, report, false);
        CHECK(text.contains("inc-1"));
        CHECK(text.contains("somebody"));
        CHECK_FALSE(text.contains("\x1b"));
        if (format == "html" || format == "junit" || format == "markdown") CHECK_FALSE(text.contains("<b>down"));
    }
}

}  // namespace serin::test
