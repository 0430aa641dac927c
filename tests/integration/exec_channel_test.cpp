// SPDX-License-Identifier: Apache-2.0
// Commands as channels: what they get, what they may see, and how they end.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "net/child_process.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/channels/exec.hpp"
#include "tests/support/notice_examples.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

SendResult send(std::vector<std::string> command, std::vector<std::string> environment = {}, Duration patience = 20s) {
    SendResult result;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        house.redactor.add("token", Secret("s3cr3t-token"));
        ArmedChannel armed;
        armed.config.name = "script";
        armed.config.kind = ChannelKind::exec;
        armed.config.timeout = 20s;
        armed.config.command = std::move(command);
        armed.config.environment = std::move(environment);
        const auto channel = make_exec_channel(std::move(armed), house.keys());
        const Notice notice = notice_of(NoticeKind::opened);
        result = co_await channel->send(notice, deadline_after(house.clock.now(), patience));
    });
    return result;
}

SendResult shell(const std::string& script, std::vector<std::string> environment = {}, Duration patience = 20s) {
    return send({"/bin/sh", "-c", script}, std::move(environment), patience);
}

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool lives(pid_t pid) {
    return ::kill(pid, 0) == 0 && !has(content("/proc/" + std::to_string(pid) + "/stat"), ") Z ");
}

/// Waits until the process is gone, a few seconds at most.
bool goes(pid_t pid) {
    for (int i = 0; i < 500 && lives(pid); ++i) ::usleep(10'000);
    return !lives(pid);
}

/// This process has no child that has ended and was not waited for.
bool no_zombie() {
    return ::waitpid(-1, nullptr, WNOHANG) <= 0;
}

}  // namespace

TEST_CASE("exec: the command reads one JSON object with the notice and its words") {
    const TempFolder folder;
    const SendResult result = send({"/bin/sh", "-c", "cat /dev/stdin > \"$1\"", "sh", folder.file("out")});
    CHECK(result.took == Took::proven);
    CHECK(result.said == "exit 0");
    const auto json = nlohmann::json::parse(content(folder.file("out")));
    CHECK(json["id"] == "inc-k3v9x2m4aa.1");
    CHECK(json["incident"]["service"] == "chat");
    CHECK(has(json["title"], "messages are stored but not delivered live"));
    CHECK(json["link"] == "https://serin.test/api/v1/incidents/inc-k3v9x2m4aa");
    CHECK(no_zombie());
}

TEST_CASE("exec: arguments reach the command as they are") {
    const TempFolder folder;
    const SendResult result =
        send({"/bin/sh", "-c", "printf '%s|' \"$@\" > \"$0\"", folder.file("out"), "a b", "$(id)", "*; rm -rf /", ""});
    CHECK(result.took == Took::proven);
    CHECK(content(folder.file("out")) == "a b|$(id)|*; rm -rf /||");
}

TEST_CASE("exec: only PATH and the named variables are seen") {
    ::setenv("SERIN_TEST_SHOWN", "yes", 1);
    ::setenv("SERIN_TEST_HIDDEN", "no", 1);
    const SendResult result = send({"env"}, {"SERIN_TEST_SHOWN", "SERIN_TEST_UNSET"});
    CHECK(result.took == Took::proven);
    CHECK(has(result.said, "SERIN_TEST_SHOWN=yes"));
    CHECK(has(result.said, "PATH="));
    CHECK_FALSE(has(result.said, "HIDDEN"));
    CHECK_FALSE(has(result.said, "UNSET"));
    CHECK_FALSE(has(result.said, "HOME="));
}

TEST_CASE("exec: no descriptor of ours is open in the command") {
    const int leaky = ::open("/dev/null", O_RDONLY);  // a library's, without close-on-exec
    const SendResult result = shell("ls /proc/self/fd | tr '\\n' ' '");
    ::close(leaky);
    CHECK(has(result.said, "0 1 2 3 "));  // 3 is the folder that ls reads
    CHECK_FALSE(has(result.said, "4"));
}

TEST_CASE("exec: how the command ends is how the notice was taken") {
    CHECK(shell("exit 1").took == Took::retry);
    CHECK(shell("exit 75").took == Took::retry);
    CHECK(shell("exit 65").took == Took::refused);
    CHECK(shell("exit 64").took == Took::broken);
    CHECK(shell("exit 77").took == Took::broken);
    CHECK(shell("exit 78").took == Took::broken);
    CHECK(shell("kill -KILL $$").took == Took::retry);
    CHECK(has(shell("kill -KILL $$").said, "signal 9"));
    CHECK(shell("no-such-command-here").took == Took::broken);
    CHECK(send({"/no/such/file"}).took == Took::broken);
    CHECK(has(send({"/no/such/file"}).said, "No such file"));
    CHECK(send({"/etc/passwd"}).took == Took::broken);
    CHECK(send({}).took == Took::broken);
    CHECK(no_zombie());
}

TEST_CASE("exec: what the command says is bounded and redacted and on one line") {
    const SendResult result =
        shell("echo first; echo token s3cr3t-token >&2; head -c 3000000 /dev/zero | tr '\\0' x; exit 1");
    CHECK(result.took == Took::retry);
    CHECK(has(result.said, "exit 1: first token [secret token] xxx"));
    CHECK(result.said.size() <= 400);
    CHECK(result.said.find('\n') == std::string::npos);
}

