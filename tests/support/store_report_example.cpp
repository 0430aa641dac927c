// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_report_example.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/formats/reporter.hpp"
#include "reports/formats/store_json.hpp"
#include "tests/support/outcome_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

Wall begin() {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
}

/// One step of a cell: runs each 30 s, of which some failed.
CellCounts counts_of(int runs, int failed, double seconds) {
    CellCounts counts;
    counts.pass = runs - failed;
    counts.fail = failed;
    if (failed > 0) counts.failure_classes["not_in_time"] = failed;
    for (int i = 0; i < runs; ++i) {
        counts.took.add(i < failed ? 2.5 : seconds * (1 + 0.02 * (i % 7)));
        counts.lateness.add(0.001);
    }
    return counts;
}

/// Shard b fails from 02:00 to 03:30, most of the time; nobody probed from 04:30 to 05:00.
CellCounts step_of(const CellKey& key, int step) {
    if (step >= 54 && step < 60) {
        CellCounts counts;
        counts.missed = 10;
        return counts;
    }
    const bool broken = key.probe == "chat-delivery" && key.target == "b" && step >= 24 && step < 42;
    const double base = key.vantage == "eu-west-2" ? 0.21 : 0.085;
    return counts_of(10, broken ? 7 : 0, base * (1 + 0.1 * (step % 5)));
}

ProbeReport probe_of(const std::string& name, const std::vector<CellKey>& keys, const StoreReport& report) {
    ProbeReport probe;
    probe.name = name;
    for (int step = 0; step < 72; ++step) probe.timeline.push_back({.at = report.from + step * 5min, .counts = {}});
    for (const CellKey& key : keys) {
        MatrixCell cell;
        cell.key = key;
        cell.verdict = "pass";
        cell.run_id = "019ab3c2-0000-7000-8000-000000000001";
        cell.last_run_at = report.until - 30s;
        cell.last_pass_at = cell.last_run_at;
        for (int step = 0; step < 72; ++step) {
            const CellCounts counts = step_of(key, step);
            cell.counts.add(counts);
            probe.timeline[static_cast<std::size_t>(step)].counts.add(counts);
        }
        probe.counts.add(cell.counts);
        probe.cells.push_back(std::move(cell));
    }
    return probe;
}

RunDetail detail_of(Outcome outcome, const CellKey& key, Wall started_at) {
    outcome.started_at = started_at;
    outcome.vantage = key.vantage;
    RunDetail detail;
    detail.outcome_json = json_text(outcome_json(outcome));
    detail.row = {.run_id = outcome.run_id,
                  .key = key,
                  .scheduled_at = started_at - 2ms,
                  .started_at = started_at,
                  .start_lateness = 2ms,
                  .took = outcome.took,
                  .verdict = name_of(outcome.verdict),
                  .failure_class = outcome.failure_class,
                  .message = outcome.message,
                  .maintenance = false,
                  .on_request = false,
                  .cleanup_failed = outcome.cleanup_failed,
                  .attempts = 1,
                  .has_evidence = true};
    return detail;
}

std::vector<Change> changes_of(Wall from) {
    Change deploy;
    deploy.id = "deploy-4711";
    deploy.kind = "deploy";
    deploy.component = "chat-push";
    deploy.title = "rolling upgrade to 5.2, shard b first";
    deploy.shards = {"b"};
    deploy.author = "release pipeline";
    deploy.rollback_plan = "helm rollback chat-push 41";
    deploy.link = "https://deploys.example.com/4711";
    deploy.started_at = from + 115min;
    deploy.ended_at = from + 140min;
    Change rollback;
    rollback.id = "rollback-4711";
    rollback.kind = "rollback";
    rollback.component = "chat-push";
    rollback.shards = {"b"};
    rollback.author = "on call";
    rollback.started_at = from + 205min;
    return {deploy, rollback};
}

DeliveryRow message(const std::string& nonce, const std::string& state, Wall sent_at) {
    DeliveryRow row;
    row.nonce = nonce;
    row.run_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    row.scenario = "chat-delivery";
    row.step = "sent";
    row.sender = "alice";
    row.receiver = state == "unknown" ? "" : "bob";
    row.sent_at = sent_at;
    row.state = state;
    row.first_state = state == "late" ? "lost" : state;
    row.copies = state == "late" ? 1 : 0;
    return row;
}

