// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/event_stream.hpp"

#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include "net/task_group.hpp"
#include "tests/support/virtual_clock.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Takes everything at once, or each piece only after a while.
class Listening final : public ResponseStream {
public:
    Listening(Clock& clock, Duration each) : clock_(clock), each_(each) {}
    asio::awaitable<bool> write(std::string piece) override {
        if (each_ > Duration::zero()) co_await sleep_until(clock_, clock_.now() + each_);
        heard += piece;
        co_return taken++ < limit;
    }

    std::string heard;
    int taken = 0;
    int limit = 1'000'000;  ///< pieces until the listener is gone

private:
    Clock& clock_;
    Duration each_;
};

asio::awaitable<void> listen(const ServerResponse& response, ResponseStream& out) {
    co_await response.stream(out);
}

std::size_t count_of(const std::string& part, const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

std::function<std::string()> number(int n) {
    return [n] { return "{\"n\":" + std::to_string(n) + "}"; };
}

void virtually(const std::function<asio::awaitable<void>(VirtualClock&)>& test) {
    asio::io_context context(1);
    VirtualClock clock(context.get_executor());
    run_virtually(context, clock, test(clock));
}

}  // namespace

TEST_CASE("the log numbers events and tells who falls behind how many are gone") {
    EventLog log("e", 3);
    for (int i = 1; i <= 5; ++i) log.add("run", std::to_string(i));
    const auto all = log.after(1, 1 << 20);
    CHECK(all.text ==
          "id: e-2\nevent: lost\ndata: {\"count\":2}\n\n"
          "id: e-3\nevent: run\ndata: 3\n\nid: e-4\nevent: run\ndata: 4\n\nid: e-5\nevent: run\ndata: 5\n\n");
    CHECK(all.position == 6);
    CHECK(log.after(6, 1 << 20).text.empty());
    CHECK(log.after(5, 1 << 20).text == "id: e-5\nevent: run\ndata: 5\n\n");
    CHECK(log.after(99, 1 << 20).position == 6);
    const auto small = log.after(3, 1);
    CHECK(small.text == "id: e-3\nevent: run\ndata: 3\n\n");
    CHECK(small.position == 4);
}

TEST_CASE("events that were not kept count as lost") {
    EventLog log("e", 3);
    log.add("run", "1");
    log.skip();
    log.skip();
    log.add("run", "4");
    CHECK(log.after(1, 1 << 20).text ==
          "id: e-3\nevent: lost\ndata: {\"count\":3}\n\nid: e-4\nevent: run\ndata: 4\n\n");
}

TEST_CASE("only an id of this process is a place to go on from") {
    EventLog log("e", 3);
    log.add("run", "1");
    log.add("run", "2");
    CHECK(log.position_after("e-1") == 2);
    CHECK(log.position_after("e-2") == 3);
    CHECK(log.position_after("e-0") == 1);
    for (const char* id : {"", "e", "e-", "e-3", "e-x", "e-1x", "e--1", "e-99999999999999999999", "f-1"}) {
        INFO(id);
        CHECK(log.position_after(id) == std::nullopt);
    }
}

TEST_CASE("a listener hears what is published while it listens and a heartbeat in the silence") {
    virtually([](VirtualClock& clock) -> asio::awaitable<void> {
        EventStream stream(clock, 10, 2);
        stream.publish("run", number(0));  // before anybody listens
        const ServerResponse response = stream.join("");
        CHECK(response.status == 200);
        CHECK(response.content_type == "text/event-stream");
        Listening out(clock, 0ns);
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(listen(response, out));
        co_await sleep_until(clock, clock.now() + 1s);
        stream.publish("run", number(1));
        stream.publish("gap", number(2));
        co_await sleep_until(clock, clock.now() + 1s);
        CHECK(count_of("event: run\ndata: {\"n\":1}\n\n", out.heard) == 1);
        CHECK(count_of("event: gap\ndata: {\"n\":2}\n\n", out.heard) == 1);
        CHECK(count_of("\"n\":0", out.heard) == 0);
        CHECK(count_of(": heartbeat\n\n", out.heard) == 0);
        co_await sleep_until(clock, clock.now() + 31s);
        CHECK(count_of(": heartbeat\n\n", out.heard) == 2);
        stream.stop();
        co_await group.join();
        CHECK(stream.join("").status == 503);
    });
}

