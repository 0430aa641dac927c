// SPDX-License-Identifier: Apache-2.0
// The status page: as JSON, as HTML, as a feed.
#include "reports/alerts/status/status_page.hpp"
#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

/// The page carries its style in itself, and nothing else may come along.
constexpr const char* page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string base_url(const ApiHouse& house, const ServerRequest& request) {
    const std::string& url = house.parts.external_url;
    return (url.empty() ? "http://" + request.header("Host") : url) + (url.ends_with('/') ? "status" : "/status");
}

}  // namespace

asio::awaitable<ServerResponse> answer_status_page(ApiHouse& house, ApiCall) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    ServerResponse response;
    response.body = status_json(co_await house.parts.alerts->status());
    co_return response;
}

asio::awaitable<ServerResponse> answer_status_html(ApiHouse& house, ApiCall) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    ServerResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", page_policy);
    response.body = status_html(co_await house.parts.alerts->status());
    co_return response;
}

asio::awaitable<ServerResponse> answer_status_feed(ApiHouse& house, ApiCall call) {
    if (house.parts.alerts == nullptr) co_return no_alerting();
    const StatusPage page = co_await house.parts.alerts->status();
    ServerResponse response;
    response.content_type = "application/atom+xml; charset=utf-8";
    response.body = status_atom(page, base_url(house, call.request));
    co_return response;
}

}  // namespace serin
