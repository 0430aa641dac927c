// SPDX-License-Identifier: Apache-2.0
// The stand-ins of vendors as their clients see them: their rules, and each of their bad manners.
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/secret.hpp"
#include "net/http_client.hpp"
#include "net/task_group.hpp"
#include "standins/heartbeat_sink.hpp"
#include "standins/pager.hpp"
#include "standins/slack_hook.hpp"
#include "standins/webhook_sink.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using namespace std::chrono_literals;

const std::string key = "0123456789abcdef0123456789abcdef";
const std::string other_key = "f123456789abcdef0123456789abcdef";

class Client {
public:
    explicit Client(const asio::any_io_executor& executor) : http_(executor) {}
    /// Status 0: no whole answer.
    asio::awaitable<HttpObservation> ask(std::string method, std::string url, std::string body = "",
                                         Headers headers = {}, Duration patience = 10s) {
        HttpRequest request;
        request.method = std::move(method);
        request.url = std::move(url);
        request.headers = std::move(headers);
        if (!body.empty()) request.body = std::move(body);
        request.deadline = deadline_after(std::chrono::steady_clock::now(), patience);
        HttpReply reply = co_await http_.perform(request);
        if (reply.curl_code != 0) reply.seen.status = 0;
        co_return reply.seen;
    }
    asio::awaitable<int> post(std::string url, json body, Duration patience = 10s) {
        const std::string text = body.dump();
        const HttpObservation seen = co_await ask("POST", std::move(url), text, {}, patience);
        co_return seen.status;
    }

private:
    HttpClient http_;
};

using Test = std::function<asio::awaitable<void>(asio::any_io_executor, Client&)>;

/// Plays `test` while `server` serves.
asio::awaitable<void> play(asio::any_io_executor executor, MannerlyServer& server, const Test& test) {
    TaskGroup serving(executor);
    serving.spawn(server.serve());
    Client client(executor);
    std::exception_ptr thrown;
    try {
        co_await test(executor, client);
    } catch (...) {
        thrown = std::current_exception();
    }
    server.stop();
    co_await serving.join();
    if (thrown) std::rethrow_exception(thrown);
}

template <class Standin>
void with(typename Standin::Options options, const std::function<asio::awaitable<void>(Standin&, Client&)>& test) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto standin = Standin::listen(executor, std::move(options));
        REQUIRE(standin.has_value());
        const Test body = [&](asio::any_io_executor, Client& client) { return test(**standin, client); };
        co_await play(executor, (*standin)->server(), body);
    });
}

json event(const std::string& action, const std::string& dedup_key, const std::string& routing_key = key) {
    json made = {{"routing_key", routing_key}, {"event_action", action}, {"dedup_key", dedup_key}};
    if (action == "trigger") made["payload"] = {{"summary", "down"}, {"source", "serin"}, {"severity", "critical"}};
    return made;
}

}  // namespace

TEST_CASE("pager: an alert's life by its dedup key") {
    with<PagerStandin>({}, [](PagerStandin& pager, Client& client) -> asio::awaitable<void> {
        const std::string url = pager.server().url() + "/v2/enqueue";
        const auto& incidents = pager.incidents();
        CHECK(co_await client.post(url, event("resolve", "a")) == 202);  // dropped: nothing is open
        CHECK(incidents.empty());
        CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(incidents.size() == 1);
        CHECK(incidents.at(0).triggers == 2);
        CHECK(incidents.at(0).pages == 1);
        CHECK(co_await client.post(url, event("resolve", "a", other_key)) == 202);  // another key: dropped
        CHECK(incidents.at(0).status == "triggered");
        CHECK(co_await client.post(url, event("acknowledge", "a")) == 202);
        CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(incidents.at(0).status == "acknowledged");
        CHECK(incidents.at(0).pages == 1);
        CHECK(incidents.at(0).triggers == 3);
        CHECK(incidents.at(0).swallowed == 1);
        co_await pager.person("a", "unacknowledged", "someone");
        CHECK(incidents.at(0).status == "triggered");
        CHECK(incidents.at(0).pages == 2);
        CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(incidents.at(0).swallowed == 1);
        CHECK(co_await client.post(url, event("resolve", "a")) == 202);
        CHECK(incidents.at(0).status == "resolved");
        CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(incidents.size() == 2);
    });
}

