// SPDX-License-Identifier: Apache-2.0
// The chat stand-in as its clients see it: what works when nothing is wrong, and what each fault switch breaks.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "net/http_client.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "probes/websocket.hpp"
#include "standins/chat.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using nlohmann::json;
using namespace std::chrono_literals;

Deadline in(Duration time) {
    return deadline_after(std::chrono::steady_clock::now(), time);
}

/// The service with two shards in us-east and one in eu-west, and clients of it.
class Chat {
public:
    Chat(const asio::any_io_executor& executor, ChatService& service)
        : service(service), clock_(executor), http_(executor), probe_(make_websocket_probe(executor, clock_)) {}

    ChatService& service;

    asio::awaitable<HttpObservation> ask(std::string method, std::string user, std::string path,
                                         std::string body = "") {
        HttpRequest request;
        request.method = std::move(method);
        request.url = service.shards()[0].api + path;
        request.headers = {{"Authorization", "Bearer token-of-" + user}};
        if (!body.empty()) request.body = std::move(body);
        request.deadline = in(5s);
        const HttpReply reply = co_await http_.perform(request);
        co_return reply.seen;
    }
    /// The id of the new message, or "" when it was refused.
    asio::awaitable<std::string> post(std::string from, std::string to, std::string text) {
        const std::string body = json({{"to", to}, {"text", text}}).dump();
        const HttpObservation seen = co_await ask("POST", std::move(from), "/v1/messages", body);
        co_return seen.status == 201 ? json::parse(seen.body)["id"].get<std::string>() : "";
    }
    asio::awaitable<Connected> connect(std::string user, std::size_t shard) {
        WebsocketRequest request;
        request.url = service.shards()[shard].ws + "/ws";
        request.headers = {{"Authorization", "Bearer token-of-" + user}};
        request.deadline = in(5s);
        Connected connected = co_await probe_->connect(request);
        if (connected.conversation)
            co_await frames(*connected.conversation, 1);  // the hello: from here on nothing is missed
        co_return connected;
    }
    /// Waits until `count` frames have come.
    asio::awaitable<bool> frames(Conversation& conversation, std::size_t count) {
        while (conversation.log().frames.size() < count) {
            if (!co_await conversation.wait_beyond(conversation.log().frames.size(), in(5s).at) ||
                conversation.log().closed)
                co_return false;
        }
        co_return true;
    }
    asio::awaitable<void> leave(Conversation& conversation) { co_await conversation.close(in(2s)); }

private:
    RealClock clock_;
    HttpClient http_;
    std::unique_ptr<WebsocketProbe> probe_;
};

void with_chat(const std::function<asio::awaitable<void>(Chat&)>& test) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        ChatService::Options options;
        options.regions = {{"us-east", 2}, {"eu-west", 1}};
        options.users = {{"alice", "token-of-alice"}, {"bob", "token-of-bob"}, {"carol", "token-of-carol"}};
        auto service = ChatService::listen(executor, options);
        REQUIRE(service);
        TaskGroup serving(executor);
        serving.spawn((*service)->serve());
        std::exception_ptr thrown;
        try {
            Chat chat(executor, **service);
            co_await test(chat);
        } catch (...) {
            thrown = std::current_exception();
        }
        (*service)->stop();
        co_await serving.join();
        if (thrown) std::rethrow_exception(thrown);
    });
}

std::string text_of(const Frame& frame) {
    return json::parse(frame.payload).value("text", "");
}

