// SPDX-License-Identifier: Apache-2.0
// The matrix: what is configured, with what the store knows of it.
#include <nlohmann/json.hpp>

#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"
#include "reports/dashboard/standing.hpp"
#include "reports/dashboard/views_json.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;
using StandingCells = std::vector<StandingCell>;

namespace {

constexpr Duration matrix_window = std::chrono::hours(1);

std::string sort_key(const CellKey& key) {
    return key.probe + '\0' + key.vantage + '\0' + key.target + '\0' + key.profile + '\0' + key.cell;
}

/// The matrix over the client's window: every cell that the store knows.
Result<StandingCells> cells_over(StoreReader& reader, const StoreFilter& filter) {
    auto cells = reader.matrix(filter);
    if (!cells) return std::unexpected(cells.error());
    StandingCells all;
    for (MatrixCell& cell : *cells) all.push_back({.cell = std::move(cell), .from = *filter.from});
    return all;
}

}  // namespace

asio::awaitable<ServerResponse> answer_matrix(ApiHouse& house, ApiCall call) {
    const StoreFilter& filter = call.query.filter;
    if (auto refusal = refuse_cursor(call.query.page.cursor, "m")) co_return std::move(*refusal);
    if (filter.until && !filter.from)
        co_return error_answer(400, "`until` without `from`", "say where the window begins, as from=-1h");
    const Wall now = house.parts.clock.wall();
    auto reading = co_await ask_store<StandingCells>(
        house, [filter, now, probes = house.parts.control.probes()](StoreReader& reader) {
            return filter.from ? cells_over(reader, filter)
                               : standing_cells(reader, probes, filter, now, matrix_window);
        });
    if (reading.refusal) co_return std::move(*reading.refusal);
    std::erase_if(*reading.value, [&](const StandingCell& one) { return !stands_as(one.cell, filter); });
    const auto page = page_of(std::move(*reading.value), call.query.page, 'm',
                              [](const StandingCell& one) { return sort_key(one.cell.key); });
    Json cells = Json::array();
    for (const StandingCell& one : page.rows) {
        Json& cell = cells.emplace_back(matrix_cell_json(one.cell));
        cell["from"] = rfc3339(one.from);
    }
    co_return json_answer({{"cells", std::move(cells)},
                           {"until", rfc3339(filter.until.value_or(now))},
                           {"next_cursor", next_cursor_json(page.next_cursor)}});
}

}  // namespace serin
