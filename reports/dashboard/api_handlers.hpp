// SPDX-License-Identifier: Apache-2.0
// Internal to reports/dashboard: what answers each route of the table, and what the answers are made from.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "reports/dashboard/api.hpp"
#include "reports/dashboard/api_routes.hpp"
#include "reports/dashboard/event_stream.hpp"

namespace serin {

struct ApiHouse {
    explicit ApiHouse(Api::Parts given)
        : parts(std::move(given)), events(parts.clock, parts.max_events, parts.max_listeners) {}

    Api::Parts parts;
    EventStream events;
    std::size_t waiting_reads = 0;
};

// Of the daemon as it runs (api_live.cpp).
boost::asio::awaitable<ServerResponse> answer_healthy(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_ready(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_metrics(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_status(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_probes(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_stream(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_reload(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_run_now(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_change(ApiHouse& house, ApiCall call);
// Of the store (api_stored.cpp).
boost::asio::awaitable<ServerResponse> answer_runs(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_run(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_deliveries(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_changes(ApiHouse& house, ApiCall call);
// Of both (api_matrix.cpp).
boost::asio::awaitable<ServerResponse> answer_matrix(ApiHouse& house, ApiCall call);
// Of alerting: what it keeps (api_alerts.cpp) …
boost::asio::awaitable<ServerResponse> answer_incidents(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_incident(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_post_mortem(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_mutes(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_noise(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_drills(ApiHouse& house, ApiCall call);
// … what it is asked to do (api_alert_orders.cpp) …
boost::asio::awaitable<ServerResponse> answer_acknowledge(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_close(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_declare(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_mute(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_unmute(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_drill(ApiHouse& house, ApiCall call);
// … what is reported to it (api_alert_reports.cpp) …
boost::asio::awaitable<ServerResponse> answer_heartbeat(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_gauge(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_pager_webhook(ApiHouse& house, ApiCall call);
// … and its status page (api_status_page.cpp).
boost::asio::awaitable<ServerResponse> answer_status_page(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_status_html(ApiHouse& house, ApiCall call);
boost::asio::awaitable<ServerResponse> answer_status_feed(ApiHouse& house, ApiCall call);

}  // namespace serin
