// SPDX-License-Identifier: Apache-2.0
// One attempt at one scenario in one cell. Internal to the engine; the story is in run.cpp, the kinds of steps in
// *_steps.cpp.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/task_group.hpp"
#include "scenarios/engine/client.hpp"
#include "scenarios/engine/deliveries.hpp"
#include "scenarios/engine/engine.hpp"
#include "scenarios/engine/scope.hpp"

namespace serin {

/// What a sending step left behind, for `from`, the ledger and the ack→receive time.
struct Sent {
    std::string step;  ///< id, or ""
    std::string actor;
    std::string nonce;  ///< empty: the message carries none
    std::string turn;   ///< nonce of the iteration that sent it
    int line = 0;
    Steady started{}, first_byte{}, answered{};
    bool rejected = false, acknowledged = false;
    bool refused = false;  ///< answered 4xx: nothing was made. (A 5xx may have made it all the same.)
};

/// Where a step is being played: its names, its deadline and what part of the scenario it belongs to.
struct Stage {
    std::shared_ptr<Names> names;
    Deadline deadline;
    const char* part = "steps";  ///< steps, defer, cleanup, diagnose
    std::size_t first_sent = 0;  ///< index into Run::sent_: where the innermost iteration of a `repeat` began
};

/// A deferred step with the names that it was armed with.
struct Armed {
    std::shared_ptr<const Steps> steps;
    std::shared_ptr<Names> names;
    std::size_t sent = 0;  ///< index into Run::sent_ of the arming step, or npos
};

/// Where a step began and ended: for a `from` that names one which holds others, or sends nothing itself.
struct Mark {
    std::size_t first_sent = 0, end_sent = 0;  ///< indices into Run::sent_
    Steady started{};
};

/// The sendings that a `receive` or `none` refers to, and what follows from them.
class Reference {
public:
    /// `sent` in order of sending, alive as long as this: one, or one for each iteration of a `repeat`; may be empty,
    /// and then `started` tells where the clock starts and from where on frames count.
    Reference(std::vector<const Sent*> sent, Steady clock, Steady scan_from);
    [[nodiscard]] const std::vector<const Sent*>& sent() const { return sent_; }
    [[nodiscard]] const Sent* last() const { return sent_.empty() ? nullptr : sent_.back(); }
    [[nodiscard]] Steady clock() const { return clock_; }          ///< where `within` starts
    [[nodiscard]] Steady scan_from() const { return scan_from_; }  ///< earlier frames do not count
    /// True when each of several messages can be told from the others by its own nonce.
    [[nodiscard]] bool message_by_message() const { return sent_.size() > 1 && index_.size() == sent_.size(); }
    /// Which of the sendings `payload` shows, by its nonce.
    [[nodiscard]] std::optional<std::size_t> index_of(const std::string& payload) const;
    /// … or else the last one; null without any.
    [[nodiscard]] const Sent* sender_of(const std::string& payload) const;
    /// When `payload` had to be there: each message has its own clock.
    [[nodiscard]] Steady due(const std::string& payload, Duration within) const;

private:
    std::vector<const Sent*> sent_;
    Steady clock_{}, scan_from_{};
    std::unordered_map<std::string, std::size_t> index_;  // by nonce
};

/// A `receive` that goes on counting copies while later steps run.
struct Watch {
    const Step* step = nullptr;
    const ReceiveStep* receive = nullptr;
    Client* client = nullptr;
    Conversation* conversation = nullptr;
    std::shared_ptr<const Json> pattern;
    std::size_t from_frame = 0;  ///< first frame of the log that counts
    Reference reference;
    int exactly = 0;      ///< of all messages together; 0: at least one
    Steady until{};       ///< end of the settling time
    std::string nonce;    ///< of the single message, or of the waiting step's own turn
    bool tagged = false;  ///< the awaited frame carries a nonce: only then can a delivery be accounted for
    int number = 0;       ///< of the StepResult in the outcome
};

class Run {
public:
    Run(const Engine::Parts& parts, const RunRequest& request, std::string run_id, std::string trace_id, int attempt,
        Deadline deadline);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    /// The whole attempt: steps (cancellable), settling, cleanup, goodbye. Fills and returns the outcome.
    boost::asio::awaitable<Outcome> play();
    /// Of the last failing answer, when the target asked for it.
    [[nodiscard]] std::optional<Duration> retry_after() const { return retry_after_; }

private:
    // cleanup.cpp
    [[nodiscard]] bool has_to_clean_up() const { return !armed_.empty() || !scenario_.cleanup.empty(); }
    boost::asio::awaitable<void> clean_up();
    /// Notes as leaked what cleanup was not allowed to do any more.
    void give_up(const Step& step, const Stage& stage, bool nothing_made);
    /// One step of cleanup: a failure is noted as a leak and stops nothing. `nothing_made`: the arming step was
    /// refused.
    boost::asio::awaitable<void> tidy(const Step& step, Stage stage, bool nothing_made);

