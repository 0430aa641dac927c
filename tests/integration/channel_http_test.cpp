// SPDX-License-Identifier: Apache-2.0
// The HTTP channels against servers that answer as their vendors do, and as broken ones do.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "net/real_clock.hpp"
#include "reports/alerts/channels/alertmanager.hpp"
#include "reports/alerts/channels/grafana.hpp"
#include "reports/alerts/channels/heartbeat.hpp"
#include "reports/alerts/channels/pagerduty.hpp"
#include "reports/alerts/channels/slack.hpp"
#include "reports/alerts/channels/statuspage.hpp"
#include "reports/alerts/channels/webhook.hpp"
#include "scenarios/language/expression.hpp"
#include "tests/support/bad_server.hpp"
#include "tests/support/channel_examples.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using Respond = std::function<ServerResponse(const ServerRequest&)>;

ServerResponse response(int status, std::string body = {}, Headers headers = {}) {
    ServerResponse made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

asio::awaitable<ServerResponse> respond_with(std::shared_ptr<std::vector<ServerRequest>> requests, Respond respond,
                                             ServerRequest request) {
    requests->push_back(request);
    co_return respond(request);
}

/// What a channel is made with.
struct Stage {
    explicit Stage(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    ChannelHouse house() {
        return {.executor = executor_,
                .http = http,
                .evaluator = evaluator,
                .clock = clock,
                .redactor = redactor,
                .external_url = "https://serin.example.com",
                .vantage = "fra"};
    }
    [[nodiscard]] Deadline soon(Duration time = 10s) const { return deadline_after(clock.now(), time); }

    asio::any_io_executor executor_;
    RealClock clock{executor_};
    HttpClient http{executor_};
    Evaluator evaluator{};
    Redactor redactor{};
};

ArmedChannel armed(ChannelKind kind, const std::vector<std::string>& urls) {
    ArmedChannel channel;
    channel.config.name = "channel";
    channel.config.kind = kind;
    for (const std::string& url : urls) channel.urls.emplace_back(url);
    return channel;
}

/// A server that answers by `respond`, and what it was asked.
void with_vendor(Respond respond,
                 const std::function<asio::awaitable<void>(Stage&, std::string, std::vector<ServerRequest>&)>& client) {
    const auto requests = std::make_shared<std::vector<ServerRequest>>();
    HttpServer::Options options;
    options.handler = [requests, respond](ServerRequest request) {
        return respond_with(requests, respond, std::move(request));
    };
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        Stage stage(executor);
        co_await client(stage, "http://127.0.0.1:" + std::to_string(server.port()), *requests);
    });
}

/// Alertmanager as far as its API goes: alerts by label `incident`, 400 for a batch with a service named "bad".
struct AlertmanagerPeer {
    std::map<std::string, Json> alerts{};
    std::string state = "active";
    ServerResponse operator()(const ServerRequest& request) {
        if (request.path() != "/api/v2/alerts") return response(404);
        if (request.method == "GET") {
            Json list = Json::array();
            for (const auto& [id, alert] : alerts) {
                if (request.query("filter") != "incident=\"" + id + "\"") continue;
                if (alert["endsAt"].get<std::string>() <= rfc3339(std::chrono::system_clock::now())) continue;
                list.push_back(alert);
                list.back()["status"]["state"] = state;
            }
            return response(200, list.dump());
        }
        if (request.header("Content-Type") != "application/json") return response(415);
        bool bad = false;
        for (const Json& alert : Json::parse(request.body)) {
            if (alert["labels"]["service"] == "bad")
                bad = true;
            else
                alerts[alert["labels"]["incident"]] = alert;
        }
        return bad ? response(400, R"("bad label")") : response(200);
    }
};

