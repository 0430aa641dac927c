// SPDX-License-Identifier: Apache-2.0
// Answers that the running daemon gives from memory, and what it may be asked to do.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"
#include "reports/dashboard/views_json.hpp"
#include "reports/formats/change_json.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

bool names(const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
}

bool wanted(const StoreFilter& filter, const ProbeView::CellView& cell) {
    return names(filter.vantage, cell.key.vantage) && names(filter.target, cell.key.target) &&
           names(filter.profile, cell.key.profile) && names(filter.cell, cell.key.cell) &&
           names(filter.failure_class, cell.failure_class) &&
           (filter.verdicts.empty() || std::ranges::find(filter.verdicts, cell.verdict) != filter.verdicts.end());
}

bool restricts_cells(const StoreFilter& filter) {
    return !filter.vantage.empty() || !filter.target.empty() || !filter.profile.empty() || !filter.cell.empty() ||
           !filter.failure_class.empty() || !filter.verdicts.empty();
}

std::vector<ProbeView> select(std::vector<ProbeView> probes, const StoreFilter& filter) {
    std::erase_if(probes, [&](ProbeView& probe) {
        if (!names(filter.probe, probe.name)) return true;
        if (!restricts_cells(filter)) return false;
        std::erase_if(probe.cells, [&](const auto& cell) { return !wanted(filter, cell); });
        return probe.cells.empty();
    });
    std::ranges::sort(probes, {}, &ProbeView::name);
    return probes;
}

}  // namespace

asio::awaitable<ServerResponse> answer_healthy(ApiHouse&, ApiCall) {
    co_return json_answer({{"healthy", true}});
}

asio::awaitable<ServerResponse> answer_ready(ApiHouse& house, ApiCall call) {
    const DaemonStatus status = house.parts.control.status();
    // Why not may name files and targets: that is for those who may look.
    const std::vector<std::string> reasons = call.reader ? status.not_ready : std::vector<std::string>();
    const Json answer{{"ready", status.ready}, {"reasons", reasons}};
    co_return json_answer(answer, status.ready ? 200 : 503);
}

asio::awaitable<ServerResponse> answer_metrics(ApiHouse& house, ApiCall call) {
    const MetricsFormat format = negotiate(call.request.header("Accept"));
    const Control& control = house.parts.control;
    ServerResponse response;
    response.content_type = content_type(format);
    response.headers.emplace_back("Vary", "Accept");
    SelfMetrics self = control.self_metrics();
    if (house.parts.alerts != nullptr) self.alerts = co_await house.parts.alerts->figures();
    response.body = control.metrics().render(format, self);
    co_return response;
}

asio::awaitable<ServerResponse> answer_status(ApiHouse& house, ApiCall) {
    co_return json_answer(status_json(house.parts.control.status()));
}

asio::awaitable<ServerResponse> answer_probes(ApiHouse& house, ApiCall call) {
    if (auto refusal = refuse_cursor(call.query.page.cursor, "p")) co_return std::move(*refusal);
    const auto page = page_of(select(house.parts.control.probes(), call.query.filter), call.query.page, 'p',
                              [](const ProbeView& probe) { return probe.name; });
    Json probes = Json::array();
    for (const ProbeView& probe : page.rows) probes.push_back(probe_json(probe));
    co_return json_answer({{"probes", std::move(probes)}, {"next_cursor", next_cursor_json(page.next_cursor)}});
}

asio::awaitable<ServerResponse> answer_stream(ApiHouse& house, ApiCall call) {
    co_return house.events.join(call.request.header("Last-Event-ID"));
}

asio::awaitable<ServerResponse> answer_reload(ApiHouse& house, ApiCall) {
    const Result<void> loaded = co_await house.parts.control.reload();
    if (!loaded) co_return error_answer(422, loaded.error());
    co_return json_answer({{"reloaded", true}});
}

asio::awaitable<ServerResponse> answer_run_now(ApiHouse& house, ApiCall call) {
    const std::vector<ProbeView> probes = house.parts.control.probes();
    const auto probe = std::ranges::find(probes, call.name, &ProbeView::name);
    if (probe == probes.end())
        co_return error_answer(404, "there is no probe `" + call.name + "`", "GET /api/v1/probes lists them");
    const std::string target = call.query.filter.target;
    const bool known =
        std::ranges::any_of(probe->cells, [&](const auto& cell) { return names(target, cell.key.target); });
    if (!known && !target.empty())
        co_return error_answer(404, "the probe `" + call.name + "` has no target `" + target + "`",
                               "GET /api/v1/probes?probe=… lists its cells");
    const Result<int> started = co_await house.parts.control.run_now(call.name, target);
    if (!started) co_return error_answer(409, started.error());
    co_return json_answer({{"started", *started}}, 202);
}

asio::awaitable<ServerResponse> answer_change(ApiHouse& house, ApiCall call) {
    constexpr bool throwing = false;
    const Json json = Json::parse(call.request.body, nullptr, throwing);
    if (json.is_discarded())
        co_return error_answer(400, "the body is no JSON", R"(write {"kind": "deploy", "component": "api"})");
    const Result<Change> change = change_from_json(json, house.parts.clock.wall());
    if (!change) co_return error_answer(400, change.error());
    house.parts.control.record(*change);
    co_return json_answer(change_json(*change), 202);
}

}  // namespace serin
