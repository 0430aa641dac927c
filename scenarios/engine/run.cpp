// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/run.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include "core/failure_classes.hpp"
#include "scenarios/engine/nonces_in.hpp"

namespace serin {
namespace {

constexpr Duration goodbye_time = std::chrono::seconds(1);
constexpr Duration diagnose_time = std::chrono::seconds(5);

const Target* own_target(const RunRequest& request) {
    const std::vector<Target>& targets = request.world->targets;
    // A matrix axis called `target` or `shard` chooses the run's own target.
    std::string wanted = request.target;
    for (const auto& [axis, value] : request.cell.axes) {
        if (axis == "target" || axis == "shard") wanted = value;
    }
    for (const Target& target : targets) {
        if (wanted.empty() || target.name == wanted) return &target;
    }
    return nullptr;
}

/// The names that are the run's own. Made when they are asked for: most scenarios look at two or three of them.
class RunNames final : public Scope {
public:
    /// All of it must outlive this scope; the outcome's ids must be set.
    RunNames(const RunRequest& request, const Target* target, const Outcome& outcome, int attempt)
        : request_(request), target_(target), outcome_(outcome), attempt_(attempt) {}

    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override {
        const World& world = *request_.world;
        if (name == "nonce") return outcome_.nonce;
        if (name == "target") return target();
        if (name == "targets") return document_binding(world.target_values, "targets");
        if (name == "vars") return document_binding(world.vars, "vars");
        if (name == "secret") return document_binding(world.secret_values, "secret");
        if (name == "matrix") return matrix();
        if (name == "run_id") return outcome_.run_id;
        if (name == "attempt") return std::int64_t{attempt_};
        if (name == "scenario") return outcome_.scenario;
        if (name == "vantage") return world.vantage;
        if (name == "started_at") return rfc3339(outcome_.started_at);
        return std::nullopt;
    }

private:
    [[nodiscard]] Binding target() const {
        if (target_ == nullptr) return value_binding(Json::object(), "target");
        const auto& all = request_.world->target_values;
        return JsonView{.document = all, .node = &all->at(target_->name), .path = "target"};
    }
    [[nodiscard]] Binding matrix() const {
        Json values = Json::object();
        for (const auto& [axis, value] : request_.cell.axes) values[axis] = value;
        return value_binding(std::move(values), "matrix");
    }