/// Of bob on the third shard, who gets `count` messages of alice, while shard eu-west-1 has this fault: all texts that
/// came before a last message that is sent without fault.
std::vector<std::string> texts_under(ChatFault fault, int count) {
    std::vector<std::string> texts;
    with_chat([&](Chat& chat) -> asio::awaitable<void> {
        const Connected bob = co_await chat.connect("bob", 2);
        CHECK(chat.service.set_fault("eu-west", fault));
        for (int i = 0; i < count; ++i) CHECK_FALSE((co_await chat.post("alice", "bob", std::to_string(i))).empty());
        CHECK(chat.service.set_fault("eu-west", ChatFault{}));
        co_await chat.post("alice", "bob", "last");
        const auto& frames = bob.conversation->log().frames;
        while (text_of(frames.back()) != "last" && co_await chat.frames(*bob.conversation, frames.size() + 1)) {
        }
        for (const Frame& each : frames) texts.push_back(text_of(each));
        co_await chat.leave(*bob.conversation);
    });
    texts.erase(texts.begin());  // the hello
    texts.pop_back();            // "last"
    return texts;
}

}  // namespace

TEST_CASE("shards are named by region and number, each with its own port") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const auto& shards = chat.service.shards();
        REQUIRE(shards.size() == 3);
        CHECK(shards[0].name == "us-east-1");
        CHECK(shards[1].name == "us-east-2");
        CHECK(shards[2].name == "eu-west-1");
        CHECK(shards[2].region == "eu-west");
        CHECK(shards[0].api != shards[1].api);
        CHECK_FALSE(chat.service.set_fault("mars", ChatFault{}));
        co_return;
    });
}

TEST_CASE("a message posted on one shard is pushed to its addressee on another, and to nobody else") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const Connected bob = co_await chat.connect("bob", 2);
        const Connected carol = co_await chat.connect("carol", 2);
        REQUIRE(bob.conversation);
        CHECK(json::parse(bob.conversation->log().frames[0].payload) == json({{"type", "hello"}, {"user", "bob"}}));
        const std::string id = co_await chat.post("alice", "bob", "hello bob");
        CHECK(co_await chat.frames(*bob.conversation, 2));
        CHECK(json::parse(bob.conversation->log().frames[1].payload) ==
              json({{"type", "message.new"}, {"id", id}, {"from", "alice"}, {"to", "bob"}, {"text", "hello bob"}}));
        co_await chat.post("alice", "carol", "hello carol");
        CHECK(co_await chat.frames(*carol.conversation, 2));
        CHECK(text_of(carol.conversation->log().frames[1]) == "hello carol");
        CHECK(bob.conversation->log().frames.size() == 2);
        co_await chat.leave(*bob.conversation);
        co_await chat.leave(*carol.conversation);
    });
}

TEST_CASE("messages are stored, listed, and deleted, for their two ends only") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const std::string id = co_await chat.post("alice", "bob", "keep this");
        CHECK(chat.service.stored() == 1);
        const std::string path = "/v1/messages/" + id;
        CHECK(json::parse((co_await chat.ask("GET", "bob", path)).body)["text"] == "keep this");
        CHECK((co_await chat.ask("GET", "carol", path)).status == 404);
        CHECK(json::parse((co_await chat.ask("GET", "bob", "/v1/messages?to=bob")).body)["messages"].size() == 1);
        CHECK(json::parse((co_await chat.ask("GET", "carol", "/v1/messages?to=bob")).body)["messages"].empty());
        CHECK((co_await chat.ask("DELETE", "alice", path)).status == 204);
        CHECK((co_await chat.ask("DELETE", "alice", path)).status == 404);
        CHECK(chat.service.stored() == 0);
    });
}

TEST_CASE("strangers, bad bodies and unknown users are refused") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        CHECK((co_await chat.ask("GET", "mallory", "/v1/messages?to=bob")).status == 401);
        CHECK((co_await chat.ask("POST", "alice", "/v1/messages", "{\"to\":")).status == 422);
        CHECK((co_await chat.ask("POST", "alice", "/v1/messages", "[1]")).status == 422);
        CHECK((co_await chat.ask("POST", "alice", "/v1/messages", R"({"to":"nobody","text":"x"})")).status == 404);
        CHECK((co_await chat.ask("GET", "mallory", "/healthz")).status == 200);
        const Connected mallory = co_await chat.connect("mallory", 0);
        CHECK(mallory.failure.value_or(WireFailure{}).failure_class == "websocket_refused");
        CHECK(mallory.handshake.status == 401);
        CHECK(chat.service.stored() == 0);
    });
}

