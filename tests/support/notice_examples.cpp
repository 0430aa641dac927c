// SPDX-License-Identifier: Apache-2.0
#include "tests/support/notice_examples.hpp"

namespace serin::test {

using namespace std::chrono_literals;

Wall moment(int seconds_after_eight) {
    return Wall(std::chrono::sys_days(std::chrono::November / 22 / 2026) + 8h +
                std::chrono::seconds(seconds_after_eight));
}

Incident broken_delivery() {
    Incident incident;
    incident.id = "inc-k3v9x2m4aa";
    incident.service = "chat";
    incident.failure_class = "lost";
    incident.scope = FaultScope::target;
    incident.owner = "messaging";
    incident.runbook = "https://runbooks.test/chat";
    incident.began_at = moment(0);
    incident.opened_at = moment(90);
    incident.message = "messages are stored but not delivered live";
    incident.targets = {"us-east-1", "us-east-2"};
    incident.vantages = {"ams", "fra"};
    incident.vantages_failing = incident.vantages_reporting = 2;
    incident.confirmed = true;
    AffectedCell cell;
    cell.cell = {.probe = "chat-delivery", .vantage = "ams", .target = "us-east-1"};
    cell.since = moment(0);
    cell.run_id = "0199-run";
    cell.message = "receive: nothing within 5 s";
    cell.because = "2 of 3 runs";
    incident.cells = {cell};
    return incident;
}

Notice notice_of(NoticeKind kind, int number) {
    Notice notice;
    notice.incident = broken_delivery();
    notice.kind = kind;
    notice.id = notice.incident.id + "." + std::to_string(number);
    notice.made_at = moment(90);
    notice.page = kind != NoticeKind::resolved;
    if (kind == NoticeKind::resolved) {
        notice.incident.state = IncidentState::watching;
        notice.incident.recovered_at = moment(600);
    }
    return notice;
}

}  // namespace serin::test
