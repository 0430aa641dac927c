// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "reports/metrics/families.hpp"
#include "reports/metrics/metrics.hpp"
#include "reports/metrics/metrics_impl.hpp"
#include "tests/support/golden_files.hpp"
#include "tests/support/metrics_scrape.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

std::string documentation() {
    const std::string text = contents(SERIN_SOURCE_DIR "/docs/metrics.md");
    REQUIRE_FALSE(text.empty());
    return text;
}

std::size_t series_of_cells(const Scraped& all) {
    std::size_t count = 0;
    for (const auto& [series, value] : all.series) count += series.contains("{probe=") ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("metrics: counters survive a new configuration and gone cells are forgotten") {
    Metrics metrics(metrics_options());
    const auto chat = cell_named("chat");
    const auto mail = cell_named("mail");
    metrics.set_cells({{chat, 30s}, {mail, 30s}});
    metrics.count(record_of(chat, rich_run()));
    metrics.count(record_of(mail, judged_run(Verdict::pass)));
    // The same cell in another object, twice, with another interval.
    metrics.set_cells(
        {{cell_named("chat"), 10s}, {cell_named("zebra"), 1s}, {cell_named("chat"), 10s}, {cell_named("alpha"), 1s}});
    Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"fail\"")) == "1");
    CHECK(all.series.at(series_of("serin_deliveries_total", ",state=\"late\"")) == "1");
    CHECK(all.series.at(series_of("serin_interval_seconds")) == "10");
    CHECK_FALSE(all.series.contains(series_of("serin_interval_seconds", "", "mail")));
    CHECK(all.series.contains(series_of("serin_interval_seconds", "", "alpha")));
    CHECK(all.series.at("serin_cells{vantage=\"us-east-1\"}") == "3");
    // A run that was in flight when its cell went.
    metrics.count(record_of(mail, judged_run(Verdict::fail)));
    all = scrape(metrics);
    CHECK(all.series.at("serin_dropped_cell_runs_total{vantage=\"us-east-1\",verdict=\"fail\"}") == "1");
    // Back again, from zero.
    metrics.set_cells({{mail, 30s}});
    all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"pass\"", "mail")) == "0");
    CHECK_FALSE(all.series.contains(series_of("serin_interval_seconds")));
}

TEST_CASE("metrics: the series budget is kept and old cells keep their place") {
    const auto base = static_cast<std::size_t>(base_series());
    Metrics metrics(metrics_options(2 * base));
    const auto old = cell_named("old");
    metrics.set_cells({{old, 1s}});
    // `a…` sorts first, but `old` was there first.
    const auto a1 = cell_named("a1");
    const auto a2 = cell_named("a2");
    metrics.set_cells({{a1, 1s}, {a2, 1s}, {old, 1s}});
    metrics.count(record_of(old, judged_run(Verdict::pass)));
    metrics.count(record_of(a2, judged_run(Verdict::fail)));
    metrics.count(
        Gap{.key = a2, .reason = GapReason::missed, .first_scheduled_at = noon, .last_scheduled_at = noon, .count = 4});
    metrics.count(record_of(a1, rich_run()));  // its failure class, deliveries, … find no room
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"pass\"", "old")) == "1");
    CHECK(all.series.at(series_of("serin_runs_total", ",verdict=\"fail\"", "a1")) == "1");
    CHECK_FALSE(all.series.contains(series_of("serin_maintenance", "", "a2")));
    const std::string us = "{vantage=\"us-east-1\"";
    CHECK(all.series.at("serin_cells" + us + "}") == "3");
    CHECK(all.series.at("serin_cells_dropped" + us + "}") == "1");
    CHECK(all.series.at("serin_dropped_cell_runs_total" + us + ",verdict=\"fail\"}") == "1");
    CHECK(all.series.at("serin_dropped_cell_slots_total" + us + ",outcome=\"missed\"}") == "4");
    CHECK(all.series.at("serin_series" + us + "}") == std::to_string(2 * base));
    CHECK(all.series.at("serin_series_refused_total" + us + "}") == "4");
    CHECK(series_of_cells(all) <= 2 * base);
    CHECK_FALSE(all.kinds.contains("serin_failures_total"));
    // Room that a gone cell leaves is used again.
    metrics.set_cells({{a1, 1s}, {a2, 1s}});
    CHECK(scrape(metrics).series.at("serin_cells_dropped" + us + "}") == "0");
}

