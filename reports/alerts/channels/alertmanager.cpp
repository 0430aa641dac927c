// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/alertmanager.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/ascii.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_value = 1024;  // bytes of a label; annotations hold the whole text

void put(std::map<std::string, std::string>& pairs, const std::string& name, const std::string& value) {
    if (!value.empty()) pairs.try_emplace(name, value);  // an empty label is no label
}

std::map<std::string, std::string> labels_of(const Incident& incident, const ChannelConfig& config) {
    std::map<std::string, std::string> labels;
    put(labels, "alertname", "SerinIncident");
    put(labels, "service", one_line(incident.service, longest_value));
    put(labels, "failure_class", one_line(incident.failure_class, longest_value));
    put(labels, "severity", name_of(incident.severity));
    put(labels, "incident", incident.id);
    if (incident.drill) put(labels, "drill", "true");
    for (const auto& [name, value] : config.labels) put(labels, alert_label_name(name), one_line(value, longest_value));
    return labels;
}

std::map<std::string, std::string> annotations_of(const Notice& notice, const NoticeWords& words) {
    const Incident& incident = notice.incident;
    std::map<std::string, std::string> annotations;
    put(annotations, "summary", words.title);
    put(annotations, "description", words.text);
    put(annotations, "runbook_url", incident.runbook);
    put(annotations, "scope", name_of(incident.scope));
    put(annotations, "owner", incident.owner);
    put(annotations, "escalation_level", std::to_string(notice.level));
    if (incident.acknowledgement) put(annotations, "acknowledged_by", incident.acknowledgement->by);
    return annotations;
}

}  // namespace

bool goes_on(const Notice& notice) {
    return notice.kind != NoticeKind::resolved && notice.incident.state == IncidentState::open;
}

std::string alert_label_name(std::string_view text) {
    std::string name;
    for (const char c : text) name += is_alphanumeric(c) || c == '_' ? c : '_';
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) name.insert(name.begin(), '_');
    return name;
}

ManagedAlert alert_of(const Notice& notice, const NoticeWords& words, const ChannelConfig& config,
                      const std::string& link, Wall now) {
    const Incident& incident = notice.incident;
    ManagedAlert alert{.labels = labels_of(incident, config), .annotations = annotations_of(notice, words)};
    const Wall began = incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
    alert.starts_at = std::min(began, now);
    // Alertmanager refuses an end before the begin.
    alert.ends_at = goes_on(notice) ? now + alert_lasts : std::max(now, alert.starts_at);
    alert.generator_url = link;
    return alert;
}

std::string alerts_body(const std::vector<ManagedAlert>& alerts) {
    Json body = Json::array();
    for (const ManagedAlert& alert : alerts) {
        Json one{{"labels", alert.labels},
                 {"annotations", alert.annotations},
                 {"startsAt", rfc3339(alert.starts_at)},
                 {"endsAt", rfc3339(alert.ends_at)}};
        if (!alert.generator_url.empty()) one["generatorURL"] = alert.generator_url;
        body.push_back(std::move(one));
    }
    return json_text(body);
}

Sighting sighting_of(const std::string& body, const std::string& incident_id) {
    constexpr bool throwing = false;
    const Json alerts = Json::parse(body, nullptr, throwing);
    if (!alerts.is_array()) return Sighting::unreadable;
    Sighting seen = Sighting::absent;
    for (const Json& alert : alerts) {
        const Json labels = alert.is_object() ? alert.value("labels", Json::object()) : Json();
        if (!labels.is_object() || labels.value("incident", Json()) != incident_id) continue;
        const Json status = alert.value("status", Json::object());
        const bool suppressed = status.is_object() && status.value("state", Json()) == "suppressed";
        seen = std::max(seen, suppressed ? Sighting::suppressed : Sighting::active);
    }
    return seen;
}

}  // namespace serin
