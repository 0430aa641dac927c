// SPDX-License-Identifier: Apache-2.0
// The account of messages. It begins with what was written before sending, so that a message whose run never told (the
// process was killed) is in it. What was settled, but of whose sending nothing is known, stands at its end.
#include "reports/store/reader_impl.hpp"
#include "reports/store/reader_query.hpp"

namespace serin {
namespace {

constexpr const char* sent_columns =
    "SELECT s.nonce, s.run_id, s.scenario, s.step, s.sender, coalesce(d.receiver, ''), s.sent_at,"
    " coalesce(d.state, 'unknown'), coalesce(d.first_state, 'unknown'), coalesce(d.copies, 0),"
    " d.send_to_receive, d.ack_to_receive, d.reclassified_at, r.cell_id, c.probe, c.vantage, c.target, c.profile, "
    "c.cell";
constexpr const char* sent_tables = " FROM sendings s LEFT JOIN deliveries d ON d.nonce = s.nonce";
constexpr const char* their_cells =
    " LEFT JOIN runs r ON r.run_id = s.run_id LEFT JOIN cells c ON c.cell_id = r.cell_id";
constexpr const char* unsent_columns =
    "SELECT d.nonce, '', '', '', d.sender, d.receiver, 0, d.state, d.first_state, d.copies, d.send_to_receive,"
    " d.ack_to_receive, d.reclassified_at, NULL, '', '', '', '', ''";
constexpr const char* unsent_tables = " FROM deliveries d";

void require_states(Conditions& wanted, const char* state, const StoreFilter& filter) {
    if (!filter.state.empty()) wanted.require(std::string(state) + " = ?", {filter.state});
    if (!filter.except_state.empty()) wanted.require(std::string(state) + " <> ?", {filter.except_state});
}

Conditions sent_conditions(const StoreFilter& filter, const std::optional<Mark>& after) {
    Conditions wanted;
    if (names_cells(filter)) wanted.require("r.cell_id IN (", cells_query(filter), ")");
    if (!filter.run_id.empty()) wanted.require("s.run_id = ?", {filter.run_id});
    if (!filter.nonce.empty()) wanted.require("s.nonce = ?", {filter.nonce});
    require_states(wanted, "coalesce(d.state, 'unknown')", filter);
    if (filter.from) wanted.require("s.sent_at >= ?", {to_micros(*filter.from)});
    if (filter.until) wanted.require("s.sent_at < ?", {to_micros(*filter.until)});
    if (after) {
        // The first condition is for the index, which knows nothing of receivers.
        wanted.require("s.sent_at <= ?", {after->at})
            .require("(s.sent_at, s.nonce, coalesce(d.receiver, '')) < (?, ?, ?)",
                     {after->at, after->first, after->second});
    }
    return wanted;
}

/// Nothing is known of when, by which run and in which cell they were sent.
bool may_be_unsent(const StoreFilter& filter) {
    return !filter.from && filter.run_id.empty() && !names_cells(filter);
}

Conditions unsent_conditions(const StoreFilter& filter, const std::optional<Mark>& after) {
    Conditions wanted;
    wanted.require("NOT EXISTS (SELECT 1 FROM sendings s WHERE s.nonce = d.nonce)");
    if (!filter.nonce.empty()) wanted.require("d.nonce = ?", {filter.nonce});
    require_states(wanted, "d.state", filter);
    if (after) wanted.require("(d.nonce, d.receiver) < (?, ?)", {after->first, after->second});
    return wanted;
}

DeliveryRow delivery_row_at(const Statement& row) {
    const auto text = [&](int column) { return std::string(row.text(column)); };
    const auto duration = [&](int column) {
        return row.is_null(column) ? std::nullopt : std::optional(duration_of(row.integer(column)));
    };
    return {.nonce = text(0),
            .run_id = text(1),
            .scenario = text(2),
            .step = text(3),
            .sender = text(4),
            .receiver = text(5),
            .key = row.is_null(13) ? std::nullopt : std::optional(key_at(row, 14)),
            .sent_at = wall_of(row.integer(6)),
            .state = text(7),
            .first_state = text(8),
            .copies = static_cast<int>(row.integer(9)),
            .send_to_receive = duration(10),
            .ack_to_receive = duration(11),
            .reclassified_at = row.is_null(12) ? std::nullopt : std::optional(wall_of(row.integer(12)))};
}

/// Adds rows until the page is full; true when there is one more.
Result<bool> fill(Page<DeliveryRow>& page, int limit, const Query& query, Database& database) {
    Result<Statement> statement = query.prepare(database);
    if (!statement) return std::unexpected(statement.error());
    while (true) {
        const Result<bool> row = statement->step();
        if (!row || !*row) return row;
        if (std::ssize(page.rows) == limit) return true;
        page.rows.push_back(delivery_row_at(*statement));
    }
}

Result<void> count(std::map<std::string, std::int64_t>& counts, const Query& query, Database& database) {
    Result<Statement> statement = query.prepare(database);
    if (!statement) return std::unexpected(statement.error());
    while (true) {
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        counts[std::string(statement->text(0))] += statement->integer(1);
    }
}

}  // namespace

Result<Page<DeliveryRow>> StoreReader::deliveries(const StoreFilter& filter, const PageRequest& page) {
    if (const auto fine = check_limit(page.limit); !fine) return std::unexpected(fine.error());
    const auto after = mark_of(page.cursor, "du");
    if (!after) return std::unexpected(after.error());
    Page<DeliveryRow> result;
    const auto next_page = [&](char kind) {
        const DeliveryRow& last = result.rows.back();
        result.next_cursor =
            cursor_of({.kind = kind, .at = to_micros(last.sent_at), .first = last.nonce, .second = last.receiver});
    };
    const std::int64_t one_more = page.limit + 1;
    const bool past_sent = *after && (*after)->kind == 'u';
    std::size_t sent = 0;
    if (!past_sent) {
        const Query query =
            Query(sent_columns)
                .add(sent_tables)
                .add(their_cells)
                .append(sent_conditions(filter, *after).query())
                .add(" ORDER BY s.sent_at DESC, s.nonce DESC, coalesce(d.receiver, '') DESC LIMIT ?", {one_more});
        const Result<bool> more = fill(result, page.limit, query, impl_->database);
        if (!more) return std::unexpected(more.error());
        if (*more) {
            next_page('d');
            return result;
        }
        sent = result.rows.size();
    }
    if (!may_be_unsent(filter)) return result;
    const Query query = Query(unsent_columns)
                            .add(unsent_tables)
                            .append(unsent_conditions(filter, past_sent ? *after : std::nullopt).query())
                            .add(" ORDER BY d.nonce DESC, d.receiver DESC LIMIT ?", {one_more});
    const Result<bool> more = fill(result, page.limit, query, impl_->database);
    if (!more) return std::unexpected(more.error());
    if (*more) next_page(result.rows.size() == sent ? 'd' : 'u');
    return result;
}

Result<std::map<std::string, std::int64_t>> StoreReader::delivery_counts(const StoreFilter& filter) {
    std::map<std::string, std::int64_t> counts;
    const Query sent = Query("SELECT coalesce(d.state, 'unknown'), count(*)")
                           .add(sent_tables)
                           .add(names_cells(filter) ? their_cells : "")
                           .append(sent_conditions(filter, std::nullopt).query())
                           .add(" GROUP BY 1");
    if (const auto done = count(counts, sent, impl_->database); !done) return std::unexpected(done.error());
    if (!may_be_unsent(filter)) return counts;
    const Query unsent = Query("SELECT d.state, count(*)")
                             .add(unsent_tables)
                             .append(unsent_conditions(filter, std::nullopt).query())
                             .add(" GROUP BY 1");
    if (const auto done = count(counts, unsent, impl_->database); !done) return std::unexpected(done.error());
    return counts;
}

}  // namespace serin
