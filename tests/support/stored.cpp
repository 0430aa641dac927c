// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stored.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "reports/store/migrate.hpp"
#include "reports/store/schema.hpp"

namespace serin::test {
namespace {

template <class T>
T need(Result<T> result) {
    if (!result) FAIL(result.error().title);
    return *std::move(result);
}
void need(const Result<void>& result) {
    if (!result) FAIL(result.error().title);
}

Database opened(const std::string& path) {
    Database database = need(Database::open(path, OpenMode::read_write, std::chrono::seconds(5)));
    need(migrate(database, path, migrations()));
    return database;
}

}  // namespace

Wall midnight() {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
}

StoredRows::StoredRows(const std::string& path) : database_(opened(path)) {}

std::int64_t StoredRows::cell(const CellKey& key) {
    const std::string* const texts[] = {&key.probe, &key.vantage, &key.target, &key.profile, &key.cell};
    Statement insert = need(database_.prepare(
        "INSERT OR IGNORE INTO cells (probe, vantage, target, profile, cell) VALUES (?, ?, ?, ?, ?)"));
    Statement find = need(database_.prepare(
        "SELECT cell_id FROM cells WHERE probe = ? AND vantage = ? AND target = ? AND profile = ? AND cell = ?"));
    for (int i = 0; i < 5; ++i) {
        insert.bind(i + 1, *texts[i]);
        find.bind(i + 1, *texts[i]);
    }
    need(insert.run());
    REQUIRE(need(find.step()));
    return find.integer(0);
}

void StoredRows::run(const RunRow& row, const std::string& outcome_json) {
    Statement insert = need(database_.prepare(
        "INSERT INTO runs (run_id, cell_id, scheduled_at, started_at, start_lateness, took, verdict, failure_class,"
        " message, attempts, maintenance, on_request, cleanup_failed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    insert.bind(1, row.run_id)
        .bind(2, cell(row.key))
        .bind(3, to_micros(row.scheduled_at))
        .bind(4, to_micros(row.started_at))
        .bind(5, to_micros(row.start_lateness))
        .bind(6, to_micros(row.took))
        .bind(7, row.verdict)
        .bind(8, row.failure_class)
        .bind(9, row.message)
        .bind(10, row.attempts)
        .bind(11, row.maintenance)
        .bind(12, row.on_request)
        .bind(13, row.cleanup_failed);
    need(insert.run());
    if (outcome_json.empty()) return;
    Statement evidence = need(database_.prepare("INSERT INTO evidence (run_id, outcome) VALUES (?, ?)"));
    need(evidence.bind(1, row.run_id).bind(2, outcome_json).run());
}

void StoredRows::rollup(const CellKey& key, Wall minute, const CellCounts& counts) {
    Statement insert = need(database_.prepare(
        "INSERT INTO rollups (cell_id, minute, pass, degraded, fail, error, skipped, aborted, missed, shed, overlap,"
        " failure_classes, took, lateness) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    insert.bind(1, cell(key)).bind(2, to_micros(minute));
    int parameter = 2;
    for (const std::int64_t count : {counts.pass, counts.degraded, counts.fail, counts.error, counts.skipped,
                                     counts.aborted, counts.missed, counts.shed, counts.overlap})
        insert.bind(++parameter, count);
    insert.bind(12, nlohmann::json(counts.failure_classes).dump());
    insert.bind_blob(13, counts.took.encode()).bind_blob(14, counts.lateness.encode());
    need(insert.run());
}

void StoredRows::sending(const std::string& nonce, const std::string& run_id, Wall at) {
    Statement insert =
        need(database_.prepare("INSERT INTO sendings (nonce, run_id, scenario, step, sender, sent_at) VALUES (?, ?, "
                               "'chat', 'sent', 'alice', ?)"));
    need(insert.bind(1, nonce).bind(2, run_id).bind(3, to_micros(at)).run());
}

void StoredRows::delivery(const std::string& nonce, const std::string& receiver, const std::string& state,
                          const std::string& first_state) {
    Statement insert = need(database_.prepare(
        "INSERT INTO deliveries (nonce, receiver, sender, state, first_state, copies, send_to_receive, ack_to_receive,"
        " reclassified_at) VALUES (?, ?, 'alice', ?, ?, 1, 87000, -2000, NULL)"));
    need(insert.bind(1, nonce).bind(2, receiver).bind(3, state).bind(4, first_state).run());
}

void StoredRows::change(const Change& change) {
    Statement insert = need(database_.prepare(
        "INSERT INTO changes (change_id, kind, component, title, shards, author, contact, rollback_plan, link,"
        " started_at, ended_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
    const std::string shards = nlohmann::json(change.shards).dump();
    int parameter = 0;
    for (const std::string* text : {&change.id, &change.kind, &change.component, &change.title, &shards, &change.author,
                                    &change.contact, &change.rollback_plan, &change.link})
        insert.bind(++parameter, *text);
    insert.bind(10, to_micros(change.started_at));
    if (change.ended_at) {
        insert.bind(11, to_micros(*change.ended_at));
    } else {
        insert.bind_null(11);
    }
    need(insert.run());
}

void StoredRows::exec(const char* sql) {
    need(database_.exec(sql));
}

RunRow run_row(const std::string& run_id, const CellKey& key, Duration after, const std::string& verdict,
               const std::string& failure_class) {
    RunRow row;
    row.run_id = run_id;
    row.key = key;
    row.scheduled_at = midnight() + std::chrono::duration_cast<Wall::duration>(after);
    row.started_at = row.scheduled_at + std::chrono::milliseconds(2);
    row.start_lateness = std::chrono::milliseconds(2);
    row.took = std::chrono::milliseconds(100);
    row.verdict = verdict;
    row.failure_class = failure_class;
    if (verdict != "pass") row.message = "message not delivered in time";
    return row;
}

}  // namespace serin::test
