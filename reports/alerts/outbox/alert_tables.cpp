// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/alert_tables.hpp"

#include <nlohmann/json.hpp>

#include "reports/alerts/incidents/incident_json.hpp"

namespace serin {
namespace {

std::string text_of(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void bind(Statement& statement, int parameter, const std::optional<Wall>& at) {
    if (at)
        statement.bind(parameter, to_micros(*at));
    else
        statement.bind_null(parameter);
}
void bind(Statement& statement, int parameter, const std::optional<Duration>& lasts) {
    if (lasts)
        statement.bind(parameter, to_micros(*lasts));
    else
        statement.bind_null(parameter);
}

/// Prepares `sql` unless there is nothing to write, and runs it for each.
template <class Value, class Bind>
Result<void> run_each(Database& database, const char* sql, const std::vector<Value>& values, Bind bind_value) {
    if (values.empty()) return {};
    Result<Statement> statement = database.prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    for (const Value& value : values) {
        bind_value(*statement, value);
        if (const auto done = statement->run(); !done) return done;
    }
    return {};
}

Result<void> write_incidents(Database& database, const Transitions& transitions) {
    return run_each(database,
                    "INSERT INTO incidents (id, service, failure_class, state, severity, drill, opened_at, closed_at,"
                    " json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                    " service = excluded.service, failure_class = excluded.failure_class, state = excluded.state,"
                    " severity = excluded.severity, drill = excluded.drill, opened_at = excluded.opened_at,"
                    " closed_at = excluded.closed_at, json = excluded.json",
                    transitions, [](Statement& insert, const Transition& transition) {
                        const Incident& incident = transition.incident;
                        insert.bind(1, incident.id)
                            .bind(2, incident.service)
                            .bind(3, incident.failure_class)
                            .bind(4, name_of(incident.state))
                            .bind(5, name_of(incident.severity))
                            .bind(6, incident.drill)
                            .bind(7, to_micros(incident.opened_at))
                            .bind(9, text_of(incident_json(incident)));
                        bind(insert, 8, incident.closed_at);
                    });
}

Result<void> write_timeline(Database& database, const Transitions& transitions) {
    for (const Transition& transition : transitions) {
        const auto done =
            run_each(database,
                     "INSERT INTO timeline (incident_id, at, event, text, \"by\") SELECT ?1, ?2, ?3, ?4, ?5"
                     " WHERE NOT EXISTS (SELECT 1 FROM timeline WHERE incident_id = ?1 AND at = ?2 AND event = ?3"
                     " AND text = ?4 AND \"by\" = ?5)",
                     transition.timeline, [](Statement& insert, const TimelineEntry& entry) {
                         insert.bind(1, entry.incident_id)
                             .bind(2, to_micros(entry.at))
                             .bind(3, entry.event)
                             .bind(4, entry.text)
                             .bind(5, entry.by);
                     });
        if (!done) return done;
    }
    return {};
}

Result<void> insert_row(Database& database, const OutboxRow& row) {
    Result<Statement> notice =
        database.prepare("INSERT INTO notices (id, made_at, json) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING");
    if (!notice) return std::unexpected(notice.error());
    notice->bind(1, row.notice.id).bind(2, to_micros(row.notice.made_at)).bind(3, text_of(notice_json(row.notice)));
    if (const auto done = notice->run(); !done) return done;
    Result<Statement> insert = database.prepare(
        "INSERT INTO outbox (id, notice_id, incident_id, kind, channel, \"order\", state, attempts, due_at,"
        " first_attempt_at, settled_at, said, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return std::unexpected(insert.error());
    insert->bind(1, row.id)
        .bind(2, row.notice.id)
        .bind(3, row.notice.incident.id)
        .bind(4, name_of(row.notice.kind))
        .bind(5, row.channel)
        .bind(6, row.order)
        .bind(7, name_of(row.state))
        .bind(8, row.attempts)
        .bind(9, to_micros(row.due_at))
        .bind(12, row.said)
        .bind(13, row.reference);
    bind(*insert, 10, row.first_attempt_at);
    bind(*insert, 11, row.settled_at);
    return insert->run();
}

Result<void> write_rows(Database& database, const std::vector<OutboxRow>& rows) {
    if (rows.empty()) return {};
    Result<Statement> update = database.prepare(
        "UPDATE outbox SET state = ?, attempts = ?, due_at = ?, first_attempt_at = ?, settled_at = ?, said = ?,"
        " reference = ? WHERE id = ? AND notice_id = ? AND channel = ?");
    if (!update) return std::unexpected(update.error());
    for (const OutboxRow& row : rows) {
        update->bind(1, name_of(row.state))
            .bind(2, row.attempts)
            .bind(3, to_micros(row.due_at))
            .bind(6, row.said)
            .bind(7, row.reference)
            .bind(8, row.id)
            .bind(9, row.notice.id)
            .bind(10, row.channel);
        bind(*update, 4, row.first_attempt_at);
        bind(*update, 5, row.settled_at);
        if (const auto done = update->run(); !done) return done;
        if (database.changes() > 0) continue;
        if (const auto done = insert_row(database, row); !done) return done;
    }
    return {};
}

Result<void> write_mutes(Database& database, const std::vector<Mute>& mutes) {
    const auto written =
        run_each(database,
                 "INSERT INTO mutes (service, failure_class, owner, reason, at, \"until\") VALUES (?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT (service, failure_class) DO UPDATE SET owner = excluded.owner,"
                 " reason = excluded.reason, at = excluded.at, \"until\" = excluded.\"until\"",
                 mutes, [](Statement& insert, const Mute& mute) {
                     insert.bind(1, mute.service)
                         .bind(2, mute.failure_class)
                         .bind(3, mute.owner)
                         .bind(4, mute.reason)
                         .bind(5, to_micros(mute.at))
                         .bind(6, to_micros(mute.until));
                 });
    if (!written || mutes.empty()) return written;
    return database.exec("DELETE FROM mutes WHERE \"until\" <= at");
}

Result<void> write_reports(Database& database, const AlertBatch& batch) {
    auto done = run_each(database,
                         "INSERT INTO heartbeats (heartbeat, failed, note, at) VALUES (?, ?, ?, ?)"
                         " ON CONFLICT (heartbeat) DO UPDATE SET failed = excluded.failed, note = excluded.note,"
                         " at = excluded.at WHERE excluded.at >= heartbeats.at",
                         batch.heartbeats, [](Statement& insert, const Heartbeat& heartbeat) {
                             insert.bind(1, heartbeat.heartbeat)
                                 .bind(2, heartbeat.failed)
                                 .bind(3, heartbeat.note)
                                 .bind(4, to_micros(heartbeat.at));
                         });
    if (!done) return done;
    // Not a number has no place in a column of numbers, and says nothing of a reserve.
    done = run_each(database,
                    "INSERT INTO gauges (gauge, at, value) SELECT ?1, ?2, ?3 WHERE ?3 IS NOT NULL"
                    " ON CONFLICT (gauge, at) DO UPDATE SET value = excluded.value",
                    batch.gauges, [](Statement& insert, const GaugeSample& sample) {
                        insert.bind(1, sample.gauge).bind(2, to_micros(sample.at)).bind(3, sample.value);
                    });
    if (!done) return done;
    return run_each(
        database,
        "INSERT INTO drills (channel, at, good, delivered_after, resolved_after, said)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel, at) DO UPDATE SET good = excluded.good,"
        " delivered_after = excluded.delivered_after, resolved_after = excluded.resolved_after,"
        " said = excluded.said",
        batch.drills, [](Statement& insert, const DrillRow& drill) {
            insert.bind(1, drill.channel).bind(2, to_micros(drill.at)).bind(3, drill.good).bind(6, drill.said);
            bind(insert, 4, drill.delivered_after);
            bind(insert, 5, drill.resolved_after);
        });
}

}  // namespace

Result<void> write_batch(Database& database, const AlertBatch& batch) {
    if (const auto done = write_incidents(database, batch.transitions); !done) return done;
    if (const auto done = write_timeline(database, batch.transitions); !done) return done;
    if (const auto done = write_rows(database, batch.rows); !done) return done;
    if (const auto done = write_mutes(database, batch.mutes); !done) return done;
    if (const auto done = write_reports(database, batch); !done) return done;
    return run_each(
        database, "UPDATE commands SET outcome = ? WHERE id = ?", batch.commands,
        [](Statement& update, const AlertCommand& command) { update.bind(1, command.outcome).bind(2, command.id); });
}

Result<std::int64_t> insert_command(Database& database, const AlertCommand& command) {
    Result<Statement> insert = database.prepare(
        "INSERT INTO commands (kind, incident_id, service, failure_class, \"by\", note, lasts, usefulness, began_at,"
        " at, ended_at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')");
    if (!insert) return std::unexpected(insert.error());
    insert->bind(1, command.kind)
        .bind(2, command.incident_id)
        .bind(3, command.service)
        .bind(4, command.failure_class)
        .bind(5, command.by)
        .bind(6, command.note)
        .bind(8, command.usefulness)
        .bind(9, to_micros(command.began_at))
        .bind(10, to_micros(command.at));
    bind(*insert, 7, command.lasts);
    bind(*insert, 11, command.ended_at);
    if (const auto done = insert->run(); !done) return std::unexpected(done.error());
    return database.number("SELECT last_insert_rowid()");
}

}  // namespace serin
