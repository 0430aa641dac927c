// SPDX-License-Identifier: Apache-2.0
#include "tests/support/metrics_scrape.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

namespace serin::test {

using namespace std::chrono_literals;

std::shared_ptr<const CellKey> cell_named(std::string probe, std::string target) {
    return std::make_shared<const CellKey>(CellKey{
        .probe = std::move(probe), .vantage = "us-east-1", .target = std::move(target), .profile = "", .cell = ""});
}

Metrics::Options metrics_options(std::size_t max_series) {
    return {.vantage = "us-east-1", .labels = {{"region", "us"}}, .version = "1.2", .max_series = max_series};
}

Outcome judged_run(Verdict verdict, Duration took, Wall started) {
    Outcome outcome;
    outcome.run_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    outcome.verdict = verdict;
    outcome.took = took;
    outcome.started_at = started;
    if (verdict == Verdict::fail) outcome.failure_class = "not_in_time";
    if (verdict == Verdict::error) outcome.failure_class = "resolver_failure";
    if (verdict == Verdict::degraded) outcome.failure_class = "flaky";
    return outcome;
}

Record record_of(const std::shared_ptr<const CellKey>& key, Outcome outcome) {
    return {.key = key,
            .scheduled_at = outcome.started_at,
            .start_lateness = 700us,
            .maintenance = false,
            .on_request = false,
            .outcome = std::make_shared<const Outcome>(std::move(outcome))};
}

Outcome rich_run() {
    Outcome outcome = judged_run(Verdict::fail);
    StepResult step;
    step.http = HttpExchange{};
    step.http->timings = {.dns = 1ms, .connect = 2ms, .tls = 3ms, .first_byte = 4ms, .total = 15ms};
    step.http->certificate_expiry_days = 30;
    StepResult parent;
    parent.children = {step};
    outcome.steps = {parent};
    Delivery delivery;
    delivery.state = "late";
    delivery.send_to_receive = 3s;
    outcome.deliveries = {delivery};
    return outcome;
}

Scraped scraped(const std::string& text) {
    Scraped all;
    std::istringstream lines(text);
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        if (line == "# EOF") {
            if (lines.peek() != EOF) all.complaints.emplace_back("text after # EOF");
            continue;
        }
        if (line.starts_with("# ")) {
            std::istringstream words(line.substr(2));
            std::string keyword, name, rest;
            words >> keyword >> name;
            words >> rest;
            if (keyword == "HELP") {
                family = name;
                if (std::ranges::find(all.order, name) != all.order.end()) all.complaints.push_back("twice: " + name);
                all.order.push_back(name);
            }
            if (name != family) all.complaints.push_back("metadata of another family: " + line);
            if (keyword == "TYPE") all.kinds[name] = rest;
            if (keyword == "UNIT" && !name.ends_with("_" + rest)) all.complaints.push_back("unit: " + line);
            continue;
        }
        const auto exemplar = line.find(" # ");
        const std::string sample = line.substr(0, exemplar);
        const auto space = sample.rfind(' ');
        const std::string series = sample.substr(0, space);
        if (!series.starts_with(family)) all.complaints.push_back("series outside its family: " + line);
        if (all.series.contains(series)) all.complaints.push_back("series twice: " + series);
        all.series[series] = sample.substr(space + 1);
        if (exemplar != std::string::npos) all.exemplars[series] = line.substr(exemplar + 3);
    }
    return all;
}

namespace {

/// With everything that it may say, of one channel and one heartbeat.
DeskFigures alerting() {
    DeskFigures figures;
    DeskFigures::ChannelFigures& pager = figures.channels["pager"];
    pager.took["proven"] = 1;
    for (const double bound : {0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 3600.0})
        pager.delay_buckets.emplace_back(bound, 1);
    pager.delay_sum = 0.02;
    pager.delay_count = 1;
    pager.last_drill_at = noon;
    pager.drilled = pager.last_drill_good = true;
    pager.drill_delivered_after = 120ms;
    figures.heartbeats["backup"] = noon;
    return figures;
}

}  // namespace

Scraped scrape(const Metrics& metrics, MetricsFormat format) {
    SelfMetrics self;
    self.loop_lag = {1ms, 2500us};
    self.started_at = noon;
    self.config_loaded_at = noon;
    self.alerts = alerting();
    Scraped all = scraped(metrics.render(format, self));
    CHECK(all.complaints == std::vector<std::string>{});
    return all;
}

std::string series_of(const std::string& name, const std::string& more, const std::string& probe) {
    return name + "{probe=\"" + probe + R"(",vantage="us-east-1",target="shard-a")" + more + "}";
}

}  // namespace serin::test