TEST_CASE("metrics: a reservation survives a new configuration") {
    const auto base = static_cast<std::size_t>(base_series());
    Metrics metrics(metrics_options(500));
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 1s}});
    metrics.count(record_of(key, rich_run()));
    const std::string series = "serin_series{vantage=\"us-east-1\"}";
    const std::string before = scrape(metrics).series.at(series);
    CHECK(before == std::to_string(base + 1 + 1 + 6 + 25));
    metrics.set_cells({{key, 2s}});
    CHECK(scrape(metrics).series.at(series) == before);
    metrics.set_cells({});
    CHECK(scrape(metrics).series.at(series) == "0");
}

TEST_CASE("metrics: what the daemon says of itself is told as it is") {
    Metrics metrics(metrics_options());
    SelfMetrics self;
    self.store_writing = true;
    self.store_faults = 3;
    self.store_last_commit = 1234us;
    self.config_ok = false;
    self.cpu_seconds = 1.25;
    self.resident_bytes = std::int64_t{5} << 30;
    const Scraped all = scraped(metrics.render(MetricsFormat::prometheus, self));
    CHECK(all.series.at("serin_store_writing{vantage=\"us-east-1\"}") == "1");
    CHECK(all.series.at("serin_store_faults_total{vantage=\"us-east-1\"}") == "3");
    CHECK(all.series.at("serin_store_commit_duration_seconds{vantage=\"us-east-1\"}") == "0.001234");
    CHECK(all.series.at("serin_config_last_reload_successful{vantage=\"us-east-1\"}") == "0");
    CHECK(all.series.at("process_cpu_seconds_total") == "1.25");
    CHECK(all.series.at("process_resident_memory_bytes") == "5368709120");
    CHECK(all.series.at("serin_build_info{vantage=\"us-east-1\",version=\"1.2\"}") == "1");
}

TEST_CASE("metrics: what alerting says of itself is told as it is") {
    Metrics metrics(metrics_options());
    SelfMetrics self;
    CHECK(scraped(metrics.render(MetricsFormat::prometheus, self)).kinds.contains("serin_incidents") == false);
    self.alerts.emplace();
    DeskFigures& figures = *self.alerts;
    figures.incidents[{"open", "critical"}] = 2;
    figures.opened = 9;
    figures.outbox_oldest = 1500ms;
    figures.pages_untaken = 3;
    figures.durable = false;
    auto& pager = figures.channels["pa\"ger"];
    pager.took["proven"] = 4;
    pager.broken = true;
    pager.delay_buckets = {{0.05, 1}, {1, 3}, {3600, 3}};
    pager.delay_sum = 3700.25;
    pager.delay_count = 4;
    figures.channels["never drilled"].last_drill_good = true;
    for (const MetricsFormat format : {MetricsFormat::prometheus, MetricsFormat::openmetrics}) {
        const Scraped all = scraped(metrics.render(format, self));
        CHECK(all.complaints == std::vector<std::string>{});
        const auto value = [&](const std::string& name, const std::string& more) {
            const auto found = all.series.find(name + "{vantage=\"us-east-1\"" + more + "}");
            return found == all.series.end() ? "absent" : found->second;
        };
        const std::string to_pager = ",channel=\"pa\\\"ger\"";
        CHECK(value("serin_incidents", ",state=\"open\",severity=\"critical\"") == "2");
        CHECK(value("serin_incidents", ",state=\"watching\",severity=\"info\"") == "0");
        CHECK(value("serin_incidents_opened_total", "") == "9");
        CHECK(value("serin_outbox_oldest_seconds", "") == "1.5");
        CHECK(value("serin_pages_untaken", "") == "3");
        CHECK(value("serin_alert_store_writing", "") == "0");
        CHECK(value("serin_notifications_total", to_pager + ",result=\"proven\"") == "4");
        CHECK(value("serin_notifications_total", to_pager + ",result=\"retry\"") == "0");
        CHECK(value("serin_notification_delay_seconds_bucket", to_pager + ",le=\"0.05\"") == "1");
        CHECK(value("serin_notification_delay_seconds_bucket", to_pager + ",le=\"1.0\"") == "3");
        CHECK(value("serin_notification_delay_seconds_bucket", to_pager + ",le=\"+Inf\"") == "4");
        CHECK(value("serin_notification_delay_seconds_sum", to_pager) == "3700.25");
        CHECK(value("serin_notification_delay_seconds_count", to_pager) == "4");
        CHECK(value("serin_channel_broken", to_pager) == "1");
        CHECK(value("serin_channel_broken", ",channel=\"never drilled\"") == "0");
        CHECK(value("serin_drill_successful", ",channel=\"never drilled\"") == "absent");
    }
}

