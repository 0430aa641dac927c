// SPDX-License-Identifier: Apache-2.0
#include "reports/store/ledger_tables.hpp"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace serin {
namespace {

std::optional<Duration> duration_or_null(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return duration_of(row.integer(column));
}

void bind_or_null(Statement& statement, int parameter, const std::optional<Duration>& duration) {
    if (duration)
        statement.bind(parameter, to_micros(*duration));
    else
        statement.bind_null(parameter);
}

}  // namespace

Result<LedgerTables> LedgerTables::prepare(Database& database) {
    LedgerTables tables(database);
    const std::pair<Statement LedgerTables::*, const char*> statements[] = {
        {&LedgerTables::insert_sending_,
         "INSERT INTO sendings (nonce, run_id, scenario, step, sender, sent_at) VALUES (?,?,?,?,?,?)"
         " ON CONFLICT DO NOTHING"},
        {&LedgerTables::find_sending_, "SELECT run_id, sender, sent_at FROM sendings WHERE nonce = ?"},
        {&LedgerTables::drop_own_sightings_, "DELETE FROM sightings WHERE nonce = ? AND run_id = ?"},
        {&LedgerTables::any_sighting_, "SELECT 1 FROM sightings WHERE nonce = ? LIMIT 1"},
        {&LedgerTables::any_settled_, "SELECT 1 FROM deliveries WHERE nonce = ? AND first_state <> '' LIMIT 1"},
        {&LedgerTables::drop_unsettled_, "DELETE FROM deliveries WHERE nonce = ? AND first_state = ''"},
        {&LedgerTables::insert_sighting_,
         "INSERT INTO sightings (nonce, receiver, run_id, seen_at) VALUES (?,?,?,?) ON CONFLICT DO NOTHING"},
        {&LedgerTables::list_sightings_,
         "SELECT receiver, run_id, seen_at FROM sightings WHERE nonce = ? ORDER BY receiver, seen_at, run_id"},
        {&LedgerTables::find_delivery_,
         "SELECT sender, first_state, first_copies, send_to_receive, ack_to_receive FROM deliveries"
         " WHERE nonce = ? AND receiver = ?"},
        {&LedgerTables::put_delivery_,
         "INSERT OR REPLACE INTO deliveries (nonce, receiver, sender, state, first_state, copies, first_copies,"
         " send_to_receive, ack_to_receive, reclassified_at) VALUES (?,?,?,?,?,?,?,?,?,?)"},
    };
    for (const auto& [member, sql] : statements) {
        Result<Statement> statement = database.prepare(sql);
        if (!statement) return std::unexpected(statement.error());
        tables.*member = *std::move(statement);
    }
    return tables;
}

Result<std::optional<LedgerTables::Sender>> LedgerTables::sender_of(const std::string& nonce) {
    find_sending_.bind(1, nonce);
    const Result<bool> row = find_sending_.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::nullopt;
    Sender sender{.run_id = std::string(find_sending_.text(0)),
                  .name = std::string(find_sending_.text(1)),
                  .sent_at = wall_of(find_sending_.integer(2))};
    find_sending_.reset();
    return sender;
}

Result<std::optional<LedgerTables::Row>> LedgerTables::row_of(const std::string& nonce, const std::string& receiver) {
    find_delivery_.bind(1, nonce).bind(2, receiver);
    const Result<bool> found = find_delivery_.step();
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::nullopt;
    Row row{.sender = std::string(find_delivery_.text(0)),
            .first_state = std::string(find_delivery_.text(1)),
            .first_copies = static_cast<int>(find_delivery_.integer(2)),
            .send_to_receive = duration_or_null(find_delivery_, 3),
            .ack_to_receive = duration_or_null(find_delivery_, 4)};
    find_delivery_.reset();
    // Of a message that its own run did not see, the time is the one of a sighting.
    if (row.first_copies == 0) row.send_to_receive.reset();
    return row;
}

Result<bool> LedgerTables::any(Statement& statement, const std::string& nonce) {
    statement.bind(1, nonce);
    Result<bool> row = statement.step();
    statement.reset();
    return row;
}

Result<void> LedgerTables::write(const Sending& sending) {
    insert_sending_.bind(1, sending.nonce)
        .bind(2, sending.run_id)
        .bind(3, sending.scenario)
        .bind(4, sending.step)
        .bind(5, sending.sender)
        .bind(6, to_micros(sending.at));
    if (const auto inserted = insert_sending_.run(); !inserted || database_->changes() == 0) return inserted;
    const Result<bool> seen = any(any_sighting_, sending.nonce);
    if (!seen) return std::unexpected(seen.error());
    if (!*seen) return {};
    drop_own_sightings_.bind(1, sending.nonce).bind(2, sending.run_id);
    if (const auto dropped = drop_own_sightings_.run(); !dropped) return dropped;
    return reconcile_message(sending.nonce,
                             Sender{.run_id = sending.run_id, .name = sending.sender, .sent_at = sending.at});
}