TEST_CASE("pager: events that break a documented rule are refused") {
    PagerStandin::Options options;
    options.routing_keys = {key};
    with<PagerStandin>(options, [](PagerStandin& pager, Client& client) -> asio::awaitable<void> {
        const std::string url = pager.server().url() + "/v2/enqueue";
        const auto without = [](const std::string& path) {
            json broken = event("trigger", "a");
            broken.erase(path);
            if (broken.contains("payload")) broken["payload"].erase(path);
            return broken;
        };
        for (const char* field : {"routing_key", "event_action", "payload", "summary", "source", "severity"}) {
            INFO(field);
            const json broken = without(field);
            CHECK(co_await client.post(url, broken) == 400);
        }
        json broken = event("trigger", std::string(256, 'x'));
        CHECK(co_await client.post(url, broken) == 400);
        broken = event("trigger", "a", "short");
        CHECK(co_await client.post(url, broken) == 400);
        broken = event("trigger", "a", other_key);
        CHECK(co_await client.post(url, broken) == 400);
        broken = event("trigger", "a");
        broken["payload"]["summary"] = std::string(1025, 'x');
        CHECK(co_await client.post(url, broken) == 400);
        broken = event("trigger", "a");
        broken["payload"]["severity"] = "fatal";
        CHECK(co_await client.post(url, broken) == 400);
        broken = event("trigger", "a");
        broken["payload"]["custom_details"] = std::string(520 << 10, 'x');
        CHECK(co_await client.post(url, broken) == 413);
        CHECK(co_await client.post(url, event("resolve", "")) == 400);
        CHECK(co_await client.post(url, json("text")) == 400);
        CHECK(pager.incidents().empty());
        json whole = event("trigger", std::string(255, 'x'));
        whole["payload"]["summary"] = std::string(1024, 'x');
        CHECK(co_await client.post(url, whole) == 202);
    });
}

TEST_CASE("pager: too many calls of one key are refused until time has passed") {
    PagerStandin::Options options;
    options.calls = 3;
    options.window = 1h;
    with<PagerStandin>(options, [](PagerStandin& pager, Client& client) -> asio::awaitable<void> {
        const std::string url = pager.server().url() + "/v2/enqueue";
        for (int i = 0; i < 3; ++i) CHECK(co_await client.post(url, event("trigger", "a")) == 202);
        CHECK(co_await client.post(url, event("trigger", "a")) == 429);
        CHECK(co_await client.post(url, event("trigger", "a", other_key)) == 202);
    });
}

TEST_CASE("pager: changes are taken and read back wants a token") {
    with<PagerStandin>({}, [](PagerStandin& pager, Client& client) -> asio::awaitable<void> {
        const std::string url = pager.server().url();
        const json change = {{"routing_key", key}, {"payload", {{"summary", "deploy 4711"}}}};
        CHECK(co_await client.post(url + "/v2/change/enqueue", change) == 202);
        CHECK(pager.changes() == std::vector<std::string>{"deploy 4711"});
        CHECK(pager.incidents().empty());
        CHECK(co_await client.post(url + "/v2/enqueue", event("trigger", "a")) == 202);
        const HttpObservation stranger = co_await client.ask("GET", url + "/incidents?incident_key=a");
        CHECK(stranger.status == 401);
        const Headers token = {{"Authorization", "Token token=standin-token"}};
        const HttpObservation found = co_await client.ask("GET", url + "/incidents?incident_key=a", "", token);
        CHECK(json::parse(found.body)["incidents"][0]["status"] == "triggered");
        const HttpObservation none = co_await client.ask("GET", url + "/incidents?incident_key=b", "", token);
        CHECK(json::parse(none.body)["incidents"].empty());
    });
}