TEST_CASE("an alert is proven by reading it back and resolving it by its absence") {
    auto peer = std::make_shared<AlertmanagerPeer>();
    with_vendor([peer](const ServerRequest& request) { return (*peer)(request); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    const auto channel =
                        make_alertmanager_channel(armed(ChannelKind::alertmanager, {url + "/"}), stage.house());
                    const Notice opened = example_notice();
                    const SendResult sent = co_await channel->send(opened, stage.soon());
                    INFO(sent.said);
                    CHECK(sent.took == Took::proven);
                    CHECK(requests.size() == 2);
                    CHECK((co_await channel->read_back(opened, stage.soon())).took == Took::proven);
                    const Notice over = example_notice(NoticeKind::resolved);
                    CHECK((co_await channel->read_back(over, stage.soon())).took == Took::accepted);
                    CHECK((co_await channel->send(over, stage.soon())).took == Took::proven);
                    CHECK((co_await channel->read_back(opened, stage.soon())).took == Took::accepted);
                    // An older view of it must not light it again, and the resolve is repeated.
                    requests.clear();
                    co_await channel->refresh({opened}, stage.soon());
                    REQUIRE(requests.size() == 1);
                    const Json told = Json::parse(requests[0].body);
                    REQUIRE(told.size() == 1);
                    CHECK(told[0]["endsAt"].get<std::string>() <= rfc3339(stage.clock.wall()));
                });
}

TEST_CASE("an alert that is silenced in Alertmanager is not proven") {
    auto peer = std::make_shared<AlertmanagerPeer>();
    peer->state = "suppressed";
    with_vendor([peer](const ServerRequest& request) { return (*peer)(request); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>&) -> asio::awaitable<void> {
                    const auto channel =
                        make_alertmanager_channel(armed(ChannelKind::alertmanager, {url}), stage.house());
                    const SendResult sent = co_await channel->send(example_notice(), stage.soon());
                    CHECK(sent.took == Took::accepted);
                    CHECK(sent.said.contains("silenced"));
                });
}

TEST_CASE("instances that hang or are away do not keep an alert from the others") {
    auto peer = std::make_shared<AlertmanagerPeer>();
    with_vendor([peer](const ServerRequest& request) { return (*peer)(request); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>&) -> asio::awaitable<void> {
                    const auto hung = BadServer::start(stage.executor_, hangs());
                    const RefusedPort away(stage.executor_);
                    ArmedChannel made = armed(ChannelKind::alertmanager,
                                              {hung->url(""), "http://127.0.0.1:" + std::to_string(away.port()), url});
                    made.config.timeout = 500ms;
                    const auto channel = make_alertmanager_channel(std::move(made), stage.house());
                    const SendResult sent = co_await channel->send(example_notice(), stage.soon());
                    INFO(sent.said);
                    CHECK(sent.took == Took::proven);
                    CHECK(sent.said.contains("taken by 1 of 3"));
                    CHECK(peer->alerts.contains("inc-k3v9q2m7xa"));
                });
}

TEST_CASE("a severity that rises resolves the alert under the old one in the same batch") {
    auto peer = std::make_shared<AlertmanagerPeer>();
    with_vendor([peer](const ServerRequest& request) { return (*peer)(request); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    const auto channel =
                        make_alertmanager_channel(armed(ChannelKind::alertmanager, {url}), stage.house());
                    Notice notice = example_notice();
                    notice.incident.severity = AlertSeverity::warning;
                    co_await channel->send(notice, stage.soon());
                    notice.incident.severity = AlertSeverity::critical;
                    requests.clear();
                    CHECK((co_await channel->send(notice, stage.soon())).took == Took::proven);
                    const Json batch = Json::parse(requests.at(0).body);
                    REQUIRE(batch.size() == 2);
                    CHECK(batch[0]["labels"]["severity"] == "warning");
                    CHECK(batch[0]["endsAt"].get<std::string>() <= rfc3339(stage.clock.wall()));
                    CHECK(batch[1]["labels"]["severity"] == "critical");
                    CHECK(batch[1]["endsAt"].get<std::string>() > rfc3339(stage.clock.wall() + 3min));
                });
}

