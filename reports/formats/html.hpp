// SPDX-License-Identifier: Apache-2.0
// What the HTML report is built of. Everything that comes from outside goes through html_text() or html_attribute().
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "reports/formats/store_report.hpp"

namespace serin {

/// One line of any bytes as character data, or as a double-quoted attribute.
[[nodiscard]] std::string html_text(std::string_view text);
[[nodiscard]] std::string html_attribute(std::string_view text);
/// "1,204,331".
[[nodiscard]] std::string grouped(std::int64_t count);

/// A whole page. Its policy (Content-Security-Policy) forbids scripts and every request, whatever stands in `body`.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view body);

/// How a share of good runs looks: "good", "fair", "bad", "worst" or "none" (no data); a class of the page's style.
[[nodiscard]] std::string_view tone_of(std::optional<double> availability);
/// The sign that stands beside the colour: "✓", "▲", "✕", "?".
[[nodiscard]] std::string_view sign_of(std::string_view tone);

/// Latency quantiles and what the runs said over time, with the changes marked by their numbers: inline SVG. Stretches
/// without data are hatched, and no line crosses them.
[[nodiscard]] std::string html_timeline(const StoreReport& report, const ProbeReport& probe);
/// The hatching that html_timeline() refers to; once a page.
[[nodiscard]] std::string html_timeline_patterns();

/// A table of availability, vantages down and targets across.
[[nodiscard]] std::string html_heat_map(const ProbeReport& probe);

/// The table of all probes, and a section for each with its heat map and timeline; those that need to be looked at come
/// first should there be too many.
[[nodiscard]] std::string html_probes(const StoreReport& report);
/// A field of a table: the count, a dash for none.
[[nodiscard]] std::string html_count_cell(std::int64_t count);

}  // namespace serin
