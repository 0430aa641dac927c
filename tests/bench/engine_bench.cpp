// SPDX-License-Identifier: Apache-2.0
// What a run costs in Serin: loads a scenario once and plays it RUNS times on one worker, as `serin run` would, with at
// most CONCURRENCY runs at a time. Everything that a worker owns is made once: loop, HTTP client, evaluator, engine.
//
//   engine_bench FILE API_URL RUNS CONCURRENCY [cold]     cold: no warm-up, so that RUNS = CONCURRENCY measures memory
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/drawing.hpp"
#include "core/ids.hpp"
#include "net/http_client.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "probes/http.hpp"
#include "probes/websocket.hpp"
#include "scenarios/engine/engine.hpp"
#include "scenarios/language/loader.hpp"
#include "tests/bench/measure.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;

/// A benchmark has no use for evidence after the run: deliveries are forgotten, so that memory is that of the runs in
/// flight.
class ForgetfulLedger final : public Ledger {
public:
    void sending(const Sending&) override {}
    void sighted(const Sighting&) override {}
    void settled(const Delivery&) override {}
};

/// What a worker owns, in the order in which it must be made.
struct Worker {
    asio::io_context io{1};
    RealClock clock{io.get_executor()};
    HttpClient client{io.get_executor()};
    std::unique_ptr<HttpProbe> http = make_http_probe(client);
    std::unique_ptr<WebsocketProbe> websocket = make_websocket_probe(io.get_executor(), clock);
    Evaluator evaluator;
    ForgetfulLedger ledger;
    NonceMaker nonces;
    Engine engine{{.executor = io.get_executor(),
                   .clock = clock,
                   .http = *http,
                   .websocket = *websocket,
                   .evaluator = evaluator,
                   .ledger = ledger,
                   .nonces = nonces}};
};

struct Batch {
    const RunRequest& request;
    long to_start;
    long failed = 0;
    std::string first_failure;
};

asio::awaitable<void> play_until_done(Engine& engine, Batch& batch) {
    while (batch.to_start > 0) {
        --batch.to_start;
        const Outcome outcome = co_await engine.run(batch.request);
        if (outcome.verdict == Verdict::pass) continue;
        if (batch.failed++ == 0) batch.first_failure = fmt::format("{}: {}", name_of(outcome.verdict), outcome.message);
    }
}

asio::awaitable<void> play_all(Worker& worker, Batch& batch, long concurrency) {
    TaskGroup lanes(worker.io.get_executor());
    for (long i = 0; i < concurrency; ++i) lanes.spawn(play_until_done(worker.engine, batch));
    co_await lanes.join();
}

/// Plays `runs` runs and returns what became of them; rethrows what the engine could not turn into an outcome.
Batch play(Worker& worker, const RunRequest& request, long runs, long concurrency) {
    Batch batch{.request = request, .to_start = runs, .first_failure = {}};
    std::exception_ptr broken;
    asio::co_spawn(worker.io, play_all(worker, batch, concurrency), [&broken](std::exception_ptr e) { broken = e; });
    worker.io.run();
    worker.io.restart();
    if (broken) std::rethrow_exception(broken);
    return batch;
}

std::optional<RunRequest> load(const std::string& file, const std::string& api, Evaluator& evaluator) {
    Loaded loaded = load_scenario(file);
    if (!loaded.scenario) {
        fmt::print(stderr, "{}\n", draw(loaded.mistakes, Palette{}));
        return std::nullopt;
    }
    Target target;
    target.name = "bench";
    target.values.emplace_back("api", api);
    if (api.starts_with("http")) target.values.emplace_back("ws", "ws" + api.substr(4));
    auto scenario = std::make_shared<const Scenario>(std::move(*loaded.scenario));
    WorldSource source;
    source.targets.push_back(std::move(target));
    auto world = make_world(*scenario, std::move(source), evaluator);
    if (!world) {
        fmt::print(stderr, "engine_bench: {}\n", world.error().title);
        return std::nullopt;
    }
    RunRequest request;
    request.scenario = std::move(scenario);
    request.world = std::move(*world);
    request.file = file;
    return request;
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto runs = words.size() > 3 ? parse_count(words[2]) : std::nullopt;
    const auto concurrency = words.size() > 3 ? parse_count(words[3]) : std::nullopt;
    const bool cold = words.size() == 5 && words[4] == "cold";
    if (!runs || !concurrency || words.size() > 5 || (words.size() == 5 && !cold)) {
        fmt::print(stderr, "usage: engine_bench FILE API_URL RUNS CONCURRENCY [cold]\n");
        return 2;
    }
    Worker worker;
    const auto request = load(words[0], words[1], worker.evaluator);
    if (!request) return 1;
    if (!cold) (void)play(worker, *request, *runs / 10 + 1, *concurrency);
    const Span span;
    const Batch batch = play(worker, *request, *runs, *concurrency);
    if (batch.failed > 0)
        fmt::print(stderr, "engine_bench: {} failed; the first: {}\n", batch.failed, batch.first_failure);
    return span.print(*runs, batch.failed) ? 0 : 1;
}
