// SPDX-License-Identifier: Apache-2.0
#include "standins/pager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/ids.hpp"
#include "net/http_client.hpp"

namespace serin {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::size_t max_event = 512 << 10;
constexpr std::size_t max_dedup_key = 255, max_summary = 1024, routing_key_size = 32;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}
ServerResponse reply(int status, const json& body) {
    return {.status = status, .headers = {}, .body = dump(body), .content_type = "application/json"};
}
ServerResponse invalid(const std::vector<std::string>& errors) {
    return reply(400, {{"status", "invalid event"}, {"message", "Event object is invalid"}, {"errors", errors}});
}
ServerResponse refuse(Manner manner) {
    switch (manner) {
        case Manner::bad_request:
            return invalid({"the stand-in wants no event today"});
        case Manner::unauthorized:
            return reply(401, {{"status", "unauthorized"}, {"message", "who are you?"}});
        case Manner::too_many:
            return reply(429, {{"status", "throttle exceeded"}, {"message", "Requests for this service are too many"}});
        default:
            return reply(503, {{"status", "unavailable"}, {"message", "try again"}});
    }
}

/// A text at `key`, or "".
std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

json payload_of(const json& event) {
    const auto found = event.find("payload");
    return found != event.end() && found->is_object() ? *found : json::object();
}

/// By the vendor's reference of the Events API v2.
std::vector<std::string> mistakes_in(const json& event) {
    std::vector<std::string> errors;
    const std::string action = text_at(event, "event_action");
    const std::string dedup_key = text_at(event, "dedup_key");
    if (text_at(event, "routing_key").size() != routing_key_size)
        errors.emplace_back("'routing_key' must be 32 characters");
    if (!one_of(action, {"trigger", "acknowledge", "resolve"}))
        errors.emplace_back("'event_action' is missing or invalid");
    if (dedup_key.size() > max_dedup_key) errors.emplace_back("'dedup_key' is longer than 255");
    if (one_of(action, {"acknowledge", "resolve"}) && dedup_key.empty()) errors.emplace_back("'dedup_key' is missing");
    if (action != "trigger") return errors;
    const json payload = payload_of(event);
    const std::string summary = text_at(payload, "summary");
    if (summary.empty() || summary.size() > max_summary)
        errors.emplace_back("'payload.summary' is missing or longer than 1024");
    if (text_at(payload, "source").empty()) errors.emplace_back("'payload.source' is missing or blank");
    if (!one_of(text_at(payload, "severity"), {"critical", "error", "warning", "info"}))
        errors.emplace_back("'payload.severity' is missing or invalid");
    for (const char* part : {"images", "links"}) {
        if (event.contains(part) && !event[part].is_array())
            errors.emplace_back(fmt::format("'{}' must be a list", part));
    }
    return errors;
}

json as_json(const PagerIncident& incident) {
    return {{"id", incident.id},         {"type", "incident"},        {"incident_key", incident.dedup_key},
            {"status", incident.status}, {"title", incident.summary}, {"summary", incident.summary}};
}

}  // namespace

struct PagerStandin::Impl {
    Impl(const asio::any_io_executor& executor, Options given) : options(std::move(given)), http(executor) {}

    Options options;
    HttpClient http;
    std::vector<PagerIncident> incidents;
    std::vector<std::string> changes;
    std::map<std::string, CallWindow> calls;  ///< of each key
    std::unique_ptr<MannerlyServer> server;

    ServerResponse take(const ServerRequest& request, int copies);
    ServerResponse enqueue(const json& event, int copies);
    ServerResponse enqueue_change(const json& event, int copies);
    void act(const json& event, const std::string& dedup_key);
    [[nodiscard]] ServerResponse list(const ServerRequest& request) const;
    [[nodiscard]] bool admits(const std::string& routing_key);
    [[nodiscard]] bool knows(const std::string& routing_key) const {
        return options.routing_keys.empty() ||
               std::ranges::find(options.routing_keys, routing_key) != options.routing_keys.end();
    }
    PagerIncident* open_one(const std::string& dedup_key, const std::string& routing_key);
    [[nodiscard]] std::string seen() const;
};

