// SPDX-License-Identifier: Apache-2.0
// What a run costs in Serin: loads a scenario once and plays it RUNS times on one worker, at most CONCURRENCY at a
// time, with the worker and the batch that `serin run --jobs` uses. Nothing is reported.
//
//   engine_bench FILE API_URL RUNS CONCURRENCY [cold]     cold: no warm-up, so that RUNS = CONCURRENCY measures memory
//
// `target.ws` is API_URL with the scheme ws.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/drawing.hpp"
#include "runner/batch.hpp"
#include "runner/worker.hpp"
#include "scenarios/language/loader.hpp"
#include "tests/bench/measure.hpp"

namespace serin::test {
namespace {

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
    WorldSource source;
    source.targets.push_back(std::move(target));
    RunRequest request;
    request.scenario = std::make_shared<const Scenario>(std::move(*loaded.scenario));
    request.file = file;
    auto world = make_world(*request.scenario, std::move(source), evaluator);
    if (!world) {
        fmt::print(stderr, "engine_bench: {}\n", world.error().title);
        return std::nullopt;
    }
    request.world = std::move(*world);
    return request;
}

boost::asio::awaitable<void> play_all(Worker& worker, std::vector<RunRequest> requests, std::size_t jobs,
                                      BatchEvents events) {
    const Stop never;
    co_await play_batch(worker.loop.executor(), worker.player.engine, std::move(requests), jobs, never,
                        std::move(events));
}

/// Plays `request` so often and returns how many runs did not pass; the first of them is told on standard error.
long play(Worker& worker, const RunRequest& request, long runs, long concurrency) {
    long failed = 0;
    BatchEvents events;
    events.ended = [&failed](const RunRequest&, const Outcome& outcome) {
        if (outcome.verdict == Verdict::pass || failed++ > 0) return;
        fmt::print(stderr, "engine_bench: {}: {}\n", name_of(outcome.verdict), outcome.message);
    };
    std::vector<RunRequest> requests(static_cast<std::size_t>(runs), request);
    worker.loop.run(play_all(worker, std::move(requests), static_cast<std::size_t>(concurrency), std::move(events)));
    return failed;
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
    serin::Worker worker;
    const auto request = load(words[0], words[1], worker.player.evaluator);
    if (!request) return 1;
    if (!cold) (void)play(worker, *request, *runs / 10 + 1, *concurrency);
    const Span span;
    const long failed = play(worker, *request, *runs, *concurrency);
    return span.print(*runs, failed) ? 0 : 1;
}