StoreReport window() {
    StoreReport report;
    report.from = begin();
    report.until = begin() + 6h;
    report.made_at = report.until + 5s;
    report.step = 5min;
    return report;
}

}  // namespace

StoreReport example_report() {
    StoreReport report = window();
    const auto key = [](const char* probe, const char* vantage, const char* target) {
        return CellKey{.probe = probe, .vantage = vantage, .target = target, .profile = {}, .cell = {}};
    };
    const CellKey broken = key("chat-delivery", "us-east-1", "b");
    report.probes = {probe_of("chat-delivery",
                              {key("chat-delivery", "eu-west-2", "a"), key("chat-delivery", "eu-west-2", "b"),
                               key("chat-delivery", "us-east-1", "a"), broken},
                              report),
                     probe_of("login", {key("login", "eu-west-2", "a"), key("login", "us-east-1", "a")}, report),
                     ProbeReport{}};
    ProbeReport& silent = report.probes.back();
    silent.name = "nightly-export";
    silent.cells.emplace_back().key = key("nightly-export", "us-east-1", "a");
    for (int step = 0; step < 72; ++step) silent.timeline.push_back({.at = report.from + step * 5min, .counts = {}});
    for (const ProbeReport& probe : report.probes) report.counts.add(probe.counts);
    report.failures = {detail_of(undelivered_message(), broken, report.from + 130min),
                       detail_of(unjudged_run(), broken, report.from + 121min)};
    report.deliveries = {{"delivered", 2'388}, {"late", 1}, {"lost", 250}, {"unknown", 1}};
    report.undelivered = {message("r0c07398f-1-5ea1ed0000", "late", report.from + 130min),
                          message("r0c07398f-2-5ea1ed0001", "lost", report.from + 129min),
                          message("r0c07398f-3-5ea1ed0002", "unknown", report.from + 128min)};
    report.more_undelivered = true;
    report.changes = changes_of(report.from);
    return report;
}

StoreReport hostile_report() {
    StoreReport report = window();
    const std::string bad =
        "</pre></style><script>alert(1)</script>\"'>\n```\n|x|\x1b[31m\xe2\x80\xae\xff @all ](javascript:alert(1)) ]]>";
    const CellKey key{.probe = bad, .vantage = bad, .target = bad, .profile = bad, .cell = bad};
    report.filter.probe = bad;
    report.probes = {probe_of(bad, {key}, report)};
    report.probes.front().cells.front().counts.fail = 1;
    report.probes.front().counts.fail = 1;
    report.probes.front().counts.failure_classes[bad] = 1;
    report.probes.front().timeline.front().counts.fail = 1;
    report.counts = report.probes.front().counts;
    report.failures = {detail_of(hostile_run(), key, report.from + 130min)};
    report.failures.front().row.run_id = report.failures.front().row.message = bad;
    report.failures.push_back(report.failures.front());
    report.failures.back().outcome_json = bad;
    report.deliveries = {{bad, 1}};
    report.undelivered = {message(bad, bad, report.from)};
    report.undelivered.front().sender = report.undelivered.front().receiver = bad;
    Change change;
    change.id = change.kind = change.component = change.title = change.author = change.contact = bad;
    change.rollback_plan = bad;
    change.link = "javascript:alert(1)//" + bad;
    change.shards = {bad};
    change.started_at = report.from + 1h;
    report.changes = {change, change};
    report.changes.back().link = "https://x/\"onmouseover=\"alert(1)";
    return report;
}

StoreReport empty_report() {
    StoreReport report = window();
    CellCounts missed;
    missed.missed = 12;
    ProbeReport probe;
    probe.name = "chat-delivery";
    probe.counts = missed;
    probe.cells.emplace_back().key = {
        .probe = "chat-delivery", .vantage = "us-east-1", .target = "a", .profile = {}, .cell = {}};
    probe.cells.front().counts = missed;
    probe.timeline = {{.at = report.from, .counts = missed}};
    report.counts = missed;
    report.probes = {probe};
    return report;
}

}  // namespace serin::test
