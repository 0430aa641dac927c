// SPDX-License-Identifier: Apache-2.0
#include "runner/config/config.hpp"

#include <algorithm>

namespace serin {

bool keeps(const ProbeConfig& probe, const Cell& cell) {
    return std::ranges::all_of(probe.matrix, [&](const auto& axis) {
        return std::ranges::any_of(cell.axes, [&](const auto& value) {
            return value.first == axis.first && std::ranges::find(axis.second, value.second) != axis.second.end();
        });
    });
}

bool has_labels(const Target& target, const Labels& labels) {
    return std::ranges::all_of(labels, [&](const auto& label) {
        const std::string* value = target.find(label.first);
        return value != nullptr && *value == label.second;
    });
}

bool tells_nobody(const AlertsConfig& alerts) {
    return alerts.book.levels.empty() && alerts.book.warning_channels.empty() && alerts.book.info_channels.empty();
}

}  // namespace serin
