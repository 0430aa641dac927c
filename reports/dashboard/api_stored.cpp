// SPDX-License-Identifier: Apache-2.0
// Answers that the store gives.
#include <map>
#include <nlohmann/json.hpp>

#include "reports/dashboard/api_handlers.hpp"
#include "reports/dashboard/api_reading.hpp"
#include "reports/formats/change_json.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

template <class Row, class Make>
ServerResponse page_answer(const char* name, const Page<Row>& page, Make make) {
    Json rows = Json::array();
    for (const Row& row : page.rows) rows.push_back(make(row));
    return json_answer({{name, std::move(rows)}, {"next_cursor", next_cursor_json(page.next_cursor)}});
}

struct Deliveries {
    Page<DeliveryRow> page;
    std::optional<std::map<std::string, std::int64_t>> counts;
};

std::optional<ServerResponse> refuse_state(const std::string& state) {
    constexpr std::string_view known =
        "delivered late lost duplicated reordered corrupted misdelivered rejected outstanding unknown";
    if (state.empty()) return std::nullopt;
    const auto chosen = chosen_words(state, known, "state");
    if (!chosen) return error_answer(400, chosen.error());
    if (chosen->size() == 1) return std::nullopt;
    return error_answer(400, "`state` names several states", "name one");
}

Result<Deliveries> read_deliveries(StoreReader& reader, const ApiQuery& query) {
    auto page = reader.deliveries(query.filter, query.page);
    if (!page) return std::unexpected(page.error());
    Deliveries all{.page = std::move(*page), .counts = {}};
    if (query.counts) {
        auto counts = reader.delivery_counts(query.filter);
        if (!counts) return std::unexpected(counts.error());
        all.counts = std::move(*counts);
    }
    return all;
}

}  // namespace

asio::awaitable<ServerResponse> answer_runs(ApiHouse& house, ApiCall call) {
    if (auto refusal = refuse_cursor(call.query.page.cursor, "r")) co_return std::move(*refusal);
    auto reading = co_await ask_store<Page<RunRow>>(
        house, [query = call.query](StoreReader& reader) { return reader.runs(query.filter, query.page); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    co_return page_answer("runs", *reading.value, run_row_json);
}

asio::awaitable<ServerResponse> answer_run(ApiHouse& house, ApiCall call) {
    auto reading = co_await ask_store<std::optional<RunDetail>>(
        house, [id = call.name](StoreReader& reader) { return reader.run(id); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    if (!*reading.value)
        co_return error_answer(404, "there is no such run in the store",
                               "it may be too old: passing runs are kept for a shorter time than others");
    co_return json_answer(run_detail_json(**reading.value));
}

asio::awaitable<ServerResponse> answer_deliveries(ApiHouse& house, ApiCall call) {
    if (auto refusal = refuse_cursor(call.query.page.cursor, "du")) co_return std::move(*refusal);
    if (auto refusal = refuse_state(call.query.filter.state)) co_return std::move(*refusal);
    auto reading = co_await ask_store<Deliveries>(
        house, [query = call.query](StoreReader& reader) { return read_deliveries(reader, query); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    Json rows = Json::array();
    for (const DeliveryRow& row : reading.value->page.rows) rows.push_back(delivery_row_json(row));
    const auto& counts = reading.value->counts;
    co_return json_answer({{"deliveries", std::move(rows)},
                           {"counts", counts ? Json(*counts) : Json(nullptr)},
                           {"next_cursor", next_cursor_json(reading.value->page.next_cursor)}});
}

asio::awaitable<ServerResponse> answer_changes(ApiHouse& house, ApiCall call) {
    if (auto refusal = refuse_cursor(call.query.page.cursor, "c")) co_return std::move(*refusal);
    auto reading = co_await ask_store<Page<Change>>(
        house, [query = call.query](StoreReader& reader) { return reader.changes(query.filter, query.page); });
    if (reading.refusal) co_return std::move(*reading.refusal);
    co_return page_answer("changes", *reading.value, change_json);
}

}  // namespace serin
