// SPDX-License-Identifier: Apache-2.0
// What came of one run: an immutable value that reporters, the store, policy and gate read. Plain data, already
// redacted.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/place.hpp"
#include "core/time.hpp"

namespace serin {

/// Of a run, and (with blocked) of a step. In order of precedence when verdicts are folded into one: a failure that was
/// seen stands, also when another branch could not be judged.
enum class Verdict {
    pass,
    skipped,   ///< `if` was false, or never asked to run; never counts as pass
    blocked,   ///< steps only: an earlier step failed
    degraded,  ///< passed with a soft expectation broken or after a retry
    error,     ///< the prober could not judge: its own fault
    fail,      ///< the target did not do what users need
    aborted,   ///< a signal or a cancel ended it
};
[[nodiscard]] const char* name_of(Verdict v);

/// Phases of one HTTP exchange, each a span in itself (not cumulative); zero where the phase did not happen.
struct HttpTimings {
    Duration dns{}, connect{}, tls{}, first_byte{}, total{};  ///< first_byte: request sent → first byte of the answer
};

/// What was said and answered over HTTP, bounded and redacted, for people.
struct HttpExchange {
    std::string method, url;
    int status = 0;       ///< 0: no answer
    std::string version;  ///< "1.1", "2"
    std::string remote;   ///< "address:port"
    HttpTimings timings;
    std::vector<std::pair<std::string, std::string>> request_headers, response_headers;
    std::string request_body, response_body;  ///< at most a few KiB
    std::string curl;                         ///< a shell line that repeats the request, redacted
    bool insecure = false;                    ///< the certificate was not verified: anybody may have answered
    std::optional<double> certificate_expiry_days;
};

/// One websocket frame of the log, as evidence.
struct FrameNote {
    Duration at{};  ///< since the run started
    bool outgoing = false;
    std::string text;    ///< bounded, redacted; binary as hex
    std::string remark;  ///< why it did not match, or "MATCH"
};

struct Delivery {
    std::string nonce, sender, receiver;
    std::string
        state;  ///< delivered late lost duplicated reordered corrupted misdelivered rejected outstanding unknown
    std::optional<Duration> send_to_receive;  ///< first byte of the sending step → frame
    std::optional<Duration> ack_to_receive;   ///< the sender's answer → frame; may be negative
    int copies = 0;
};

/// One expectation, `match` or deadline that did not hold.
struct Finding {
    Verdict verdict = Verdict::fail;  ///< fail, degraded or error
    Place place;
    std::string failure_class;
    std::string message;                   ///< one line
    std::string note;                      ///< beside the carets
    std::vector<std::string> explanation;  ///< further lines: both sides with values and types, a diff by path
};

struct StepResult {
    int number = 0;                      ///< order of start, from 1, unique within the outcome
    std::string part;                    ///< steps, defer, cleanup, diagnose
    std::string id, kind, actor, title;  ///< title: "POST /v1/messages"
    Place place;
    Verdict verdict = Verdict::pass;
    Duration started_after{};  ///< since the run started
    Duration took{};
    std::vector<Finding> findings;
    std::optional<HttpExchange> http;
    std::vector<FrameNote> frames;
    std::vector<StepResult> children;  ///< of repeat, parallel, call, lua; of diagnose for a failed step
};

struct Cell {
    std::vector<std::pair<std::string, std::string>> axes;  ///< name → value, in the file's order
    /// "sender=us-east-1 receiver=eu-west-2"; empty for a scenario without matrix.
    [[nodiscard]] std::string text() const;
};

struct Attempt {
    std::string nonce;
    Verdict verdict = Verdict::pass;
    std::string failure_class, message;
    Duration took{};
};

struct Outcome {
    std::string scenario;
    std::string file;
    Cell cell;
    std::string vantage;
    std::string run_id, nonce, trace_id;
    Verdict verdict = Verdict::pass;
    std::string failure_class;  ///< of the first failing step, or what diagnose named; empty on pass
    std::string message;        ///< one line for people; empty on pass
    Wall started_at{};
    Duration took{};
    std::vector<StepResult> steps;  ///< in order of start; cleanup included, told apart by `part`
    std::vector<Delivery> deliveries;
    std::vector<Attempt> attempts;  ///< more than one only with `retry`
    bool cleanup_failed = false;
    std::vector<std::string> leaked;  ///< what cleanup could not remove: "DELETE /v1/messages/m-81f"
    std::string again;                ///< the command that repeats this run
};

}  // namespace serin
