// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api.hpp"

#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "core/names.hpp"
#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/dashboard/api_answers.hpp"
#include "reports/dashboard/api_guard.hpp"
#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/views_json.hpp"
#include "reports/formats/change_json.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_body_bytes = 64 << 10;

/// A request on its way through the doors: refused, or a call.
struct Admitted {
    std::optional<ServerResponse> refusal;
    const ApiRoute* route = nullptr;
    Caller caller;
    ApiCall call;
};

Admitted refused(ServerResponse response) {
    Admitted admitted;
    admitted.refusal = std::move(response);
    return admitted;
}

ServerResponse no_route(const RouteMatch& match, const std::string& path) {
    if (match.allow.empty())
        return error_answer(404, "there is nothing at " + clipped(valid_utf8(path) ? path : "this address", 100),
                            "docs/openapi.yaml lists all addresses");
    ServerResponse response = error_answer(405, "this address does not know the method", "it knows " + match.allow);
    response.headers.emplace_back("Allow", match.allow);
    return response;
}

std::optional<ServerResponse> refuse_body(const ApiRoute& route, const ServerRequest& request) {
    if (request.body.size() > most_body_bytes)
        return error_answer(413, "the body is too long", "at most " + std::to_string(most_body_bytes) + " bytes");
    const bool json = route.body == ApiBody::json || (route.body == ApiBody::optional && !request.body.empty());
    if (json && !has_json(request))
        return error_answer(415, "the body must be JSON", "send it with `Content-Type: application/json`");
    return std::nullopt;
}

Admitted admit(ServerRequest request, const Tokens& tokens, Wall now) {
    if (tokens.empty() && !asks_this_machine(request))
        return refused(error_answer(403, "without tokens, only this machine is served",
                                    "ask localhost, 127.0.0.1 or [::1], or put a token under `listen.tokens`"));
    const std::string path = request.path();
    const RouteMatch match = match_route(request.method, path);
    if (match.route == nullptr) return refused(no_route(match, path));
    const ApiRoute& route = *match.route;
    Admitted admitted;
    admitted.route = &route;
    admitted.caller = caller_of(request, tokens);
    if (auto refusal = refuse(admitted.caller, route.scope)) return refused(std::move(*refusal));
    if (route.method != "GET" && comes_from_another_site(request))
        return refused(error_answer(403, "a page of another site sent this", "send it from a program, or from here"));
    if (auto refusal = refuse_body(route, request)) return refused(std::move(*refusal));
    Result<std::string> name = decoded(match.name, Plus::stays);
    if (!name) return refused(error_answer(400, name.error()));
    if (route.keys) {
        Result<ApiQuery> query = read_query(request.target, *route.keys, now);
        if (!query) return refused(error_answer(400, query.error()));
        admitted.call.query = std::move(*query);
    }
    admitted.call.name = std::move(*name);
    admitted.call.reader = admitted.caller.may(TokenScope::read);
    admitted.call.caller = admitted.caller.name;
    admitted.call.request = std::move(request);
    return admitted;
}

/// Who did what: reading is not told.
void tell(Log* log, const Admitted& admitted, const ServerResponse& response) {
    if (log == nullptr || admitted.route->method == "GET") return;
    log->write(LogLevel::info, "api_request", "somebody operated or recorded over the API",
               {{"route", std::string(admitted.route->method) + " " + std::string(admitted.route->pattern)},
                {"token", admitted.caller.name},
                {"status", std::to_string(response.status)}});
}

asio::awaitable<ServerResponse> answer(ApiHouse& house, ServerRequest request) {
    Admitted admitted = admit(std::move(request), house.parts.tokens, house.parts.clock.wall());
    if (admitted.refusal) co_return std::move(*admitted.refusal);
    ServerResponse response = co_await admitted.route->handler(house, std::move(admitted.call));
    tell(house.parts.log, admitted, response);
    co_return response;
}

}  // namespace

Api::Api(Parts parts) : house_(std::make_unique<ApiHouse>(std::move(parts))) {}
Api::~Api() = default;

asio::awaitable<ServerResponse> Api::handle(ServerRequest request) {
    ServerResponse response;
    std::string defect;
    try {
        response = co_await answer(*house_, std::move(request));
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::system::errc::operation_canceled) throw;
        defect = error.what();
    } catch (const std::exception& error) {
        defect = error.what();
    }
    if (!defect.empty()) {
        response = error_answer(500, "the daemon made a mistake", "its log says more");
        if (house_->parts.log != nullptr)
            house_->parts.log->write(LogLevel::error, "api_defect", "a request met a defect", {{"what", defect}});
    }
    harden(response);
    co_return response;
}

void Api::publish(const Record& record) {
    house_->events.publish("run", [&] { return json_text(record_json(record)); });
}

void Api::publish(const Gap& gap) {
    house_->events.publish("gap", [&] { return json_text(gap_json(gap)); });
}

void Api::publish(const Change& change) {
    house_->events.publish("change", [&] { return json_text(change_json(change)); });
}

void Api::publish(const Incident& incident) {
    house_->events.publish("incident", [&] { return json_text(incident_json(incident)); });
}

void Api::stop() {
    house_->events.stop();
}

void Api::replace_tokens(Tokens tokens) {
    if (tokens == house_->parts.tokens) return;
    house_->parts.tokens = std::move(tokens);
    house_->events.end_all();
}

}  // namespace serin