TEST_CASE("exec: a command that prints what it may see does not leak it") {
    ::setenv("SERIN_TEST_PAGE_TOKEN", "hunter2-hunter2", 1);
    SendResult result;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        ChannelConfig config;
        config.name = "script";
        config.kind = ChannelKind::exec;
        config.timeout = 20s;
        config.command = {"/bin/sh", "-c", "env; echo \"refused: $SERIN_TEST_PAGE_TOKEN\" >&2; exit 1"};
        config.environment = {"SERIN_TEST_PAGE_TOKEN"};
        auto armed = arm_channels({config}, ".", house.redactor);
        REQUIRE(armed.has_value());
        const auto channel = make_exec_channel(std::move(armed->front()), house.keys());
        CHECK(channel->timeout() == Duration(20s));
        result = co_await channel->send(notice_of(NoticeKind::opened), deadline_after(house.clock.now(), 20s));
    });
    ::unsetenv("SERIN_TEST_PAGE_TOKEN");
    CHECK(result.took == Took::retry);
    CHECK(has(result.said, "refused: [secret script.environment.SERIN_TEST_PAGE_TOKEN]"));
    CHECK_FALSE(has(result.said, "hunter2"));
}

TEST_CASE("exec: what cannot be started is broken only when trying again cannot help") {
    const auto took = [](int error) {
        ChildEnd end;
        end.not_started = "it cannot be run";
        end.start_error = error;
        return took_of(end);
    };
    for (const int error : {0, ENOENT, EACCES, ENOEXEC, ENOTDIR}) CHECK(took(error) == Took::broken);
    for (const int error : {EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EIO}) CHECK(took(error) == Took::retry);
    CHECK(send({"/etc/passwd/page"}).took == Took::broken);  // ENOTDIR
}

TEST_CASE("exec: without a free descriptor the command is tried again") {
    SendResult starved, fed;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        ArmedChannel armed;
        armed.config.name = "script";
        armed.config.kind = ChannelKind::exec;
        armed.config.timeout = 20s;
        armed.config.command = {"true"};
        const auto channel = make_exec_channel(std::move(armed), house.keys());
        const Notice notice = notice_of(NoticeKind::opened);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        rlimit none = before;
        none.rlim_cur = 0;
        // UBSan needs a descriptor to look at an object of a kind for the first time.
        const Deadline soon = deadline_after(house.clock.now(), 20s);
        REQUIRE((co_await channel->send(notice, soon)).took == Took::proven);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        starved = co_await channel->send(notice, soon);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        fed = co_await channel->send(notice, deadline_after(house.clock.now(), 20s));
    });
    CHECK(starved.took == Took::retry);
    CHECK(has(starved.said, "Too many open files"));
    CHECK(fed.took == Took::proven);
}

TEST_CASE("exec: a command that reads nothing is fine") {
    CHECK(shell("exec <&-; exit 0").took == Took::proven);
    CHECK(send({"true"}).took == Took::proven);
}

TEST_CASE("exec: at the deadline the whole group is ended") {
    const TempFolder folder;
    const SendResult result =
        send({"/bin/sh", "-c", "trap 'echo asked > \"$0.term\"; exit 0' TERM; sleep 600 & echo $! > \"$0\"; wait",
              folder.file("pid")},
             {}, 1s);
    CHECK(result.took == Took::retry);
    CHECK(has(result.said, "did not end in time"));
    CHECK(content(folder.file("pid.term")) == "asked\n");
    CHECK(goes(std::stoi(content(folder.file("pid")))));
    CHECK(no_zombie());
}

TEST_CASE("exec: a command that will not listen is killed within the deadline") {
    const Steady before = std::chrono::steady_clock::now();
    const SendResult result = shell("trap '' TERM; while :; do sleep 600; done", {}, 1s);
    CHECK(result.took == Took::retry);
    CHECK(std::chrono::steady_clock::now() - before < 10s);
    CHECK(no_zombie());
}

TEST_CASE("exec: what the command leaves in the background does not hold us up") {
    const TempFolder folder;
    const SendResult result = send({"/bin/sh", "-c", "sleep 600 & echo $! > \"$0\"; echo done", folder.file("pid")});
    CHECK(result.took == Took::proven);
    CHECK(has(result.said, "done"));
    const pid_t left = std::stoi(content(folder.file("pid")));
    CHECK(lives(left));
    ::kill(left, SIGKILL);
}

TEST_CASE("exec: a cancelled command is killed and waited for") {
    const TempFolder folder;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        RealClock clock(executor);
        ChildRequest request;
        request.command = {"/bin/sh", "-c", "trap '' TERM; echo $$ > \"$0.new\"; mv \"$0.new\" \"$0\"; sleep 600; :",
                           folder.file("pid")};
        request.environment = {"PATH=/usr/bin:/bin"};
        bool returned = false;
        const auto attempt = [](const ChildRequest& wish, bool& flag) -> asio::awaitable<void> {
            co_await run_child(wish);
            flag = true;
        };
        TaskGroup group(executor);
        group.spawn(attempt(request, returned));
        for (int i = 0; i < 500 && !std::filesystem::exists(folder.file("pid")); ++i)
            co_await sleep_until(clock, clock.now() + 10ms);
        const pid_t pid = std::stoi(content(folder.file("pid")));
        CHECK(lives(pid));
        group.cancel();
        co_await group.join();
        CHECK_FALSE(returned);
        CHECK_FALSE(lives(pid));
        CHECK(no_zombie());
    });
}

}  // namespace serin::test