    // run.cpp: the story
    boost::asio::awaitable<void> play_steps();
    boost::asio::awaitable<void> say_goodbye();
    /// A defect of ours makes the outcome an error; what it knows of steps and leaks stays.
    void note_defect(const std::exception_ptr& defect);
    /// `judged`: what the steps looked at; cleanup proves nothing about the target.
    void fold(int judged);
    /// Plays steps in order into `results`; false as soon as one did not pass (the rest is blocked).
    boost::asio::awaitable<bool> play_all(const Steps& steps, Stage stage, std::vector<StepResult>& results);
    /// Plays one step; `result` is filled also when the step is cancelled (then operation_aborted travels on).
    boost::asio::awaitable<void> play_one(const Step& step, Stage stage, StepResult& result);
    /// Fills what is known of a step before it is played.
    void introduce(const Step& step, const Stage& stage, StepResult& result);
    boost::asio::awaitable<void> perform(const Step& step, Stage stage, StepResult& result);
    boost::asio::awaitable<void> diagnose(const Step& step, Stage stage, StepResult& result);

    // http_steps.cpp
    boost::asio::awaitable<void> play_http(const Step& step, const HttpStep& http, Stage stage, StepResult& result);
    boost::asio::awaitable<void> play_poll(const Step& step, const PollStep& poll, Stage stage, StepResult& result);
    /// nullopt when the request could not be made (a finding says why).
    std::optional<HttpRequest> make_request(const Step& step, const HttpStep& http, const Stage& stage, Client& client,
                                            StepResult& result);
    void note_exchange(const HttpRequest& request, const HttpObservation& seen, StepResult& result) const;

    // websocket_steps.cpp
    boost::asio::awaitable<void> play_connect(const Step& step, const ConnectStep& connect, Stage stage,
                                              StepResult& result);
    boost::asio::awaitable<void> play_send(const Step& step, const SendStep& send, Stage stage, StepResult& result);
    boost::asio::awaitable<void> play_receive(const Step& step, const ReceiveStep& receive, Stage stage,
                                              StepResult& result);
    /// `receive: { $close: … }`: the server must close, with a code that `code` matches.
    boost::asio::awaitable<void> await_close(const Step& step, const ReceiveStep& receive, const Json& code,
                                             Conversation& conversation, Deadline until, StepResult& result);
    boost::asio::awaitable<void> play_none(const Step& step, const NoneStep& none, Stage stage, StepResult& result);
    Conversation* conversation_of(const Step& step, StepResult& result);
    /// Frames of the log from `first` on as evidence, each with why it did not match.
    std::vector<FrameNote> frame_notes(const FrameLog& log, std::size_t first, const Json* pattern, bool strict) const;
    std::optional<WireFailure> ended(const FrameLog& log) const;