TEST_CASE("without a fault every message arrives once, in order") {
    CHECK(texts_under(ChatFault{}, 5) == std::vector<std::string>{"0", "1", "2", "3", "4"});
}

TEST_CASE("pushes can be dropped: two in three of many, the same ones each time, while they are stored") {
    const std::vector<std::string> texts = texts_under(ChatFault{.drop_pushes = 0.66}, 200);
    CHECK(texts.size() > 40);
    CHECK(texts.size() < 100);
    CHECK(texts == texts_under(ChatFault{.drop_pushes = 0.66}, 200));
    CHECK(texts_under(ChatFault{.drop_pushes = 1}, 5).empty());
}

TEST_CASE("pushes can be duplicated or corrupted, the text kept within") {
    CHECK(texts_under(ChatFault{.duplicate_pushes = 1}, 2) == std::vector<std::string>{"0", "0", "1", "1"});
    const std::vector<std::string> corrupted = texts_under(ChatFault{.corrupt_pushes = 1}, 1);
    REQUIRE(corrupted.size() == 1);
    CHECK(corrupted[0] != "0");
    CHECK(corrupted[0].find('0') != std::string::npos);
}

TEST_CASE("a delayed push comes after one that was posted later without delay") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const Connected bob = co_await chat.connect("bob", 2);
        chat.service.set_fault("eu-west-1", ChatFault{.delay_pushes = 300ms});
        co_await chat.post("alice", "bob", "slow");
        chat.service.set_fault("eu-west-1", ChatFault{});
        co_await chat.post("alice", "bob", "fast");
        CHECK(co_await chat.frames(*bob.conversation, 3));
        CHECK(text_of(bob.conversation->log().frames[1]) == "fast");
        CHECK(text_of(bob.conversation->log().frames[2]) == "slow");
        co_await chat.leave(*bob.conversation);
    });
}

TEST_CASE("a service that is stopped does not wait for pushes that are still delayed") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const Connected bob = co_await chat.connect("bob", 2);
        chat.service.set_fault("eu-west-1", ChatFault{.delay_pushes = 24h});
        co_await chat.post("alice", "bob", "tomorrow");
        co_await chat.leave(*bob.conversation);
    });
}

TEST_CASE("a misdelivering shard pushes to all of its subscribers") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        const Connected bob = co_await chat.connect("bob", 2);
        const Connected carol = co_await chat.connect("carol", 2);
        chat.service.set_fault("eu-west-1", ChatFault{.misdeliver = true});
        co_await chat.post("alice", "bob", "for bob");
        CHECK(co_await chat.frames(*carol.conversation, 2));
        CHECK(text_of(carol.conversation->log().frames[1]) == "for bob");
        co_await chat.leave(*bob.conversation);
        co_await chat.leave(*carol.conversation);
    });
}

TEST_CASE("posts and websockets can be refused, shard by shard, while the health check stays green") {
    with_chat([](Chat& chat) -> asio::awaitable<void> {
        chat.service.set_fault("us-east-1", ChatFault{.reject_posts = 1, .refuse_websockets = true});
        CHECK((co_await chat.ask("POST", "alice", "/v1/messages", R"({"to":"bob","text":"x"})")).status == 503);
        CHECK(chat.service.stored() == 0);
        const Connected refused = co_await chat.connect("bob", 0);
        CHECK(refused.handshake.status == 503);
        const Connected welcome = co_await chat.connect("bob", 1);
        CHECK_FALSE(welcome.failure);
        CHECK((co_await chat.ask("GET", "alice", "/healthz")).status == 200);
        co_await chat.leave(*welcome.conversation);
    });
}

}  // namespace serin::test
