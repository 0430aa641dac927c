// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/pagerduty.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_summary = 1024, longest_dedup_key = 255;  // characters; bytes here, which is stricter
constexpr std::size_t longest_detail = 4096, longest_field = 512;       // bytes; 512 KB in all are never reached so
constexpr std::size_t most_details = 64;
constexpr Duration wait_after_429 = std::chrono::seconds(30);
constexpr bool throwing = false;

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

bool is_web(const std::string& url) {
    return url.starts_with("https://") || url.starts_with("http://");
}

const char* severity_of(const Incident& incident) {
    if (incident.drill) return "info";
    switch (incident.severity) {
        case AlertSeverity::info:
            return "info";
        case AlertSeverity::warning:
            return "warning";
        case AlertSeverity::critical:
            return "critical";
    }
    return "critical";
}

Json details_of(const Notice& notice, const NoticeWords& words, const ChannelConfig& config) {
    const Incident& incident = notice.incident;
    Json details = Json::object();
    const auto put = [&](const std::string& key, const std::string& value) {
        if (!value.empty() && details.size() < most_details && !details.contains(key))
            details[key] = clean_lines(value, longest_detail);
    };
    put("text", words.text);
    put("incident", incident.id);
    put("notice", name_of(notice.kind));
    put("level", std::to_string(notice.level));
    put("scope", name_of(incident.scope));
    put("rule", name_of(incident.rule));
    put("targets", joined(incident.targets));
    put("vantages", joined(incident.vantages));
    put("vantages_failing",
        std::to_string(incident.vantages_failing) + " of " + std::to_string(incident.vantages_reporting));
    put("owner", incident.owner);
    put("advice", incident.advice);
    for (const auto& [key, value] : config.labels) put(one_line(key, longest_field), value);
    return details;
}

/// Somebody is to be told now, and nobody here has it in hand.
bool wakes(const Notice& notice) {
    const std::optional<Acknowledgement>& acknowledgement = notice.incident.acknowledgement;
    return notice.page && !(acknowledgement && notice.made_at < acknowledgement->until);
}

Json links_of(const Incident& incident, const std::string& link) {
    Json links = Json::array();
    if (is_web(link)) links.push_back({{"href", link}, {"text", "the incident in Serin"}});
    if (is_web(incident.runbook)) links.push_back({{"href", incident.runbook}, {"text", "runbook"}});
    return links;
}

}  // namespace

const char* pager_action(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::acknowledged:
            return "acknowledge";
        case NoticeKind::resolved:
            return "resolve";
        case NoticeKind::opened:
        case NoticeKind::reopened:
        case NoticeKind::changed:
        case NoticeKind::escalated:
        case NoticeKind::repeated:
            return "trigger";
    }
    return "trigger";
}

std::string pager_event(const Notice& notice, const NoticeWords& words, const ChannelConfig& config,
                        const std::string& link, const Secret& routing_key) {
    const Incident& incident = notice.incident;
    Json event{{"routing_key", routing_key.reveal()},
               {"event_action", pager_action(notice.kind)},
               {"dedup_key", notice.dedup_key().substr(0, longest_dedup_key)}};
    if (event["event_action"] != "trigger") return json_text(event);
    Json payload{{"summary", one_line(words.title.empty() ? incident.id : words.title, longest_summary)},
                 {"source", one_line(incident.service.empty() ? "serin" : incident.service, longest_field)},
                 {"severity", severity_of(incident)},
                 {"timestamp", rfc3339(incident.began_at)},
                 {"group", one_line(incident.service, longest_field)},
                 {"class", one_line(incident.failure_class, longest_field)},
                 {"custom_details", details_of(notice, words, config)}};
    if (!incident.targets.empty()) payload["component"] = one_line(joined(incident.targets), longest_field);
    event["payload"] = std::move(payload);
    event["client"] = "Serin";
    if (is_web(link)) event["client_url"] = link;
    event["links"] = links_of(incident, link);
    return json_text(event);
}

