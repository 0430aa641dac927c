// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>

#include "reports/metrics/cell_tally.hpp"
#include "reports/metrics/metrics.hpp"
#include "reports/metrics/metrics_writer.hpp"
#include "tests/support/metrics_scrape.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("metrics: the Accept header chooses the format by quality and specificity") {
    const auto openmetrics = [](const char* accept) { return negotiate(accept) == MetricsFormat::openmetrics; };
    CHECK_FALSE(openmetrics(""));
    CHECK_FALSE(openmetrics("*/*"));
    CHECK_FALSE(openmetrics("text/plain"));
    CHECK_FALSE(openmetrics("text/html,application/xhtml+xml,*/*;q=0.8"));
    CHECK(openmetrics("application/openmetrics-text"));
    CHECK(openmetrics("Application/OpenMetrics-Text ; version=\"1.0.0\" ; charset=utf-8"));
    // Prometheus 2.42, and 3.0 which knows versions that we do not speak.
    CHECK(
        openmetrics("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    CHECK(
        openmetrics("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;version=0.0.1"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;q=0.4, text/plain;q=0.9"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;q=0.5, text/plain;q=0.5"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;q=0"));
    CHECK(
        openmetrics("application/openmetrics-text;version=1.0.0;q=0.9, application/openmetrics-text;q=0.1, */*;q=0.5"));
    CHECK(openmetrics("text/plain;q=0, */*"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;q=2"));
    CHECK_FALSE(openmetrics("application/openmetrics-text;q=high"));
    CHECK_FALSE(openmetrics(";;,,=,\"\\"));
    CHECK(std::string(content_type(MetricsFormat::openmetrics)).contains("version=1.0.0"));
    CHECK(std::string(content_type(MetricsFormat::prometheus)).contains("version=0.0.4"));
}

TEST_CASE("metrics: without cells and without a vantage the scrape is still whole") {
    Metrics metrics({});
    const Scraped all = scrape(metrics, MetricsFormat::openmetrics);
    CHECK(all.series.at("serin_cells") == "0");
    CHECK(all.series.at("serin_loop_lag_seconds{worker=\"1\"}") == "0.0025");
    CHECK(all.series.at("process_start_time_seconds") == "1700000000");
}

TEST_CASE("metrics: a failure class of any length and any bytes makes one valid label") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    Outcome outcome = judged_run(Verdict::fail);
    outcome.failure_class = std::string(99, 'x') + "ü\"\n\\" + std::string(5000, 'y');
    metrics.count(record_of(key, outcome));
    const Scraped all = scrape(metrics);
    CHECK(all.series.at(series_of("serin_failures_total", ",failure_class=\"" + std::string(99, 'x') + "\"")) == "1");
}

TEST_CASE("metrics: label values are escaped and bytes that are no UTF-8 replaced") {
    CHECK(escaped_label("a\\b\"c\nd") == "a\\\\b\\\"c\\nd");
    CHECK(escaped_label("größe 日本 😀") == "größe 日本 😀");
    CHECK(escaped_label("a\xff"
                        "b") ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(escaped_label("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");     // cut short
    CHECK(escaped_label("\xc0\xaf").contains("\xef\xbf\xbd"));          // overlong
    CHECK(escaped_label("\xed\xa0\x80").contains("\xef\xbf\xbd"));      // a surrogate
    CHECK(escaped_label("\xf4\x90\x80\x80").contains("\xef\xbf\xbd"));  // beyond U+10FFFF
    CHECK(escaped_label("").empty());
    CHECK(label_name("cloud.region") == "cloud_region");
    CHECK(label_name("9lives") == "_9lives");
    CHECK(label_name("") == "_");
    CHECK(label_name("ü") == "__");
}

TEST_CASE("metrics: labels of the vantage cannot break serin_info") {
    Metrics metrics({.vantage = "a\"b",
                     .labels = {{"vantage", "x"}, {"a-b", "1"}, {"a.b", "2"}, {"__name__", "y"}, {"region", "q\"r"}},
                     .version = "1",
                     .max_series = 100});
    const Scraped all = scrape(metrics, MetricsFormat::openmetrics);
    CHECK(
        all.series.contains("serin_info{vantage=\"a\\\"b\",label_vantage=\"x\",a_b=\"1\",label_a_b=\"2\","
                            "label___name__=\"y\",region=\"q\\\"r\"}"));
    CHECK(all.kinds.at("serin") == "info");
}

TEST_CASE("metrics: empty parts of a cell's name make no labels") {
    Metrics metrics(metrics_options());
    const auto bare = std::make_shared<const CellKey>(
        CellKey{.probe = "login", .vantage = "", .target = "", .profile = "", .cell = ""});
    const auto full = std::make_shared<const CellKey>(
        CellKey{.probe = "login", .vantage = "eu", .target = "t", .profile = "heavy", .cell = "sender=a receiver=b"});
    metrics.set_cells({{bare, 1s}, {full, 1s}});
    const Scraped all = scrape(metrics);
    CHECK(all.series.contains("serin_maintenance{probe=\"login\"}"));
    CHECK(
        all.series.contains("serin_maintenance{probe=\"login\",vantage=\"eu\",target=\"t\",profile=\"heavy\","
                            "cell=\"sender=a receiver=b\"}"));
}

TEST_CASE("metrics: OpenMetrics has exemplars with the run and names families without suffix") {
    Metrics metrics(metrics_options());
    const auto key = cell_named("chat");
    metrics.set_cells({{key, 30s}});
    metrics.count(record_of(key, rich_run()));
    const std::string text = metrics.render(MetricsFormat::openmetrics, {});
    CHECK(text.ends_with("# EOF\n"));
    CHECK(text.contains("# TYPE serin_runs counter\n"));
    CHECK(text.contains("# UNIT serin_run_duration_seconds seconds\n"));
    CHECK(text.contains("# UNIT process_cpu_seconds seconds\n"));
    CHECK_FALSE(text.contains("_created"));
    const Scraped all = scraped(text);
    const std::string run_id = "{run_id=\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"} ";
    CHECK(all.exemplars.at(series_of("serin_run_duration_seconds_bucket", ",le=\"0.1\"")) ==
          run_id + "0.08 1700000000.08");
    CHECK_FALSE(all.exemplars.contains(series_of("serin_run_duration_seconds_bucket", ",le=\"0.25\"")));
    CHECK(all.exemplars.at(series_of("serin_failures_total", ",failure_class=\"not_in_time\"")) ==
          run_id + "1 1700000000.08");
    CHECK(all.exemplars.at(series_of("serin_delivery_seconds_bucket", ",le=\"5.0\"")) == run_id + "3 1700000000.08");
    CHECK(scrape(metrics, MetricsFormat::prometheus).exemplars.empty());
}

TEST_CASE("metrics: a run id that would need escapes makes no exemplar") {
    CHECK(exemplar_of(judged_run(Verdict::pass), noon).size == 36);
    Outcome odd = judged_run(Verdict::pass);
    odd.run_id = "a\"b";
    CHECK(exemplar_of(odd, noon).size == 0);
    odd.run_id = std::string(41, 'a');
    CHECK(exemplar_of(odd, noon).size == 0);
}

TEST_CASE("metrics: numbers are exact") {
    MetricsWriter out(MetricsFormat::prometheus, 0);
    out.begin(metric("process_open_fds"));
    out.seconds("a=\"1\"", "", 1ns);
    out.seconds("a=\"2\"", "", -1500ms);
    out.seconds("a=\"3\"", "", Duration::max());
    out.integer("a=\"4\"", "", std::numeric_limits<std::int64_t>::min());
    out.real("a=\"5\"", "", std::numeric_limits<double>::infinity());
    out.real("a=\"6\"", "", std::numeric_limits<double>::quiet_NaN());
    out.moment("a=\"7\"", "", 1'700'000'000'020);
    const Scraped all = scraped(out.finish());
    const auto value = [&](int n) { return all.series.at("process_open_fds{a=\"" + std::to_string(n) + "\"}"); };
    CHECK(value(1) == "0.000000001");
    CHECK(value(2) == "-1.5");
    CHECK(value(3) == "9223372036.854775807");
    CHECK(value(4) == "-9223372036854775808");
    CHECK(value(5) == "+Inf");
    CHECK(value(6) == "NaN");
    CHECK(value(7) == "1700000000.02");
}

}  // namespace serin::test
