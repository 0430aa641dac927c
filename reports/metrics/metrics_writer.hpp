// SPDX-License-Identifier: Apache-2.0
// Writes the exposition formats: Prometheus text 0.0.4 and OpenMetrics 1.0
// (https://prometheus.io/docs/instrumenting/exposition_formats, https://github.com/prometheus/OpenMetrics).
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/metrics/families.hpp"
#include "reports/metrics/histogram.hpp"
#include "reports/metrics/metrics.hpp"

namespace serin {

/// `text` as the inside of a label's quotes: backslash, quote and line feed escaped, bytes that are no UTF-8 replaced
/// by U+FFFD (one such byte would cost the whole scrape).
[[nodiscard]] std::string escaped_label(std::string_view text);
/// `text` as a label's name: [a-zA-Z_][a-zA-Z0-9_]*, other characters become `_`.
[[nodiscard]] std::string label_name(std::string_view text);

/// One scrape in the making. Labels are given as text that is already escaped: `probe="a",vantage="b"`; `more` begins
/// with a comma. Numbers are exact: integers, or nanoseconds and milliseconds shown as seconds.
class MetricsWriter {
public:
    /// `expected`: bytes that the scrape will probably have.
    MetricsWriter(MetricsFormat format, std::size_t expected);

    void begin(const MetricFamily& family);
    void integer(std::string_view labels, std::string_view more, std::int64_t value,
                 const Exemplar* exemplar = nullptr);
    void seconds(std::string_view labels, std::string_view more, Duration value);
    void moment(std::string_view labels, std::string_view more, std::int64_t unix_milliseconds);
    void real(std::string_view labels, std::string_view more, double value);
    /// `buckets`: not cumulated, one more than `bounds`; `exemplars`: as many as buckets, or null.
    void histogram(std::string_view labels, const HistogramBounds& bounds, const std::uint64_t* buckets, Duration sum,
                   const Exemplar* exemplars);
    /// `buckets`: (upper bound in seconds, how many were that or less), by bound; of all there were `count`, and `sum`
    /// seconds. An infinite bound is written in any case.
    void histogram(std::string_view labels, std::string_view more,
                   const std::vector<std::pair<double, std::int64_t>>& buckets, double sum, std::int64_t count);
    /// Ends the scrape and gives it away.
    [[nodiscard]] std::string finish();

private:
    char* head(char* at, std::string_view suffix, std::string_view labels, std::string_view more) const;
    char* tail(char* at, const Exemplar* exemplar) const;
    template <class Write>
    void line(std::string_view labels, std::string_view more, const Exemplar* exemplar, Write write);

    bool openmetrics_;
    std::string text_;
    std::string_view name_;
};

}  // namespace serin
