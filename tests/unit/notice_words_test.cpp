// SPDX-License-Identifier: Apache-2.0
// What people read, whatever stands in an incident.
#include <catch2/catch.hpp>

#include "core/names.hpp"
#include "reports/alerts/channels/rendering.hpp"
#include "scenarios/language/expression.hpp"
#include "tests/support/notice_examples.hpp"

namespace serin::test {
namespace {

const std::string url = "https://serin.test/";

Text template_of(const std::string& text) {
    Mistakes mistakes;
    Text parsed = parse_text(text, Place{}, notice_names(), mistakes);
    REQUIRE(mistakes.empty());
    return parsed;
}

NoticeWords words(const Notice& notice, const ChannelConfig& config = {}, const std::string& at = url) {
    Evaluator evaluator;
    return words_of(notice, config, evaluator, at, moment(120));
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the words of a page say what is wrong and where and since when and what to do") {
    const NoticeWords said = words(notice_of(NoticeKind::opened));
    CHECK(has(said.title, "messages are stored but not delivered live"));
    CHECK_FALSE(said.title.starts_with("["));
    CHECK(has(said.text, "us-east-1"));
    CHECK(has(said.text, "Since 2026-11-22T08:00:00.000Z, noticed 90"));
    CHECK(has(said.text, "receive: nothing within 5 s (2 of 3 runs), run 0199-run"));
    CHECK(has(said.text, "Runbook: https://runbooks.test/chat"));
    CHECK(has(said.text, "Incident: https://serin.test/api/v1/incidents/inc-k3v9x2m4aa\n"));
    CHECK(has(said.text, "Where: chat, "));
}

TEST_CASE("a page says the whole command that acknowledges it") {
    CHECK(has(words(notice_of(NoticeKind::opened)).text,
              "Acknowledge: serin incidents ack inc-k3v9x2m4aa --server https://serin.test/ --token-env "
              "SERIN_TOKEN\n"));
    const NoticeWords without = words(notice_of(NoticeKind::opened), {}, "");
    CHECK(has(without.text, ": serin incidents ack inc-k3v9x2m4aa --store serin.db\n"));
    CHECK_FALSE(has(without.text, "--server"));
    Notice drill = notice_of(NoticeKind::opened);
    drill.incident.drill = true;
    CHECK_FALSE(has(words(drill).text, "Acknowledge"));
}

TEST_CASE("what is noticed at once is not noticed later") {
    Notice notice = notice_of(NoticeKind::opened);
    notice.incident.opened_at = notice.incident.began_at;
    CHECK(has(words(notice).text, "Since 2026-11-22T08:00:00.000Z.\n"));
    CHECK_FALSE(has(words(notice).text, "noticed"));
}

TEST_CASE("a title names the service unless the message does") {
    Notice notice = notice_of(NoticeKind::opened);
    CHECK(words(notice).title.starts_with("chat: messages are stored"));
    notice.incident.message = "chat is down";
    CHECK(words(notice).title.starts_with("chat is down"));
}

TEST_CASE("a title says which kind of notice it is") {
    const auto begins = [](Notice notice, const std::string& prefix) {
        return words(notice).title.starts_with(prefix + "chat: messages");
    };
    Notice escalated = notice_of(NoticeKind::escalated, 2);
    escalated.level = 1;
    CHECK(begins(escalated, "[escalated 2] "));
    CHECK(begins(notice_of(NoticeKind::resolved, 2), "[resolved] "));
    CHECK(begins(notice_of(NoticeKind::reopened, 3), "[reopened] "));
    CHECK(begins(notice_of(NoticeKind::repeated, 3), "[repeated] "));
    Notice warning = notice_of(NoticeKind::opened);
    warning.incident.severity = AlertSeverity::warning;
    CHECK(begins(warning, "[warning] "));
    Notice drill = notice_of(NoticeKind::resolved, 2);
    drill.incident.drill = true;
    CHECK(words(drill).title.starts_with("[drill] [resolved] messages"));
    CHECK_FALSE(has(words(drill).title, "drill:"));
    CHECK(words(drill).text.starts_with("This is a drill"));
}

TEST_CASE("a resolved incident is not to be acknowledged any more") {
    const NoticeWords said = words(notice_of(NoticeKind::resolved, 2));
    CHECK_FALSE(has(said.text, "Acknowledge:"));
    CHECK(has(said.text, "Recovered 2026-11-22T08:10:00.000Z, after 10"));
}

TEST_CASE("templates name the incident and the built-in words") {
    ChannelConfig config;
    config.title = template_of("${incident.service} / ${kind} at level ${level}");
    config.text = template_of("${title}\n${link}");
    const NoticeWords said = words(notice_of(NoticeKind::opened), config);
    CHECK(said.title == "chat / opened at level 1");
    CHECK(has(said.text, "messages are stored but not delivered live"));
    CHECK(has(said.text, "\nhttps://serin.test/api/v1/incidents/inc-k3v9x2m4aa"));
}

TEST_CASE("a drill is marked in a title of the operator's own too and only once") {
    Notice drill = notice_of(NoticeKind::opened);
    drill.incident.drill = true;
    ChannelConfig config;
    config.title = template_of("wake up");
    CHECK(words(drill, config).title == "[drill] wake up");
    config.title = template_of("${title}");
    CHECK_FALSE(has(words(drill, config).title.substr(3), "[drill]"));
}

TEST_CASE("a template that fails never holds up a page") {
    ChannelConfig config;
    config.name = "mail";
    config.title = template_of("${incident.nothing.like.this}");
    config.text = template_of("${title + 1}");
    const NoticeWords said = words(notice_of(NoticeKind::opened), config);
    CHECK(has(said.title, "messages are stored but not delivered live"));
    CHECK(has(said.text, "Runbook: https://runbooks.test/chat"));
    CHECK(has(said.text, "(the title template of channel `mail` could not be used: "));
    CHECK(has(said.text, "(the text template of channel `mail` could not be used: "));

    config.text.reset();
    config.title = template_of("${kind == 'resolved' and 'over' or ' '}");
    const NoticeWords blank = words(notice_of(NoticeKind::opened), config);
    CHECK(has(blank.title, "messages are stored"));
    CHECK(has(blank.text, "it gave nothing"));
}

TEST_CASE("what a template gives is bounded and cleaned too") {
    ChannelConfig config;
    config.title = template_of("one\ntwo\t" + std::string(500, 'x'));
    config.text = template_of(std::string(5000, 'y') + "${incident.nothing.like.this}");
    const NoticeWords failed = words(notice_of(NoticeKind::opened), config);
    CHECK(failed.title.starts_with("one two xx"));
    CHECK(failed.title.size() == 200);
    CHECK(has(failed.text, "(the text template"));
    config.text = template_of(std::string(5000, 'y'));
    CHECK(words(notice_of(NoticeKind::opened), config).text.size() == 4096);
}

TEST_CASE("titles and texts stay within their limits whatever the incident holds") {
    Notice notice = notice_of(NoticeKind::opened);
    notice.incident.message.clear();
    for (int i = 0; i < 100; ++i) notice.incident.message += "größer ";
    for (int i = 0; i < 40; ++i) {
        notice.incident.cells.push_back(notice.incident.cells.front());
        notice.incident.symptoms.push_back({.service = "s" + std::to_string(i), .message = std::string(1000, 'y')});
        notice.incident.suspects.emplace_back().change.id = std::string(2000, 'z');
    }
    const NoticeWords said = words(notice);
    CHECK(said.title.size() <= 200);
    CHECK(said.title.size() > 190);
    CHECK(said.title.ends_with("…"));
    CHECK(valid_utf8(said.title));
    CHECK(said.text.size() <= 4096);
    CHECK(valid_utf8(said.text));
    CHECK(has(said.text, "and 36 more"));
    CHECK(said.text.ends_with(
        "serin incidents ack inc-k3v9x2m4aa --server https://serin.test/ --token-env SERIN_TOKEN\n"));
}

TEST_CASE("hostile text cannot add lines or steer a terminal") {
    Notice notice = notice_of(NoticeKind::opened);
    notice.incident.message = "down\r\nBcc: all@example.com\x1b[2J\xff\u2028\u202e end";
    const NoticeWords said = words(notice);
    CHECK(said.title.find_first_of("\r\n\x1b") == std::string::npos);
    CHECK(valid_utf8(said.title));
    CHECK_FALSE(has(said.title, "\u202e"));
    CHECK_FALSE(has(said.text, "\nBcc:"));
    CHECK(said.text.find('\x1b') == std::string::npos);
}

TEST_CASE("cutting a text never splits a character") {
    CHECK(one_line("abc", 3) == "abc");
    CHECK(one_line("abcd", 3) == "…");
    CHECK(one_line("äöü", 6) == "äöü");
    CHECK(one_line("äöüx", 6) == "ä…");
    CHECK(one_line("äöü", 5) == "ä…");
    CHECK(one_line("abc", 2).empty());
    CHECK(one_line("a\tb\nc", 10) == "a b c");
    CHECK(one_line("a\xffz", 10) == "a\xef\xbf\xbdz");
    CHECK(clean_lines("a\r\nb\rc\td", 10) == "a\nb\nc\td");
    CHECK(one_line("", 0).empty());
}

TEST_CASE("the link of an incident is empty without an address of ours") {
    CHECK(link_of(broken_delivery(), "").empty());
    CHECK(link_of(broken_delivery(), "http://h:1/base/") == "http://h:1/base/api/v1/incidents/inc-k3v9x2m4aa");
}

}  // namespace serin::test
