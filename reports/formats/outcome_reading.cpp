// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/outcome_reading.hpp"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/formats/moment.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 32;  ///< children of children; what lies deeper is passed over

const Json& member(const Json& json, const char* key) {
    static const Json nothing;
    if (!json.is_object()) return nothing;
    const auto found = json.find(key);
    return found == json.end() ? nothing : *found;
}

std::string text(const Json& json, const char* key) {
    const Json& value = member(json, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}
bool flag(const Json& json, const char* key) {
    const Json& value = member(json, key);
    return value.is_boolean() && value.get<bool>();
}
int whole(const Json& json, const char* key) {
    const Json& value = member(json, key);
    return value.is_number() && std::abs(value.get<double>()) < 2e9 ? static_cast<int>(value.get<double>()) : 0;
}
std::optional<double> number(const Json& json, const char* key) {
    const Json& value = member(json, key);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}
/// Of milliseconds; more than a hundred years is nothing that was measured.
std::optional<Duration> duration_or_none(const Json& json, const char* key) {
    const std::optional<double> ms = number(json, key);
    if (!ms || !(std::abs(*ms) < 3e12)) return std::nullopt;
    return std::chrono::duration_cast<Duration>(std::chrono::microseconds(std::llround(*ms * 1000)));
}
Duration duration(const Json& json, const char* key) {
    return duration_or_none(json, key).value_or(Duration::zero());
}

Verdict verdict(const Json& json) {
    const std::string name = text(json, "verdict");
    for (int i = 0; i <= static_cast<int>(Verdict::aborted); ++i) {
        if (name == name_of(static_cast<Verdict>(i))) return static_cast<Verdict>(i);
    }
    return Verdict::error;  // whatever a later version says here, it is no pass
}

template <class Read>
auto list(const Json& json, const char* key, Read read) {
    std::vector<decltype(read(json))> all;
    const Json& values = member(json, key);
    if (!values.is_array()) return all;
    for (const Json& one : values) all.push_back(read(one));
    return all;
}

std::string as_text(const Json& json) {
    return json.is_string() ? json.get<std::string>() : std::string();
}
std::pair<std::string, std::string> header(const Json& json) {
    if (!json.is_array() || json.size() != 2) return {};
    return {as_text(json[0]), as_text(json[1])};
}

/// "chat-delivery.yaml:23:5"; empty when nowhere.
std::string place_text(const Json& json) {
    const Json& value = member(json, "place");
    const std::string file = text(value, "file");
    if (file.empty()) return {};
    return file + ":" + std::to_string(whole(value, "line")) + ":" + std::to_string(whole(value, "column"));
}

Finding finding(const Json& json) {
    std::vector<std::string> explanation = list(json, "explanation", as_text);
    if (std::string place = place_text(json); !place.empty())
        explanation.insert(explanation.begin(), "in " + std::move(place));
    return {.verdict = verdict(json),
            .place = {},
            .failure_class = text(json, "failure_class"),
            .message = text(json, "message"),
            .note = text(json, "note"),
            .explanation = std::move(explanation)};
}

std::optional<HttpExchange> http(const Json& json) {
    const Json& value = member(json, "http");
    if (!value.is_object()) return std::nullopt;
    const Json& timings = member(value, "timings");
    return HttpExchange{.method = text(value, "method"),
                        .url = text(value, "url"),
                        .status = whole(value, "status"),
                        .version = text(value, "version"),
                        .remote = text(value, "remote"),
                        .timings = {.dns = duration(timings, "dns_ms"),
                                    .connect = duration(timings, "connect_ms"),
                                    .tls = duration(timings, "tls_ms"),
                                    .first_byte = duration(timings, "first_byte_ms"),
                                    .total = duration(timings, "total_ms")},
                        .request_headers = list(value, "request_headers", header),
                        .response_headers = list(value, "response_headers", header),
                        .request_body = text(value, "request_body"),
                        .response_body = text(value, "response_body"),
                        .curl = text(value, "curl"),
                        .insecure = flag(value, "insecure"),
                        .certificate_expiry_days = number(value, "certificate_expiry_days")};
}

FrameNote frame(const Json& json) {
    return {.at = duration(json, "at_ms"),
            .outgoing = flag(json, "outgoing"),
            .text = text(json, "text"),
            .remark = text(json, "remark")};
}

Delivery delivery(const Json& json) {
    return {.nonce = text(json, "nonce"),
            .sender = text(json, "sender"),
            .receiver = text(json, "receiver"),
            .state = text(json, "state"),
            .send_to_receive = duration_or_none(json, "send_to_receive_ms"),
            .ack_to_receive = duration_or_none(json, "ack_to_receive_ms"),
            .copies = whole(json, "copies")};
}

Attempt attempt(const Json& json) {
    return {.nonce = text(json, "nonce"),
            .verdict = verdict(json),
            .failure_class = text(json, "failure_class"),
            .message = text(json, "message"),
            .took = duration(json, "took_ms")};
}

std::vector<StepResult> steps(const Json& json, const char* key, int depth, int& number_of_last) {
    std::vector<StepResult> all;
    const Json& values = member(json, key);
    if (!values.is_array() || depth > deepest) return all;
    for (const Json& one : values) {
        StepResult step;
        step.number = ++number_of_last;
        step.part = text(one, "part");
        step.id = text(one, "id");
        step.kind = text(one, "kind");
        step.actor = text(one, "actor");
        step.title = text(one, "title");
        step.verdict = verdict(one);
        step.started_after = duration(one, "started_after_ms");
        step.took = duration(one, "took_ms");
        step.findings = list(one, "findings", finding);
        step.http = http(one);
        step.frames = list(one, "frames", frame);
        step.children = steps(one, "children", depth + 1, number_of_last);
        all.push_back(std::move(step));
    }
    return all;
}

}  // namespace

Result<Outcome> read_outcome(std::string_view text_of_it) {
    constexpr bool throwing = false;
    const Json json = Json::parse(text_of_it, nullptr, throwing);
    if (!json.is_object()) return fail("the evidence of the run cannot be read", "it was not written by Serin");
    Outcome outcome;
    outcome.scenario = text(json, "scenario");
    outcome.file = text(json, "file");
    const Json& cell = member(json, "cell");
    if (cell.is_object()) {
        for (const auto& [name, value] : cell.items()) outcome.cell.axes.emplace_back(name, as_text(value));
    }
    outcome.vantage = text(json, "vantage");
    outcome.run_id = text(json, "run_id");
    outcome.nonce = text(json, "nonce");
    outcome.trace_id = text(json, "trace_id");
    outcome.verdict = verdict(json);
    outcome.failure_class = text(json, "failure_class");
    outcome.message = text(json, "message");
    outcome.started_at = parse_moment(text(json, "started_at"), Wall{}).value_or(Wall{});
    outcome.took = duration(json, "took_ms");
    int number_of_last = 0;
    outcome.steps = steps(json, "steps", 0, number_of_last);
    outcome.deliveries = list(json, "deliveries", delivery);
    outcome.attempts = list(json, "attempts", attempt);
    outcome.cleanup_failed = flag(json, "cleanup_failed");
    outcome.leaked = list(json, "leaked", as_text);
    outcome.again = text(json, "again");
    return outcome;
}

}  // namespace serin
