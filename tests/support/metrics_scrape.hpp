// SPDX-License-Identifier: Apache-2.0
// Runs to count, and a strict reader of the scrape that comes of them.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reports/metrics/metrics.hpp"

namespace serin::test {

inline constexpr Wall noon{std::chrono::seconds(1'700'000'000)};

[[nodiscard]] std::shared_ptr<const CellKey> cell_named(std::string probe, std::string target = "shard-a");
[[nodiscard]] Metrics::Options metrics_options(std::size_t max_series = 500'000);
[[nodiscard]] Outcome judged_run(Verdict verdict, Duration took = std::chrono::milliseconds(80), Wall started = noon);
/// A failed run with everything that may have a series: exchanges, a certificate, deliveries.
[[nodiscard]] Outcome rich_run();
/// Of a slot of the grid that started 700 µs late.
[[nodiscard]] Record record_of(const std::shared_ptr<const CellKey>& key, Outcome outcome);

struct Scraped {
    std::map<std::string, std::string> series;  ///< name{labels} → value, without exemplars
    std::map<std::string, std::string> kinds;   ///< family → type
    std::vector<std::string> order;             ///< families in order
    std::map<std::string, std::string> exemplars;
    std::vector<std::string> complaints;  ///< what breaks the rules of the formats
};
/// Metadata first, families in one piece, no series twice, nothing after the end: or a complaint.
[[nodiscard]] Scraped scraped(const std::string& text);
/// Renders and reads; a complaint fails the test.
[[nodiscard]] Scraped scrape(const Metrics& metrics, MetricsFormat format = MetricsFormat::prometheus);
/// `name` with the labels of cell_named(probe), and further ones (`,le="1.0"`).
[[nodiscard]] std::string series_of(const std::string& name, const std::string& more = "",
                                    const std::string& probe = "chat");

}  // namespace serin::test
