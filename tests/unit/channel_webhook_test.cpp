// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/alerts/channels/webhook.hpp"
#include "reports/alerts/incidents/incident_json.hpp"
#include "tests/support/channel_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const Secret new_key{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
const Secret old_key{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"};

TEST_CASE("a webhook's body") {
    const Notice notice = example_notice();
    const Json body = Json::parse(webhook_body(notice, example_words(), "https://serin.example.com/i/1"));
    CHECK(body == Json{{"type", "serin.incident.opened"},
                       {"timestamp", "2026-11-22T01:02:03.000Z"},
                       {"data",
                        {{"notice", "inc-k3v9q2m7xa.4"},
                         {"dedup_key", "inc-k3v9q2m7xa"},
                         {"title", "messages are not delivered"},
                         {"text", "on us-east-1, since 01:00\nrunbook: …"},
                         {"link", "https://serin.example.com/i/1"},
                         {"level", 0},
                         {"page", true},
                         {"incident", incident_json(notice.incident)}}}});
}

TEST_CASE("a body of many cells is cut below 20 kB and says so") {
    Notice notice = example_notice();
    AffectedCell cell;
    cell.message = std::string(200, 'm');
    notice.incident.cells.assign(500, cell);
    const std::string text = webhook_body(notice, example_words(), "");
    CHECK(text.size() < longest_webhook);
    const Json body = Json::parse(text);
    CHECK(body["data"]["trimmed"]["cells"] == 500);
    CHECK(body["data"]["incident"]["cells"].size() <= 20);
    CHECK_FALSE(body["data"]["incident"]["cells"].empty());
    CHECK(body["data"]["incident"]["id"] == "inc-k3v9q2m7xa");
}

TEST_CASE("a body is below 20 kB whatever is in the incident") {
    Notice notice = example_notice();
    notice.incident.message = std::string(1'000'000, '\x01');
    notice.incident.service = notice.incident.message;
    notice.incident.failure_class = notice.incident.message;
    const NoticeWords words{.title = std::string(200, '\x01'), .text = std::string(4096, '\x01')};
    const std::string text = webhook_body(notice, words, "https://serin.example.com/" + std::string(5000, 'x'));
    CHECK(text.size() < longest_webhook);
    const Json body = Json::parse(text);
    CHECK(body["data"]["incident"]["id"] == "inc-k3v9q2m7xa");
    CHECK(body["data"].contains("trimmed"));
}

TEST_CASE("the id of a webhook is the notice's without full stops") {
    CHECK(webhook_id(example_notice()) == "inc-k3v9q2m7xa_4");
}

TEST_CASE("the headers of a webhook carry one signature for each key") {
    const std::string body = R"({"test": 2432232314})";
    const Wall at{std::chrono::seconds(1614265330)};
    const auto one = webhook_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at + 999ms, body, {new_key});
    REQUIRE(one);
    CHECK(*one == Headers{{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                          {"webhook-timestamp", "1614265330"},
                          {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}});
    const auto two = webhook_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, {new_key, old_key});
    REQUIRE(two);
    const std::string& signatures = two->back().second;
    const auto other = standard_webhook_signature(old_key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body);
    REQUIRE(other);
    CHECK(signatures == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= " + *other);
    const auto later = webhook_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at + 5s, body, {new_key});
    REQUIRE(later);
    CHECK(later->back().second != one->back().second);
}

TEST_CASE("without a key there is no signature and with a bad one no webhook") {
    CHECK(webhook_headers("a", example_time(), "", {})->size() == 2);
    CHECK_FALSE(webhook_headers("a", example_time(), "", {new_key, Secret("nonsense")}));
}

TEST_CASE("the answers of a receiver") {
    const auto took = [](int status) { return webhook_result(answered(status), Redactor()).took; };
    for (const int status : {200, 201, 202, 204}) CHECK(took(status) == Took::proven);
    for (const int status : {0, 301, 302, 308, 408, 429, 500, 502, 503, 504}) CHECK(took(status) == Took::retry);
    for (const int status : {400, 413, 422}) CHECK(took(status) == Took::refused);
    for (const int status : {401, 403, 404, 410}) CHECK(took(status) == Took::broken);
    Answer busy = answered(504);
    busy.retry_after = 3s;
    CHECK(webhook_result(busy, Redactor()).retry_after == Duration(3s));
}

}  // namespace
}  // namespace serin::test
