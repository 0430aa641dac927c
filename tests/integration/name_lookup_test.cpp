// SPDX-License-Identifier: Apache-2.0
// Lookups by a resolver that the test holds in its hand: no name leaves this machine.
#include "net/name_lookup.hpp"

#include <netdb.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "net/task_group.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/play.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Deadline within(Duration time) {
    return deadline_after(std::chrono::steady_clock::now(), time);
}

NameAnswer found() {
    return {.eai = 0, .addresses = {asio::ip::make_address("192.0.2.7")}};
}

/// A resolver that answers nobody before it is opened. Its threads are gone when it is destroyed.
class Gate {
public:
    ~Gate() {
        open();
        while (state_->inside != 0) std::this_thread::yield();
    }
    Gate() = default;
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    [[nodiscard]] AskForName resolver() const {
        return [state = state_](const std::string&) {
            ++state->inside;
            state->is_open.wait(false);
            --state->inside;
            return found();
        };
    }
    void open() {
        state_->is_open = true;
        state_->is_open.notify_all();
    }

private:
    struct State {
        std::atomic<bool> is_open = false;
        std::atomic<int> inside = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

asio::awaitable<void> ask(Deadline deadline, AskForName resolver, std::shared_ptr<std::vector<NameLookup>> seen) {
    NameLookup lookup = co_await look_up_name("shop.test", deadline, std::move(resolver));
    seen->push_back(std::move(lookup));
}

TEST_CASE("a lookup gives what the resolver answers") {
    on_loop([](asio::any_io_executor) -> asio::awaitable<void> {
        std::string asked;
        const AskForName resolver = [&asked](const std::string& host) {
            asked = host;
            return found();
        };
        const NameLookup good = co_await look_up_name("shop.test", within(10s), resolver);
        CHECK(asked == "shop.test");
        CHECK(good.end == NameLookup::End::answered);
        REQUIRE(good.answer.addresses.size() == 1);
        CHECK(good.answer.addresses.front().to_string() == "192.0.2.7");

        const AskForName unknown = [](const std::string&) { return NameAnswer{.eai = EAI_NONAME, .addresses = {}}; };
        const NameLookup none = co_await look_up_name("shop.test", within(10s), unknown);
        CHECK(none.end == NameLookup::End::answered);
        CHECK(none.answer.eai == EAI_NONAME);

        const AskForName broken = [](const std::string&) -> NameAnswer { throw std::bad_alloc(); };
        const NameLookup failed = co_await look_up_name("shop.test", within(10s), broken);
        CHECK(failed.answer.eai == EAI_MEMORY);
    });
}

TEST_CASE("the system's resolver knows numbers and no names of this shape") {
    const NameAnswer v4 = ask_system("127.0.0.1");
    REQUIRE(v4.addresses.size() == 1);
    CHECK(v4.addresses.front().to_string() == "127.0.0.1");
    const NameAnswer v6 = ask_system("::1");
    REQUIRE(v6.addresses.size() == 1);
    CHECK(v6.addresses.front().is_v6());
    CHECK(v6.addresses.front().is_loopback());
    const NameAnswer none = ask_system(std::string(300, 'x'));  // longer than any name, so that nobody need be asked
    CHECK(none.eai != 0);
    CHECK(none.addresses.empty());
}

TEST_CASE("a resolver that hangs for one name delays no other") {
    Gate gate;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto slow = std::make_shared<std::vector<NameLookup>>();
        TaskGroup hanging(executor);
        for (int i = 0; i < 8; ++i) hanging.spawn(ask(within(10s), gate.resolver(), slow));
        const AskForName quick = [](const std::string&) { return found(); };
        const NameLookup other = co_await look_up_name("other.test", within(10s), quick);
        CHECK(other.end == NameLookup::End::answered);
        CHECK(slow->empty());
        gate.open();
        co_await hanging.join();
        CHECK(slow->size() == 8);
        for (const NameLookup& each : *slow) CHECK(each.end == NameLookup::End::answered);
    });
}

TEST_CASE("a lookup ends at its deadline and its thread goes on alone") {
    Gate gate;
    on_loop([&](asio::any_io_executor) -> asio::awaitable<void> {
        const Deadline deadline = within(50ms);
        const NameLookup late = co_await look_up_name("shop.test", deadline, gate.resolver());
        CHECK(late.end == NameLookup::End::late);
        CHECK(std::chrono::steady_clock::now() >= deadline.at);
    });
    gate.open();  // the loop is gone, and the answer comes to nobody
}

TEST_CASE("a lookup that is cancelled ends at once") {
    Gate gate;
    bool threw = false;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto seen = std::make_shared<std::vector<NameLookup>>();
        TaskGroup group(executor);
        group.spawn(ask(Deadline{}, gate.resolver(), seen));
        group.cancel();
        co_await group.join();  // would wait for ever
        CHECK(seen->empty());
        threw = true;
    });
    CHECK(threw);
}

TEST_CASE("lookups of a process are bounded") {
    Gate gate;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto seen = std::make_shared<std::vector<NameLookup>>();
        TaskGroup group(executor);
        // Threads of earlier tests may still be leaving, so some may be refused too early, but none too late.
        for (int i = 0; i < max_name_lookups; ++i) group.spawn(ask(within(10s), gate.resolver(), seen));
        const NameLookup beyond = co_await look_up_name("other.test", within(10s), gate.resolver());
        CHECK(beyond.end == NameLookup::End::refused);
        gate.open();
        co_await group.join();
        const AskForName quick = [](const std::string&) { return found(); };
        const NameLookup afterwards = co_await look_up_name("other.test", within(10s), quick);
        CHECK(afterwards.end == NameLookup::End::answered);
    });
}

}  // namespace
}  // namespace serin::test
