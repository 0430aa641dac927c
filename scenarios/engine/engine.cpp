// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/engine.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "scenarios/engine/run.hpp"

namespace serin {
namespace {

/// What stands in for an outcome when a defect of ours ended the run.
Outcome defect_outcome(const RunRequest& request, const std::string& run_id, const std::string& trace_id, Wall at,
                       const std::string& what) {
    Outcome outcome;
    outcome.scenario = request.scenario->name;
    outcome.file = request.file;
    outcome.cell = request.cell;
    outcome.vantage = request.world->vantage;
    outcome.run_id = run_id;
    outcome.trace_id = trace_id;
    outcome.started_at = at;
    outcome.again = request.again;
    outcome.verdict = Verdict::error;
    outcome.failure_class = "internal_error";
    outcome.message = "a defect of Serin ended the run: " + request.world->redactor.redact(what);
    return outcome;
}

}  // namespace

boost::asio::awaitable<Outcome> Engine::run(RunRequest request) {
    const Scenario& scenario = *request.scenario;
    const Steady start = parts_.clock.now();
    const Deadline whole = deadline_after(start, scenario.timeout);
    const std::string trace_id = make_trace_id();
    std::vector<Attempt> attempts;
    std::vector<std::string> leaked;  // by earlier attempts
    bool cleanup_failed = false;
    for (int attempt = 1;; ++attempt) {
        const Wall wall = parts_.clock.wall();
        const std::string run_id = make_run_id(wall);
        Outcome outcome;
        std::optional<Duration> asked_to_wait;
        try {
            Run run(parts_, request, run_id, trace_id, attempt, whole);
            outcome = co_await run.play();
            asked_to_wait = run.retry_after();
        } catch (const std::exception& defect) {
            outcome = defect_outcome(request, run_id, trace_id, wall, defect.what());
        }
        cleanup_failed = cleanup_failed || outcome.cleanup_failed;
        leaked.insert(leaked.end(), outcome.leaked.begin(), outcome.leaked.end());
        attempts.push_back(Attempt{.nonce = outcome.nonce,
                                   .verdict = outcome.verdict,
                                   .failure_class = outcome.failure_class,
                                   .message = outcome.message,
                                   .took = outcome.took});
        const bool retryable = outcome.verdict == Verdict::fail || outcome.verdict == Verdict::error;
        const Duration pause = std::max(scenario.retry.backoff, asked_to_wait.value_or(Duration::zero()));
        const Steady again = deadline_after(parts_.clock.now(), pause).at;
        const bool stopped = request.stop != nullptr && request.stop->requested();
        if (retryable && attempt < scenario.retry.attempts && !stopped && again < whole.at) {
            std::size_t listener = 0;
            const bool slept =
                co_await run_cancellable(sleep_until(parts_.clock, again), [&](std::function<void()> cancel) {
                    if (request.stop != nullptr) listener = request.stop->listen(std::move(cancel));
                });
            if (request.stop != nullptr) request.stop->forget(listener);
            if (slept) continue;
        }
        if (attempts.size() > 1) {
            outcome.attempts = std::move(attempts);
            outcome.cleanup_failed = cleanup_failed;
            outcome.leaked = std::move(leaked);
            if (outcome.verdict == Verdict::pass) {
                outcome.verdict = Verdict::degraded;
                outcome.failure_class = "flaky";
                outcome.message =
                    "passed at attempt " + std::to_string(attempt) + "; the first: " + outcome.attempts.front().message;
            }
        }
        co_return outcome;
    }
}

}  // namespace serin
