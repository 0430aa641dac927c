// SPDX-License-Identifier: Apache-2.0
#include "reports/store/reader.hpp"

namespace serin {

void CellCounts::add(const CellCounts& other) {
    pass += other.pass;
    degraded += other.degraded;
    fail += other.fail;
    error += other.error;
    skipped += other.skipped;
    aborted += other.aborted;
    missed += other.missed;
    shed += other.shed;
    overlap += other.overlap;
    for (const auto& [failure_class, count] : other.failure_classes) failure_classes[failure_class] += count;
    took.merge(other.took);
    lateness.merge(other.lateness);
}

std::optional<double> CellCounts::availability() const {
    if (judged() <= 0) return std::nullopt;
    return static_cast<double>(pass + degraded) / static_cast<double>(judged());
}

std::optional<double> CellCounts::coverage() const {
    if (slots() <= 0) return std::nullopt;
    return static_cast<double>(judged()) / static_cast<double>(slots());
}

}  // namespace serin
