// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/reporter.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/outcome_examples.hpp"
#include "tests/support/report_goldens.hpp"

namespace serin::test {
namespace {

bool plain_text(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n') || byte == 0x7f) return false;
    }
    return !text.contains("\xc2\x9b") && !text.contains("\xe2\x80\xae") && !text.contains("\xff");
}

}  // namespace

TEST_CASE("each format is made by its name, and a wrong name is told the nearest") {
    for (const std::string& name : reporter_names()) CHECK(make_reporter(name, {}).has_value());
    const auto wrong = make_reporter("jnuit", {});
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().title == "unknown report format `jnuit`");
    CHECK(wrong.error().remedy == "did you mean `junit`? formats: text json junit github tap");
    CHECK(make_reporter("", {}).error().remedy == "formats: text json junit github tap");
}

TEST_CASE("totals count each verdict once, and cleanup apart from verdicts") {
    Totals totals;
    for (const Outcome& outcome :
         {passed_run(), undelivered_message(), flaky_run(), unjudged_run(), littering_run(), skipped_run()}) {
        totals.count(outcome);
    }
    CHECK(totals.runs() == 6);
    CHECK(totals.pass == 2);
    CHECK(totals.fail == 1);
    CHECK(totals.degraded == 1);
    CHECK(totals.error == 1);
    CHECK(totals.skipped == 1);
    CHECK(totals.cleanup_failed == 1);
    CHECK_FALSE(totals.nothing_ran());
}

TEST_CASE("nothing ran when there was no run and when every run was skipped") {
    Totals totals;
    CHECK(totals.nothing_ran());
    totals.count(skipped_run());
    CHECK(totals.nothing_ran());
    totals.count(unjudged_run());
    CHECK_FALSE(totals.nothing_ran());
}

TEST_CASE("the text report is as people were promised") {
    CHECK(golden_report("text") == golden("text.txt"));
}

TEST_CASE("a verbose text report shows each exchange and each frame") {
    const ReportOptions options{.verbose = true, .curl = true};
    CHECK(report("text", {passed_run(), undelivered_message()}, options) == golden("text-verbose.txt"));
}

TEST_CASE("the shell lines alone can be pasted") {
    CHECK(report("text", {passed_run()}, {.curl = true}) ==
          "PASS chat-delivery  sender=us-east-1 receiver=us-east-1  412 ms\n"
          "   # sent\n"
          "   curl -X POST -H \"Authorization: Bearer $ALICE\" http://chat.test/v1/messages\n"
          "1 run: 1 passed in 3.4 s\n");
}

TEST_CASE("colours are there when asked for, and only then") {
    CHECK(plain_text(golden_report("text")));
    const std::string coloured = golden_report("text", {.colour = true});
    CHECK(coloured.contains("\x1b[32mPASS\x1b[0m chat-delivery"));
    CHECK(coloured.contains("\x1b[1;31mFAIL\x1b[0m chat-delivery"));
    CHECK(coloured.contains("\x1b[33mDEGRADED\x1b[0m chat-delivery"));
    CHECK(coloured.contains("\x1b[2m= sent"));
}

TEST_CASE("what a target sends cannot steer the terminal") {
    const std::string text = report("text", {hostile_run()}, {.verbose = true, .curl = true});
    CHECK(plain_text(text));
    CHECK(text.contains("error: \\x1b[2J\\x1b]0;owned\\x07</failure>"));
    CHECK(text.contains("\\xff\\u{9b}31m\\u{202e}"));
    for (const std::string& format : reporter_names()) CHECK(plain_text(report(format, {unjudged_run()})));
    CHECK(plain_text(report("json", {hostile_run()})));
    CHECK(plain_text(report("github", {hostile_run()}, {.verbose = true})));
    CHECK(plain_text(report("tap", {hostile_run()})));
}

TEST_CASE("an aborted run says so and a run that never started is named") {
    Outcome aborted = unjudged_run();
    aborted.verdict = Verdict::aborted;
    aborted.failure_class = "aborted";
    aborted.message = "aborted by a signal; cleanup was run";
    const std::string text = report("text", {aborted}, {}, {"login shard=b"});
    CHECK(text.contains("\naborted: aborted by a signal; cleanup was run\n"));
    CHECK(text.contains("\nNEVER STARTED login shard=b\n"));
    CHECK(text.ends_with("1 run: 1 aborted, 1 never started in 3.4 s\n"));
}

TEST_CASE("of a thousand runs that never started people are told ten and programs all") {
    std::vector<std::string> names;
    for (int i = 1; i <= 1000; ++i) names.push_back("login cell=" + std::to_string(i));
    const std::string text = report("text", {passed_run()}, {}, names);
    CHECK(text.contains("\nNEVER STARTED login cell=10\nNEVER STARTED and 990 more\n"));
    CHECK_FALSE(text.contains("login cell=11\n"));
    const std::string github = report("github", {passed_run()}, {}, names);
    CHECK(github.contains("login cell=10::"));
    CHECK(github.contains("title=NEVER STARTED and 990 more::"));
    CHECK_FALSE(github.contains("login cell=11:"));
    CHECK(report("tap", {passed_run()}, {}, names).contains("\nnot ok 1001 - login cell=1000\n"));
    CHECK(report("junit", {passed_run()}, {}, names).contains("\"login cell=1000\""));
    CHECK(nlohmann::json::parse(report("json", {passed_run()}, {}, names))["totals"]["never_started"].size() == 1000);
    names.resize(10);
    CHECK_FALSE(report("text", {passed_run()}, {}, names).contains(" more\n"));
}