    // watches.cpp: what became of the messages
    boost::asio::awaitable<void> settle();
    void close_watch(const Watch& watch);
    void settle_delivery(const Watch& watch, const Sent* sent, const std::vector<Seen>& seen, StepResult* result);
    [[nodiscard]] Reference reference_of(const std::optional<std::string>& from, const Client& receiver,
                                         const Stage& stage) const;
    [[nodiscard]] StepResult* result_numbered(int number);
    /// Makes the step of that number, and those that hold it, at least as bad as `verdict`.
    void worsen_step(int number, Verdict verdict);

    // control_steps.cpp
    boost::asio::awaitable<void> play_repeat(const Step& step, const RepeatStep& repeat, Stage stage,
                                             StepResult& result);
    boost::asio::awaitable<void> play_parallel(const Step& step, const ParallelStep& parallel, Stage stage,
                                               StepResult& result);
    /// The branches of one `parallel`: the first that fails hard cancels the others.
    struct Branches {
        TaskGroup group;
        bool failed = false;
    };
    boost::asio::awaitable<void> play_branch(const Steps& steps, Stage stage, Branches& branches,
                                             std::vector<StepResult>& results);
    boost::asio::awaitable<void> play_call(const Step& step, const CallStep& call, Stage stage, StepResult& result);
    void play_set(const Step& step, const SetStep& set, const Stage& stage, StepResult& result);
    boost::asio::awaitable<void> play_pause(const Step& step, const PauseStep& pause, Stage stage, StepResult& result);
    boost::asio::awaitable<void> play_lua(const Step& step, const LuaStep& lua, Stage stage, StepResult& result);

    // judge.cpp: expectations, match, save
    /// Judges `expect`, `match` (against `payload` when given) and evaluates `save`. True: nothing hard failed.
    bool judge(const Step& step, const StepFields& fields, const std::string* payload, bool binary, const Stage& stage,
               StepResult& result);
    void find(StepResult& result, const Step& step, const Place& place, std::string failure_class,
              const std::string& message, const std::string& note = {},
              const std::vector<std::string>& explanation = {}) const;
    void find(StepResult& result, const Step& step, const WireFailure& failure, std::string note = {}) const;
    /// For errors of templates and expressions: ours or the author's, never the target's.
    void find_error(StepResult& result, const Step& step, const Error& error) const;

    Client* client_of(const Step& step, StepResult& result);
    std::string nonce_of(const Stage& stage) const;
    std::string next_nonce();
    std::size_t note_sending(const Step& step, const Stage& stage, std::string_view payload);
    [[nodiscard]] std::string redacted(std::string_view text) const;
    [[nodiscard]] Duration since_start(Steady t) const { return t - started_; }

    const Engine::Parts& parts_;
    const RunRequest& request_;
    const Scenario& scenario_;
    const World& world_;
    Evaluator& lua_;
    const int attempt_;
    const Deadline deadline_;
    const Steady started_;
    const Target* const target_;  ///< the run's own; null when there are no targets
    const bool sends_repeatedly_;
    int nonces_ = 0;
    int numbers_ = 0;     ///< of step results
    bool asked_ = false;  ///< some step went out to a target
    int judged_ = 0;      ///< expectations and matches that were really looked at
    std::string folder_;
    std::shared_ptr<const Scope> base_;  ///< nonce, target, matrix, vars, secret …: what fragments see too
    std::shared_ptr<Names> names_;       ///< the scenario's own
    std::vector<std::unique_ptr<Client>> clients_;
    std::deque<Sent> sent_;  ///< a deque: waiting steps refer to its members while parallel ones send
    std::map<std::string, Mark, std::less<>> marks_;  ///< by id of the step, the latest of it
    std::vector<Armed> armed_;
    std::vector<std::unique_ptr<Watch>> watches_;
    std::vector<std::shared_ptr<const Step>> script_steps_;  ///< watches and cleanup may look at them to the end
    std::optional<Duration> retry_after_;
    Outcome outcome_;
    bool aborted_ = false;
};

/// True for a frame that came in and matches.
[[nodiscard]] bool shows(const Json& pattern, const Frame& frame, bool strict);

/// "stored_not_pushed" → "stored, not pushed".
[[nodiscard]] std::string words(std::string_view failure_class);

}  // namespace serin