Result<void> LedgerTables::write(const Sighting& sighting) {
    const auto sender = sender_of(sighting.nonce);
    if (!sender) return std::unexpected(sender.error());
    if (*sender && (*sender)->run_id == sighting.run_id) return {};
    insert_sighting_.bind(1, sighting.nonce)
        .bind(2, sighting.receiver)
        .bind(3, sighting.run_id)
        .bind(4, to_micros(sighting.at));
    if (const auto inserted = insert_sighting_.run(); !inserted || database_->changes() == 0) return inserted;
    return *sender ? reconcile_message(sighting.nonce, **sender) : Result<void>{};
}

Result<void> LedgerTables::write(const Delivery& delivery) {
    const auto before = row_of(delivery.nonce, delivery.receiver);
    if (!before) return std::unexpected(before.error());
    const bool settled_before = *before && !(*before)->first_state.empty();
    if (settled_before && !tells_more(delivery.state, (*before)->first_state)) return {};
    const Row settled{.sender = delivery.sender,
                      .first_state = delivery.state,
                      .first_copies = delivery.copies,
                      .send_to_receive = delivery.send_to_receive,
                      .ack_to_receive = delivery.ack_to_receive};
    const ReconciledDelivery as_told{.state = delivery.state,
                                     .copies = delivery.copies,
                                     .send_to_receive = delivery.send_to_receive,
                                     .reclassified_at = std::nullopt};
    if (const auto written = put(delivery.nonce, delivery.receiver, settled, as_told); !written) return written;
    const Result<bool> seen = any(any_sighting_, delivery.nonce);
    if (!seen) return std::unexpected(seen.error());
    if (!*seen) return {};
    const auto sender = sender_of(delivery.nonce);
    if (!sender) return std::unexpected(sender.error());
    return *sender ? reconcile_message(delivery.nonce, **sender) : Result<void>{};
}

Result<void> LedgerTables::reconcile_message(const std::string& nonce, const Sender& sender) {
    // As long as its run has told nothing, every receiver that saw the message is news. Then only those are asked that
    // the run waited for: others may see what everybody is sent.
    drop_unsettled_.bind(1, nonce);
    if (const auto dropped = drop_unsettled_.run(); !dropped) return dropped;
    const Result<bool> settled = any(any_settled_, nonce);
    if (!settled) return std::unexpected(settled.error());
    std::map<std::string, std::vector<ForeignSighting>> by_receiver;
    list_sightings_.bind(1, nonce);
    Result<bool> row = list_sightings_.step();
    for (; row && *row; row = list_sightings_.step()) {
        by_receiver[std::string(list_sightings_.text(0))].push_back(
            ForeignSighting{.run_id = std::string(list_sightings_.text(1)), .at = wall_of(list_sightings_.integer(2))});
    }
    if (!row) return std::unexpected(row.error());
    for (const auto& [receiver, sightings] : by_receiver) {
        const auto known = row_of(nonce, receiver);
        if (!known) return std::unexpected(known.error());
        if (!*known && *settled) continue;
        Row row_before = *known ? **known : Row{};
        if (!*known) row_before.sender = sender.name;
        const SettledDelivery before{.state = row_before.first_state,
                                     .copies = row_before.first_copies,
                                     .send_to_receive = row_before.send_to_receive};
        const ReconciledDelivery now = reconcile(before, sender.run_id, sender.sent_at, sightings);
        if (const auto written = put(nonce, receiver, row_before, now); !written) return written;
    }
    return {};
}

Result<void> LedgerTables::put(const std::string& nonce, const std::string& receiver, const Row& settled,
                               const ReconciledDelivery& now) {
    put_delivery_.bind(1, nonce)
        .bind(2, receiver)
        .bind(3, settled.sender)
        .bind(4, now.state)
        .bind(5, settled.first_state)
        .bind(6, now.copies)
        .bind(7, settled.first_copies);
    bind_or_null(put_delivery_, 8, now.send_to_receive);
    bind_or_null(put_delivery_, 9, settled.ack_to_receive);
    if (now.reclassified_at)
        put_delivery_.bind(10, to_micros(*now.reclassified_at));
    else
        put_delivery_.bind_null(10);
    return put_delivery_.run();
}

}  // namespace serin
