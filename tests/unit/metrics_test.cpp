// SPDX-License-Identifier: Apache-2.0
#include "reports/metrics/metrics.hpp"

#include <catch2/catch.hpp>

#include "reports/metrics/cell_tally.hpp"
#include "tests/support/metrics_scrape.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("metrics: a configured cell shows its zeroes before its first run and no verdict") {
    Metrics metrics(metrics_options());
    metrics.set_cells({{cell_named("chat"), 30s}});
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"fail\"")) == "0");
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"missed\"")) == "0");
    CHECK(all.series.at(series_of("serin_interval_seconds")) == "30");
    CHECK(all.series.at(series_of("serin_run_duration_seconds_bucket", ",le=\"+Inf\"")) == "0");
    CHECK_FALSE(all.kinds.contains("serin_verdict"));
    CHECK_FALSE(all.kinds.contains("serin_last_run_timestamp_seconds"));
    CHECK_FALSE(all.kinds.contains("serin_deliveries_total"));
    CHECK_FALSE(all.kinds.contains("serin_failures_total"));
}

TEST_CASE("metrics: each verdict is counted once and only pass and degraded are good") {
    struct Case {
        Verdict verdict;
        const char* code;
        const char* good;
        const char* bad;
        const char* judged;
    };
    const auto each = GENERATE(Case{Verdict::pass, "1", "1", "0", "1"}, Case{Verdict::degraded, "2", "1", "0", "1"},
                               Case{Verdict::error, "3", "0", "0", "0"}, Case{Verdict::fail, "4", "0", "1", "1"},
                               Case{Verdict::skipped, "0", "0", "0", "0"}, Case{Verdict::aborted, "0", "0", "0", "0"});
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    metrics.count(record_of(key, judged_run(each.verdict)));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_verdict")) == each.code);
    for (const Verdict verdict : run_verdicts) {
        const std::string series = series_of("serin_runs_total", std::string(",verdict=\"") + name_of(verdict) + "\"");
        CHECK(all.series.at(series) == (verdict == each.verdict ? "1" : "0"));
    }
    CHECK(all.series.at(series_of("serin_slots_good_total")) == each.good);
    CHECK(all.series.at(series_of("serin_slots_bad_total")) == each.bad);
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"started\"")) == "1");
    CHECK(all.series.at(series_of("serin_run_duration_seconds_count")) == each.judged);
    CHECK(all.series.at(series_of("serin_last_run_timestamp_seconds")) == "1700000000.08");
    CHECK(all.series.contains(series_of("serin_last_pass_timestamp_seconds")) == (std::string(each.good) == "1"));
}

TEST_CASE("metrics: a run on request counts as a run but not as a slot") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    Record asked = record_of(key, judged_run(Verdict::fail));
    asked.on_request = true;
    metrics.count(asked);
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"fail\"")) == "1");
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"started\"")) == "0");
    CHECK(all.series.at(series_of("serin_slots_bad_total")) == "0");
    CHECK(all.series.at("serin_start_lateness_seconds_count{vantage=\"us-east-1\"}") == "0");
}

TEST_CASE("metrics: gaps are counted by their reason and never as runs") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    const auto gap = [&](GapReason reason, std::int64_t count) {
        return Gap{.key = key, .reason = reason, .first_scheduled_at = noon, .last_scheduled_at = noon, .count = count};
    };
    metrics.count(gap(GapReason::missed, 7));
    metrics.count(gap(GapReason::shed, 2));
    metrics.count(gap(GapReason::overlap, 1));
    metrics.count(gap(GapReason::overlap, 1));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"started\"")) == "0");
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"missed\"")) == "7");
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"shed\"")) == "2");
    CHECK(all.series.at(series_of("serin_slots_total", ",outcome=\"overlap\"")) == "2");
    CHECK_FALSE(all.kinds.contains("serin_verdict"));
}

TEST_CASE("metrics: buckets hold their upper bound and are cumulative") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    for (const Duration took : {Duration(10ms), Duration(10ms + 1ns), Duration(400s)}) {
        metrics.count(record_of(key, judged_run(Verdict::pass, took)));
    }
    const Scraped all = scrape(metrics);
    const auto bucket = [&](const std::string& le) {
        return all.series.at(series_of("serin_run_duration_seconds_bucket", ",le=\"" + le + "\""));
    };
    CHECK(bucket("0.01") == "1");
    CHECK(bucket("0.025") == "2");
    CHECK(bucket("300.0") == "2");
    CHECK(bucket("+Inf") == "3");
    CHECK(all.series.at(series_of("serin_run_duration_seconds_count")) == "3");
    CHECK(all.series.at(series_of("serin_run_duration_seconds_sum")) == "400.020000001");
    CHECK(all.series.at("serin_start_lateness_seconds_bucket{vantage=\"us-east-1\",le=\"0.0005\"}") == "0");
    CHECK(all.series.at("serin_start_lateness_seconds_bucket{vantage=\"us-east-1\",le=\"0.001\"}") == "3");
}

TEST_CASE("metrics: a late result does not overwrite a newer one unless the clock was set back") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    metrics.count(record_of(key, judged_run(Verdict::fail, 1s, noon + 60s)));
    metrics.count(record_of(key, judged_run(Verdict::pass, 300s, noon)));  // began before, ended after
    CHECK(scrape(metrics).series.at(series_of("serin_verdict")) == "4");
    metrics.count(
        record_of(key, judged_run(Verdict::pass, 1s, noon - 3600s)));  // began and ended before: the clock went back
    CHECK(scrape(metrics).series.at(series_of("serin_verdict")) == "1");
}