TEST_CASE("a batch that is refused is split and only the bad alert is left out") {
    auto peer = std::make_shared<AlertmanagerPeer>();
    with_vendor([peer](const ServerRequest& request) { return (*peer)(request); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    const auto channel =
                        make_alertmanager_channel(armed(ChannelKind::alertmanager, {url}), stage.house());
                    std::vector<Notice> going_on(3, example_notice());
                    going_on[0].incident.id = "inc-1";
                    going_on[1].incident.id = "inc-2";
                    going_on[1].incident.service = "bad";
                    going_on[2].incident.id = "inc-3";
                    CHECK((co_await channel->refresh(going_on, stage.soon())).took == Took::accepted);
                    CHECK(requests.size() == 4);  // the batch, and each alone
                    CHECK(peer->alerts.size() == 2);
                    requests.clear();
                    CHECK((co_await channel->refresh(going_on, stage.soon())).took == Took::accepted);
                    REQUIRE(requests.size() == 1);
                    CHECK(Json::parse(requests[0].body).size() == 2);
                    CHECK((co_await channel->send(going_on[1], stage.soon())).took == Took::refused);
                    CHECK((co_await channel->send(going_on[2], stage.soon())).took == Took::proven);
                });
}

TEST_CASE("PagerDuty accepts and only its incident proves") {
    const auto incidents = std::make_shared<std::string>(R"({"incidents":[]})");
    with_vendor(
        [incidents](const ServerRequest& request) {
            if (request.path() == "/v2/enqueue") return response(202, R"({"status":"success","dedup_key":"k"})");
            if (request.path() == "/incidents") return response(200, *incidents);
            return response(404);
        },
        [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
            ArmedChannel made = armed(ChannelKind::pagerduty, {url + "/v2/enqueue"});
            made.key = Secret("0123456789abcdef0123456789abcdef");
            made.api_token = Secret("token-1");
            made.config.api_url = url + "/";
            made.config.changes = true;
            const auto channel = make_pagerduty_channel(std::move(made), stage.house(), pager_budget());
            const Notice notice = example_notice();
            const SendResult sent = co_await channel->send(notice, stage.soon());
            CHECK(sent.took == Took::accepted);
            CHECK(sent.reference == "inc-k3v9q2m7xa");
            CHECK((co_await channel->read_back(notice, stage.soon())).took == Took::accepted);
            *incidents = R"({"incidents":[{"status":"triggered"}]})";
            CHECK((co_await channel->read_back(notice, stage.soon())).took == Took::proven);
            CHECK(requests.back().header("Authorization") == "Token token=token-1");
            CHECK(requests.back().query("incident_key") == "inc-k3v9q2m7xa");
            const Notice over = example_notice(NoticeKind::resolved);
            CHECK((co_await channel->read_back(over, stage.soon())).took == Took::accepted);
            channel->heard({.webhook_id = "1", .event = "resolved", .incident_id = "inc-k3v9q2m7xa"});
            CHECK((co_await channel->read_back(over, stage.soon())).took == Took::proven);
            // A further page to what is acknowledged there woke nobody, whoever says so.
            Notice again = example_notice(NoticeKind::repeated);
            again.page = true;
            *incidents = R"({"incidents":[{"status":"acknowledged"}]})";
            channel->heard({.webhook_id = "2", .event = "acknowledged", .incident_id = "inc-k3v9q2m7xa"});
            const SendResult unheard = co_await channel->read_back(again, stage.soon());
            CHECK(unheard.took == Took::accepted);
            CHECK(unheard.said.contains("woke nobody"));
            CHECK((co_await channel->tell(example_change(), stage.soon())).took == Took::broken);  // 404
        });
}

