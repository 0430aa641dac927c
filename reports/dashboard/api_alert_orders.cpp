// SPDX-License-Identifier: Apache-2.0
// What people ask of alerting. The desk decides; what it refuses is a conflict with how things are (409).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/dashboard/alert_orders.hpp"
#include "reports/dashboard/alert_views.hpp"
#include "reports/dashboard/api_body.hpp"
#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

asio::awaitable<ServerResponse> commanded(AlertControl& alerts, Result<AlertCommand> order) {
    if (!order) co_return error_answer(400, order.error());
    const Result<void> done = co_await alerts.command(*std::move(order));
    if (!done) co_return error_answer(409, done.error());
    co_return json_answer({{"done", true}});
}

/// 404 when neither the desk nor the database knows the incident. The desk is asked first: it also knows those that a
/// full disk kept out of the database.
asio::awaitable<std::optional<ServerResponse>> refuse_incident(ApiHouse& house, std::string id) {
    const std::vector<Incident> active = co_await house.parts.alerts->active();
    if (std::ranges::find(active, id, &Incident::id) != active.end()) co_return std::nullopt;
    auto reading =
        co_await ask_alerts<std::optional<Incident>>(house, [id](AlertReader& reader) { return reader.incident(id); });
    if (reading.refusal) co_return std::move(reading.refusal);
    if (*reading.value) co_return std::nullopt;
    co_return error_answer(404, "there is no such incident", "GET /api/v1/incidents lists those that go on");
}

using IncidentOrder = Result<AlertCommand> (*)(const Json&, const std::string&, const std::string&, Wall);

asio::awaitable<ServerResponse> order_of_incident(ApiHouse& house, ApiCall call, IncidentOrder order) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const Result<Json> body = json_body(call.request);
    if (!body) co_return error_answer(400, body.error());
    Result<AlertCommand> command = order(*body, call.name, call.caller, house.parts.clock.wall());
    if (!command) co_return error_answer(400, command.error());
    if (auto refusal = co_await refuse_incident(house, call.name)) co_return std::move(*refusal);
    co_return co_await commanded(*house.parts.alerts, std::move(command));
}

using Order = Result<AlertCommand> (*)(const Json&, const std::string&, Wall);

asio::awaitable<ServerResponse> order_of_service(ApiHouse& house, ApiCall call, Order order) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const Result<Json> body = json_body(call.request);
    if (!body) co_return error_answer(400, body.error());
    co_return co_await commanded(*house.parts.alerts, order(*body, call.caller, house.parts.clock.wall()));
}

}  // namespace

asio::awaitable<ServerResponse> answer_acknowledge(ApiHouse& house, ApiCall call) {
    return order_of_incident(house, std::move(call), acknowledge_order);
}

asio::awaitable<ServerResponse> answer_close(ApiHouse& house, ApiCall call) {
    return order_of_incident(house, std::move(call), close_order);
}

asio::awaitable<ServerResponse> answer_declare(ApiHouse& house, ApiCall call) {
    return order_of_service(house, std::move(call), declare_order);
}

asio::awaitable<ServerResponse> answer_mute(ApiHouse& house, ApiCall call) {
    return order_of_service(house, std::move(call), mute_order);
}

asio::awaitable<ServerResponse> answer_unmute(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    if (call.query.service.empty())
        co_return error_answer(400, "`service` is missing", "name it as it is muted: ?service=chat");
    const std::string by = call.query.by.empty() ? call.caller : call.query.by;
    if (by.empty()) co_return error_answer(400, "`by` is missing", "say who you are");
    AlertCommand order =
        unmute_order(call.query.service, call.query.filter.failure_class, by, house.parts.clock.wall());
    co_return co_await commanded(*house.parts.alerts, std::move(order));
}

asio::awaitable<ServerResponse> answer_drill(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const Result<Json> body = json_body(call.request);
    if (!body) co_return error_answer(400, body.error());
    const Result<std::string> channel = drill_order(*body);
    if (!channel) co_return error_answer(400, channel.error());
    const std::vector<DrillRow> drilled = co_await house.parts.alerts->drill(*channel);
    if (drilled.empty())
        co_return error_answer(
            404, channel->empty() ? "there is no channel to drill" : "there is no channel `" + *channel + "` to drill",
            "channels stand under `alerts.channels` in serin.yaml");
    Json rows = Json::array();
    for (const DrillRow& row : drilled) rows.push_back(drill_row_json(row));
    co_return json_answer({{"drills", std::move(rows)}});
}

}  // namespace serin