TEST_CASE("metrics: the table and the scrape tell of the same series") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    for (int i = 0; i < 20; ++i) {
        Outcome outcome = rich_run();
        outcome.failure_class = "class_" + std::to_string(i);
        metrics.count(record_of(key, outcome));
    }
    metrics.count(record_of(key, judged_run(Verdict::pass, 1ms, noon + 1s)));
    for (const std::string_view kind : change_kinds) {
        Change change;
        change.kind = kind;
        change.started_at = noon;
        metrics.count(change);
    }
    const Scraped all = scrape(metrics);
    std::set<std::string> expected;
    for (const MetricFamily& family : metric_table::families) {
        INFO(family.name);
        const std::string name(family.name);
        expected.insert(name);
        REQUIRE(all.kinds.contains(name));
        CHECK(all.kinds.at(name) == (family.type == MetricType::info ? "gauge" : name_of(family.type)));
        CHECK((family.type == MetricType::counter) == name.ends_with("_total"));
        int series = 0;
        for (const auto& [each, value] : all.series) {
            const std::string bare = each.substr(0, each.find('{'));
            const bool part =
                bare == name || bare == name + "_bucket" || bare == name + "_sum" || bare == name + "_count";
            if (!part) continue;
            ++series;
            CHECK(each.contains("{probe=\"chat\"") == (family.scope == MetricScope::cell));
            CHECK(each.contains("{vantage=") == (family.scope == MetricScope::vantage));
        }
        CHECK(series == (family.series == 0 ? 2 : family.series));
    }
    CHECK(std::set<std::string>(all.order.begin(), all.order.end()) == expected);
}

TEST_CASE("metrics: docs/metrics.md has a line for each metric and no other") {
    std::istringstream lines(documentation());
    std::set<std::string> written;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| `serin_") || line.starts_with("| `process_")) written.insert(line);
    }
    std::set<std::string> expected;
    for (const MetricFamily& family : metric_table::families) {
        const std::string series = family.series == 0 ? "a worker" : std::to_string(family.series);
        const std::string each = family.each.empty() ? "" : " a " + std::string(family.each);
        expected.insert("| `" + std::string(family.name) + "` | " + name_of(family.type) + " | " +
                        std::string(family.labels) + " | " + series + each + (family.always ? "" : ", later") + " | " +
                        std::string(family.help) + " |");
    }
    for (const std::string& line : expected) CHECK((written.contains(line) ? "" : line).empty());
    for (const std::string& line : written) CHECK((expected.contains(line) ? "" : line).empty());
}

TEST_CASE("metrics: the budget is as docs/metrics.md has it") {
    CHECK(base_series() == 35);
    int most = 0;
    for (const MetricFamily& family : metric_table::families) {
        if (family.scope == MetricScope::cell) most += family.series;
    }
    CHECK(most == 76);
    CHECK(documentation().contains("| base, of every cell | 35 |\n"));
    CHECK(documentation().contains("| **most** | **76** |\n"));
}

TEST_CASE("metrics: a cell with exchanges and deliveries stays below three KiB") {
    constexpr std::size_t labels = 128;
    constexpr std::size_t allocations = std::size_t{8} * 16;
    CHECK(sizeof(CellTally) + 13 * sizeof(Exemplar) + sizeof(HttpTally) + sizeof(DeliveryTally) + sizeof(FailureTally) +
              labels + allocations <
          3072);
}

}  // namespace serin::test