ServerResponse PagerStandin::Impl::take(const ServerRequest& request, int copies) {
    if (request.path() == "/incidents" && request.method == "GET") return list(request);
    const bool change = request.path() == "/v2/change/enqueue";
    if (request.path() != "/v2/enqueue" && !change) return reply(404, {{"message", "not found"}});
    if (request.method != "POST") return reply(405, {{"message", "POST"}});
    if (request.body.size() > max_event) return reply(413, {{"status", "invalid event"}, {"message", "too large"}});
    const json event = json::parse(request.body, nullptr, false);
    if (!event.is_object()) return invalid({"the body is not a JSON object"});
    if (!admits(text_at(event, "routing_key"))) return refuse(Manner::too_many);
    return change ? enqueue_change(event, copies) : enqueue(event, copies);
}

bool PagerStandin::Impl::admits(const std::string& routing_key) {
    const auto window = calls.try_emplace(routing_key, options.calls, options.window).first;
    return window->second.admit(std::chrono::steady_clock::now());
}

ServerResponse PagerStandin::Impl::enqueue(const json& event, int copies) {
    const std::vector<std::string> errors = mistakes_in(event);
    if (!errors.empty()) return invalid(errors);
    if (!knows(text_at(event, "routing_key"))) return invalid({"'routing_key' is not of any service"});
    const std::string given = text_at(event, "dedup_key");
    const std::string dedup_key = given.empty() ? make_trace_id() : given;
    for (int i = 0; i < copies; ++i) act(event, dedup_key);
    return reply(202, {{"status", "success"}, {"message", "Event processed"}, {"dedup_key", dedup_key}});
}

PagerIncident* PagerStandin::Impl::open_one(const std::string& dedup_key, const std::string& routing_key) {
    const auto found = std::ranges::find_if(incidents, [&](const PagerIncident& each) {
        return each.dedup_key == dedup_key && (routing_key.empty() || each.routing_key == routing_key) &&
               each.status != "resolved";
    });
    return found == incidents.end() ? nullptr : &*found;
}

void PagerStandin::Impl::act(const json& event, const std::string& dedup_key) {
    const std::string routing_key = text_at(event, "routing_key");
    const std::string action = text_at(event, "event_action");
    PagerIncident* open = open_one(dedup_key, routing_key);
    if (action != "trigger") {
        if (open != nullptr) open->status = action == "resolve" ? "resolved" : "acknowledged";
        return;
    }
    if (open != nullptr) {
        ++open->triggers;
        if (open->status == "acknowledged") ++open->swallowed;
        return;
    }
    const json payload = payload_of(event);
    incidents.push_back({.id = fmt::format("P{}", incidents.size() + 1),
                         .dedup_key = dedup_key,
                         .routing_key = routing_key,
                         .status = "triggered",
                         .summary = text_at(payload, "summary"),
                         .severity = text_at(payload, "severity"),
                         .triggers = 1,
                         .pages = 1,
                         .swallowed = 0,
                         .by = {}});
}

ServerResponse PagerStandin::Impl::enqueue_change(const json& event, int copies) {
    const std::string routing_key = text_at(event, "routing_key");
    const std::string summary = text_at(payload_of(event), "summary");
    std::vector<std::string> errors;
    if (routing_key.size() != routing_key_size || routing_key.starts_with('R'))
        errors.emplace_back("'routing_key' is invalid");
    if (summary.empty() || summary.size() > max_summary)
        errors.emplace_back("'payload.summary' is missing or longer than 1024");
    if (!errors.empty()) return invalid(errors);
    for (int i = 0; i < copies; ++i) changes.push_back(summary);
    return reply(202, {{"status", "success"}, {"message", "Change event processed"}});
}

