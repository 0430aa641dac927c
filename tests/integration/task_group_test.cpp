// SPDX-License-Identifier: Apache-2.0
#include "net/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "net/real_clock.hpp"
#include "tests/support/play.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct Stage {
    asio::io_context io{1};
    RealClock clock{io.get_executor()};
    std::vector<std::string> diary;
};

asio::awaitable<void> write_down(Stage& stage, std::string entry) {
    stage.diary.push_back(std::move(entry));
    co_return;
}

/// Until rung or cancelled; then writes down which.
asio::awaitable<void> wait_for(Stage& stage, Bell& bell) {
    try {
        stage.diary.emplace_back(co_await bell.wait_until(Steady::max()) ? "rung" : "expired");
    } catch (const boost::system::system_error& error) {
        stage.diary.emplace_back(error.code() == asio::error::operation_aborted ? "cancelled" : "other");
        throw;
    }
}

asio::awaitable<void> sleep_for_ever(Stage& stage) {
    co_await sleep_until(stage.clock, Steady::max());
}

asio::awaitable<void> fail_with(std::string words) {
    throw std::runtime_error(words);
    co_return;
}

TEST_CASE("join waits for every child") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const auto bell = s.clock.make_bell();
        TaskGroup group(s.io.get_executor());
        group.spawn(wait_for(s, *bell));
        group.spawn(write_down(s, "second"));
        bell->ring();
        co_await group.join();
        CHECK(group.running() == 0);
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"second", "rung"});
}

TEST_CASE("a cancelled child counts as a normal end") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const auto bell = s.clock.make_bell();
        TaskGroup group(s.io.get_executor());
        group.spawn(wait_for(s, *bell));
        group.cancel();
        co_await group.join();
        co_await write_down(s, "joined");
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"cancelled", "joined"});
}

TEST_CASE("the first exception of a child is thrown again after all have ended") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const auto bell = s.clock.make_bell();
        TaskGroup group(s.io.get_executor());
        group.spawn(fail_with("first"));
        group.spawn(fail_with("second"));
        group.spawn(wait_for(s, *bell));
        bell->ring();
        std::string thrown;
        try {
            co_await group.join();
        } catch (const std::runtime_error& error) {
            thrown = error.what();
        }
        CHECK(thrown == "first");
        CHECK(group.running() == 0);
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"rung"});
}

asio::awaitable<void> join_children(Stage& stage) {
    const auto first = stage.clock.make_bell();
    const auto second = stage.clock.make_bell();
    TaskGroup group(stage.io.get_executor());
    group.spawn(wait_for(stage, *first));
    group.spawn(wait_for(stage, *second));
    try {
        co_await group.join();
    } catch (const boost::system::system_error& error) {
        stage.diary.push_back("join: " +
                              std::string(error.code() == asio::error::operation_aborted ? "cancelled" : "other"));
        CHECK(group.running() == 0);
        throw;
    }
}

TEST_CASE("a joiner that is cancelled cancels the children and still waits for them") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        TaskGroup outer(s.io.get_executor());
        outer.spawn(join_children(s));
        outer.cancel();
        outer.cancel();
        co_await outer.join();
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"cancelled", "cancelled", "join: cancelled"});
}

TEST_CASE("cancellable work that ends by itself says so, and a later stop does nothing") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        std::function<void()> stop;
        CHECK(co_await run_cancellable(write_down(s, "done"),
                                       [&](std::function<void()> cancel) { stop = std::move(cancel); }));
        stop();
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"done"});
}

TEST_CASE("cancellable work can be stopped, and its caller goes on") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const bool by_itself =
            co_await run_cancellable(sleep_for_ever(s), [](const std::function<void()>& cancel) { cancel(); });
        CHECK_FALSE(by_itself);
        co_await sleep_until(s.clock, s.clock.now() + 1ms);
        co_await write_down(s, "cleaned up");
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"cleaned up"});
}

TEST_CASE("an exception of cancellable work travels") {
    Stage stage;
    const auto scene = [](Stage&) -> asio::awaitable<void> {
        co_await run_cancellable(fail_with("broken"), [](const std::function<void()>&) {});
    };
    CHECK_THROWS_WITH(play(stage.io, scene(stage)), "broken");
}

TEST_CASE("a ring with nobody waiting is remembered once") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const auto bell = s.clock.make_bell();
        bell->ring();
        bell->ring();
        CHECK(co_await bell->wait_until(Steady::max()));
        CHECK_FALSE(co_await bell->wait_until(s.clock.now()));
    };
    play(stage.io, scene(stage));
}

asio::awaitable<void> wait_until_now(Stage& stage, Bell& bell) {
    stage.diary.emplace_back(co_await bell.wait_until(stage.clock.now()) ? "rung" : "expired");
}

TEST_CASE("a ring that meets an expired timer is not lost") {
    Stage stage;
    const auto scene = [](Stage& s) -> asio::awaitable<void> {
        const auto bell = s.clock.make_bell();
        TaskGroup group(s.io.get_executor());
        group.spawn(wait_until_now(s, *bell));
        bell->ring();
        co_await group.join();
    };
    play(stage.io, scene(stage));
    CHECK(stage.diary == std::vector<std::string>{"rung"});
}

}  // namespace
}  // namespace serin::test
