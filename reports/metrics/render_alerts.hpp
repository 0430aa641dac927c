// SPDX-License-Identifier: Apache-2.0
// Internal to reports/metrics: how alerting itself is, as a part of the scrape.
#pragma once
#include <string_view>

#include "reports/alerts/desk/figures.hpp"
#include "reports/metrics/metrics_writer.hpp"

namespace serin {

/// Writes the families of alerting. `labels`: those of the vantage.
void render_alerts(MetricsWriter& out, std::string_view labels, const DeskFigures& figures);

}  // namespace serin
