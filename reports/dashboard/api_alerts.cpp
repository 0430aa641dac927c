// SPDX-License-Identifier: Apache-2.0
// What alerting keeps: incidents, mutes, drills, and what its pages were worth.
#include <nlohmann/json.hpp>

#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/alerts/incidents/noise.hpp"
#include "reports/alerts/incidents/post_mortem.hpp"
#include "reports/dashboard/alert_views.hpp"
#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

constexpr Duration noise_window = std::chrono::hours(24 * 30);
constexpr int most_incidents = 100'000;

/// What the query chooses; without `state`, what goes on. One row more than the page shows that there is another page.
Result<AlertReader::Filter> filter_of(const ApiQuery& query) {
    AlertReader::Filter filter;
    filter.service = query.service;
    filter.failure_class = query.filter.failure_class;
    filter.from = query.filter.from;
    filter.until = query.filter.until;
    filter.limit = query.page.limit + 1;
    filter.before_id = sort_key_of(query.page.cursor, 'i');
    filter.states = {name_of(IncidentState::open), name_of(IncidentState::watching)};
    if (query.filter.state.empty()) return filter;
    auto states = chosen_words(query.filter.state, "open watching closed", "state");
    if (!states) return std::unexpected(states.error());
    filter.states = *std::move(states);
    return filter;
}

ServerResponse no_such_incident() {
    return error_answer(404, "there is no such incident",
                        "GET /api/v1/incidents?state=open,watching,closed lists those that are kept");
}

asio::awaitable<Reading<std::optional<IncidentDetail>>> detail_of(ApiHouse& house, std::string id) {
    return ask_alerts<std::optional<IncidentDetail>>(
        house, [wanted = std::move(id)](AlertReader& reader) { return read_incident(reader, wanted); });
}

}  // namespace

asio::awaitable<ServerResponse> answer_incidents(ApiHouse& house, ApiCall call) {
    if (auto refusal = refuse_cursor(call.query.page.cursor, "i")) co_return std::move(*refusal);
    const Result<AlertReader::Filter> filter = filter_of(call.query);
    if (!filter) co_return error_answer(400, filter.error());
    auto reading = co_await ask_alerts<std::vector<Incident>>(
        house, [wanted = *filter](AlertReader& reader) { return reader.incidents(wanted); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    std::vector<Incident>& incidents = *reading.value;
    std::string cursor;
    if (std::ssize(incidents) > call.query.page.limit) {
        incidents.resize(static_cast<std::size_t>(call.query.page.limit));
        cursor = cursor_after('i', incidents.back().id);
    }
    Json rows = Json::array();
    for (const Incident& incident : incidents) rows.push_back(incident_json(incident));
    co_return json_answer({{"incidents", std::move(rows)}, {"next_cursor", next_cursor_json(cursor)}});
}

asio::awaitable<ServerResponse> answer_incident(ApiHouse& house, ApiCall call) {
    auto reading = co_await detail_of(house, call.name);
    if (reading.refusal) co_return std::move(*reading.refusal);
    if (!*reading.value) co_return no_such_incident();
    co_return json_answer(incident_detail_json(**reading.value));
}

asio::awaitable<ServerResponse> answer_post_mortem(ApiHouse& house, ApiCall call) {
    auto reading = co_await detail_of(house, call.name);
    if (reading.refusal) co_return std::move(*reading.refusal);
    if (!*reading.value) co_return no_such_incident();
    const IncidentDetail& detail = **reading.value;
    ServerResponse response;
    response.content_type = "text/markdown; charset=utf-8";
    response.body = post_mortem(detail.incident, detail.timeline, house.parts.clock.wall());
    co_return response;
}

asio::awaitable<ServerResponse> answer_mutes(ApiHouse& house, ApiCall) {
    const Wall now = house.parts.clock.wall();
    auto reading =
        co_await ask_alerts<std::vector<Mute>>(house, [now](AlertReader& reader) { return reader.mutes(now); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    Json rows = Json::array();
    for (const Mute& mute : *reading.value) rows.push_back(mute_json(mute));
    co_return json_answer({{"mutes", std::move(rows)}});
}

asio::awaitable<ServerResponse> answer_noise(ApiHouse& house, ApiCall call) {
    const Wall until = call.query.filter.until.value_or(house.parts.clock.wall());
    const Wall from = call.query.filter.from.value_or(until - noise_window);
    if (from >= until) co_return error_answer(400, "`from` is not before `until`", "the earlier time is `from`");
    auto reading = co_await ask_alerts<std::vector<Incident>>(house, [from, until](AlertReader& reader) {
        AlertReader::Filter filter;
        filter.from = from;
        filter.until = until;
        return read_incidents(reader, filter, most_incidents);
    });
    if (reading.refusal) co_return std::move(*reading.refusal);
    Json report = noise_json(noise_of(*reading.value, from, until));
    report["from"] = rfc3339(from);
    report["until"] = rfc3339(until);
    co_return json_answer(report);
}

asio::awaitable<ServerResponse> answer_drills(ApiHouse& house, ApiCall) {
    auto reading =
        co_await ask_alerts<std::vector<DrillRow>>(house, [](AlertReader& reader) { return reader.drills(); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    Json rows = Json::array();
    for (const DrillRow& row : *reading.value) rows.push_back(drill_row_json(row));
    co_return json_answer({{"drills", std::move(rows)}});
}

}  // namespace serin