TEST_CASE("metrics: the failure classes of a cell are bounded") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    for (int i = 0; i < 20; ++i) {
        Outcome outcome = judged_run(Verdict::fail);
        outcome.failure_class = "class_" + std::to_string(i);
        metrics.count(record_of(key, outcome));
    }
    Outcome skipped = judged_run(Verdict::skipped);
    skipped.failure_class = "not_a_failure";
    metrics.count(record_of(key, skipped));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_failures_total", ",failure_class=\"class_7\"")) == "1");
    CHECK(all.series.at(series_of("serin_failures_total", ",failure_class=\"other\"")) == "12");
    CHECK_FALSE(all.series.contains(series_of("serin_failures_total", ",failure_class=\"class_8\"")));
    CHECK_FALSE(all.series.contains(series_of("serin_failures_total", ",failure_class=\"not_a_failure\"")));
}

TEST_CASE("metrics: exchanges of nested steps are summed by phase and the first certificate to expire is told") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    Outcome outcome = rich_run();
    outcome.steps.push_back(outcome.steps[0]);
    outcome.steps[1].children[0].http->certificate_expiry_days = 1.5;
    outcome.steps.push_back(outcome.steps[0]);
    outcome.steps[2].children[0].http->certificate_expiry_days.reset();
    metrics.count(record_of(key, outcome));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_http_exchanges_total")) == "3");
    CHECK(all.series.at(series_of("serin_http_phase_seconds_total", ",phase=\"tls\"")) == "0.009");
    CHECK(all.series.at(series_of("serin_http_phase_seconds_total", ",phase=\"body\"")) == "0.015");
    CHECK(all.series.at(series_of("serin_certificate_expiry_timestamp_seconds")) ==
          std::to_string(1'700'000'000 + 129'600));
}

TEST_CASE("metrics: phases never add up to more than the exchange took") {
    const auto phases = phases_of({.dns = 5ms, .connect = 5ms, .tls = 5ms, .first_byte = 5ms, .total = 12ms});
    CHECK(phases[4] == 0ms);
    CHECK(phases_of({})[4] == 0ms);
}

TEST_CASE("metrics: deliveries are counted by state and an unknown word is state unknown") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    Outcome outcome = judged_run(Verdict::fail);
    for (const std::string_view state : delivery_states) {
        Delivery delivery;
        delivery.state = state;
        outcome.deliveries.push_back(delivery);
    }
    outcome.deliveries[0].send_to_receive = 120ms;
    outcome.deliveries.emplace_back().state = "teleported";
    metrics.count(record_of(key, outcome));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_deliveries_total", ",state=\"delivered\"")) == "1");
    CHECK(all.series.at(series_of("serin_deliveries_total", ",state=\"unknown\"")) == "2");
    CHECK(all.series.at(series_of("serin_delivery_seconds_count")) == "1");
    CHECK(all.series.at(series_of("serin_delivery_seconds_bucket", ",le=\"0.25\"")) == "1");
    CHECK(all.series.at(series_of("serin_delivery_seconds_bucket", ",le=\"0.1\"")) == "0");
}

TEST_CASE("metrics: retries and cleanup and leaks and maintenance are told") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    Outcome outcome = judged_run(Verdict::degraded);
    outcome.attempts.resize(3);
    outcome.cleanup_failed = true;
    outcome.leaked = {"DELETE /a", "DELETE /b"};
    Record in_window = record_of(key, outcome);
    in_window.maintenance = true;
    metrics.count(in_window);
    Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_retries_total")) == "2");
    CHECK(all.series.at(series_of("serin_cleanup_failures_total")) == "1");
    CHECK(all.series.at(series_of("serin_leaked_objects_total")) == "2");
    CHECK(all.series.at(series_of("serin_maintenance")) == "1");
    CHECK(all.series.at(series_of("serin_failures_total", ",failure_class=\"flaky\"")) == "1");
    metrics.count(record_of(key, judged_run(Verdict::pass, 1ms, noon + 30s)));
    all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_maintenance")) == "0");
    CHECK(all.series.at(series_of("serin_retries_total")) == "2");
}

TEST_CASE("metrics: changes are counted by kind") {
    Metrics metrics(metrics_options());
    CHECK_FALSE(scrape(metrics).kinds.contains("serin_last_change_timestamp_seconds"));
    Change change;
    change.kind = "migration";
    change.started_at = noon;
    metrics.count(change);
    change.started_at = noon - 1h;  // told later, began before
    metrics.count(change);
    change.kind = "surprise";
    metrics.count(change);
    const Scraped all = scrape(metrics);
    CHECK(all.series.at("serin_changes_total{vantage=\"us-east-1\",kind=\"migration\"}") == "2");
    CHECK(all.series.at("serin_changes_total{vantage=\"us-east-1\",kind=\"other\"}") == "1");
    CHECK(all.series.at("serin_changes_total{vantage=\"us-east-1\",kind=\"deploy\"}") == "0");
    CHECK(all.series.at("serin_last_change_timestamp_seconds{vantage=\"us-east-1\",kind=\"migration\"}") ==
          "1700000000");
}

}  // namespace serin::test