TEST_CASE("what PagerDuty's webhooks told is proof while it is the newest that they told") {
    with_vendor([](const ServerRequest&) { return response(202, R"({"status":"success"})"); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>&) -> asio::awaitable<void> {
                    ArmedChannel made = armed(ChannelKind::pagerduty, {url});
                    made.key = Secret("0123456789abcdef0123456789abcdef");
                    made.inbound_keys = {Secret("hook")};
                    const auto channel = make_pagerduty_channel(std::move(made), stage.house(), pager_budget());
                    const auto hear = [&](const std::string& what, Duration after) {
                        channel->heard({.webhook_id = what,
                                        .event = what,
                                        .incident_id = "inc-k3v9q2m7xa",
                                        .occurred_at = example_time() + after});
                    };
                    Notice page = example_notice(NoticeKind::escalated);
                    page.page = true;
                    CHECK((co_await channel->read_back(page, stage.soon())).took == Took::accepted);
                    hear("triggered", 1s);
                    CHECK((co_await channel->read_back(page, stage.soon())).took == Took::proven);
                    hear("acknowledged", 5s);
                    hear("triggered", 2s);  // late
                    const SendResult unheard = co_await channel->read_back(page, stage.soon());
                    CHECK(unheard.took == Took::accepted);
                    CHECK(unheard.said.contains("woke nobody"));
                    hear("unacknowledged", 9s);
                    CHECK((co_await channel->read_back(page, stage.soon())).took == Took::proven);
                    // What we acknowledge ourselves is no longer as it was heard of.
                    co_await channel->send(example_notice(NoticeKind::acknowledged), stage.soon());
                    CHECK((co_await channel->read_back(page, stage.soon())).took == Took::accepted);
                });
}

TEST_CASE("at most 100 calls a minute reach PagerDuty and changes leave room for pages") {
    with_vendor([](const ServerRequest&) { return response(202, R"({"status":"success"})"); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    ArmedChannel made = armed(ChannelKind::pagerduty, {url});
                    made.key = Secret("0123456789abcdef0123456789abcdef");
                    made.config.changes = true;
                    const auto channel = make_pagerduty_channel(std::move(made), stage.house(), pager_budget());
                    for (int i = 0; i < 60; ++i) co_await channel->tell(example_change(), stage.soon());
                    CHECK(requests.size() == 50);
                    SendResult last;
                    for (int i = 0; i < 51; ++i) last = co_await channel->send(example_notice(), stage.soon());
                    CHECK(requests.size() == 100);
                    CHECK(last.took == Took::retry);
                    REQUIRE(last.retry_after);
                    CHECK(*last.retry_after > 0s);
                    CHECK(*last.retry_after <= 60s);
                });
}

TEST_CASE("Slack takes one message a second and a second one waits for its turn") {
    with_vendor([](const ServerRequest&) { return response(200, "ok"); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    const auto channel =
                        make_slack_channel(armed(ChannelKind::slack, {url + "/services/T/B/X"}), stage.house());
                    const Steady begin = stage.clock.now();
                    CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::accepted);
                    const Notice over = example_notice(NoticeKind::resolved);
                    CHECK((co_await channel->send(over, stage.soon())).took == Took::accepted);
                    CHECK(stage.clock.now() - begin >= 1s);
                    CHECK(requests.size() == 2);
                    CHECK(requests[0].path() == "/services/T/B/X");
                    // When there is no time to wait, it says when.
                    const SendResult held = co_await channel->send(example_notice(), stage.soon(1s));
                    CHECK(held.took == Took::retry);
                    CHECK(held.retry_after);
                });
}

