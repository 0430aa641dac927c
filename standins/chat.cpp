// SPDX-License-Identifier: Apache-2.0
#include "standins/chat.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "net/http_server.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"

namespace serin {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// Oldest messages go when there are more.
constexpr std::size_t max_stored = 100'000;
/// A subscriber that does not read is cut off when so many pushes wait for it.
constexpr int max_pending = 1000;

struct Message {
    std::string id, from, to, text;
};

json as_json(const Message& message) {
    return {{"id", message.id}, {"from", message.from}, {"to", message.to}, {"text", message.text}};
}

/// Bytes that are no UTF-8 come back as U+FFFD instead of throwing.
std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

ServerResponse reply(int status, const json& body) {
    return {.status = status, .headers = {}, .body = dump(body), .content_type = "application/json"};
}
ServerResponse mistake(int status, const char* what) {
    return reply(status, {{"error", what}});
}

/// All messages, found by id; the oldest make room.
class Store {
public:
    const Message& add(std::string from, std::string to, std::string text) {
        if (messages_.size() >= max_stored) messages_.erase(messages_.begin());
        const std::uint64_t number = ++last_;
        Message& message = messages_[number];
        message = {
            .id = "m-" + std::to_string(number), .from = std::move(from), .to = std::move(to), .text = std::move(text)};
        return message;
    }
    [[nodiscard]] const Message* find(const std::string& id) const {
        const auto found = messages_.find(number_of(id));
        return found == messages_.end() || found->second.id != id ? nullptr : &found->second;
    }
    void remove(const std::string& id) {
        if (find(id) != nullptr) messages_.erase(number_of(id));
    }
    [[nodiscard]] const std::map<std::uint64_t, Message>& all() const { return messages_; }

private:
    /// 0 for what is none of our ids.
    static std::uint64_t number_of(std::string_view id) {
        std::uint64_t number = 0;
        if (id.starts_with("m-")) std::from_chars(id.data() + 2, id.data() + id.size(), number);
        return number;
    }

    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Message> messages_;  // by age
};

struct Subscriber {
    std::string user;
    std::shared_ptr<ServerWebsocket> websocket;
    int pending = 0;
    bool cut_off = false;
};

/// The same sequence on every platform, unlike std's distributions.
class Dice {
public:
    explicit Dice(unsigned seed) : generator_(seed) {}
    bool falls(double share) { return static_cast<double>(generator_()) / 4294967296.0 < share; }

private:
    std::mt19937 generator_;
};

struct Shard {
    ChatFault fault;
    Dice dice;
    std::vector<std::shared_ptr<Subscriber>> subscribers;
    std::unique_ptr<HttpServer> server;
};

}  // namespace

struct ChatService::Impl {
    Impl(const asio::any_io_executor& executor, Options given)
        : options(std::move(given)), clock(executor), work(executor) {}

    Options options;
    RealClock clock;
    Store store;
    std::vector<ChatShard> shards;
    std::vector<std::unique_ptr<Shard>> inner;  ///< beside `shards`
    TaskGroup work;                             // last: servers and pushes use all of the above

    Result<void> add_shard(const asio::any_io_executor& executor, const std::string& region, int number);
    [[nodiscard]] std::optional<std::string> user_of(const ServerRequest& request) const;
    ServerResponse answer(Shard& shard, const ServerRequest& request);
    ServerResponse post(Shard& shard, const std::string& sender, const std::string& body);
    ServerResponse one_message(const std::string& method, const std::string& user, const std::string& id);
    ServerResponse list(const std::string& user, const std::string& to) const;
    asio::awaitable<void> subscribe(Shard& shard, const ServerRequest& request,
                                    std::shared_ptr<ServerWebsocket> websocket);
    void route(const Message& message);
    void push(Shard& shard, const Message& message, const std::shared_ptr<Subscriber>& subscriber);
    asio::awaitable<void> deliver(std::shared_ptr<Subscriber> subscriber, std::string text, Duration delay);
};