    const RunRequest& request_;
    const Target* target_;
    const Outcome& outcome_;
    int attempt_;
};

/// The first result, depth first in order of start, whose own findings made it fail.
const StepResult* first_failing(const std::vector<StepResult>& results, Verdict verdict) {
    for (const StepResult& result : results) {
        if (result.verdict != verdict) continue;
        if (result.findings.empty()) {
            if (const StepResult* inner = first_failing(result.children, verdict)) return inner;
        }
        return &result;
    }
    return nullptr;
}

/// The finding that made the step fail: its own, or that of a step which it holds.
Finding* cause_of(StepResult& result) {
    const auto own = std::ranges::find(result.findings, Verdict::fail, &Finding::verdict);
    if (own != result.findings.end()) return &*own;
    for (StepResult& child : result.children) {
        if (Finding* const inner = cause_of(child)) return inner;
    }
    return nullptr;
}

/// The template as it stands in the file, for steps that never come to resolve it.
std::string as_written(const Template& value) {
    const auto* text = std::get_if<Text>(&value.value);
    std::string written;
    for (const auto& part : text != nullptr ? text->parts : decltype(Text::parts){}) {
        const auto* expression = std::get_if<Expression>(&part);
        written += expression != nullptr ? "${" + expression->text + "}" : std::get<std::string>(part);
    }
    return written;
}

/// "checks/chat.yaml" → "checks"; a few times cheaper than by std::filesystem::path.
std::string folder_of(std::string_view file) {
    const std::size_t slash = file.rfind('/');
    return std::string(file.substr(0, slash == 0 ? 1 : slash == std::string_view::npos ? 0 : slash));
}

/// True when an actor may ask twice, so that cookies can matter: anything but a lone HTTP step.
bool may_ask_twice(const Scenario& scenario) {
    if (scenario.steps.empty()) return false;
    const Step& first = scenario.steps.front();
    const auto* http = std::get_if<HttpStep>(&first.action);
    return scenario.steps.size() + scenario.cleanup.size() > 1 || first.defer || !first.diagnose.empty() ||
           http == nullptr || http->max_redirects > 0;
}

}  // namespace

std::string words(std::string_view failure_class) {
    std::string text(failure_class);
    for (std::size_t at = text.find("_not_"); at != std::string::npos; at = text.find("_not_", at)) {
        text.replace(at, 5, ", not ");
    }
    std::ranges::replace(text, '_', ' ');
    return text;
}

Run::Run(const Engine::Parts& parts, const RunRequest& request, std::string run_id, std::string trace_id, int attempt,
         Deadline deadline)
    : parts_(parts),
      request_(request),
      scenario_(*request.scenario),
      world_(*request.world),
      lua_(parts.evaluator),
      attempt_(attempt),
      deadline_(deadline),
      started_(parts.clock.now()),
      target_(own_target(request)),
      sends_repeatedly_(may_ask_twice(scenario_)) {
    outcome_.scenario = scenario_.name;
    outcome_.file = request.file;
    outcome_.cell = request.cell;
    outcome_.vantage = world_.vantage;
    outcome_.again = request.again;
    outcome_.run_id = std::move(run_id);
    outcome_.trace_id = std::move(trace_id);
    outcome_.started_at = parts.clock.wall();
    outcome_.nonce = next_nonce();
    if (scenario_.source) folder_ = folder_of(scenario_.source->name);
    base_ = std::make_shared<const RunNames>(request, target_, outcome_, attempt);
    names_ = std::make_shared<Names>(base_);
}

Run::~Run() = default;

std::string Run::next_nonce() {
    return parts_.nonces.make(outcome_.run_id, ++nonces_);
}

std::string Run::nonce_of(const Stage& stage) const {
    const std::optional<Binding> nonce = stage.names->find("nonce");
    const auto* text = nonce ? std::get_if<std::string>(&*nonce) : nullptr;
    return text != nullptr ? *text : outcome_.nonce;
}

Client* Run::client_of(const Step& step, StepResult& result) {
    asked_ = true;
    for (const std::unique_ptr<Client>& client : clients_) {
        if (client->name == step.actor) return client.get();
    }
    const auto actor = std::ranges::find(scenario_.actors, step.actor, &Actor::name);
    Result<Client> made =
        make_client(actor != scenario_.actors.end() ? &*actor : nullptr, world_, target_, lua_, *base_, folder_);
    if (!made) {
        find(result, step, actor != scenario_.actors.end() ? actor->place : step.place, "invalid_request",
             made.error().title, made.error().remedy);
        return nullptr;
    }
    made->name = step.actor;
    if (sends_repeatedly_) made->cookies = parts_.http.make_cookie_jar();
    return clients_.emplace_back(std::make_unique<Client>(*std::move(made))).get();
}

std::size_t Run::note_sending(const Step& step, const Stage& stage, std::string_view payload) {
    Sent sent;
    sent.step = step.id;
    sent.actor = step.actor;
    sent.line = step.place.line;
    sent.started = sent.first_byte = parts_.clock.now();
    const std::string nonce = nonce_of(stage);
    sent.turn = nonce;
    if (payload.find(nonce) != std::string_view::npos) {
        sent.nonce = nonce;
        parts_.ledger.sending(Sending{.nonce = nonce,
                                      .run_id = outcome_.run_id,
                                      .scenario = scenario_.name,
                                      .step = step.id.empty() ? step.kind : step.id,
                                      .sender = step.actor,
                                      .at = parts_.clock.wall()});
    }
    sent_.push_back(std::move(sent));
    return sent_.size() - 1;
}

boost::asio::awaitable<Outcome> Run::play() {
    std::exception_ptr defect;
    Stop* const stop = request_.stop;
    std::size_t listener = 0;
    // Cancels at the `requests`th request to stop, which may have been made before anybody listened.
    const auto cancelled_at = [stop, &listener](int requests) {
        return [stop, &listener, requests](std::function<void()> cancel) {
            if (stop == nullptr) return;
            if (stop->requests() >= requests) return cancel();
            listener = stop->listen([stop, requests, told = std::move(cancel)] {
                if (stop->requests() >= requests) told();
            });
        };
    };
    try {
        // Work starts before anybody could cancel it, so a run that must not start is not started.
        aborted_ = stop != nullptr && stop->requested();
        if (!aborted_) aborted_ = !co_await run_cancellable(play_steps(), cancelled_at(1));
    } catch (...) {
        defect = std::current_exception();
    }
    if (stop != nullptr) stop->forget(listener);

    const int judged = judged_;
    try {
        // A second request to stop ends cleanup too; what it had not done by then is reported as leaked.
        if (has_to_clean_up()) co_await run_cancellable(clean_up(), cancelled_at(2));
    } catch (...) {
        if (!defect) defect = std::current_exception();
    }
    if (stop != nullptr) stop->forget(listener);
    co_await say_goodbye();

    fold(judged);
    outcome_.took = since_start(parts_.clock.now());
    if (defect) note_defect(defect);
    co_return std::move(outcome_);
}

boost::asio::awaitable<void> Run::play_steps() {
    const Stage stage{.names = names_, .deadline = deadline_, .part = "steps"};
    co_await play_all(scenario_.steps, stage, outcome_.steps);
    if (!watches_.empty()) co_await settle();
}

boost::asio::awaitable<bool> Run::play_all(const Steps& steps, Stage stage, std::vector<StepResult>& results) {
    // References to results stay valid while their steps run. At least doubled, or a long `repeat` would move all of
    // them at each turn.
    const std::size_t needed = results.size() + steps.size();
    if (needed > results.capacity()) results.reserve(std::max(needed, 2 * results.capacity()));
    bool going = true;
    std::exception_ptr cancelled;
    for (const Step& step : steps) {
        StepResult& result = results.emplace_back();
        if (!going) {
            introduce(step, stage, result);
            result.verdict = Verdict::blocked;
            continue;
        }
        try {
            co_await play_one(step, stage, result);
            going = result.verdict != Verdict::fail && result.verdict != Verdict::error;
        } catch (const boost::system::system_error&) {
            cancelled = std::current_exception();
            going = false;
        }
    }
    if (cancelled) std::rethrow_exception(cancelled);
    co_return going;
}

void Run::introduce(const Step& step, const Stage& stage, StepResult& result) {
    result.number = ++numbers_;
    result.part = stage.part;
    result.id = step.id;
    result.kind = step.kind;
    result.actor = step.actor;
    const auto* http = std::get_if<HttpStep>(&step.action);
    result.title = http != nullptr ? http->method + " " + as_written(http->url) : step.kind;
    result.place = step.place;
    result.started_after = since_start(parts_.clock.now());
}

boost::asio::awaitable<void> Run::play_one(const Step& step, Stage stage, StepResult& result) {
    const Steady start = parts_.clock.now();
    introduce(step, stage, result);
    Mark mark{.first_sent = sent_.size(), .end_sent = sent_.size(), .started = start};
    if (!step.id.empty()) marks_.insert_or_assign(step.id, mark);
    if (step.timeout) stage.deadline = earliest(stage.deadline, deadline_after(start, *step.timeout));

    if (step.condition) {
        const Result<bool> wanted = lua_.holds(*step.condition, *stage.names);
        if (!wanted) {
            find_error(result, step, wanted.error());
            result.verdict = Verdict::error;
            co_return;
        }
        if (!*wanted) {
            result.verdict = Verdict::skipped;
            co_return;
        }
    }
    std::exception_ptr cancelled;
    try {
        if (stage.deadline.passed(start)) {
            find(result, step, step.place, "timeout", "the time was over before this step could start",
                 "after " + human_duration(since_start(start)));
        } else {
            // A coroutine less on the way that nearly every step takes.
            if (const auto* http = std::get_if<HttpStep>(&step.action)) {
                co_await play_http(step, *http, stage, result);
            } else {
                co_await perform(step, stage, result);
            }
        }
    } catch (const boost::system::system_error&) {  // the only exception that travels: cancellation
        cancelled = std::current_exception();
    }
    mark.end_sent = sent_.size();
    if (!step.id.empty()) marks_.insert_or_assign(step.id, mark);
    for (const Finding& finding : result.findings) result.verdict = std::max(result.verdict, finding.verdict);
    if (cancelled) result.verdict = Verdict::aborted;
    result.took = parts_.clock.now() - start;
    if (cancelled) std::rethrow_exception(cancelled);
    if (result.verdict == Verdict::fail && !step.diagnose.empty()) co_await diagnose(step, stage, result);
}

boost::asio::awaitable<void> Run::perform(const Step& step, Stage stage, StepResult& result) {
    const Step::Action& action = step.action;
    // play_http() arms its cleanup when its request has left; the others do at once.
    if (step.defer)
        armed_.push_back(Armed{.steps = step.defer, .names = stage.names, .sent = static_cast<std::size_t>(-1)});
    if (const auto* connect = std::get_if<ConnectStep>(&action)) {
        co_await play_connect(step, *connect, stage, result);
    } else if (const auto* send = std::get_if<SendStep>(&action)) {
        co_await play_send(step, *send, stage, result);
    } else if (const auto* receive = std::get_if<ReceiveStep>(&action)) {
        co_await play_receive(step, *receive, stage, result);
    } else if (const auto* none = std::get_if<NoneStep>(&action)) {
        co_await play_none(step, *none, stage, result);
    } else if (const auto* poll = std::get_if<PollStep>(&action)) {
        co_await play_poll(step, *poll, stage, result);
    } else if (const auto* repeat = std::get_if<RepeatStep>(&action)) {
        co_await play_repeat(step, *repeat, stage, result);
    } else if (const auto* parallel = std::get_if<ParallelStep>(&action)) {
        co_await play_parallel(step, *parallel, stage, result);
    } else if (const auto* call = std::get_if<CallStep>(&action)) {
        co_await play_call(step, *call, stage, result);
    } else if (const auto* set = std::get_if<SetStep>(&action)) {
        play_set(step, *set, stage, result);
    } else if (const auto* pause = std::get_if<PauseStep>(&action)) {
        co_await play_pause(step, *pause, stage, result);
    } else if (const auto* lua = std::get_if<LuaStep>(&action)) {
        co_await play_lua(step, *lua, stage, result);
    }
}

boost::asio::awaitable<void> Run::diagnose(const Step& step, Stage stage, StepResult& result) {
    // Its own small budget: the step may have used up all of the scenario's.
    stage.deadline = deadline_after(parts_.clock.now(), std::min(diagnose_time, scenario_.timeout));
    stage.part = "diagnose";
    stage.names = std::make_shared<Names>(stage.names);
    result.children.reserve(result.children.size() + step.diagnose.size());
    Finding* const cause = cause_of(result);  // stays where it is: the children to come have their room
    if (cause == nullptr) co_return;
    for (const DiagnoseItem& item : step.diagnose) {
        if (item.step) {
            co_await play_one(*item.step, stage, result.children.emplace_back());
            continue;
        }
        const Result<bool> is_it = item.when ? lua_.holds(*item.when, *stage.names) : Result<bool>(true);
        if (is_it && *is_it) {
            cause->failure_class = item.failure_class;
            cause->message += ": " + words(item.failure_class);
            break;
        }
    }
}

boost::asio::awaitable<void> Run::say_goodbye() {
    for (const std::unique_ptr<Watch>& watch : watches_) close_watch(*watch);  // of an aborted run, or of cleanup
    watches_.clear();
    const Deadline deadline = deadline_after(parts_.clock.now(), goodbye_time);
    for (const std::unique_ptr<Client>& client : clients_) {
        if (client->conversation) {
            co_await client->conversation->close(deadline);
            client->earlier.push_back(std::move(client->conversation));
        }
        for (const std::unique_ptr<Conversation>& conversation : client->earlier) {
            for (const Frame& frame : conversation->log().frames) {
                if (frame.outgoing || frame.binary) continue;
                for_each_nonce(frame.payload, [&](const std::string& nonce) {
                    if (!parts_.nonces.ours(nonce)) return;
                    parts_.ledger.sighted(Sighting{.nonce = nonce,
                                                   .receiver = client->name,
                                                   .run_id = outcome_.run_id,
                                                   .at = outcome_.started_at + since_start(frame.at)});
                });
            }
        }
    }
}

void Run::note_defect(const std::exception_ptr& defect) {
    outcome_.verdict = Verdict::error;
    outcome_.failure_class = "internal_error";
    try {
        std::rethrow_exception(defect);
    } catch (const std::exception& thrown) {
        outcome_.message = "a defect of Serin ended the run: " + redacted(thrown.what());
    } catch (...) {
        outcome_.message = "a defect of Serin ended the run";
    }
}

void Run::fold(int judged) {
    Verdict verdict = Verdict::pass;
    for (const StepResult& result : outcome_.steps) {
        if (std::string_view(result.part) != "steps") continue;
        if (result.verdict == Verdict::skipped || result.verdict == Verdict::blocked) continue;
        verdict = std::max(verdict, result.verdict);
    }
    if (aborted_) verdict = Verdict::aborted;
    if (verdict == Verdict::pass && judged == 0) {
        verdict = Verdict::skipped;
        outcome_.message = "nothing was judged: every step with an expectation was skipped";
    }
    outcome_.verdict = verdict;
    if (verdict == Verdict::aborted) {
        outcome_.failure_class = "aborted";
        outcome_.message =
            outcome_.leaked.empty() ? "aborted by a signal" : "aborted by a signal before cleanup was done";
    }
    if (verdict == Verdict::pass || verdict == Verdict::skipped || verdict == Verdict::aborted) return;
    const StepResult* failing = first_failing(outcome_.steps, verdict);
    if (failing == nullptr || failing->findings.empty()) return;
    const auto cause = std::ranges::find(failing->findings, verdict, &Finding::verdict);
    const Finding& finding = cause != failing->findings.end() ? *cause : failing->findings.front();
    outcome_.failure_class = finding.failure_class;
    outcome_.message = finding.message;
}

}  // namespace serin
