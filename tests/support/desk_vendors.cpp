// SPDX-License-Identifier: Apache-2.0
#include "tests/support/desk_vendors.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "tests/support/desk_play.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

const std::string routing_key = "0123456789abcdef0123456789abcdef";
const std::string signing_key = "whsec_c2VyaW4tdGVzdC1zaWduaW5nLWtleS0wMTIz";

template <class Given>
auto ready(Result<Given> given) {
    if (!given) throw std::runtime_error(given.error().title);
    return *std::move(given);
}

ChannelConfig channel_to(const std::string& name, ChannelKind kind, const std::string& url) {
    ChannelConfig channel;
    channel.name = name;
    channel.kind = kind;
    channel.urls.emplace_back();
    channel.urls.back().text = url;
    channel.timeout = 1s;
    return channel;
}

}  // namespace

VendorWorld::VendorWorld(const asio::any_io_executor& executor)
    : clock(executor),
      pager(ready(PagerStandin::listen(executor, {}))),
      // Its bound on posts has tests of its own.
      slack(ready(SlackStandin::listen(executor, {.burst = 1000}))),
      hook(ready(WebhookSink::listen(executor, {.keys = {signing_key}}))),
      serving_(executor) {
    HttpServer::Options options;
    options.handler = [this](ServerRequest request) { return inbound(std::move(request)); };
    inbound_ = ready(HttpServer::listen(executor, std::move(options)));
    pager->set_webhook(inbound_url(), webhook_key);
    for (MannerlyServer* const server : {&pager->server(), &slack->server(), &hook->server()}) {
        server->set_delay(150ms);
        serving_.spawn(server->serve());
    }
    serving_.spawn(inbound_->serve());
}

VendorWorld::~VendorWorld() = default;

std::string VendorWorld::inbound_url() const {
    return "http://127.0.0.1:" + std::to_string(inbound_->port()) + "/api/v1/webhooks/pagerduty";
}

std::vector<ChannelConfig> VendorWorld::channels() const {
    ChannelConfig to_pager = channel_to("pager", ChannelKind::pagerduty, pager->server().url());
    to_pager.key.text = routing_key;
    to_pager.api_url = pager->server().url();
    to_pager.api_token.text = PagerStandin::Options().api_token;
    to_pager.inbound_keys.emplace_back();
    to_pager.inbound_keys.back().text = webhook_key;
    ChannelConfig to_hook = channel_to("hook", ChannelKind::webhook, hook->url());
    to_hook.key.text = signing_key;
    return {std::move(to_pager), channel_to("slack", ChannelKind::slack, slack->url()), std::move(to_hook)};
}

DeskRules VendorWorld::rules(const std::string& first) const {
    DeskRules all = desk_rules({"web", "mail"});
    all.channels = channels();
    all.book.repeat = 0s;
    EscalationLevel level;
    level.after = 0s;
    level.channels = {first};
    level.failover = {"hook"};
    all.book.levels = {level};
    return all;
}

void VendorWorld::open(DeskRules rules) {
    Desk::Parts parts;
    parts.database = folder.file("serin.alerts.db");
    parts.vantage = "here";
    parts.history = history_;
    desk = ready(Desk::open(std::move(rules), std::move(parts)));
}

asio::awaitable<void> VendorWorld::reopen(DeskRules rules) {
    co_await desk->stop(5s);
    desk.reset();
    open(std::move(rules));
}

void VendorWorld::observe(const std::vector<StoreEntry>& entries) {
    for (const StoreEntry& entry : entries) history_.push_back(std::get<Record>(entry));
    desk->observe(entries);
    desk->health({.due_share = 1, .window_closed = true});  // passes are held back until then
}

void VendorWorld::fail(const std::string& service) {
    const Wall now = clock.wall();
    observe({run_of(service, Verdict::fail, now - 1s, service + "-1"),
             run_of(service, Verdict::fail, now, service + "-1")});
}

void VendorWorld::pass(const std::string& service) {
    observe({run_of(service, Verdict::pass, clock.wall(), service + "-1")});
}

void VendorWorld::mode(const std::string& channel, Manner manner) {
    (channel == "slack" ? slack->server() : pager->server()).set_mode(manner);
}

asio::awaitable<bool> VendorWorld::until(std::function<bool()> holds, Duration within) {
    const Steady end = deadline_after(clock.now(), within).at;
    while (!holds()) {
        if (clock.now() >= end) co_return false;
        co_await sleep_until(clock, clock.now() + 10ms);
    }
    co_return true;
}

int VendorWorld::hooked(const std::string& kind, const std::string& service) const {
    return static_cast<int>(std::ranges::count_if(hook->bodies(), [&](const std::string& text) {
        const auto body = nlohmann::json::parse(text);
        return body["type"] == "serin.incident." + kind && body["data"]["incident"]["service"] == service;
    }));
}

int VendorWorld::posted(const std::string& prefix, const std::string& service) const {
    return static_cast<int>(std::ranges::count_if(slack->shown(), [&](const std::string& text) {
        const bool like = prefix.empty() ? !text.starts_with('[') : text.starts_with(prefix);
        return like && text.contains(service + "-1");
    }));
}

asio::awaitable<Incident> VendorWorld::incident(const std::string& service) {
    for (Incident& each : co_await desk->active()) {
        if (each.service == service) co_return std::move(each);
    }
    throw std::runtime_error("no incident of " + service);
}

asio::awaitable<ServerResponse> VendorWorld::inbound(ServerRequest request) {
    const std::string id = request.header("X-Webhook-Id");
    webhook_ids_.push_back(id);
    const Result<void> taken = co_await desk->pager_webhook(request.body, request.header("X-PagerDuty-Signature"), id);
    ServerResponse response;
    response.status = taken ? 202 : 401;
    co_return response;
}

asio::awaitable<void> VendorWorld::close() {
    if (desk) co_await desk->stop(0s);
    desk.reset();
    for (MannerlyServer* const server : {&pager->server(), &slack->server(), &hook->server()}) server->stop();
    inbound_->stop();
    co_await serving_.join();
}

void with_vendors(const std::function<asio::awaitable<void>(VendorWorld&)>& test) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        VendorWorld world(executor);
        std::exception_ptr thrown;
        try {
            co_await test(world);
        } catch (...) {
            thrown = std::current_exception();
        }
        co_await world.close();
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace serin::test
