// SPDX-License-Identifier: Apache-2.0
#include "reports/store/writer.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace serin {

std::size_t Writer::CellHash::operator()(const CellKey& key) const {
    std::size_t hash = 0;
    for (const std::string* part : {&key.probe, &key.vantage, &key.target, &key.profile, &key.cell})
        hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>{}(*part);
    return hash;
}

Result<std::unique_ptr<Writer>> Writer::prepare(Database& database) {
    Result<Rollups> rollups = Rollups::prepare(database);
    if (!rollups) return std::unexpected(rollups.error());
    Result<LedgerTables> ledger = LedgerTables::prepare(database);
    if (!ledger) return std::unexpected(ledger.error());
    std::unique_ptr<Writer> writer(new Writer(database, *std::move(rollups), *std::move(ledger)));
    const std::pair<Statement Writer::*, const char*> statements[] = {
        {&Writer::begin_, "BEGIN IMMEDIATE"},
        {&Writer::commit_, "COMMIT"},
        {&Writer::find_cell_,
         "SELECT cell_id, last_scheduled_at FROM cells"
         " WHERE probe = ? AND vantage = ? AND target = ? AND profile = ? AND cell = ?"},
        {&Writer::insert_cell_,
         "INSERT INTO cells (probe, vantage, target, profile, cell) VALUES (?,?,?,?,?) RETURNING cell_id"},
        {&Writer::update_cell_, "UPDATE cells SET last_scheduled_at = max(last_scheduled_at, ?) WHERE cell_id = ?"},
        {&Writer::insert_run_,
         "INSERT INTO runs (run_id, cell_id, scheduled_at, started_at, start_lateness, took, verdict, failure_class,"
         " message, attempts, maintenance, on_request, cleanup_failed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
         " ON CONFLICT DO NOTHING"},
        {&Writer::insert_evidence_, "INSERT INTO evidence (run_id, outcome) VALUES (?,?) ON CONFLICT DO NOTHING"},
        {&Writer::insert_gap_,
         "INSERT INTO gaps (cell_id, reason, first_scheduled_at, last_scheduled_at, count) VALUES (?,?,?,?,?)"
         " ON CONFLICT DO NOTHING"},
        {&Writer::put_change_,
         "INSERT OR REPLACE INTO changes (change_id, kind, component, title, shards, author, contact, rollback_plan,"
         " link, started_at, ended_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)"},
    };
    for (const auto& [member, sql] : statements) {
        Result<Statement> statement = database.prepare(sql);
        if (!statement) return std::unexpected(statement.error());
        (*writer).*member = *std::move(statement);
    }
    return writer;
}

Result<void> Writer::begin() {
    return begin_.run();
}

Result<void> Writer::write(const StoredEntry& entry) {
    return std::visit([this](const auto& one) { return put(one); }, entry);
}

Result<void> Writer::commit() {
    if (const auto written = rollups_.write(); !written) return written;
    if (const auto written = write_cells(); !written) return written;
    return commit_.run();
}

void Writer::roll_back() {
    // Cells and counts that this transaction made are gone with it.
    rollups_.forget();
    cells_.clear();
    changed_cells_.clear();
    if (!database_->in_transaction()) return;
    // Nothing is lost when even this fails: the entries are still held, and begin() will say it again.
    (void)database_->exec("ROLLBACK");
}

Result<Writer::CellRow*> Writer::cell_of(const CellKey& key) {
    if (const auto known = cells_.find(key); known != cells_.end()) return &known->second;
    CellRow cell;
    for (Statement* const statement : {&find_cell_, &insert_cell_}) {
        statement->bind(1, key.probe).bind(2, key.vantage).bind(3, key.target).bind(4, key.profile).bind(5, key.cell);
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) continue;
        cell.cell_id = statement->integer(0);
        if (statement == &find_cell_) cell.last_scheduled_at = wall_of(statement->integer(1));
        statement->reset();
        break;
    }
    return &cells_.emplace(key, cell).first->second;
}

void Writer::was_due(CellRow& cell, Wall at) {
    if (at <= cell.last_scheduled_at) return;
    cell.last_scheduled_at = at;
    if (!std::exchange(cell.changed, true)) changed_cells_.push_back(&cell);
}

Result<void> Writer::write_cells() {
    for (CellRow* const cell : changed_cells_) {
        update_cell_.bind(1, to_micros(cell->last_scheduled_at)).bind(2, cell->cell_id);
        if (const auto updated = update_cell_.run(); !updated) return updated;
        cell->changed = false;
    }
    changed_cells_.clear();
    return {};
}

Result<void> Writer::put(const StoredRun& run) {
    const Result<CellRow*> cell = cell_of(*run.key);
    if (!cell) return std::unexpected(cell.error());
    insert_run_.bind(1, run.run_id)
        .bind(2, (*cell)->cell_id)
        .bind(3, to_micros(run.scheduled_at))
        .bind(4, to_micros(run.started_at))
        .bind(5, to_micros(run.start_lateness))
        .bind(6, to_micros(run.took))
        .bind(7, name_of(run.verdict))
        .bind(8, run.failure_class)
        .bind(9, run.message)
        .bind(10, run.attempts)
        .bind(11, run.maintenance)
        .bind(12, run.on_request)
        .bind(13, run.cleanup_failed);
    if (const auto inserted = insert_run_.run(); !inserted || database_->changes() == 0) return inserted;
    if (!run.evidence.empty()) {
        insert_evidence_.bind(1, run.run_id).bind(2, run.evidence);
        if (const auto inserted = insert_evidence_.run(); !inserted) return inserted;
    }
    if (!run.on_request) was_due(**cell, run.scheduled_at);
    return rollups_.count((*cell)->cell_id, run);
}

Result<void> Writer::put(const Gap& gap) {
    const Result<CellRow*> cell = cell_of(*gap.key);
    if (!cell) return std::unexpected(cell.error());
    insert_gap_.bind(1, (*cell)->cell_id)
        .bind(2, name_of(gap.reason))
        .bind(3, to_micros(gap.first_scheduled_at))
        .bind(4, to_micros(gap.last_scheduled_at))
        .bind(5, gap.count);
    if (const auto inserted = insert_gap_.run(); !inserted || database_->changes() == 0) return inserted;
    was_due(**cell, gap.last_scheduled_at);
    return rollups_.count((*cell)->cell_id, gap);
}

Result<void> Writer::put(const Change& change) {
    put_change_.bind(1, change.id)
        .bind(2, change.kind)
        .bind(3, change.component)
        .bind(4, change.title)
        .bind(5, nlohmann::json(change.shards).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
        .bind(6, change.author)
        .bind(7, change.contact)
        .bind(8, change.rollback_plan)
        .bind(9, change.link)
        .bind(10, to_micros(change.started_at));
    if (change.ended_at)
        put_change_.bind(11, to_micros(*change.ended_at));
    else
        put_change_.bind_null(11);
    return put_change_.run();
}

}  // namespace serin
