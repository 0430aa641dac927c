// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/store_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/formats/escaping.hpp"
#include "reports/formats/failure_block.hpp"
#include "reports/formats/outcome_reading.hpp"
#include "reports/formats/step_listing.hpp"
#include "reports/formats/table.hpp"

namespace serin {
namespace {

/// In the order in which an account is read: what is well, what is not, what nobody knows.
constexpr std::array delivery_states{"delivered", "late",         "duplicated", "reordered",   "corrupted",
                                     "lost",      "misdelivered", "rejected",   "outstanding", "unknown"};

std::string upper(std::string_view word) {
    std::string text(word);
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

/// JSON knows no order of members, but the cell's name does.
void sort_axes(Cell& cell, const std::string& name) {
    std::ranges::sort(cell.axes, {}, [&](const auto& axis) {
        return std::pair(std::min((" " + name).find(" " + axis.first + "="), name.size()), axis.first);
    });
}

std::string facts_of(const RunRow& row) {
    std::string text = "  run        " + printable(row.run_id) + "\n";
    text += "  cell       " + printable(row.key.probe + "  " + cell_text(row.key)) + "\n";
    text += fmt::format("  due        {}, started {} later\n", rfc3339(row.scheduled_at),
                        human_duration(row.start_lateness));
    text += fmt::format("  started    {}, took {}\n", rfc3339(row.started_at), human_duration(row.took));
    std::string remarks;
    if (row.attempts > 1) remarks += fmt::format(", {} attempts", row.attempts);
    if (row.maintenance) remarks += ", under maintenance";
    if (row.on_request) remarks += ", on request";
    if (row.cleanup_failed) remarks += ", cleanup failed";
    if (!remarks.empty()) text += "  remarks    " + remarks.substr(2) + "\n";
    return text;
}

}  // namespace

std::string short_time(Wall t) {
    std::string text = rfc3339(t);  // 2026-11-22T01:02:03.004Z
    text[10] = ' ';
    return text.substr(0, 19) + "Z";
}

std::string cell_text(const CellKey& key) {
    std::string text = key.vantage;
    if (!key.target.empty()) text += (text.empty() ? "→ " : " → ") + key.target;
    if (!key.profile.empty()) text += " profile=" + key.profile;
    if (!key.cell.empty()) text += " " + key.cell;
    return text;
}

Colour colour_of_verdict(std::string_view verdict) {
    if (verdict == "pass") return Colour::green;
    if (verdict == "degraded") return Colour::yellow;
    if (verdict == "fail" || verdict == "error" || verdict == "aborted") return Colour::red;
    return Colour::dim;
}

std::string counted(std::int64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string runs_table(const std::vector<RunRow>& rows, bool colours_on) {
    const std::vector<Column> columns{{.head = "STARTED", .widest = 20},
                                      {.head = "VERDICT", .widest = 8},
                                      {.head = "TOOK", .widest = 9, .right = true},
                                      {.head = "PROBE", .widest = 24},
                                      {.head = "CELL", .widest = 32},
                                      {.head = "CLASS", .widest = 20},
                                      {.head = "RUN", .widest = 40}};
    std::vector<std::vector<Field>> fields;
    for (const RunRow& row : rows) {
        fields.push_back({{.text = short_time(row.started_at)},
                          {.text = upper(row.verdict), .colour = colour_of_verdict(row.verdict)},
                          {.text = human_duration(row.took)},
                          {.text = row.key.probe},
                          {.text = cell_text(row.key)},
                          {.text = row.failure_class},
                          {.text = row.run_id, .colour = Colour::dim}});
    }
    return table(columns, fields, colours_on);
}

std::string run_text(const RunDetail& detail, const ReportOptions& options) {
    const RunRow& row = detail.row;
    Result<Outcome> outcome =
        detail.outcome_json.empty() ? fail("nothing more is kept of this run") : read_outcome(detail.outcome_json);
    std::string text;
    if (outcome) {
        sort_axes(outcome->cell, row.key.cell);
        text = needs_block(*outcome) ? failure_block(*outcome, options) : headline(*outcome, options);
        text += step_listing(*outcome, options);
    } else {
        text = painted(upper(row.verdict), colour_of_verdict(row.verdict), options.colour) + " " +
               printable(row.key.text()) + "  " + human_duration(row.took);
        if (!row.failure_class.empty()) text += "  class=" + printable(row.failure_class);
        text += "\n";
        if (!row.message.empty()) text += "error: " + printable(row.message) + "\n";
        text += row.verdict == "pass" ? "   = of a run that passed, only this line is kept\n"
                                      : "   = " + printable(outcome.error().title) + "\n";
    }
    return text + facts_of(row);
}

std::string account_line(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t all = 0;
    for (const auto& [state, count] : counts) all += count;
    std::string parts;
    const auto add = [&](const std::string& state, std::int64_t count) {
        parts += fmt::format("{}{} {}", parts.empty() ? ": " : ", ", count, printable(state));
    };
    for (const char* state : delivery_states) {
        if (const auto found = counts.find(state); found != counts.end()) add(found->first, found->second);
    }
    for (const auto& [state, count] : counts) {
        if (std::ranges::find(delivery_states, state) == delivery_states.end()) add(state, count);
    }
    return counted(all, "message") + parts;
}

std::string deliveries_table(const std::vector<DeliveryRow>& rows, bool colours_on) {
    const std::vector<Column> columns{{.head = "SENT", .widest = 20},  {.head = "STATE", .widest = 12},
                                      {.head = "FIRST", .widest = 12}, {.head = "COPIES", .widest = 6, .right = true},
                                      {.head = "WAY", .widest = 28},   {.head = "PROBE", .widest = 24},
                                      {.head = "NONCE", .widest = 32}};
    std::vector<std::vector<Field>> fields;
    for (const DeliveryRow& row : rows) {
        const bool well = row.state == "delivered";
        const bool unknown = row.state == "unknown" || row.state == "outstanding";
        fields.push_back({{.text = row.sent_at == Wall{} ? "?" : short_time(row.sent_at)},
                          {.text = row.state, .colour = well ? Colour::green : (unknown ? Colour::dim : Colour::red)},
                          {.text = row.first_state == row.state ? "" : row.first_state},
                          {.text = std::to_string(row.copies)},
                          {.text = row.sender + " → " + (row.receiver.empty() ? "?" : row.receiver)},
                          {.text = row.key ? row.key->text() : row.scenario},
                          {.text = row.nonce, .colour = Colour::dim}});
    }
    return table(columns, fields, colours_on);
}

}  // namespace serin