ServerResponse PagerStandin::Impl::list(const ServerRequest& request) const {
    if (request.header("Authorization") != "Token token=" + options.api_token)
        return reply(401, {{"error", {{"message", "Unauthorized"}, {"code", 2006}}}});
    const std::optional<std::string> key = request.query("incident_key");
    json found = json::array();
    for (const PagerIncident& each : incidents) {
        if (!key || each.dedup_key == *key) found.push_back(as_json(each));
    }
    return reply(200, {{"incidents", std::move(found)}, {"limit", 25}, {"offset", 0}, {"more", false}});
}

std::string PagerStandin::Impl::seen() const {
    json all = json::array();
    for (const PagerIncident& each : incidents) {
        json row = as_json(each);
        row["severity"] = each.severity;
        row["triggers"] = each.triggers;
        row["pages"] = each.pages;
        row["swallowed"] = each.swallowed;
        row["by"] = each.by;
        all.push_back(std::move(row));
    }
    return dump({{"incidents", std::move(all)}, {"changes", changes}, {"calls", server->calls()}});
}

Result<std::unique_ptr<PagerStandin>> PagerStandin::listen(const asio::any_io_executor& executor, Options options) {
    auto impl = std::make_unique<Impl>(executor, std::move(options));
    Impl* const self = impl.get();
    auto server = MannerlyServer::listen(
        executor, {.take = [self](const ServerRequest& request, int copies) { return self->take(request, copies); },
                   .refuse = &refuse,
                   .seen = [self] { return self->seen(); },
                   .reads = [](const ServerRequest& request) { return request.path() == "/incidents"; }});
    if (!server) return std::unexpected(server.error());
    impl->server = std::move(*server);
    return std::unique_ptr<PagerStandin>(new PagerStandin(std::move(impl)));
}

PagerStandin::PagerStandin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PagerStandin::~PagerStandin() = default;

MannerlyServer& PagerStandin::server() {
    return *impl_->server;
}
const std::vector<PagerIncident>& PagerStandin::incidents() const {
    return impl_->incidents;
}
const std::vector<std::string>& PagerStandin::changes() const {
    return impl_->changes;
}
void PagerStandin::set_webhook(std::string url, std::string key) {
    impl_->options.webhook_url = std::move(url);
    impl_->options.webhook_key = std::move(key);
}

asio::awaitable<int> PagerStandin::person(std::string dedup_key, std::string status, std::string by,
                                          std::string webhook_id) {
    if (webhook_id.empty()) {
        PagerIncident* const open = impl_->open_one(dedup_key, "");
        if (open == nullptr) co_return 0;
        const bool again = status == "unacknowledged" && open->status == "acknowledged";
        open->status = status == "unacknowledged" ? "triggered" : status;
        open->by = by;
        if (again) ++open->pages;
    }
    const auto last =
        std::ranges::find(impl_->incidents.rbegin(), impl_->incidents.rend(), dedup_key, &PagerIncident::dedup_key);
    if (last == impl_->incidents.rend() || impl_->options.webhook_url.empty()) co_return 0;
    const json event = {{"id", make_span_id()},
                        {"event_type", "incident." + status},
                        {"resource_type", "incident"},
                        {"occurred_at", rfc3339(std::chrono::system_clock::now())},
                        {"agent", {{"id", "PUSER"}, {"type", "user_reference"}, {"summary", by}}},
                        {"data", as_json(*last)}};
    HttpRequest request;
    request.method = "POST";
    request.url = impl_->options.webhook_url;
    request.body = dump({{"event", event}});
    std::string hex;
    for (const char c : hmac_sha256(impl_->options.webhook_key, *request.body))
        hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    request.headers = {{"Content-Type", "application/json"},
                       {"X-PagerDuty-Signature", "v1=" + hex},
                       {"X-Webhook-Id", webhook_id.empty() ? make_trace_id() : webhook_id}};
    request.deadline = deadline_after(std::chrono::steady_clock::now(), std::chrono::seconds(5));
    const HttpReply answer = co_await impl_->http.perform(request);
    co_return answer.curl_code == 0 ? answer.seen.status : 0;
}

}  // namespace serin
