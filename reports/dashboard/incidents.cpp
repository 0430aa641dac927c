// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/incidents.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "reports/dashboard/tokens.hpp"

namespace serin {

namespace {

Wall since_of(const MatrixCell& cell) {
    return cell.failing_since.value_or(cell.last_run_at);
}

std::string id_of(const OpenIncident& incident) {
    constexpr std::size_t digits = 16;
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(incident.since.time_since_epoch());
    std::string text;
    for (const std::string& part : {incident.probe, incident.verdict, incident.failure_class}) {
        text.append(part).push_back('\0');  // no name holds a NUL, so no two incidents have one text
    }
    return sha256_hex(text + std::to_string(since.count())).substr(0, digits);
}

}  // namespace

std::vector<OpenIncident> open_incidents(const std::vector<MatrixCell>& cells) {
    std::map<std::tuple<std::string, std::string, std::string>, OpenIncident> grouped;
    for (const MatrixCell& cell : cells) {
        if (cell.verdict != "fail" && cell.verdict != "error") continue;
        grouped[{cell.key.probe, cell.verdict, cell.failure_class}].cells.push_back(cell);
    }
    std::vector<OpenIncident> incidents;
    for (auto& [key, incident] : grouped) {
        std::tie(incident.probe, incident.verdict, incident.failure_class) = key;
        std::ranges::sort(incident.cells, [](const MatrixCell& a, const MatrixCell& b) {
            return std::tuple(since_of(a), a.key) < std::tuple(since_of(b), b.key);
        });
        incident.since = since_of(incident.cells.front());
        incident.message = incident.cells.front().message;
        incident.id = id_of(incident);
        incidents.push_back(std::move(incident));
    }
    std::ranges::sort(incidents, [](const OpenIncident& a, const OpenIncident& b) {
        return std::tie(b.since, a.id) < std::tie(a.since, b.id);
    });
    return incidents;
}

}  // namespace serin