std::string pager_change(const Change& change, const Secret& routing_key, const std::string& vantage) {
    const std::string what = change.title.empty() ? change.id : change.title;
    Json details{{"id", change.id}, {"kind", change.kind}, {"component", change.component}};
    if (!change.author.empty()) details["author"] = change.author;
    if (!change.shards.empty()) details["shards"] = joined(change.shards);
    if (!change.rollback_plan.empty()) details["rollback_plan"] = clean_lines(change.rollback_plan, longest_detail);
    if (change.ended_at) details["ended_at"] = rfc3339(*change.ended_at);
    Json event{{"routing_key", routing_key.reveal()},
               {"payload",
                {{"summary", one_line(change.kind + " of " + change.component + ": " + what, longest_summary)},
                 {"source", vantage.empty() ? "serin" : one_line(vantage, longest_field)},
                 {"timestamp", rfc3339(change.started_at)},
                 {"custom_details", std::move(details)}}},
               {"links", Json::array()}};
    if (is_web(change.link)) event["links"].push_back({{"href", change.link}, {"text", "the change"}});
    return json_text(event);
}

SendResult pager_result(const Answer& answer, const Redactor& redactor) {
    SendResult result = result_of(answer, redactor, Took::accepted);
    const Json body = Json::parse(answer.body, nullptr, throwing);
    // Only PagerDuty itself says so; a proxy's friendly page is no acceptance.
    const bool theirs = answer.status == 202 && body.is_object() && body.value("status", Json()) == "success";
    if (answer.good() && !theirs) result.took = Took::retry;
    if (theirs) {
        result.said = "202 accepted";
        if (const Json key = body.value("dedup_key", Json()); key.is_string())
            result.reference = said_of(key.get<std::string>(), redactor);
    }
    if (answer.status == 400) {
        std::string words = answer.body;
        std::ranges::transform(words, words.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (words.contains("routing key") || words.contains("routing_key")) result.took = Took::broken;
    }
    if (answer.status == 429 && !result.retry_after) result.retry_after = wait_after_429;
    return result;
}

std::optional<PagerIncidents> pager_incidents(const std::string& body) {
    const Json json = Json::parse(body, nullptr, throwing);
    if (!json.is_object() || !json.contains("incidents") || !json["incidents"].is_array()) return std::nullopt;
    PagerIncidents incidents;
    for (const Json& one : json["incidents"]) {
        const Json status = one.is_object() ? one.value("status", Json()) : Json();
        if (status == "triggered") ++incidents.triggered;
        if (status == "acknowledged") ++incidents.acknowledged;
        if (status == "resolved") ++incidents.resolved;
    }
    return incidents;
}

bool pager_proves(const PagerIncidents& incidents, const Notice& notice) {
    const int open = incidents.triggered + incidents.acknowledged;
    if (notice.kind == NoticeKind::resolved) return open == 0 && incidents.resolved > 0;
    // One that is resolved was seen by whoever resolved it.
    if (notice.kind == NoticeKind::acknowledged)
        return incidents.triggered == 0 && incidents.acknowledged + incidents.resolved > 0;
    // Whoever acknowledged what this very notice opened was woken by it.
    if (notice.kind == NoticeKind::opened) return open > 0;
    return wakes(notice) ? incidents.triggered > 0 : open > 0;
}

const char* pager_lacks(const PagerIncidents& incidents, const Notice& notice) {
    const bool triggers = notice.kind != NoticeKind::resolved && notice.kind != NoticeKind::acknowledged;
    return triggers && incidents.acknowledged > 0 ? "it is acknowledged there, so that this page woke nobody"
                                                  : "it is not there yet";
}

std::string pager_api_of(const std::string& events_url) {
    return events_url.contains("events.eu.") ? "https://api.eu.pagerduty.com" : "https://api.pagerduty.com";
}

}  // namespace serin
