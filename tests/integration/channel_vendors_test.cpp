// SPDX-License-Identifier: Apache-2.0
// The paging HTTP channels against stand-ins that enforce their vendors' rules, in every manner.
#include <catch2/catch.hpp>

#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/channels/pagerduty.hpp"
#include "reports/alerts/channels/slack.hpp"
#include "reports/alerts/channels/webhook.hpp"
#include "standins/pager.hpp"
#include "standins/slack_hook.hpp"
#include "standins/webhook_sink.hpp"
#include "tests/support/channel_examples.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct World {
    explicit World(const asio::any_io_executor& executor) : clock(executor), http(executor), executor_(executor) {}
    ChannelHouse house() {
        return {.executor = executor_, .http = http, .evaluator = evaluator, .clock = clock, .redactor = redactor};
    }
    [[nodiscard]] Deadline soon() const { return deadline_after(clock.now(), 10s); }

    RealClock clock;
    HttpClient http;
    Evaluator evaluator{};
    Redactor redactor{};
    asio::any_io_executor executor_;
};

ArmedChannel armed(ChannelKind kind, const std::string& url) {
    ArmedChannel channel;
    channel.config.name = "channel";
    channel.config.kind = kind;
    channel.config.timeout = 1s;
    channel.urls.emplace_back(url);
    return channel;
}

Notice told(NoticeKind kind, int number) {
    Notice notice = example_notice(kind);
    notice.incident.id = "inc-" + std::to_string(number);
    notice.id = notice.incident.id + ".1";
    return notice;
}

/// How a channel takes notices of an incident of their own for each manner.
asio::awaitable<void> expect(World& world, MannerlyServer& server, Channel& channel,
                             const std::vector<std::pair<Manner, Took>>& cases) {
    int number = 1;
    for (const auto& [manner, took] : cases) {
        server.set_mode(manner);
        const SendResult result = co_await channel.send(told(NoticeKind::opened, number++), world.soon());
        INFO(name_of(manner) << ": " << result.said);
        CHECK(name_of(result.took) == std::string(name_of(took)));
        CHECK_FALSE(result.said.empty());
        CHECK(result.said.size() <= 200);
    }
}

/// Who acknowledged it at PagerDuty is not woken again by a trigger; so the page is not proven, and its failover goes.
asio::awaitable<void> page_to_acknowledged(World& world, PagerStandin& pager, Channel& channel) {
    const auto taken_and_proven = [&](NoticeKind kind) -> asio::awaitable<Took> {
        Notice page = told(kind, 100);
        page.page = true;
        CHECK((co_await channel.send(page, world.soon())).took == Took::accepted);
        co_return (co_await channel.read_back(page, world.soon())).took;
    };
    CHECK(co_await taken_and_proven(NoticeKind::opened) == Took::proven);
    co_await pager.person("inc-100", "acknowledged", "someone");
    CHECK(co_await taken_and_proven(NoticeKind::escalated) == Took::accepted);
    CHECK(pager.incidents().back().pages == 1);
    CHECK(pager.incidents().back().swallowed == 1);
    co_await pager.person("inc-100", "unacknowledged", "someone");
    CHECK(co_await taken_and_proven(NoticeKind::repeated) == Took::proven);
    CHECK(pager.incidents().back().pages == 2);
}