Result<std::unique_ptr<ChatService>> ChatService::listen(const asio::any_io_executor& executor, Options options) {
    auto impl = std::make_unique<Impl>(executor, std::move(options));
    for (const auto& [region, count] : impl->options.regions) {
        for (int number = 1; number <= count; ++number) {
            if (auto added = impl->add_shard(executor, region, number); !added) return std::unexpected(added.error());
        }
    }
    return std::unique_ptr<ChatService>(new ChatService(std::move(impl)));
}

Result<void> ChatService::Impl::add_shard(const asio::any_io_executor& executor, const std::string& region,
                                          int number) {
    const auto seed = options.seed + static_cast<unsigned>(inner.size());
    Shard& shard = *inner.emplace_back(new Shard{.fault = {}, .dice = Dice(seed), .subscribers = {}, .server = {}});
    HttpServer::Options server;
    server.handler = [this, &shard](ServerRequest request) -> asio::awaitable<ServerResponse> {
        co_return answer(shard, request);
    };
    server.websocket = [this, &shard](ServerRequest request,
                                      std::shared_ptr<ServerWebsocket> websocket) -> asio::awaitable<void> {
        co_await subscribe(shard, request, std::move(websocket));
    };
    server.upgrade_guard = [this, &shard](const ServerRequest& request) -> std::optional<ServerResponse> {
        if (shard.fault.refuse_websockets) return mistake(503, "no websockets today");
        if (request.path() != "/ws") return mistake(404, "websockets are at /ws");
        if (!user_of(request)) return mistake(401, "unknown bearer token");
        return std::nullopt;
    };
    auto listening = HttpServer::listen(executor, std::move(server));
    if (!listening) return std::unexpected(listening.error());
    shard.server = std::move(*listening);
    const std::string authority = "://127.0.0.1:" + std::to_string(shard.server->port());
    shards.push_back({.name = region + "-" + std::to_string(number),
                      .region = region,
                      .api = "http" + authority,
                      .ws = "ws" + authority});
    return {};
}

ChatService::ChatService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChatService::~ChatService() = default;

const std::vector<ChatShard>& ChatService::shards() const {
    return impl_->shards;
}
std::size_t ChatService::stored() const {
    return impl_->store.all().size();
}

bool ChatService::set_fault(std::string_view shard_or_region, ChatFault fault) {
    bool found = false;
    for (std::size_t i = 0; i < impl_->shards.size(); ++i) {
        const ChatShard& shard = impl_->shards[i];
        if (shard.name != shard_or_region && shard.region != shard_or_region) continue;
        impl_->inner[i]->fault = fault;
        found = true;
    }
    return found;
}

asio::awaitable<void> ChatService::serve() {
    for (const auto& shard : impl_->inner) impl_->work.spawn(shard->server->serve());
    co_await impl_->work.join();
}

void ChatService::stop() {
    for (const auto& shard : impl_->inner) shard->server->stop();
    impl_->work.cancel();  // delayed pushes
}

std::optional<std::string> ChatService::Impl::user_of(const ServerRequest& request) const {
    const std::string authorization = request.header("Authorization");
    for (const auto& [name, token] : options.users) {
        if (authorization == "Bearer " + token) return name;
    }
    return std::nullopt;
}

ServerResponse ChatService::Impl::answer(Shard& shard, const ServerRequest& request) {
    const std::string path = request.path();
    if (path == "/healthz") return reply(200, {{"status", "ok"}});
    const std::optional<std::string> user = user_of(request);
    if (!user) return mistake(401, "unknown bearer token");
    static const std::string messages = "/v1/messages";
    if (path == messages && request.method == "POST") return post(shard, *user, request.body);
    if (path == messages && request.method == "GET") return list(*user, request.query("to").value_or(*user));
    if (path.starts_with(messages + "/")) return one_message(request.method, *user, path.substr(messages.size() + 1));
    return mistake(path == messages ? 405 : 404, "nothing here");
}

