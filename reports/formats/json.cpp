// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/formats/formats.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

/// Milliseconds, exact to the microsecond.
double ms(Duration d) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(d).count()) / 1000;
}
Json ms(const std::optional<Duration>& d) {
    return d ? Json(ms(*d)) : Json(nullptr);
}

template <class Items, class Make>
Json list(const Items& items, Make make) {
    Json all = Json::array();
    for (const auto& item : items) all.push_back(make(item));
    return all;
}

Json place_json(const Place& place) {
    if (!place.known()) return nullptr;
    return {{"file", place.source->name}, {"line", place.line}, {"column", place.column}, {"length", place.length}};
}

Json finding_json(const Finding& finding) {
    return {{"verdict", name_of(finding.verdict)},
            {"place", place_json(finding.place)},
            {"failure_class", finding.failure_class},
            {"message", finding.message},
            {"note", finding.note},
            {"explanation", finding.explanation}};
}

Json header_json(const std::pair<std::string, std::string>& header) {
    return Json::array({header.first, header.second});
}

Json http_json(const std::optional<HttpExchange>& http) {
    if (!http) return nullptr;
    const HttpTimings& timings = http->timings;
    return {{"method", http->method},
            {"url", http->url},
            {"status", http->status},
            {"version", http->version},
            {"remote", http->remote},
            {"timings",
             {{"dns_ms", ms(timings.dns)},
              {"connect_ms", ms(timings.connect)},
              {"tls_ms", ms(timings.tls)},
              {"first_byte_ms", ms(timings.first_byte)},
              {"total_ms", ms(timings.total)}}},
            {"request_headers", list(http->request_headers, header_json)},
            {"response_headers", list(http->response_headers, header_json)},
            {"request_body", http->request_body},
            {"response_body", http->response_body},
            {"curl", http->curl},
            {"insecure", http->insecure},
            {"certificate_expiry_days",
             http->certificate_expiry_days ? Json(*http->certificate_expiry_days) : Json(nullptr)}};
}

Json frame_json(const FrameNote& frame) {
    return {{"at_ms", ms(frame.at)}, {"outgoing", frame.outgoing}, {"text", frame.text}, {"remark", frame.remark}};
}

Json step_json(const StepResult& step) {
    return {{"part", step.part},
            {"id", step.id},
            {"kind", step.kind},
            {"actor", step.actor},
            {"title", step.title},
            {"place", place_json(step.place)},
            {"verdict", name_of(step.verdict)},
            {"started_after_ms", ms(step.started_after)},
            {"took_ms", ms(step.took)},
            {"findings", list(step.findings, finding_json)},
            {"http", http_json(step.http)},
            {"frames", list(step.frames, frame_json)},
            {"children", list(step.children, step_json)}};
}

Json delivery_json(const Delivery& delivery) {
    return {{"nonce", delivery.nonce},
            {"sender", delivery.sender},
            {"receiver", delivery.receiver},
            {"state", delivery.state},
            {"send_to_receive_ms", ms(delivery.send_to_receive)},
            {"ack_to_receive_ms", ms(delivery.ack_to_receive)},
            {"copies", delivery.copies}};
}

Json attempt_json(const Attempt& attempt) {
    return {{"nonce", attempt.nonce},
            {"verdict", name_of(attempt.verdict)},
            {"failure_class", attempt.failure_class},
            {"message", attempt.message},
            {"took_ms", ms(attempt.took)}};
}

Json cell_json(const Cell& cell) {
    Json axes = Json::object();
    for (const auto& [name, value] : cell.axes) axes[name] = value;
    return axes;
}

Json totals_json(const Totals& totals, const std::vector<std::string>& missing) {
    return {{"runs", totals.runs()},       {"pass", totals.pass},
            {"degraded", totals.degraded}, {"fail", totals.fail},
            {"error", totals.error},       {"skipped", totals.skipped},
            {"aborted", totals.aborted},   {"not_run", missing.size()},
            {"never_started", missing},    {"cleanup_failed", totals.cleanup_failed},
            {"took_ms", ms(totals.took)},  {"nothing_ran", totals.nothing_ran()}};
}

/// One document, for programs. Written at the end, because the totals belong to it.
class JsonReporter : public Reporter {
public:
    std::string begin(std::size_t planned) override {
        planned_ = planned;
        return {};
    }

    std::string outcome(const Outcome& outcome) override {
        first_start_ = outcomes_.empty() ? outcome.started_at : std::min(first_start_, outcome.started_at);
        outcomes_.push_back(outcome_json(outcome));
        return {};
    }

    std::string end(const Totals& totals) override {
        const Json document{{"schema", "serin.run/1"},
                            {"started_at", outcomes_.empty() ? Json(nullptr) : Json(rfc3339(first_start_))},
                            {"planned", planned_},
                            {"totals", totals_json(totals, missing_runs(planned_, totals))},
                            {"outcomes", outcomes_}};
        // ASCII only: a control character of the C1 set, written as UTF-8, would steer a terminal that shows the
        // document.
        constexpr bool ascii_only = true;
        return document.dump(2, ' ', ascii_only, Json::error_handler_t::replace) + "\n";
    }

private:
    std::size_t planned_ = 0;
    Wall first_start_{};
    Json outcomes_ = Json::array();
};

}  // namespace

nlohmann::json outcome_json(const Outcome& outcome) {
    return {{"scenario", outcome.scenario},
            {"file", outcome.file},
            {"cell", cell_json(outcome.cell)},
            {"vantage", outcome.vantage},
            {"run_id", outcome.run_id},
            {"nonce", outcome.nonce},
            {"trace_id", outcome.trace_id},
            {"verdict", name_of(outcome.verdict)},
            {"failure_class", outcome.failure_class},
            {"message", outcome.message},
            {"started_at", rfc3339(outcome.started_at)},
            {"took_ms", ms(outcome.took)},
            {"steps", list(outcome.steps, step_json)},
            {"deliveries", list(outcome.deliveries, delivery_json)},
            {"attempts", list(outcome.attempts, attempt_json)},
            {"cleanup_failed", outcome.cleanup_failed},
            {"leaked", outcome.leaked},
            {"again", outcome.again}};
}

std::unique_ptr<Reporter> make_json_reporter(ReportOptions) {
    return std::make_unique<JsonReporter>();
}

}  // namespace serin
