// SPDX-License-Identifier: Apache-2.0
// How long a page takes to leave: from the outcome that decides to the POST at the channel, through rule, book, a
// transaction that is synced to the disk, outbox and a webhook channel, one incident after the other.
//
//   alert_bench [INCIDENTS [FOLDER]]     500 and the folder for temporary files when not given; one line of JSON
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "net/http_server.hpp"
#include "net/loop.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/desk/desk.hpp"
#include "tests/bench/measure.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Takes every notice, and remembers when the newest came.
struct Receiver {
    explicit Receiver(Clock& clock) : bell(clock.make_bell()) {}
    std::unique_ptr<Bell> bell;
    std::string wanted;
    Steady at{};

    asio::awaitable<ServerResponse> take(ServerRequest request) {
        if (!wanted.empty() && request.body.find(wanted) != std::string::npos) {
            at = std::chrono::steady_clock::now();
            wanted.clear();
            bell->ring();
        }
        ServerResponse taken;
        taken.status = 204;
        co_return taken;
    }
};

std::string probe_name(long number) {
    return fmt::format("probe-{:06}", number);
}

DeskRules rules_for(long incidents, std::uint16_t port) {
    DeskRules rules;
    for (long i = 0; i < incidents; ++i) {
        ProbeRules probe{.probe = probe_name(i), .service = probe_name(i)};
        probe.every = 1h;
        rules.policy.probes.push_back(std::move(probe));
    }
    ChannelConfig channel;
    channel.name = "hook";
    channel.kind = ChannelKind::webhook;
    channel.urls = {{.text = fmt::format("http://127.0.0.1:{}/", port)}};
    rules.channels.push_back(std::move(channel));
    rules.book.levels.push_back({.after = 0s, .channels = {"hook"}});
    return rules;
}

StoreEntry failure(const std::string& probe) {
    static long runs = 0;
    auto outcome = std::make_shared<Outcome>();
    outcome->run_id = fmt::format("run-{}", ++runs);
    outcome->verdict = Verdict::fail;
    outcome->failure_class = "not_in_time";
    outcome->message = "the message did not arrive";
    outcome->took = 10ms;
    outcome->started_at = std::chrono::system_clock::now() - outcome->took;  // it has just ended
    return Record{.key = std::make_shared<CellKey>(CellKey{.probe = probe, .vantage = "here", .target = "a"}),
                  .scheduled_at = outcome->started_at,
                  .outcome = std::move(outcome)};
}

asio::awaitable<void> measure(Desk& desk, Receiver& receiver, long incidents, std::vector<double>& delays) {
    for (long i = 0; i < incidents; ++i) {
        const std::string probe = probe_name(i);
        desk.observe({failure(probe)});
        receiver.wanted = probe;
        const Steady begin = std::chrono::steady_clock::now();
        desk.observe({failure(probe)});
        const bool came = co_await receiver.bell->wait_until(begin + 30s);
        if (!came) co_return;
        delays.push_back(std::chrono::duration<double, std::milli>(receiver.at - begin).count());
    }
}

asio::awaitable<void> play(asio::any_io_executor executor, Clock& clock, long incidents, std::string folder,
                           std::vector<double>& delays) {
    Receiver receiver(clock);
    HttpServer::Options options;
    options.handler = [&receiver](ServerRequest request) { return receiver.take(std::move(request)); };
    auto server = HttpServer::listen(executor, std::move(options));
    if (!server) co_return;
    TaskGroup serving(executor);
    serving.spawn((*server)->serve());
    auto desk = Desk::open(rules_for(incidents, (*server)->port()),
                           {.database = folder + "/alerts.db", .folder = folder, .vantage = "here"});
    if (desk) {
        co_await measure(**desk, receiver, incidents, delays);
        co_await (*desk)->stop(1s);
    } else {
        fmt::print(stderr, "{}\n", desk.error().title);
    }
    (*server)->stop();
    co_await serving.join();
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const auto incidents = parse_count(argc > 1 ? argv[1] : "500");
    if (!incidents || argc > 3) {
        fmt::print(stderr, "usage: alert_bench [INCIDENTS [FOLDER]]\n");
        return 2;
    }
    const std::filesystem::path base =
        argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
    const std::filesystem::path folder = base / fmt::format("serin-alert-bench-{}", getpid());
    std::filesystem::create_directories(folder);
    std::vector<double> delays;
    serin::Loop loop;
    serin::RealClock clock(loop.executor());
    loop.run(play(loop.executor(), clock, *incidents, folder.string(), delays));
    std::filesystem::remove_all(folder);
    if (std::ssize(delays) != *incidents) {
        fmt::print(stderr, "only {} of {} notices came\n", delays.size(), *incidents);
        return 1;
    }
    std::ranges::sort(delays);
    const auto at = [&](double share) {
        return delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    fmt::print(R"({{"incidents":{},"p50_ms":{:.2f},"p99_ms":{:.2f},"max_ms":{:.2f}}})"
               "\n",
               delays.size(), at(0.5), at(0.99), delays.back());
    return 0;
}