ServerResponse ChatService::Impl::post(Shard& shard, const std::string& sender, const std::string& body) {
    const json wish = json::parse(body, nullptr, false);
    const auto text_of = [&](const char* key) {
        const auto found = wish.is_object() ? wish.find(key) : wish.end();
        return wish.is_object() && found != wish.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
    };
    const std::string to = text_of("to");
    if (to.empty() || !wish.contains("text") || !wish["text"].is_string())
        return mistake(422, "send {\"to\": …, \"text\": …}");
    const bool known = std::ranges::any_of(options.users, [&](const auto& each) { return each.first == to; });
    if (!known) return mistake(404, "no such user");
    if (shard.dice.falls(shard.fault.reject_posts)) return mistake(503, "try again later");
    const Message message = store.add(sender, to, text_of("text"));
    route(message);
    return reply(201, as_json(message));
}

ServerResponse ChatService::Impl::one_message(const std::string& method, const std::string& user,
                                              const std::string& id) {
    const Message* message = store.find(id);
    if (message == nullptr || (message->from != user && message->to != user)) return mistake(404, "no such message");
    if (method == "GET" || method == "HEAD") return reply(200, as_json(*message));
    if (method != "DELETE") return mistake(405, "GET or DELETE");
    store.remove(id);
    return {.status = 204, .headers = {}, .body = {}, .content_type = {}};
}

ServerResponse ChatService::Impl::list(const std::string& user, const std::string& to) const {
    json found = json::array();
    for (const auto& [number, message] : store.all()) {
        if (message.to == to && (message.to == user || message.from == user)) found.push_back(as_json(message));
    }
    return reply(200, {{"messages", std::move(found)}});
}

asio::awaitable<void> ChatService::Impl::subscribe(Shard& shard, const ServerRequest& request,
                                                   std::shared_ptr<ServerWebsocket> websocket) {
    const auto subscriber = std::make_shared<Subscriber>(Subscriber{.user = *user_of(request), .websocket = websocket});
    shard.subscribers.push_back(subscriber);
    struct Unsubscribe {
        Shard& shard;
        const Subscriber* subscriber;
        ~Unsubscribe() {
            std::erase_if(shard.subscribers, [&](const auto& each) { return each.get() == subscriber; });
        }
    };
    const Unsubscribe at_the_end{shard, subscriber.get()};
    // Whoever has read this is subscribed; and it is the first frame, because writes go out in the order of the calls.
    if (!co_await websocket->write(dump({{"type", "hello"}, {"user", subscriber->user}}), false)) co_return;
    while (!subscriber->cut_off && co_await websocket->read()) {
    }
}

void ChatService::Impl::route(const Message& message) {
    for (const auto& shard : inner) {
        const auto is_addressee = [&](const auto& each) { return each->user == message.to; };
        if (std::none_of(shard->subscribers.begin(), shard->subscribers.end(), is_addressee)) continue;
        for (const auto& subscriber : shard->subscribers) {
            if (shard->fault.misdeliver || is_addressee(subscriber)) push(*shard, message, subscriber);
        }
    }
}

void ChatService::Impl::push(Shard& shard, const Message& message, const std::shared_ptr<Subscriber>& subscriber) {
    const ChatFault& fault = shard.fault;
    // All dice are thrown for every push, so that changing one rate does not change what the others hit.
    const bool drop = shard.dice.falls(fault.drop_pushes);
    const bool twice = shard.dice.falls(fault.duplicate_pushes);
    const bool corrupt = shard.dice.falls(fault.corrupt_pushes);
    if (drop) return;
    json event = as_json(message);
    event["type"] = "message.new";
    if (corrupt) event["text"] = message.text + " (garbled)";
    for (int copies = twice ? 2 : 1; copies > 0; --copies)
        work.spawn(deliver(subscriber, dump(event), fault.delay_pushes));
}

asio::awaitable<void> ChatService::Impl::deliver(std::shared_ptr<Subscriber> subscriber, std::string text,
                                                 Duration delay) {
    if (subscriber->pending >= max_pending) subscriber->cut_off = true;
    if (subscriber->cut_off) co_return co_await subscriber->websocket->close(1008, "too slow");
    struct Pending {
        int& count;
        ~Pending() { --count; }
    };
    const Pending pending{++subscriber->pending};
    if (delay > Duration::zero()) co_await sleep_until(clock, deadline_after(clock.now(), delay).at);
    co_await subscriber->websocket->write(std::move(text), false);
}

}  // namespace serin