TEST_CASE("pager: what a person does there is told by a signed webhook") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        std::vector<ServerRequest> heard;
        HttpServer::Options ours;
        ours.handler = [&heard](ServerRequest request) -> asio::awaitable<ServerResponse> {
            heard.push_back(std::move(request));
            co_return ServerResponse{.status = 202, .headers = {}, .body = {}};
        };
        const auto receiver = HttpServer::listen(executor, std::move(ours));
        TaskGroup serving(executor);
        serving.spawn((*receiver)->serve());
        const auto pager = PagerStandin::listen(executor, {});
        (*pager)->set_webhook("http://127.0.0.1:" + std::to_string((*receiver)->port()) + "/in", "hook-key");
        const Test test = [&](asio::any_io_executor, Client& client) -> asio::awaitable<void> {
            CHECK(co_await (*pager)->person("a", "acknowledged", "someone") == 0);  // nothing is open
            CHECK(co_await client.post((*pager)->server().url() + "/v2/enqueue", event("trigger", "a")) == 202);
            CHECK(co_await (*pager)->person("a", "acknowledged", "someone") == 202);
        };
        co_await play(executor, (*pager)->server(), test);
        (*receiver)->stop();
        co_await serving.join();
        REQUIRE(heard.size() == 1);
        std::string hex;
        for (const char c : hmac_sha256("hook-key", heard[0].body)) {
            const auto byte = static_cast<unsigned char>(c);
            hex += "0123456789abcdef"[byte >> 4];
            hex += "0123456789abcdef"[byte & 15];
        }
        CHECK(heard[0].header("X-PagerDuty-Signature") == "v1=" + hex);
        CHECK_FALSE(heard[0].header("X-Webhook-Id").empty());
        const json told = json::parse(heard[0].body)["event"];
        CHECK(told["event_type"] == "incident.acknowledged");
        CHECK(told["data"]["incident_key"] == "a");
        CHECK(told["agent"]["summary"] == "someone");
    });
}

TEST_CASE("each of a vendor's bad manners does what it says") {
    with<PagerStandin>({}, [](PagerStandin& pager, Client& client) -> asio::awaitable<void> {
        MannerlyServer& server = pager.server();
        const std::string url = server.url() + "/v2/enqueue";
        const std::pair<Manner, int> answers[] = {{Manner::bad_request, 400}, {Manner::unauthorized, 401},
                                                  {Manner::too_many, 429},    {Manner::broken, 503},
                                                  {Manner::reset, 0},         {Manner::accept_and_drop, 202}};
        for (const auto& [manner, status] : answers) {
            server.set_mode(manner);
            INFO(name_of(manner));
            CHECK(co_await client.post(url, event("trigger", "a")) == status);
            CHECK(pager.incidents().empty());
        }
        server.set_mode(Manner::too_many);
        server.set_retry_after("7");
        const HttpObservation limited = co_await client.ask("POST", url, event("trigger", "a").dump());
        CHECK(std::ranges::find(limited.headers, std::pair<std::string, std::string>("Retry-After", "7")) !=
              limited.headers.end());
        server.set_mode(Manner::hang);
        CHECK(co_await client.post(url, event("trigger", "a"), 200ms) == 0);
        CHECK(pager.incidents().empty());
        server.set_mode(Manner::delay);
        server.set_delay(20ms);
        CHECK(co_await client.post(url, event("trigger", "late")) == 202);
        server.set_mode(Manner::lost_answer);
        CHECK(co_await client.post(url, event("trigger", "b")) == 0);
        CHECK(pager.incidents().size() == 2);
        server.set_mode(Manner::duplicate);
        CHECK(co_await client.post(url, event("trigger", "c")) == 202);
        CHECK(pager.incidents().size() == 3);
        CHECK(pager.incidents().back().triggers == 2);
        CHECK(pager.incidents().back().pages == 1);
    });
}

