// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/alerts/outbox/alert_tables.hpp"

namespace serin {
namespace {

std::optional<Wall> wall_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return wall_of(row.integer(column));
}
std::optional<Duration> duration_at(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return duration_of(row.integer(column));
}
std::string string_at(const Statement& row, int column) {
    return std::string(row.text(column));
}

}  // namespace

std::optional<Incident> incident_at(const Statement& row, int column) {
    const auto json = nlohmann::json::parse(row.text(column), nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return incident_from_json(json);
}

std::optional<OutboxRow> outbox_row_at(const Statement& row) {
    const auto json = nlohmann::json::parse(row.text(10), nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    std::optional<Notice> notice = notice_from_json(json);
    if (!notice) return std::nullopt;
    using State = OutboxRow::State;
    for (const State state :
         {State::waiting, State::pending, State::accepted, State::delivered, State::refused, State::superseded}) {
        if (row.text(3) != name_of(state)) continue;
        return OutboxRow{.id = row.integer(0),
                         .notice = *std::move(notice),
                         .channel = string_at(row, 1),
                         .order = static_cast<int>(row.integer(2)),
                         .state = state,
                         .attempts = static_cast<int>(row.integer(4)),
                         .due_at = wall_of(row.integer(5)),
                         .first_attempt_at = wall_at(row, 6),
                         .settled_at = wall_at(row, 7),
                         .said = string_at(row, 8),
                         .reference = string_at(row, 9)};
    }
    return std::nullopt;
}

std::optional<Mute> mute_at(const Statement& row) {
    return Mute{.service = string_at(row, 0),
                .failure_class = string_at(row, 1),
                .owner = string_at(row, 2),
                .reason = string_at(row, 3),
                .at = wall_of(row.integer(4)),
                .until = wall_of(row.integer(5))};
}

std::optional<DrillRow> drill_at(const Statement& row) {
    return DrillRow{.channel = string_at(row, 0),
                    .at = wall_of(row.integer(1)),
                    .good = row.integer(2) != 0,
                    .delivered_after = duration_at(row, 3),
                    .resolved_after = duration_at(row, 4),
                    .said = string_at(row, 5)};
}

std::optional<AlertCommand> command_at(const Statement& row) {
    return AlertCommand{.id = row.integer(0),
                        .kind = string_at(row, 1),
                        .incident_id = string_at(row, 2),
                        .service = string_at(row, 3),
                        .failure_class = string_at(row, 4),
                        .by = string_at(row, 5),
                        .note = string_at(row, 6),
                        .lasts = duration_at(row, 7),
                        .usefulness = string_at(row, 8),
                        .began_at = wall_of(row.integer(9)),
                        .at = wall_of(row.integer(10)),
                        .ended_at = wall_at(row, 11),
                        .outcome = string_at(row, 12)};
}

}  // namespace serin
