// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/channels/slack.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

TEST_CASE("a message as Slack gets it") {
    const std::string body = slack_message(example_notice(), example_words(), "https://serin.example.com/i/1");
    CHECK(Json::parse(body) == Json::parse(R"({"text": "messages are not delivered", "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*messages are not delivered*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "on us-east-1, since 01:00\nrunbook: …"}},
        {"type": "context", "elements": [{"type": "mrkdwn",
            "text": "opened · critical · chat · inc-k3v9q2m7xa · <https://serin.example.com/i/1|details>"}]}]})"));
}

TEST_CASE("what a target said can neither mention anybody nor make a link") {
    const NoticeWords words{.title = "<!channel> a & b", .text = "<https://evil.example.com|fine>"};
    const std::string body = slack_message(example_notice(), words, "");
    CHECK(body.contains("&lt;!channel&gt; a &amp; b"));
    CHECK_FALSE(body.contains("<!channel>"));
    CHECK_FALSE(body.contains("<https:"));
    CHECK_FALSE(slack_message(example_notice(), words, "https://a.example.com/|x>").contains("|x"));
}

TEST_CASE("a section stays below 3000 characters and is never cut within an escape") {
    const NoticeWords words{.title = "t", .text = std::string(4096, '<')};
    const Json json = Json::parse(slack_message(example_notice(), words, ""));
    const std::string text = json["blocks"][1]["text"]["text"];
    CHECK(text.size() <= 3000);
    CHECK(text.size() > 2000);
    CHECK(text.starts_with("&lt;&lt;"));
    CHECK_FALSE(text.contains("&l…"));
}

