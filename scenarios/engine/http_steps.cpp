// SPDX-License-Identifier: Apache-2.0
// HTTP steps and polling: from a step to a request, from an observation to a result.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "core/shell.hpp"
#include "scenarios/engine/headers.hpp"
#include "scenarios/engine/http_body.hpp"
#include "scenarios/engine/run.hpp"

namespace serin {
namespace {

constexpr std::size_t evidence_body = 2048;
constexpr std::size_t evidence_header = 512;

bool changes_something(const HttpStep& http) {
    return !http.read_only && http.method != "GET" && http.method != "HEAD" && http.method != "OPTIONS";
}

/// What authenticates, whether or not its value was named as a secret.
bool is_credential(std::string_view header) {
    return same_header(header, "authorization") || same_header(header, "proxy-authorization") ||
           same_header(header, "cookie") || same_header(header, "set-cookie");
}

/// `headers` and `body`: as they may be shown. Cookies of the actor's jar are not repeated.
std::string curl_line(const HttpRequest& request, const Headers& headers, const std::string& body,
                      const std::function<std::string(const std::string&)>& redacted) {
    // Redacted first, quoted then: quoting may change a secret so that no form of it is recognised.
    const auto quoted = [&](const std::string& text) { return shell_quoted(redacted(text)); };
    std::string line = "curl -sS -i";
    if (request.method == "HEAD") {
        line += " -I";
    } else if (request.body ? request.method != "POST" : request.method != "GET") {
        line += " -X " + request.method;
    }
    if (request.http_version == "1.1") line += " --http1.1";
    if (request.http_version == "2") line += request.url.starts_with("https") ? " --http2" : " --http2-prior-knowledge";
    for (const auto& [name, value] : headers) line += " -H " + quoted(fmt::format("{}: {}", name, value));
    if (request.body) {
        if (!has_header(request.headers, "content-type")) line += " -H 'Content-Type:'";
        line += " --data-raw " + quoted(body);  // raw: a leading `@` names no file
    }
    for (const std::string& entry : request.route.connect_to) line += " --connect-to " + quoted(entry);
    for (const std::string& entry : request.route.resolve) line += " --resolve " + quoted(entry);
    line += request.route.proxy.empty() ? " --noproxy '*'" : " -x " + quoted(request.route.proxy);
    if (!request.route.tls.verify) line += " -k";
    if (!request.route.tls.ca.empty()) line += " --cacert " + quoted(request.route.tls.ca);
    if (!request.route.tls.cert.empty()) line += " --cert " + quoted(request.route.tls.cert);
    if (!request.route.tls.key.empty()) line += " --key " + quoted(request.route.tls.key);
    if (request.max_redirects > 0) line += " -L --max-redirs " + std::to_string(request.max_redirects);
    return line + " " + quoted(request.url);
}

std::optional<Duration> retry_after_of(const HttpObservation& seen) {
    if (seen.status != 429 && seen.status != 503) return std::nullopt;
    for (const auto& [name, value] : seen.headers) {
        // RFC 9110 §10.2.3; its date form is not honoured: clocks of two hosts are never subtracted.
        if (!same_header(name, "retry-after") || value.empty() || value.size() > 6) continue;
        if (value.find_first_not_of("0123456789") != std::string::npos) continue;
        return std::chrono::seconds(std::stol(value));
    }
    return std::nullopt;
}

}  // namespace

std::optional<HttpRequest> Run::make_request(const Step& step, const HttpStep& http, const Stage& stage, Client& client,
                                             StepResult& result) {
    const Scope& names = *stage.names;
    const auto refuse = [&](const Error& error) {
        find_error(result, step, error);
        return std::nullopt;
    };
    HttpRequest request;
    request.method = http.method;
    const Result<std::string> written = lua_.resolve_text(http.url, names);
    if (!written) return refuse(written.error());
    result.title = http.method + " " + redacted(*written);
    Result<std::string> url = absolute_url(*written, client.api, "api");
    if (!url) {
        find(result, step, step.place, "invalid_request", url.error().title, url.error().remedy);
        return std::nullopt;
    }
    request.url = *std::move(url);
    for (const TemplateEntry& entry : http.query) {
        const Result<std::string> value = lua_.resolve_text(entry.value, names);
        if (!value) return refuse(value.error());
        request.url += request.url.find('?') == std::string::npos ? '?' : '&';
        request.url += url_escape(entry.key) + "=" + url_escape(*value);
    }
    request.headers = client.headers;
    for (const TemplateEntry& entry : http.headers) {
        Result<std::string> value = lua_.resolve_text(entry.value, names);
        if (!value) return refuse(value.error());
        put_header(request.headers, entry.key, *std::move(value));
    }
    Result<HttpBody> body = make_body(http, lua_, names, folder_);
    if (!body) {
        if (!body.error().own_fault) return refuse(body.error());
        find(result, step, step.place, "unreadable_file", body.error().title, body.error().remedy);
        return std::nullopt;
    }
    request.body = std::move(body->bytes);
    if (!body->content_type.empty() && !has_header(request.headers, "content-type")) {
        request.headers.emplace_back("Content-Type", std::move(body->content_type));
    }
    request.headers.emplace_back("traceparent", "00-" + outcome_.trace_id + "-" + make_span_id() + "-01");
    request.headers.emplace_back("X-Canary", scenario_.name + "/" + outcome_.run_id);
    request.route = client.route;
    request.cookies = client.cookies;
    request.http_version = client.http_version;
    request.reuse = client.reuse;
    if (http.reuse) {
        const Result<Json> reuse = lua_.resolve(*http.reuse, names);
        if (!reuse) return refuse(reuse.error());
        request.reuse = reuse->is_boolean() && reuse->get<bool>();
    }
    request.max_redirects = http.max_redirects;
    request.max_body = http.max_body;
    request.deadline = stage.deadline;
    return request;
}

void Run::note_exchange(const HttpRequest& request, const HttpObservation& seen, StepResult& result) const {
    HttpExchange exchange;
    exchange.method = request.method;
    exchange.url = redacted(request.url);
    exchange.status = seen.status;
    exchange.version = seen.version;
    exchange.remote = seen.remote;
    exchange.timings = seen.timings;
    exchange.certificate_expiry_days = seen.certificate_expiry_days;
    exchange.insecure = !request.route.tls.verify;
    if (!result.findings.empty() || request_.evidence == Evidence::of_all) {
        const auto copy = [this](const Headers& from, std::vector<std::pair<std::string, std::string>>& to) {
            for (const auto& [name, value] : from) {
                std::string shown = clipped(redacted(value), evidence_header);
                if (is_credential(name) && shown == value) shown = "[hidden]";
                to.emplace_back(name, std::move(shown));
            }
        };
        copy(request.headers, exchange.request_headers);
        copy(seen.headers, exchange.response_headers);
        if (request.body) exchange.request_body = clipped(redacted(*request.body), evidence_body);
        exchange.response_body = clipped(redacted(seen.body), evidence_body);
        exchange.curl = curl_line(request, exchange.request_headers, exchange.request_body,
                                  [this](const std::string& text) { return redacted(text); });
    }
    result.http = std::move(exchange);
}

boost::asio::awaitable<void> Run::play_http(const Step& step, const HttpStep& http, Stage stage, StepResult& result) {
    Client* const client = client_of(step, result);
    if (client == nullptr) co_return;
    const std::optional<HttpRequest> request = make_request(step, http, stage, *client, result);
    if (!request) co_return;

    auto sent = static_cast<std::size_t>(-1);
    if (changes_something(http)) sent = note_sending(step, stage, request->url + (request->body ? *request->body : ""));
    HttpObservation seen;
    std::exception_ptr cancelled;
    try {
        seen = co_await parts_.http.observe(*request);
    } catch (const boost::system::system_error&) {
        cancelled = std::current_exception();
    }
    // Armed as soon as request bytes may have left: a POST that timed out may well have created something.
    if (step.defer && (cancelled || seen.sent != Steady{} || seen.status != 0)) {
        armed_.push_back(Armed{.steps = step.defer, .names = stage.names, .sent = sent});
    }
    if (cancelled) std::rethrow_exception(cancelled);
    if (sent < sent_.size()) {
        sent_[sent].first_byte = seen.sent != Steady{} ? seen.sent : seen.started;
        sent_[sent].answered = seen.ended;
        sent_[sent].rejected = !seen.failure && seen.status >= 400;
        sent_[sent].refused = sent_[sent].rejected && seen.status < 500;
        sent_[sent].acknowledged = !seen.failure && seen.status >= 200 && seen.status < 300;
    }
    if (seen.failure) {
        find(result, step, *seen.failure);
        ++judged_;
    } else {
        StepFields fields(*stage.names);
        fields.set_exchange(&seen);
        judge(step, fields, &seen.body, false, stage, result);
        if (!step.id.empty()) stage.names->set(step.id, document_binding(fields.as_document(), step.id));
    }
    if (!result.findings.empty()) {
        if (const std::optional<Duration> wished = retry_after_of(seen)) retry_after_ = wished;
    }
    note_exchange(*request, seen, result);
}

boost::asio::awaitable<void> Run::play_poll(const Step& step, const PollStep& poll, Stage stage, StepResult& result) {
    const auto* http = std::get_if<HttpStep>(&poll.request->action);
    Step reading = *poll.request;  // the read, as the poll's actor when it names none of its own
    if (reading.actor.empty()) reading.actor = step.actor;
    Client* const client = client_of(reading, result);
    if (http == nullptr || client == nullptr) co_return;
    const Steady start = parts_.clock.now();
    const Deadline until = earliest(stage.deadline, deadline_after(start, poll.within));
    const Stage look{.names = stage.names, .deadline = until, .part = stage.part};
    for (std::int64_t tries = 1;; ++tries) {
        const Steady asked = parts_.clock.now();
        StepResult one;
        std::optional<HttpRequest> request = make_request(reading, *http, look, *client, one);
        result.title = "poll " + one.title;
        if (!request) {
            result.findings = std::move(one.findings);
            co_return;
        }
        const HttpObservation seen = co_await parts_.http.observe(*request);
        StepFields fields(*stage.names);
        if (seen.failure) {
            find(one, step, *seen.failure);
            ++judged_;
        } else {
            fields.set_exchange(&seen);
            fields.set("tries", tries);
            judge(step, fields, &seen.body, false, stage, one);
        }
        const bool judgeable =
            std::ranges::none_of(one.findings, [](const Finding& f) { return f.verdict == Verdict::error; });
        const Steady next = std::max(deadline_after(asked, poll.every).at, parts_.clock.now());
        const bool over = next >= until.at;
        if (one.findings.empty() || !judgeable || over) {
            result.findings = std::move(one.findings);
            if (!result.findings.empty() && judgeable) {
                Finding& last = result.findings.front();
                last.explanation.insert(last.explanation.begin(),
                                        std::to_string(tries) + (tries == 1 ? " try" : " tries") + " within " +
                                            human_duration(poll.within) + "; this is the last answer");
                if (!seen.failure && last.failure_class == "expectation_failed") last.failure_class = "not_in_time";
            }
            if (!step.id.empty() && !seen.failure) {
                stage.names->set(step.id, document_binding(fields.as_document(), step.id));
            }
            note_exchange(*request, seen, result);
            co_return;
        }
        if (next > parts_.clock.now()) co_await sleep_until(parts_.clock, next);
    }
}

}  // namespace serin