TEST_CASE("a receiver can verify a webhook and sees the same id and body at every attempt") {
    const auto status = std::make_shared<int>(503);
    with_vendor([status](const ServerRequest&) { return response(*status, "", {{"Retry-After", "7"}}); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    ArmedChannel made = armed(ChannelKind::webhook, {url + "/hook?team=chat"});
                    made.key = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
                    made.old_keys = {Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")};
                    made.headers.emplace_back("Authorization", Secret("Bearer abc"));
                    const auto channel = make_webhook_channel(made, stage.house());
                    const SendResult busy = co_await channel->send(example_notice(), stage.soon());
                    CHECK(busy.took == Took::retry);
                    CHECK(busy.retry_after == Duration(7s));
                    *status = 204;
                    CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::proven);
                    REQUIRE(requests.size() == 2);
                    CHECK(requests[0].body == requests[1].body);
                    CHECK(requests[0].header("webhook-id") == requests[1].header("webhook-id"));
                    CHECK(requests[0].header("Authorization") == "Bearer abc");
                    CHECK(requests[0].target == "/hook?team=chat");
                    const std::int64_t at = std::stoll(requests[1].header("webhook-timestamp"));
                    const std::string id = requests[1].header("webhook-id");
                    const auto first = standard_webhook_signature(made.key, id, at, requests[1].body);
                    const auto second = standard_webhook_signature(made.old_keys[0], id, at, requests[1].body);
                    CHECK(requests[1].header("webhook-signature") == first.value() + " " + second.value());
                });
}

TEST_CASE("a redirect is never followed") {
    with_vendor(
        [](const ServerRequest& request) {
            return request.path() == "/hook" ? response(307, "", {{"Location", "/other"}}) : response(200);
        },
        [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
            const auto channel = make_webhook_channel(armed(ChannelKind::webhook, {url + "/hook"}), stage.house());
            CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::retry);
            CHECK(requests.size() == 1);
        });
}

TEST_CASE("Grafana gets one region a wave however often it is told") {
    const auto made_tags = std::make_shared<Json>();
    with_vendor(
        [made_tags](const ServerRequest& request) {
            if (request.method == "GET") return response(200, made_tags->is_null() ? "[]" : R"([{"id": 7}])");
            if (request.method == "PATCH") return response(200, R"({"message":"Annotation patched"})");
            *made_tags = Json::parse(request.body)["tags"];
            return response(200, R"({"message":"Annotation added","id":7})");
        },
        [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
            ArmedChannel made = armed(ChannelKind::grafana, {url + "/grafana/"});
            made.key = Secret("glsa_1");
            const auto channel = make_grafana_channel(std::move(made), stage.house());
            const SendResult first = co_await channel->send(example_notice(), stage.soon());
            CHECK(first.took == Took::proven);
            CHECK(first.reference == "7");
            CHECK((co_await channel->send(example_notice(), stage.soon())).reference == "7");
            CHECK(requests.size() == 3);
            CHECK(requests[1].header("Authorization") == "Bearer glsa_1");
            const Notice over = example_notice(NoticeKind::resolved);
            CHECK((co_await channel->send(over, stage.soon())).took == Took::proven);
            CHECK(requests.back().method == "PATCH");
            CHECK(requests.back().path() == "/grafana/api/annotations/7");
            CHECK(Json::parse(requests.back().body)["timeEnd"] == 1795309323000);
        });
}

TEST_CASE("Grafana shows the text of a template and not the built-in one") {
    with_vendor(
        [](const ServerRequest& request) { return response(200, request.method == "GET" ? "[]" : R"({"id":7})"); },
        [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
            ArmedChannel made = armed(ChannelKind::grafana, {url});
            made.key = Secret("glsa_1");
            const auto plain = make_grafana_channel(made, stage.house());
            CHECK((co_await plain->send(example_notice(), stage.soon())).took == Took::proven);
            const std::string built_in = Json::parse(requests.back().body)["text"];
            CHECK(std::ranges::count(built_in, '\n') == 1);  // before the link
            Mistakes mistakes;
            made.config.text = parse_text("owned by ${incident.owner}", Place{}, notice_names(), mistakes);
            REQUIRE(mistakes.empty());
            const auto worded = make_grafana_channel(made, stage.house());
            CHECK((co_await worded->send(example_notice(), stage.soon())).took == Took::proven);
            const std::string text = Json::parse(requests.back().body)["text"];
            CHECK(text.contains("\nowned by chat-team\n"));
            CHECK(worded->timeout() == made.config.timeout);
        });
}