TEST_CASE("a script can change a stand-in's manners and see what arrived") {
    with<SlackStandin>({}, [](SlackStandin& slack, Client& client) -> asio::awaitable<void> {
        const std::string url = slack.server().url();
        const HttpObservation before = co_await client.ask("GET", url + "/__mode");
        CHECK(before.body == "ok\n");
        const HttpObservation set = co_await client.ask("POST", url + "/__mode", "429\n");
        CHECK(set.status == 200);
        CHECK(co_await client.post(slack.url(), {{"text", "x"}}) == 429);
        const HttpObservation wrong = co_await client.ask("POST", url + "/__mode", "nonsense");
        CHECK(wrong.status == 400);
        const HttpObservation back = co_await client.ask("POST", url + "/__mode", "ok");
        CHECK(back.status == 200);
        CHECK(co_await client.post(slack.url(), {{"text", "y"}}) == 200);
        const HttpObservation seen = co_await client.ask("GET", url + "/__seen");
        CHECK(json::parse(seen.body)["shown"] == json({"y"}));
        for (const char* word : {"ok", "400", "401", "429", "5xx", "hang", "reset", "accept_and_drop", "duplicate",
                                 "lost_answer", "delay_30s"}) {
            REQUIRE(manner_of(word));
            CHECK(std::string(name_of(*manner_of(word))) == word);
        }
    });
}

TEST_CASE("slack: its words and its bucket") {
    SlackStandin::Options options;
    options.burst = 3;
    options.window = 1h;
    with<SlackStandin>(options, [](SlackStandin& slack, Client& client) -> asio::awaitable<void> {
        const HttpObservation shown = co_await client.ask("POST", slack.url(), R"({"text":"one"})");
        CHECK(shown.status == 200);
        CHECK(shown.body == "ok");
        const HttpObservation empty = co_await client.ask("POST", slack.url(), "{}");
        CHECK(empty.status == 400);
        CHECK(empty.body == "no_text");
        const HttpObservation bad = co_await client.ask("POST", slack.url(), "{");
        CHECK(bad.body == "invalid_payload");
        const HttpObservation elsewhere = co_await client.ask("POST", slack.server().url() + "/services/x", "{}");
        CHECK(elsewhere.status == 404);
        const HttpObservation limited = co_await client.ask("POST", slack.url(), R"({"text":"four"})");
        CHECK(limited.status == 429);
        CHECK(json::parse(limited.body)["error"] == "rate_limited");
        CHECK(slack.shown() == std::vector<std::string>{"one"});
    });
}

TEST_CASE("slack: blocks beyond what it documents are refused") {
    SlackStandin::Options options;
    options.burst = 1000;
    with<SlackStandin>(options, [](SlackStandin& slack, Client& client) -> asio::awaitable<void> {
        const auto text = [](std::size_t length, const char* type = "mrkdwn") {
            return json{{"type", type}, {"text", std::string(length, 'x')}};
        };
        const auto section = [](json words) { return json{{"type", "section"}, {"text", std::move(words)}}; };
        const auto context = [](json elements) { return json{{"type", "context"}, {"elements", std::move(elements)}}; };
        const auto list = [](std::size_t count, const json& item) { return json(std::vector<json>(count, item)); };
        std::string umlauts;
        for (int i = 0; i < 3000; ++i) umlauts += "ü";
        const std::vector<std::pair<json, bool>> cases{
            {list(50, section(text(3000))), true},
            {list(51, section(text(1))), false},
            {list(1, section(text(3001))), false},
            {list(1, section(json{{"type", "mrkdwn"}, {"text", umlauts}})), true},  // characters, not bytes
            {list(1, section(text(0))), false},
            {list(1, section(text(1, "html"))), false},
            {list(1, section("plain")), false},
            {list(1, json{{"type", "section"}}), false},
            {list(1, json{{"type", "section"}, {"fields", list(10, text(2000))}}), true},
            {list(1, json{{"type", "section"}, {"fields", list(11, text(1))}}), false},
            {list(1, json{{"type", "section"}, {"fields", list(1, text(2001))}}), false},
            {list(1, context(list(10, text(1)))), true},
            {list(1, context(list(11, text(1)))), false},
            {list(1, context(json::array())), false},
            {list(1, context(list(1, "plain"))), false},
            {list(1, json{{"type", "header"}, {"text", text(150, "plain_text")}}), true},
            {list(1, json{{"type", "header"}, {"text", text(151, "plain_text")}}), false},
            {list(1, json{{"type", "header"}, {"text", text(1)}}), false},
            {list(1, json{{"type", "divider"}}), true},
            {list(1, json{{"type", "divider"}, {"block_id", std::string(256, 'b')}}), false},
            {list(1, json{{"type", "paragraph"}}), false},
            {list(1, json{{"typ", "divider"}}), false},
            {list(1, 7), false},
            {json{{"type", "divider"}}, false},
            {json("text"), false}};
        for (const auto& [blocks, good] : cases) {
            INFO(blocks.dump().substr(0, 200));
            const std::string post = json{{"text", "x"}, {"blocks", blocks}}.dump();
            const HttpObservation answer = co_await client.ask("POST", slack.url(), post);
            CHECK(answer.body == (good ? "ok" : "invalid_blocks"));
            CHECK(answer.status == (good ? 200 : 400));
        }
        CHECK(slack.shown().size() == 6);
    });
}

