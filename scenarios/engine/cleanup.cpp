// SPDX-License-Identifier: Apache-2.0
// What runs whatever happened before: deferred steps, last in first out, then the scenario's own cleanup.
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/engine/run.hpp"

namespace serin {

boost::asio::awaitable<void> Run::clean_up() {
    Stage stage{
        .names = names_, .deadline = deadline_after(parts_.clock.now(), scenario_.cleanup_timeout), .part = "defer"};
    std::exception_ptr cancelled, defect;
    for (bool last = false; !last;) {
        // One loop for all: a coroutine that has been cancelled can await no other that would give the rest up.
        last = armed_.empty();
        Armed armed{.steps = nullptr, .names = names_, .sent = static_cast<std::size_t>(-1)};
        if (last) {
            stage.part = "cleanup";
        } else {
            armed = std::move(armed_.back());
            armed_.pop_back();
        }
        stage.names = armed.names;
        const bool nothing_made = armed.sent < sent_.size() && sent_[armed.sent].refused;
        for (const Step& step : last ? scenario_.cleanup : *armed.steps) {
            if (cancelled) {
                give_up(step, stage, nothing_made);
                continue;
            }
            try {
                co_await tidy(step, stage, nothing_made);
            } catch (const boost::system::system_error&) {
                cancelled = std::current_exception();
            } catch (...) {
                if (!defect) defect = std::current_exception();  // of ours; the rest is tried all the same
            }
        }
    }
    if (defect) std::rethrow_exception(defect);
    if (cancelled) std::rethrow_exception(cancelled);
}

void Run::give_up(const Step& step, const Stage& stage, bool nothing_made) {
    StepResult& result = outcome_.steps.emplace_back();
    introduce(step, stage, result);
    result.verdict = Verdict::blocked;
    if (const auto* http = std::get_if<HttpStep>(&step.action)) {
        const Result<std::string> url = lua_.resolve_text(http->url, *stage.names);
        if (url) result.title = http->method + " " + redacted(*url);
        if (!url && nothing_made) return;
    }
    outcome_.cleanup_failed = true;
    outcome_.leaked.push_back(redacted(result.title));
}

boost::asio::awaitable<void> Run::tidy(const Step& step, Stage stage, bool nothing_made) {
    StepResult result;
    std::exception_ptr thrown;
    try {
        co_await play_one(step, stage, result);
    } catch (...) {
        thrown = std::current_exception();
    }
    const bool unresolved = !result.findings.empty() && result.findings.front().failure_class == "expression_error";
    if (nothing_made && unresolved) {
        // The target refused to make it, so the name that cleanup needs was never saved and nothing is left behind.
        result.verdict = Verdict::skipped;
        result.findings.clear();
    } else if (thrown || result.verdict >= Verdict::error) {
        outcome_.cleanup_failed = true;
        outcome_.leaked.push_back(redacted(result.title));
    }
    outcome_.steps.push_back(std::move(result));
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace serin
