// SPDX-License-Identifier: Apache-2.0
// Events on their way to real HTTP clients.
#include <catch2/catch.hpp>

#include "net/task_group.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

std::string ask_for_stream(const std::string& more = {}) {
    return "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

/// A server that serves `world`'s API while `client` talks to it.
asio::awaitable<void> served(ApiWorld& world, asio::any_io_executor executor,
                             std::function<asio::awaitable<void>(HttpServer&)> client) {
    HttpServer::Options options;
    options.handler = [&world](ServerRequest request) { return world.api.handle(std::move(request)); };
    const auto server = HttpServer::listen(executor, std::move(options));
    if (!server) FAIL(server.error().title);
    TaskGroup serving(executor);
    serving.spawn((*server)->serve());
    co_await client(**server);
    world.api.stop();
    (*server)->stop();
    co_await serving.join();
}

}  // namespace

TEST_CASE("events reach a real client in order and stop ends its stream properly") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor);
        co_await served(world, executor, [&](HttpServer& server) -> asio::awaitable<void> {
            AsyncStream stream = co_await dial_to(executor, server);
            co_await stream.write_all(ask_for_stream());
            const std::string head = co_await read_until(stream, "retry: 2000\n\n");
            CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
            CHECK(head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
            CHECK(head.find("Cache-Control: no-store\r\n") != std::string::npos);
            world.api.publish(record_of(cell_named("chat"), "run-77", Verdict::fail));
            Gap gap;
            gap.key = cell_named("chat");
            world.api.publish(gap);
            Change change;
            change.id = "c-77";
            world.api.publish(change);
            const std::string events = co_await read_until(stream, "c-77");
            const auto run = events.find("event: run\ndata: {"), gone = events.find("event: gap\ndata: {"),
                       changed = events.find("event: change\ndata: {");
            CHECK(run < gone);
            CHECK(gone < changed);
            CHECK(changed != std::string::npos);
            CHECK(events.find("\"run_id\":\"run-77\"") != std::string::npos);
            world.api.stop();
            CHECK((co_await read_to_end(stream)).ends_with("0\r\n\r\n"));
        });
    });
}

TEST_CASE("a client that does not read loses events and is told how many") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor, {}, [](Api::Parts& parts) { parts.max_events = 20; });
        co_await served(world, executor, [&](HttpServer& server) -> asio::awaitable<void> {
            AsyncStream stream = co_await dial_to(executor, server);
            co_await stream.write_all(ask_for_stream());
            co_await read_until(stream, "retry: 2000\n\n");
            Record record = record_of(cell_named("chat"), "run-77", Verdict::fail);
            auto talkative = std::make_shared<Outcome>(*record.outcome);
            talkative->message = std::string(100'000, 'x');
            record.outcome = talkative;
            for (int i = 0; i < 300; ++i) {
                world.api.publish(record);
                co_await sleep_until(world.clock, in(1ms).at);
            }
            const std::string heard = co_await read_until(stream, "event: lost\ndata: {\"count\":");
            CHECK_FALSE(heard.ends_with("[ended]"));
        });
    });
}

TEST_CASE("a client that leaves gives its place back and one too many is refused") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        ApiWorld world(executor, {}, [](Api::Parts& parts) { parts.max_listeners = 1; });
        co_await served(world, executor, [&](HttpServer& server) -> asio::awaitable<void> {
            {
                AsyncStream first = co_await dial_to(executor, server);
                co_await first.write_all(ask_for_stream());
                co_await read_until(first, "retry: ");
                AsyncStream second = co_await dial_to(executor, server);
                co_await second.write_all(ask_for_stream("Connection: close\r\n"));
                CHECK(status_line(co_await read_to_end(second)) == "HTTP/1.1 503 Service Unavailable");
                co_await first.finish(in(5s).at);
            }
            AsyncStream third = co_await dial_to(executor, server);
            co_await third.write_all(ask_for_stream());
            CHECK((co_await read_until(third, "retry: ")).starts_with("HTTP/1.1 200 OK"));
        });
    });
}

TEST_CASE("who has lost the right to listen hears no more") {
    on_loop([](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto tokens = [](const char* token) {
            return Tokens({{.name = "t", .sha256 = sha256_hex(token), .scopes = {TokenScope::read}}});
        };
        ApiWorld world(executor, tokens("old"));
        co_await served(world, executor, [&](HttpServer& server) -> asio::awaitable<void> {
            AsyncStream stranger = co_await dial_to(executor, server);
            co_await stranger.write_all(ask_for_stream("Connection: close\r\n"));
            CHECK(status_line(co_await read_to_end(stranger)) == "HTTP/1.1 401 Unauthorized");
            AsyncStream stream = co_await dial_to(executor, server);
            co_await stream.write_all(ask_for_stream("Authorization: Bearer old\r\n"));
            co_await read_until(stream, "retry: ");
            world.api.replace_tokens(tokens("old"));
            world.api.publish(record_of(cell_named("chat"), "run-77", Verdict::pass));
            CHECK_FALSE((co_await read_until(stream, "run-77")).ends_with("[ended]"));
            world.api.replace_tokens(tokens("new"));
            CHECK((co_await read_to_end(stream)).ends_with("0\r\n\r\n"));
        });
    });
}

}  // namespace serin::test