TEST_CASE("webhook sink: only what is signed and in time arrives and each id once") {
    // Known answer of the specification.
    const auto raw = base64_decoded("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    REQUIRE(raw);
    CHECK(base64(hmac_sha256(*raw, "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}")) ==
          "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    WebhookSink::Options options;
    options.keys = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
    with<WebhookSink>(options, [&raw](WebhookSink& sink, Client& client) -> asio::awaitable<void> {
        const std::string body = R"({"type":"t","timestamp":"2026-11-22T08:00:00Z","data":{}})";
        const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        const auto headers = [&](const std::string& id, std::int64_t at) {
            const std::string time = std::to_string(at);
            const std::string signature = "v1," + base64(hmac_sha256(*raw, id + "." + time + "." + body));
            return Headers{{"webhook-id", id}, {"webhook-timestamp", time}, {"webhook-signature", "v1,x " + signature}};
        };
        const auto status = [&](Headers given, std::string text) -> asio::awaitable<int> {
            const HttpObservation seen = co_await client.ask("POST", sink.url(), std::move(text), std::move(given));
            co_return seen.status;
        };
        CHECK(co_await status(headers("m1", now), body) == 200);
        CHECK(co_await status(headers("m1", now + 1), body) == 200);
        CHECK(sink.bodies().size() == 1);
        CHECK(sink.attempts().at("m1") == 2);
        CHECK(co_await status(headers("m2", now), body + " ") == 401);
        CHECK(sink.forged() == 1);
        CHECK(co_await status(headers("m2", now - 400), body) == 400);
        CHECK(co_await status(headers("m.2", now), body) == 400);
        CHECK(co_await status({}, body) == 400);
        CHECK(sink.bodies().size() == 1);
    });
}

TEST_CASE("heartbeat sink: pings beyond five a minute are discarded and silence is down") {
    with<HeartbeatSink>({}, [](HeartbeatSink& sink, Client& client) -> asio::awaitable<void> {
        CHECK(sink.status() == "new");
        const auto ping = [&](std::string method, std::string tail) -> asio::awaitable<int> {
            const HttpObservation seen = co_await client.ask(std::move(method), sink.url() + tail);
            co_return seen.status;
        };
        CHECK(co_await ping("HEAD", "/start") == 200);
        CHECK(sink.status() == "started");
        CHECK(co_await ping("GET", "") == 200);
        CHECK(sink.status() == "up");
        CHECK(co_await ping("POST", "/1") == 200);
        CHECK(sink.status() == "down");
        CHECK(co_await ping("GET", "/0") == 200);
        CHECK(co_await ping("GET", "/256") == 400);
        CHECK(co_await ping("GET", "/log") == 200);
        CHECK(co_await ping("GET", "/fail") == 200);  // the sixth: discarded
        CHECK(sink.status() == "up");
        CHECK(sink.discarded() == 1);
        CHECK(sink.pings() == 5);
    });
    HeartbeatSink::Options hasty;
    hasty.period = hasty.grace = 1ms;
    with<HeartbeatSink>(hasty, [](HeartbeatSink& sink, Client& client) -> asio::awaitable<void> {
        const HttpObservation seen = co_await client.ask("GET", sink.url());
        CHECK(seen.status == 200);
        while (sink.status() != "down") co_await client.ask("GET", sink.url() + "/status");
        CHECK(sink.pings() == 1);
    });
}

}  // namespace serin::test
