// SPDX-License-Identifier: Apache-2.0
#include "tests/support/alert_examples.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace serin::test {

using namespace std::chrono_literals;

namespace {

Change example_deploy(Wall at) {
    Change change;
    change.id = "deploy-4711";
    change.kind = "deploy";
    change.component = "chat";
    change.shards = {"b"};
    change.started_at = at;
    return change;
}

Notice notice_of(const Incident& incident, const std::string& id, const std::vector<std::string>& channels) {
    Notice notice;
    notice.id = id;
    notice.incident = incident;
    notice.made_at = incident.opened_at;
    notice.channels = channels;
    notice.page = true;
    return notice;
}

OutboxRow row_of(std::int64_t id, const Notice& notice, const std::string& channel, OutboxRow::State state) {
    OutboxRow row;
    row.id = id;
    row.notice = notice;
    row.channel = channel;
    row.state = state;
    row.attempts = 1;
    row.due_at = notice.made_at;
    row.first_attempt_at = notice.made_at + 1s;
    row.said = "202 accepted";
    if (state == OutboxRow::State::delivered) row.settled_at = notice.made_at + 2s;
    return row;
}

Incident named(const std::string& id, const std::string& service, IncidentState state, Wall opened_at) {
    Incident incident;
    incident.id = id;
    incident.service = service;
    incident.failure_class = "lost";
    incident.state = state;
    incident.began_at = opened_at - 1min;
    incident.opened_at = opened_at;
    incident.wave_began_at = {incident.began_at};
    incident.message = "messages are stored but not delivered live";
    if (state != IncidentState::open) incident.recovered_at = opened_at + 30min;
    if (state == IncidentState::closed) incident.closed_at = opened_at + 1h;
    return incident;
}

}  // namespace

Incident rich_incident(Wall opened_at) {
    Incident incident = named("inc-rich", "chat", IncidentState::open, opened_at);
    incident.scope = FaultScope::target;
    incident.rule = RuleKind::lost;
    incident.owner = "messaging";
    incident.runbook = "https://runbooks.example/chat";
    incident.recovered_at = opened_at - 1min;
    incident.closed_at = opened_at + 1h;
    incident.waves = 2;
    incident.wave_began_at.push_back(opened_at);
    incident.root_step = "wait for the message";
    AffectedCell cell;
    cell.cell = {.probe = "chat-delivery", .vantage = "us", .target = "b", .profile = "heavy", .cell = "sender=a"};
    cell.since = incident.began_at;
    cell.recovered_at = opened_at;
    cell.run_id = "run-2";
    cell.because = "2 of 3 runs";
    cell.step = "wait for the message";
    incident.cells = {cell};
    incident.targets = {"b"};
    incident.vantages = {"us", "eu"};
    incident.vantages_failing = incident.vantages_reporting = 2;
    incident.confirmed = incident.flapping = true;
    incident.symptoms = {
        {.service = "search", .failure_class = "slow", .message = "slow", .since = opened_at, .until = opened_at}};
    incident.suspects = {{.change = example_deploy(opened_at - 4min), .score = 0.9, .why = {"began 4 min before"}}};
    incident.mitigations = {{.change = example_deploy(opened_at + 4min), .effect = "none"}};
    incident.advice = "revert deploy-4711";
    incident.baseline_seconds = 0.4;
    incident.latency_seconds = 2.5;
    incident.outstanding = 3;
    incident.deliveries = {{"delivered", 100}, {"lost", 7}};
    incident.acknowledgement =
        Acknowledgement{.by = "ops", .via = "api", .note = "on it", .at = opened_at + 2min, .until = opened_at + 32min};
    incident.muted = Mute{.service = "chat",
                          .failure_class = {},
                          .owner = "ops",
                          .reason = "known",
                          .at = opened_at,
                          .until = opened_at + 24h};
    incident.paged_at = opened_at;
    incident.acknowledged_at = opened_at + 2min;
    incident.escalate_at = opened_at + 5min;
    incident.pages = 1;
    incident.told = true;
    incident.notices = 2;
    incident.usefulness = Usefulness::actioned;
    return incident;
}

Incident closed_incident(int number, Wall opened_at) {
    return named(fmt::format("inc-{:08}", number), "chat", IncidentState::closed, opened_at);
}

AlertBatch example_batch(Wall now) {
    AlertBatch batch;
    Incident rich = rich_incident(now - 10min);
    rich.recovered_at.reset();
    rich.closed_at.reset();
    const Notice opened = notice_of(rich, "inc-rich.1", {"pager", "mail"});
    batch.transitions.push_back(
        {.incident = rich,
         .timeline =
             {{.incident_id = rich.id, .at = rich.opened_at, .event = "opened", .text = "2 of 3 runs failed", .by = {}},
              {.incident_id = rich.id,
               .at = rich.opened_at + 2min,
               .event = "acknowledged",
               .text = "on it",
               .by = "ops"}},
         .notices = {opened}});
    batch.rows = {row_of(1, opened, "pager", OutboxRow::State::delivered),
                  row_of(2, opened, "mail", OutboxRow::State::pending)};
    batch.transitions.push_back({.incident = named("inc-watch", "mail", IncidentState::watching, now - 20min)});
    for (int i = 0; i < 25; ++i) batch.transitions.push_back({.incident = closed_incident(i, now - 30h + i * 1h)});
    Incident drill = named("inc-drill", "drill:pager", IncidentState::closed, now - 5min);
    drill.drill = true;
    batch.transitions.push_back({.incident = drill});
    batch.mutes = {{.service = "search",
                    .failure_class = "slow",
                    .owner = "ops",
                    .reason = "new index",
                    .at = now - 1h,
                    .until = now + 24h}};
    batch.drills = {{.channel = "pager",
                     .at = now - 5min,
                     .good = true,
                     .delivered_after = 120ms,
                     .resolved_after = 80ms,
                     .said = "read back"},
                    {.channel = "mail",
                     .at = now - 5min,
                     .good = false,
                     .delivered_after = {},
                     .resolved_after = {},
                     .said = "550 no such user"}};
    return batch;
}

void keep_examples(const std::string& path, Wall now) {
    auto store = AlertStore::open(path);
    if (!store) throw std::runtime_error(store.error().title);
    const auto written = (*store)->write(example_batch(now));
    if (!written) throw std::runtime_error(written.error().title);
}

}  // namespace serin::test
