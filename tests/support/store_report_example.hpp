// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "reports/formats/store_report.hpp"

namespace serin::test {

/// Six hours of three probes on two vantages and two shards, in which a deploy of shard b goes wrong and is rolled
/// back; the prober itself was away for half an hour, and one probe has no data at all.
[[nodiscard]] StoreReport example_report();

/// A report in which every text that a target or a person can choose is hostile: markup, scripts, terminal escapes,
/// fences, marks that reorder text, bytes that are no UTF-8.
[[nodiscard]] StoreReport hostile_report();

/// A window without a single run.
[[nodiscard]] StoreReport empty_report();

}  // namespace serin::test
