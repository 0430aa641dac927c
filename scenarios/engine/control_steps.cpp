// SPDX-License-Identifier: Apache-2.0
// Steps that hold other steps, and those that only compute or wait.
#include <algorithm>
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include "scenarios/engine/run.hpp"
#include "scenarios/language/json_text.hpp"

namespace serin {
namespace {

constexpr std::int64_t most_iterations = 10'000;

Verdict worst_of(const std::vector<StepResult>& results) {
    Verdict worst = Verdict::pass;
    for (const StepResult& result : results) {
        if (result.verdict == Verdict::skipped || result.verdict == Verdict::blocked) continue;
        worst = std::max(worst, result.verdict);
    }
    return worst;
}

/// A step that was cut short by a failing sibling was not ended by a signal.
void block_aborted(StepResult& result) {
    if (result.verdict == Verdict::aborted) result.verdict = Verdict::blocked;
    for (StepResult& child : result.children) block_aborted(child);
}

}  // namespace

boost::asio::awaitable<void> Run::play_repeat(const Step& step, const RepeatStep& repeat, Stage stage,
                                              StepResult& result) {
    const Result<Json> times = lua_.resolve(repeat.times, *stage.names);
    if (!times) co_return find_error(result, step, times.error());
    if (!times->is_number_integer() || times->get<std::int64_t>() < 1 || times->get<std::int64_t>() > most_iterations) {
        co_return find(result, step, repeat.times.place, "expression_error",
                       "`times` must be a whole number from 1 to 10000", "it is " + plain_text(*times));
    }
    const auto count = times->get<std::int64_t>();
    result.title = "repeat " + std::to_string(count) + " times";
    Steady start = parts_.clock.now();
    for (std::int64_t i = 1; i <= count; ++i) {
        Stage inner = stage;
        inner.names = std::make_shared<Names>(stage.names);
        inner.first_sent = sent_.size();
        inner.names->set("nonce", next_nonce());
        inner.names->set("iteration", i);
        const bool went_well = co_await play_all(*repeat.steps, inner, result.children);
        if (!went_well) break;
        // The last iteration's values stay for the steps that follow; each cleanup keeps those of its own.
        auto outer_nonce = stage.names->find("nonce");
        stage.names->adopt(*inner.names);
        if (outer_nonce) stage.names->set("nonce", *outer_nonce);
        const Steady due = deadline_after(start, repeat.every).at;
        start = std::max(due, parts_.clock.now());  // no catching up after a slow one
        if (i < count && due > parts_.clock.now()) co_await sleep_until(parts_.clock, std::min(due, stage.deadline.at));
    }
    result.verdict = worst_of(result.children);
    if (result.verdict >= Verdict::error) co_return;
    const StepFields fields(*stage.names);
    judge(step, fields, nullptr, false, stage, result);
}

boost::asio::awaitable<void> Run::play_branch(const Steps& steps, Stage stage, Branches& branches,
                                              std::vector<StepResult>& results) {
    // A branch that started earlier may have failed before this one was even spawned.
    if (branches.failed) {
        for (const Step& step : steps) {
            StepResult& result = results.emplace_back();
            introduce(step, stage, result);
            result.verdict = Verdict::blocked;
        }
        co_return;
    }
    const bool went_well = co_await play_all(steps, stage, results);
    if (went_well || branches.failed) co_return;
    branches.failed = true;
    branches.group.cancel();  // the first hard failure decides; the others need not go on
}

boost::asio::awaitable<void> Run::play_parallel(const Step& step, const ParallelStep& parallel, Stage stage,
                                                StepResult& result) {
    result.title = "parallel, " + std::to_string(parallel.branches.size()) + " branches";
    std::vector<std::vector<StepResult>> results(parallel.branches.size());
    Branches branches{.group = TaskGroup(parts_.executor), .failed = false};
    for (std::size_t i = 0; i < parallel.branches.size(); ++i) {
        branches.group.spawn(play_branch(parallel.branches[i], stage, branches, results[i]));
    }
    std::exception_ptr thrown;
    try {
        co_await branches.group.join();
    } catch (...) {
        thrown = std::current_exception();
    }
    for (std::vector<StepResult>& branch : results) {
        for (StepResult& one : branch) {
            if (branches.failed) block_aborted(one);
            result.children.push_back(std::move(one));
        }
    }
    result.verdict = worst_of(result.children);
    if (thrown) std::rethrow_exception(thrown);
    const StepFields fields(*stage.names);
    if (result.verdict < Verdict::error) judge(step, fields, nullptr, false, stage, result);
}

boost::asio::awaitable<void> Run::play_call(const Step& step, const CallStep& call, Stage stage, StepResult& result) {
    result.title = "call " + call.fragment;
    const Fragment& fragment = *call.target;
    // A fragment sees what is the run's, and its inputs; not the caller's names.
    Stage inner = stage;
    inner.names = std::make_shared<Names>(base_);
    inner.names->set("nonce", nonce_of(stage));
    for (const TemplateEntry& input : fragment.inputs) {
        const auto given = std::ranges::find(call.with, input.key, &TemplateEntry::key);
        Result<Json> value = given != call.with.end() ? lua_.resolve(given->value, *stage.names)
                                                      : lua_.resolve(input.value, *inner.names);
        if (!value) co_return find_error(result, step, value.error());
        inner.names->set(input.key, value_binding(*std::move(value), input.key));
    }
    const bool went_well = co_await play_all(fragment.steps, inner, result.children);
    result.verdict = worst_of(result.children);
    if (!went_well) co_return;
    StepFields fields(*stage.names);
    for (const Save& output : fragment.outputs) {
        Result<Json> value = lua_.evaluate(output.value, *inner.names);
        if (!value) {
            find(result, step, output.place, "expectation_failed",
                 "`" + fragment.name + "` has no `" + output.name + "`: " + value.error().title);
            co_return;
        }
        fields.set(output.name, value_binding(*std::move(value), output.name));
    }
    judge(step, fields, nullptr, false, stage, result);
    if (!step.id.empty()) stage.names->set(step.id, document_binding(fields.as_document(), step.id));
}

void Run::play_set(const Step& step, const SetStep& set, const Stage& stage, StepResult& result) {
    result.title = "set";
    for (const TemplateEntry& entry : set.values) {
        Result<Json> value = lua_.resolve(entry.value, *stage.names);
        if (!value) return find_error(result, step, value.error());
        stage.names->set(entry.key, value_binding(*std::move(value), entry.key));
        result.title += " " + entry.key;
    }
    const StepFields fields(*stage.names);
    judge(step, fields, nullptr, false, stage, result);
}

boost::asio::awaitable<void> Run::play_pause(const Step& step, const PauseStep& pause, Stage stage,
                                             StepResult& result) {
    const Result<std::string> text = lua_.resolve_text(pause.duration, *stage.names);
    if (!text) co_return find_error(result, step, text.error());
    const std::optional<Duration> duration = parse_duration(*text);
    if (!duration) {
        co_return find(result, step, pause.duration.place, "expression_error", "`" + *text + "` is not a duration",
                       "write 500ms, 2s or 1m30s");
    }
    result.title = "pause " + *text;
    const Steady until = deadline_after(parts_.clock.now(), *duration).at;
    co_await sleep_until(parts_.clock, std::min(until, stage.deadline.at));
    if (until > stage.deadline.at) {
        find(result, step, step.place, "timeout", "the time was over before the pause of " + *text + " had passed");
        co_return;
    }
    const StepFields fields(*stage.names);
    judge(step, fields, nullptr, false, stage, result);
}

boost::asio::awaitable<void> Run::play_lua(const Step& step, const LuaStep& lua, Stage stage, StepResult& result) {
    result.title = "lua";
    auto inner = std::make_shared<Names>(stage.names);
    Script script(lua_, lua, *inner);
    Json answer = nullptr;
    while (true) {
        const std::variant<Script::Ask, Script::Ended> said = script.next(answer);
        if (const auto* ended = std::get_if<Script::Ended>(&said)) {
            if (ended->error) {
                Place place = lua.place;
                if (ended->line > 0) place.line += ended->line - 1;
                find(result, step, place, "script_error", ended->error->title, ended->error->remedy);
            }
            break;
        }
        const auto& ask = std::get<Script::Ask>(said);
        Place place = lua.place;
        place.line += std::max(0, ask.line - 1);
        LoadedStep loaded = step_from_json(*ask.step, place);
        if (!loaded.step) {
            const Mistake& mistake = loaded.mistakes.front();
            find(result, step, place, "script_error", mistake.title, mistake.remedy);
            break;
        }
        for (auto& [name, value] : script.results()) inner->set(name, value_binding(std::move(value), name));
        const bool anonymous = loaded.step->id.empty();
        if (anonymous) loaded.step->id = "(answer)";  // no name that an expression could spell
        const auto asked = std::make_shared<const Step>(*std::move(loaded.step));
        script_steps_.push_back(asked);
        Stage here = stage;
        here.names = std::make_shared<Names>(inner);
        StepResult one;
        std::exception_ptr cancelled;
        try {
            co_await play_one(*asked, here, one);
        } catch (const boost::system::system_error&) {
            cancelled = std::current_exception();
        }
        if (anonymous) one.id.clear();
        result.verdict = std::max(result.verdict, one.verdict == Verdict::skipped ? Verdict::pass : one.verdict);
        const bool went_well = one.verdict < Verdict::error;
        result.children.push_back(std::move(one));
        if (cancelled) std::rethrow_exception(cancelled);
        if (!went_well) break;
        inner->adopt(*here.names);
        const std::optional<Binding> seen = here.names->find(asked->id);
        const auto* view = seen ? std::get_if<JsonView>(&*seen) : nullptr;
        answer = view != nullptr ? *view->node : Json(nullptr);
    }
    for (auto& [name, value] : script.results()) stage.names->set(name, value_binding(std::move(value), name));
    if (result.verdict >= Verdict::error || !result.findings.empty()) co_return;
    const StepFields fields(*stage.names);
    judge(step, fields, nullptr, false, stage, result);
}

}  // namespace serin