TEST_CASE("Slack is not posted to for ever when its answers do not come") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        Stage stage(executor);
        const auto hung = BadServer::start(executor, hangs());
        ArmedChannel made = armed(ChannelKind::slack, {hung->url("/services/T0/B0")});
        made.config.timeout = 100ms;
        const auto channel = make_slack_channel(std::move(made), stage.house());
        CHECK(channel->timeout() == Duration(100ms));
        const SendResult first = co_await channel->send(example_notice(), stage.soon());
        CHECK(first.took == Took::retry);
        CHECK(first.said == "no answer in time; it may have been posted");
        for (int posts = 2; posts < SlackDoubts::most_posts; ++posts)
            CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::retry);
        CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::refused);
    });
}

TEST_CASE("Statuspage is told only when it is asked for") {
    with_vendor(
        [](const ServerRequest& request) {
            const Json body = Json::parse(request.body);
            return response(200, body["component"].dump());
        },
        [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
            ArmedChannel made = armed(ChannelKind::statuspage, {url});
            made.key = Secret("k");
            made.config.page = "p1";
            made.config.components = {{"chat", "c1"}};
            const auto silent = make_statuspage_channel(made, stage.house());
            co_await silent->send(example_notice(), stage.soon());
            CHECK(requests.empty());
            made.config.publish = true;
            const auto channel = make_statuspage_channel(made, stage.house());
            CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::proven);
            REQUIRE(requests.size() == 1);
            CHECK(requests[0].path() == "/v1/pages/p1/components/c1");
            CHECK(requests[0].header("Authorization") == "OAuth k");
            CHECK(Json::parse(requests[0].body)["component"]["status"] == "partial_outage");
            co_await channel->refresh({example_notice()}, stage.soon());
            CHECK(requests.size() == 1);  // as it was
            co_await channel->refresh({}, stage.soon());
            REQUIRE(requests.size() == 2);
            CHECK(Json::parse(requests[1].body)["component"]["status"] == "operational");
        });
}

TEST_CASE("a heart beats no faster than its receiver takes") {
    with_vendor([](const ServerRequest&) { return response(200, "OK"); },
                [&](Stage& stage, std::string url, std::vector<ServerRequest>& requests) -> asio::awaitable<void> {
                    const auto channel =
                        make_heartbeat_channel(armed(ChannelKind::heartbeat, {url + "/ping"}), stage.house());
                    CHECK((co_await channel->beat(stage.soon())).took == Took::proven);
                    const SendResult early = co_await channel->beat(stage.soon());
                    CHECK(early.took == Took::retry);
                    CHECK(early.retry_after > Duration(10s));
                    CHECK(requests.size() == 1);
                    CHECK((co_await channel->send(example_notice(), stage.soon())).took == Took::refused);
                });
}

TEST_CASE("a wire that breaks is a retry in words without the address") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        Stage stage(executor);
        const RefusedPort away(executor);
        const auto resets = BadServer::start(executor, resets_at_once());
        const auto hung = BadServer::start(executor, hangs());
        const std::vector<std::pair<std::string, std::string>> cases{
            {"http://127.0.0.1:" + std::to_string(away.port()) + "/services/T0/B0", "refused"},
            {resets->url("/services/T0/B0"), ""},
            {hung->url("/services/T0/B0"), "no answer in time"}};
        for (const auto& [url, said] : cases) {
            ArmedChannel made = armed(ChannelKind::slack, {url});
            made.config.timeout = 300ms;
            const auto channel = make_slack_channel(std::move(made), stage.house());
            const SendResult result = co_await channel->send(example_notice(), stage.soon());
            INFO(result.said);
            CHECK(result.took == Took::retry);
            CHECK(result.said.contains(said));
            CHECK_FALSE(result.said.empty());
            CHECK_FALSE(result.said.contains("services"));
            CHECK_FALSE(result.said.contains("127.0.0.1"));
        }
    });
}

}  // namespace
}  // namespace serin::test
