// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_routes.hpp"

#include "reports/dashboard/api_handlers.hpp"

namespace serin {

namespace {

constexpr auto nobody = std::optional<TokenScope>();
constexpr auto any_query = std::optional<std::string_view>();
constexpr std::string_view standing_keys = "limit cursor probe vantage target profile cell verdict failure_class";
constexpr std::string_view window_keys =
    "limit cursor probe vantage target profile cell verdict failure_class from until";
constexpr std::string_view delivery_keys =
    "limit cursor probe vantage target profile cell run_id nonce state from until counts";
constexpr std::string_view incident_keys = "limit cursor service failure_class state from until";

const ApiRoute routes[] = {
    {"GET", "/-/healthy", nobody, any_query, ApiBody::none, answer_healthy},
    {"GET", "/-/ready", nobody, any_query, ApiBody::none, answer_ready},
    {"GET", "/metrics", TokenScope::read, any_query, ApiBody::none, answer_metrics},
    {"POST", "/-/reload", TokenScope::operate, "", ApiBody::none, answer_reload},
    {"GET", "/api/v1/status", TokenScope::read, "", ApiBody::none, answer_status},
    {"GET", "/api/v1/probes", TokenScope::read, standing_keys, ApiBody::none, answer_probes},
    {"POST", "/api/v1/probes/{name}/run", TokenScope::operate, "target", ApiBody::none, answer_run_now},
    {"GET", "/api/v1/matrix", TokenScope::read, window_keys, ApiBody::none, answer_matrix},
    {"GET", "/api/v1/runs", TokenScope::read, window_keys, ApiBody::none, answer_runs},
    {"GET", "/api/v1/runs/{id}", TokenScope::read, "", ApiBody::none, answer_run},
    {"GET", "/api/v1/deliveries", TokenScope::read, delivery_keys, ApiBody::none, answer_deliveries},
    {"GET", "/api/v1/changes", TokenScope::read, "limit cursor target from until", ApiBody::none, answer_changes},
    {"POST", "/api/v1/changes", TokenScope::change, "", ApiBody::json, answer_change},
    {"GET", "/api/v1/incidents", TokenScope::read, incident_keys, ApiBody::none, answer_incidents},
    {"POST", "/api/v1/incidents", TokenScope::operate, "", ApiBody::json, answer_declare},
    {"GET", "/api/v1/incidents/{id}", TokenScope::read, "", ApiBody::none, answer_incident},
    {"GET", "/api/v1/incidents/{id}/export", TokenScope::read, "", ApiBody::none, answer_post_mortem},
    {"POST", "/api/v1/incidents/{id}/acknowledge", TokenScope::operate, "", ApiBody::json, answer_acknowledge},
    {"POST", "/api/v1/incidents/{id}/close", TokenScope::operate, "", ApiBody::json, answer_close},
    {"GET", "/api/v1/mutes", TokenScope::read, "", ApiBody::none, answer_mutes},
    {"POST", "/api/v1/mutes", TokenScope::operate, "", ApiBody::json, answer_mute},
    {"DELETE", "/api/v1/mutes", TokenScope::operate, "service failure_class by", ApiBody::none, answer_unmute},
    {"GET", "/api/v1/noise", TokenScope::read, "from until", ApiBody::none, answer_noise},
    {"GET", "/api/v1/drills", TokenScope::read, "", ApiBody::none, answer_drills},
    {"POST", "/api/v1/drills", TokenScope::operate, "", ApiBody::optional, answer_drill},
    {"POST", "/api/v1/heartbeats/{name}", TokenScope::report, "status", ApiBody::optional, answer_heartbeat},
    {"POST", "/api/v1/gauges/{name}", TokenScope::report, "", ApiBody::json, answer_gauge},
    {"POST", "/api/v1/webhooks/pagerduty", nobody, any_query, ApiBody::raw, answer_pager_webhook},
    {"GET", "/api/v1/status-page", TokenScope::read, "", ApiBody::none, answer_status_page},
    {"GET", "/status", TokenScope::read, "", ApiBody::none, answer_status_html},
    {"GET", "/status/feed.atom", TokenScope::read, "", ApiBody::none, answer_status_feed},
    {"GET", "/api/v1/stream", TokenScope::read, "", ApiBody::none, answer_stream},
};

/// The segment of `path` that stands for the one in braces, "" when there is none; nullopt when they do not match.
std::optional<std::string> matched(std::string_view pattern, std::string_view path) {
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) return pattern == path ? std::optional<std::string>("") : std::nullopt;
    const std::string_view after = pattern.substr(pattern.find('}') + 1);
    if (!path.starts_with(pattern.substr(0, brace)) || !path.ends_with(after)) return std::nullopt;
    if (path.size() <= brace + after.size()) return std::nullopt;
    const std::string_view name = path.substr(brace, path.size() - brace - after.size());
    return name.find('/') == std::string_view::npos ? std::optional(std::string(name)) : std::nullopt;
}

}  // namespace

std::span<const ApiRoute> api_routes() {
    return routes;
}

RouteMatch match_route(std::string_view method, std::string_view path) {
    RouteMatch match;
    for (const ApiRoute& route : routes) {
        const auto name = matched(route.pattern, path);
        if (!name) continue;
        if (route.method == method || (route.method == "GET" && method == "HEAD"))
            return {.route = &route, .name = *name, .allow = {}};
        match.allow.append(match.allow.empty() ? "" : ", ").append(route.method);
        if (route.method == "GET") match.allow += ", HEAD";
    }
    return match;
}

}  // namespace serin
