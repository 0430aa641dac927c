// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scenario_play.hpp"

#include <catch2/catch.hpp>

#include "core/drawing.hpp"

namespace serin::test {
namespace {

boost::asio::awaitable<void> play_into(Engine& engine, RunRequest request, Outcome& outcome) {
    outcome = co_await engine.run(std::move(request));
}

const StepResult* found(const std::vector<StepResult>& results, std::string_view wanted, bool by_id) {
    for (const StepResult& result : results) {
        if ((by_id ? result.id : result.kind) == wanted) return &result;
        if (const StepResult* inner = found(result.children, wanted, by_id)) return inner;
    }
    return nullptr;
}

/// Collects texts, one a line.
struct Strings {
    std::string all;
    void add(std::string_view text) { all.append(text).append("\n"); }
    void add(const std::vector<std::pair<std::string, std::string>>& pairs) {
        for (const auto& [first, second] : pairs) {
            add(first);
            add(second);
        }
    }
    void add(const HttpExchange& exchange) {
        add(exchange.method);
        add(exchange.url);
        add(exchange.version);
        add(exchange.remote);
        add(exchange.request_headers);
        add(exchange.response_headers);
        add(exchange.request_body);
        add(exchange.response_body);
        add(exchange.curl);
    }
    void add(const StepResult& result) {
        add(result.part);
        add(result.id);
        add(result.kind);
        add(result.actor);
        add(result.title);
        for (const Finding& finding : result.findings) {
            add(finding.failure_class);
            add(finding.message);
            add(finding.note);
            for (const std::string& line : finding.explanation) add(line);
        }
        if (result.http) add(*result.http);
        for (const FrameNote& note : result.frames) {
            add(note.text);
            add(note.remark);
        }
        for (const StepResult& child : result.children) add(child);
    }
};

}  // namespace

Target Play::target(const std::string& name, const std::string& api, const std::string& ws) {
    Target one;
    one.name = name;
    one.values = {{"api", api}, {"ws", ws}};
    return one;
}

std::shared_ptr<const Scenario> Play::load(std::string_view scenario) const {
    const ReadFile read = [&](const std::string& path) -> Result<std::string> {
        if (path == "scenario.yaml") return std::string(scenario);
        const auto file = files.find(path);
        if (file == files.end()) return fail("there is no file " + path);
        return file->second;
    };
    Loaded loaded = load_scenario("scenario.yaml", read);
    if (!loaded.scenario) FAIL(draw(loaded.mistakes, Palette{}));
    return std::make_shared<const Scenario>(*std::move(loaded.scenario));
}

Result<std::shared_ptr<const World>> Play::world_of(const Scenario& scenario) {
    return make_world(scenario, WorldSource{.targets = targets, .set = set, .vantage = "lab", .given_secrets = secrets},
                      evaluator);
}

Outcome Play::of(std::string_view scenario) {
    RunRequest request;
    request.scenario = load(scenario);
    auto world = world_of(*request.scenario);
    if (!world) FAIL(world.error().title);
    request.world = *world;
    request.cell = cell;
    request.target = chosen_target;
    request.file = "scenario.yaml";
    request.evidence = evidence;
    request.stop = &stop;
    Engine engine(Engine::Parts{.executor = context.get_executor(),
                                .clock = clock,
                                .http = http,
                                .websocket = websocket,
                                .evaluator = evaluator,
                                .ledger = ledger,
                                .nonces = nonces});
    Outcome outcome;
    run_virtually(context, clock, play_into(engine, std::move(request), outcome));
    return outcome;
}

const StepResult& step(const Outcome& outcome, std::string_view id_or_kind) {
    const StepResult* result = found(outcome.steps, id_or_kind, true);
    if (result == nullptr) result = found(outcome.steps, id_or_kind, false);
    if (result == nullptr) FAIL("no step " << id_or_kind << " in: " << verdicts(outcome.steps));
    return *result;
}

std::string verdicts(const std::vector<StepResult>& results) {
    std::string text;
    for (const StepResult& result : results) {
        if (!text.empty()) text += ", ";
        text += (result.id.empty() ? result.kind : result.id) + " " + name_of(result.verdict);
    }
    return text;
}

std::string verdicts(const Outcome& outcome, std::string_view part) {
    std::vector<StepResult> of_part;
    for (const StepResult& result : outcome.steps) {
        if (result.part == part) of_part.push_back(result);
    }
    return verdicts(of_part);
}

std::string told(const StepResult& result) {
    std::string text;
    for (const Finding& finding : result.findings) {
        text += finding.failure_class + ": " + finding.message + " | " + finding.note + "\n";
        for (const std::string& line : finding.explanation) text += line + "\n";
    }
    return text;
}

std::string every_string(const Outcome& outcome) {
    Strings strings;
    strings.add(outcome.scenario);
    strings.add(outcome.cell.axes);
    strings.add(outcome.failure_class);
    strings.add(outcome.message);
    strings.add(outcome.again);
    for (const StepResult& result : outcome.steps) strings.add(result);
    for (const Delivery& delivery : outcome.deliveries) {
        strings.add(delivery.nonce);
        strings.add(delivery.sender);
        strings.add(delivery.receiver);
        strings.add(delivery.state);
    }
    for (const Attempt& attempt : outcome.attempts) {
        strings.add(attempt.nonce);
        strings.add(attempt.failure_class);
        strings.add(attempt.message);
    }
    for (const std::string& one : outcome.leaked) strings.add(one);
    return strings.all;
}

}  // namespace serin::test
