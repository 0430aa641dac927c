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
boost::asio::awaitable<ServerResponse> answer_incidents(ApiHouse& house, ApiCall call);

}  // namespace serin