TEST_CASE("a slow listener loses events and is told how many and a quick one loses none") {
    virtually([](VirtualClock& clock) -> asio::awaitable<void> {
        EventStream stream(clock, 5, 2);
        const ServerResponse first = stream.join(""), second = stream.join("");
        Listening slow(clock, 10s), quick(clock, 0ns);
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(listen(first, slow));
        group.spawn(listen(second, quick));
        for (int i = 1; i <= 20; ++i) {
            co_await sleep_until(clock, clock.now() + 100ms);
            stream.publish("run", number(i));
        }
        co_await sleep_until(clock, clock.now() + 60s);
        CHECK(count_of("event: run", quick.heard) == 20);
        CHECK(count_of("event: lost", quick.heard) == 0);
        CHECK(count_of("event: run", slow.heard) == 5);
        CHECK(count_of("event: lost\ndata: {\"count\":15}\n\n", slow.heard) == 1);
        stream.stop();
        co_await group.join();
    });
}

TEST_CASE("a listener that comes back goes on where it was") {
    virtually([](VirtualClock& clock) -> asio::awaitable<void> {
        EventStream stream(clock, 10, 2);
        Listening before(clock, 0ns), after(clock, 0ns), stranger(clock, 0ns);
        before.limit = 2;  // gone after the greeting and one batch
        {
            const ServerResponse response = stream.join("");
            TaskGroup group(co_await asio::this_coro::executor);
            group.spawn(listen(response, before));
            co_await sleep_until(clock, clock.now() + 1s);
            stream.publish("run", number(1));
            co_await sleep_until(clock, clock.now() + 20s);
            co_await group.join();
        }
        CHECK(stream.listeners() == 0);
        stream.publish("run", number(2));
        const auto id = before.heard.find("id: ");
        const std::string last = before.heard.substr(id + 4, before.heard.find('\n', id) - id - 4);
        const ServerResponse again = stream.join(last), unknown = stream.join("another-7");
        TaskGroup group(co_await asio::this_coro::executor);
        group.spawn(listen(again, after));
        group.spawn(listen(unknown, stranger));
        co_await sleep_until(clock, clock.now() + 1s);
        CHECK(count_of("\"n\":1", after.heard) == 0);
        CHECK(count_of("\"n\":2", after.heard) == 1);
        CHECK(count_of("event: lost\ndata: {\"count\":null}", stranger.heard) == 1);
        stream.stop();
        co_await group.join();
    });
}

TEST_CASE("the listeners are bounded and a seat that was never taken is free again") {
    virtually([](VirtualClock& clock) -> asio::awaitable<void> {
        EventStream stream(clock, 10, 1);
        {
            const ServerResponse only = stream.join("");
            CHECK(only.status == 200);
            const ServerResponse refused = stream.join("");
            CHECK(refused.status == 503);
            CHECK_FALSE(refused.stream);
        }
        CHECK(stream.join("").status == 200);
        co_return;
    });
}

TEST_CASE("nothing is written down when nobody listens") {
    virtually([](VirtualClock& clock) -> asio::awaitable<void> {
        EventStream stream(clock, 10, 1);
        int made = 0;
        const auto data = [&made] {
            ++made;
            return std::string("{}");
        };
        stream.publish("run", data);
        CHECK(made == 0);
        {
            const ServerResponse came_and_left = stream.join("");
        }
        stream.publish("run", data);
        CHECK(made == 1);  // it may come back
        co_await sleep_until(clock, clock.now() + return_time);
        stream.publish("run", data);
        CHECK(made == 1);
    });
}

}  // namespace serin::test
