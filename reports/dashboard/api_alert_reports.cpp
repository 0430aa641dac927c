// SPDX-License-Identifier: Apache-2.0
// What jobs and PagerDuty report to alerting.
#include <nlohmann/json.hpp>

#include "reports/dashboard/alert_orders.hpp"
#include "reports/dashboard/api_body.hpp"
#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

ServerResponse taken() {
    return json_answer({{"taken", true}}, 202);
}

}  // namespace

asio::awaitable<ServerResponse> answer_heartbeat(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const Result<Json> body = json_body(call.request);
    if (!body) co_return error_answer(400, body.error());
    Result<Heartbeat> heartbeat = heartbeat_report(*body, call.name, house.parts.clock.wall());
    if (!heartbeat) co_return error_answer(400, heartbeat.error());
    heartbeat->failed = heartbeat->failed || call.query.failed;
    const Result<void> known = house.parts.alerts->heartbeat(*heartbeat);
    co_return known ? taken() : error_answer(404, known.error());
}

asio::awaitable<ServerResponse> answer_gauge(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const Result<Json> body = json_body(call.request);
    if (!body) co_return error_answer(400, body.error());
    const Result<GaugeSample> sample = gauge_report(*body, call.name, house.parts.clock.wall());
    if (!sample) co_return error_answer(400, sample.error());
    const Result<void> known = house.parts.alerts->gauge(*sample);
    co_return known ? taken() : error_answer(404, known.error());
}

asio::awaitable<ServerResponse> answer_pager_webhook(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    std::string signature = call.request.header("X-PagerDuty-Signature");
    std::string id = call.request.header("X-Webhook-Id");
    const Result<void> ours =
        co_await house.parts.alerts->pager_webhook(std::move(call.request.body), std::move(signature), std::move(id));
    // What was wrong with it is for nobody who cannot sign.
    if (!ours)
        co_return error_answer(401, "no signature of this webhook holds",
                               "its secret stands under `webhook_keys` of the channel in serin.yaml");
    co_return taken();
}

}  // namespace serin
