// SPDX-License-Identifier: Apache-2.0
// One incident, told in every way.
#pragma once
#include <chrono>
#include <string>

#include "reports/alerts/channels/http_sending.hpp"
#include "reports/alerts/incidents/notice.hpp"

namespace serin::test {

/// 2026-11-22T01:02:03Z.
[[nodiscard]] inline Wall example_time() {
    return Wall{std::chrono::seconds(1795309323)};
}

[[nodiscard]] inline Notice example_notice(NoticeKind kind = NoticeKind::opened) {
    Notice notice;
    notice.id = "inc-k3v9q2m7xa.4";
    notice.kind = kind;
    notice.made_at = example_time();
    notice.page = kind == NoticeKind::opened;
    Incident& incident = notice.incident;
    incident.id = "inc-k3v9q2m7xa";
    incident.service = "chat";
    incident.failure_class = "lost";
    incident.scope = FaultScope::target;
    incident.state = kind == NoticeKind::resolved ? IncidentState::watching : IncidentState::open;
    incident.owner = "chat-team";
    incident.runbook = "https://runbooks.example.com/chat";
    incident.began_at = example_time() - std::chrono::minutes(2);
    incident.opened_at = example_time();
    incident.wave_began_at = {incident.began_at};
    if (kind == NoticeKind::resolved) incident.recovered_at = example_time();
    incident.message = "messages are stored but not delivered";
    incident.targets = {"us-east-1", "us-east-2"};
    incident.vantages = {"fra"};
    incident.vantages_failing = 2;
    incident.vantages_reporting = 3;
    incident.confirmed = true;
    return notice;
}

[[nodiscard]] inline NoticeWords example_words() {
    return {.title = "messages are not delivered", .text = "on us-east-1, since 01:00\nrunbook: …"};
}

[[nodiscard]] inline Change example_change() {
    Change change;
    change.id = "deploy-4711";
    change.kind = "deploy";
    change.component = "api";
    change.title = "new cart";
    change.started_at = example_time();
    return change;
}

[[nodiscard]] inline Answer answered(int status, std::string body = {}) {
    Answer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

}  // namespace serin::test