asio::awaitable<void> pager_life(asio::any_io_executor executor) {
    World world(executor);
    const auto pager = PagerStandin::listen(executor, {});
    REQUIRE(pager);
    TaskGroup serving(executor);
    serving.spawn((*pager)->server().serve());
    ArmedChannel made = armed(ChannelKind::pagerduty, (*pager)->server().url());
    made.key = Secret("0123456789abcdef0123456789abcdef");
    made.api_token = Secret("standin-token");
    made.config.api_url = (*pager)->server().url();
    made.config.changes = true;
    const auto channel = make_pagerduty_channel(std::move(made), world.house(), pager_budget());
    for (const auto& [kind, status] :
         {std::pair{NoticeKind::opened, "triggered"}, std::pair{NoticeKind::escalated, "triggered"},
          std::pair{NoticeKind::acknowledged, "acknowledged"}, std::pair{NoticeKind::resolved, "resolved"}}) {
        INFO(name_of(kind));
        const SendResult sent = co_await channel->send(told(kind, 0), world.soon());
        CHECK(sent.took == Took::accepted);
        REQUIRE((*pager)->incidents().size() == 1);
        CHECK((*pager)->incidents()[0].status == status);
        CHECK((co_await channel->read_back(told(kind, 0), world.soon())).took == Took::proven);
    }
    CHECK((*pager)->incidents()[0].pages == 1);
    co_await page_to_acknowledged(world, **pager, *channel);
    CHECK((co_await channel->tell(example_change(), world.soon())).took == Took::accepted);
    CHECK((*pager)->changes() == std::vector<std::string>{"deploy of api: new cart"});
    co_await expect(world, (*pager)->server(), *channel,
                    {{Manner::bad_request, Took::refused},
                     {Manner::too_many, Took::retry},
                     {Manner::broken, Took::retry},
                     {Manner::hang, Took::retry},
                     {Manner::reset, Took::retry},
                     {Manner::lost_answer, Took::retry},
                     {Manner::accept_and_drop, Took::accepted}});
    // It said that all was well, and nothing is there.
    CHECK((co_await channel->read_back(told(NoticeKind::opened, 7), world.soon())).took == Took::accepted);
    // The answer was lost, but the event was not; telling it again rings no second time.
    (*pager)->server().set_mode(Manner::ok);
    CHECK((co_await channel->send(told(NoticeKind::opened, 6), world.soon())).took == Took::accepted);
    CHECK((*pager)->incidents().back().dedup_key == "inc-6");
    CHECK((*pager)->incidents().back().pages == 1);
    (*pager)->server().stop();
    co_await serving.join();
}

TEST_CASE("PagerDuty's rules are kept over an incident's life and in every manner") {
    on_loop(pager_life);
}

asio::awaitable<void> slack_manners(asio::any_io_executor executor) {
    World world(executor);
    const auto slack = SlackStandin::listen(executor, {});
    REQUIRE(slack);
    TaskGroup serving(executor);
    serving.spawn((*slack)->server().serve());
    const auto channel = make_slack_channel(armed(ChannelKind::slack, (*slack)->url()), world.house());
    co_await expect(world, (*slack)->server(), *channel,
                    {{Manner::ok, Took::accepted},
                     {Manner::bad_request, Took::refused},
                     {Manner::unauthorized, Took::broken},
                     {Manner::too_many, Took::retry},
                     {Manner::broken, Took::retry},
                     {Manner::reset, Took::retry}});
    CHECK((*slack)->shown().size() == 1);
    // Whatever a target said, the message is within Slack's limits.
    (*slack)->server().set_mode(Manner::ok);
    Notice wild = told(NoticeKind::opened, 99);
    wild.incident.message = std::string(100'000, '&');
    wild.incident.service = std::string(10'000, '<');
    wild.incident.advice = std::string(100'000, '>');
    const SendResult posted = co_await channel->send(wild, world.soon());
    CHECK(posted.said == "200 ok");
    CHECK(posted.took == Took::accepted);
    CHECK((*slack)->shown().size() == 2);
    (*slack)->server().stop();
    co_await serving.join();
}

TEST_CASE("Slack's answers are taken for what they are") {
    on_loop(slack_manners);
}

asio::awaitable<void> webhook_manners(asio::any_io_executor executor) {
    World world(executor);
    const std::string key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const auto sink = WebhookSink::listen(executor, {.keys = {key}});
    REQUIRE(sink);
    TaskGroup serving(executor);
    serving.spawn((*sink)->server().serve());
    ArmedChannel made = armed(ChannelKind::webhook, (*sink)->url());
    made.key = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");  // newer than the receiver's
    made.old_keys = {Secret(key)};
    const auto channel = make_webhook_channel(std::move(made), world.house());
    co_await expect(world, (*sink)->server(), *channel,
                    {{Manner::ok, Took::proven},
                     {Manner::bad_request, Took::refused},
                     {Manner::unauthorized, Took::broken},
                     {Manner::too_many, Took::retry},
                     {Manner::broken, Took::retry},
                     {Manner::hang, Took::retry},
                     {Manner::lost_answer, Took::retry}});
    (*sink)->server().set_mode(Manner::ok);
    CHECK((co_await channel->send(told(NoticeKind::opened, 7), world.soon())).took == Took::proven);
    CHECK((*sink)->bodies().size() == 2);  // the first, and the one whose answer was lost, once
    CHECK((*sink)->forged() == 0);
    (*sink)->server().stop();
    co_await serving.join();
}

TEST_CASE("a receiver by the specification takes a webhook once however often it is sent") {
    on_loop(webhook_manners);
}

}  // namespace
}  // namespace serin::test