TEST_CASE("findings beyond the eighth are only counted") {
    Outcome outcome = undelivered_message();
    std::vector<Finding>& findings = outcome.steps[1].findings;
    const auto with = [&](int count) {
        const Finding first = findings.front();
        findings.assign(1, first);
        for (int i = 1; i < count; ++i) {
            findings.push_back(first);
            findings.back().message = "expectation " + std::to_string(i);
        }
        return report("text", {outcome});
    };
    CHECK_FALSE(with(8).contains("more finding"));
    CHECK(with(9).contains("\n… 1 more finding\n"));
    CHECK(with(10).contains("\n… 2 more findings\n"));
}

TEST_CASE("a run that was planned and has no outcome is reported without being told") {
    const auto reporter = make_reporter("text", {});
    CHECK((*reporter)->begin(2).empty());
    Totals totals;
    totals.count(passed_run());
    CHECK((*reporter)->end(totals).contains("NEVER STARTED run 2\n"));
}

TEST_CASE("all findings of a step are shown, each with its place and its explanation") {
    Outcome outcome = undelivered_message();
    std::vector<Finding>& findings = outcome.steps[1].findings;
    Finding second = findings.front();
    second.place.line = 18;
    second.place.column = 11;
    second.place.length = 16;
    second.message = "expectation failed: json.id == msg";
    second.note = "";
    second.explanation = {"        ^^", "left:  7  (integer)", "right: \"m-81f\"  (string)"};
    findings.push_back(second);
    CHECK(report("text", {outcome})
              .contains("error: expectation failed: json.id == msg\n"
                        "  --> chat-delivery.yaml:18:11\n"
                        "   |\n"
                        "18 |     save: { msg: json.id }\n"
                        "   |           ^^^^^^^^^^^^^^^^\n"
                        "   |                   ^^\n"
                        "   |           left:  7  (integer)\n"
                        "   |           right: \"m-81f\"  (string)\n"));
}

TEST_CASE("a finding without a place keeps its note") {
    Outcome outcome = undelivered_message();
    outcome.steps[1].findings.front().place = {};
    CHECK(report("text", {outcome}).contains("pushed\n   = 0 of 1 within 2 s of `sent` (line 13)"));
}

TEST_CASE("of many frames the first, the last and those that carry the nonce are shown") {
    Outcome outcome = undelivered_message();
    std::vector<FrameNote>& frames = outcome.steps[1].frames;
    frames.clear();
    for (int i = 0; i < 50; ++i) {
        frames.push_back(
            {.at = std::chrono::milliseconds(i), .text = "frame " + std::to_string(i), .remark = "no JSON"});
    }
    frames[20].text = "<" + outcome.nonce + ">";
    frames[30].remark = "MATCH, but before the sending step";
    const std::string text = report("text", {outcome});
    for (const int shown : {0, 1, 2, 45, 46, 47, 48, 49}) CHECK(text.contains("frame " + std::to_string(shown) + " "));
    for (const int hidden : {3, 19, 21, 29, 31, 44})
        CHECK_FALSE(text.contains("frame " + std::to_string(hidden) + " "));
    CHECK(text.contains("<" + outcome.nonce + ">     no JSON\n"));
    CHECK(text.contains("frame 30     MATCH, but before the sending step\n"));
    CHECK(text.contains("… 17 more frames\n"));
    CHECK(text.contains("… 9 more frames\n"));
    CHECK(text.contains("… 14 more frames\n"));
}

TEST_CASE("a long run shows few of its exchanges and says how many it left out") {
    Outcome outcome = undelivered_message();
    const StepResult exchange = outcome.steps.front();
    outcome.steps.insert(outcome.steps.begin(), 40, exchange);
    const std::string text = report("text", {outcome});
    CHECK(text.contains("more steps\n"));
    CHECK(text.contains("= bob.ws "));
    CHECK(text.contains("= stored "));
    CHECK(text.size() < 3000);
}

TEST_CASE("the JSON document holds the whole outcome") {
    CHECK(report("json", {undelivered_message()}) == golden("run.json"));
}

TEST_CASE("the JSON document of no run says that nothing ran") {
    const auto document = nlohmann::json::parse(report("json", {}));
    CHECK(document["schema"] == "serin.run/1");
    CHECK(document["started_at"].is_null());
    CHECK(document["totals"]["nothing_ran"] == true);
    CHECK(document["outcomes"].empty());
}

TEST_CASE("the JSON document keeps what is text and replaces what is not UTF-8") {
    const auto document = nlohmann::json::parse(report("json", {hostile_run()}));
    const auto message = document["outcomes"][0]["message"].get<std::string>();
    CHECK(message.starts_with("\x1b[2J\x1b]0;owned\x07</failure>&\"'\n::error::forged\r\n"));
    CHECK(
        message.ends_with("...\xef\xbf\xbd\xc2\x9b"
                          "31m\xe2\x80\xae"));
}

TEST_CASE("runs that never started are in the JSON totals") {
    const auto document = nlohmann::json::parse(report("json", {passed_run()}, {}, {"login shard=b"}));
    CHECK(document["planned"] == 2);
    CHECK(document["totals"]["not_run"] == 1);
    CHECK(document["totals"]["never_started"][0] == "login shard=b");
}

}  // namespace serin::test