TEST_CASE("a message stays within the limits of blocks whatever is in the incident") {
    Notice wild = example_notice();
    wild.incident.service = std::string(100'000, '&');
    wild.incident.id = std::string(100'000, '<');
    const NoticeWords words{.title = std::string(5000, '&'), .text = std::string(100'000, '>')};
    for (const std::string& link : {std::string(), "https://x.example.com/" + std::string(250, '&'),
                                    "https://x.example.com/" + std::string(100'000, 'x')}) {
        const Json json = Json::parse(slack_message(wild, words, link));
        CHECK(json["text"].get<std::string>().size() <= 3000);
        REQUIRE(json["blocks"].size() == 3);
        for (const Json& block : json["blocks"]) {
            const Json& text = block["type"] == "context" ? block["elements"][0]["text"] : block["text"]["text"];
            CHECK(text.get<std::string>().size() <= 3000);
        }
    }
}

TEST_CASE("a post in doubt is made ten times at most") {
    SlackDoubts doubts;
    const auto settled = [&](Answer answer, const std::string& notice = "n-1") {
        return doubts.settle(notice, answer, slack_result(answer, Redactor()));
    };
    Answer late;
    late.fault = "no answer in time";
    late.maybe_taken = true;
    const SendResult first = settled(late);
    CHECK(first.took == Took::retry);
    CHECK(first.said == "no answer in time; it may have been posted");
    CHECK_FALSE(first.retry_after);
    for (int posts = 2; posts < SlackDoubts::most_posts; ++posts) {
        const SendResult next = settled(late);
        CHECK(next.took == Took::retry);
        CHECK_FALSE(next.retry_after);
    }
    CHECK(settled(late, "n-2").took == Took::retry);  // each notice for itself
    // What did not reach Slack counts for nothing.
    Answer away;
    away.fault = "no connection";
    for (int i = 0; i < 10; ++i) {
        CHECK(settled(away).took == Took::retry);
        CHECK(settled(answered(429)).took == Took::retry);
        CHECK(settled(answered(500, "rollup_error")).took == Took::retry);
    }
    CHECK(settled(away).said == "no connection");
    const SendResult last = settled(late);
    CHECK(last.took == Took::refused);
    CHECK(last.said.contains("may have been posted"));
    CHECK_FALSE(last.retry_after);
}

TEST_CASE("a strange 2xx leaves a post in doubt too and its words stay short") {
    SlackDoubts doubts;
    const Answer strange = answered(200, std::string(5000, 'x'));
    Took took = Took::retry;
    int posts = 0;
    for (; took == Took::retry && posts < 20; ++posts) {
        const SendResult result = doubts.settle("n-1", strange, slack_result(strange, Redactor()));
        took = result.took;
        CHECK(result.said.size() <= 200);
    }
    CHECK(posts == SlackDoubts::most_posts);
    CHECK(took == Took::refused);
    // Slack's own word ends the doubt.
    CHECK(doubts.settle("n-1", answered(200, "ok"), slack_result(answered(200, "ok"), Redactor())).took ==
          Took::accepted);
    CHECK(doubts.settle("n-1", strange, slack_result(strange, Redactor())).took == Took::retry);
}

TEST_CASE("the answers of Slack") {
    const auto took = [](int status, const std::string& body) {
        return slack_result(answered(status, body), Redactor()).took;
    };
    CHECK(took(200, "ok") == Took::accepted);
    CHECK(took(200, "ok\n") == Took::accepted);
    CHECK(took(200, "") == Took::retry);
    CHECK(took(200, "<html>ok</html>") == Took::retry);
    CHECK(took(204, "ok") == Took::retry);
    CHECK(took(200, "invalid_token") == Took::broken);
    CHECK(took(400, "invalid_payload") == Took::refused);
    CHECK(took(400, "no_text") == Took::refused);
    CHECK(took(400, "user_not_found") == Took::broken);
    CHECK(took(403, "action_prohibited") == Took::broken);
    CHECK(took(404, "channel_not_found") == Took::broken);
    CHECK(took(404, "no_service") == Took::broken);
    CHECK(took(410, "channel_is_archived") == Took::broken);
    CHECK(took(500, "rollup_error") == Took::retry);
    CHECK(took(500, "no_team") == Took::broken);
    CHECK(took(429, R"({"retry_after":1,"ok":false,"error":"rate_limited"})") == Took::retry);
    CHECK(took(0, "") == Took::retry);
}

TEST_CASE("a 429 of Slack waits as long as it says") {
    Answer busy = answered(429);
    CHECK(slack_result(busy, Redactor()).retry_after == Duration(5s));
    busy.retry_after = 1s;
    CHECK(slack_result(busy, Redactor()).retry_after == Duration(1s));
}

TEST_CASE("a change is posted only when it got worse or is a page") {
    SlackManners manners;
    Notice opened = example_notice();
    opened.incident.severity = AlertSeverity::warning;
    manners.posted(opened, example_time());
    Notice changed = example_notice(NoticeKind::changed);
    changed.page = false;
    changed.incident.severity = AlertSeverity::warning;
    CHECK_FALSE(manners.objection(changed, example_time()).empty());
    changed.incident.severity = AlertSeverity::critical;
    CHECK(manners.objection(changed, example_time()).empty());
    manners.posted(changed, example_time());
    CHECK_FALSE(manners.objection(changed, example_time()).empty());
    changed.page = true;
    CHECK(manners.objection(changed, example_time()).empty());
}

TEST_CASE("opening and resolving and escalating are always posted") {
    SlackManners manners;
    for (const NoticeKind kind : {NoticeKind::opened, NoticeKind::escalated, NoticeKind::acknowledged,
                                  NoticeKind::resolved, NoticeKind::reopened}) {
        CHECK(manners.objection(example_notice(kind), example_time()).empty());
        manners.posted(example_notice(kind), example_time());
    }
}

TEST_CASE("reminders are bounded in each wave") {
    SlackManners manners;
    Notice reminder = example_notice(NoticeKind::repeated);
    Wall now = example_time();
    int posted = 0;
    for (int minute = 0; minute < 24 * 60; ++minute, now += 1min) {
        if (!manners.objection(reminder, now).empty()) continue;
        manners.posted(reminder, now);
        ++posted;
    }
    CHECK(posted == 12);
    reminder.incident.waves = 2;
    CHECK(manners.objection(reminder, now).empty());
}

}  // namespace
}  // namespace serin::test
