// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "reports/store/reader_impl.hpp"
#include "reports/store/reader_query.hpp"

namespace serin {
namespace {

constexpr std::int64_t a_minute = 60'000'000;

std::map<std::string, std::int64_t> counts_of(std::string_view json) {
    constexpr bool throwing = false;
    const auto object = nlohmann::json::parse(json, nullptr, throwing);
    std::map<std::string, std::int64_t> counts;
    if (!object.is_object()) return counts;
    for (const auto& [name, count] : object.items()) {
        if (count.is_number_integer()) counts[name] = count.get<std::int64_t>();
    }
    return counts;
}

/// Columns 2 … 14.
CellCounts counts_at(const Statement& row) {
    CellCounts counts;
    std::int64_t* const members[] = {&counts.pass,    &counts.degraded, &counts.fail, &counts.error,  &counts.skipped,
                                     &counts.aborted, &counts.missed,   &counts.shed, &counts.overlap};
    int column = 2;
    for (std::int64_t* member : members) *member = row.integer(column++);
    counts.failure_classes = counts_of(row.text(11));
    // A sketch that cannot be read takes its quantiles with it, not the counts.
    counts.took = Sketch::decode(row.blob(12)).value_or(Sketch());
    counts.lateness = Sketch::decode(row.blob(13)).value_or(Sketch());
    return counts;
}

Query rollups_query(const StoreFilter& filter) {
    Conditions wanted;
    // A minute that the window touches anywhere counts whole.
    if (filter.from) wanted.require("u.minute > ?", {to_micros(*filter.from) - a_minute});
    if (filter.until) wanted.require("u.minute < ?", {to_micros(*filter.until)});
    if (names_cells(filter)) wanted.require("u.cell_id IN (", cells_query(filter), ")");
    return Query(
               "SELECT u.cell_id, u.minute, u.pass, u.degraded, u.fail, u.error, u.skipped, u.aborted, u.missed,"
               " u.shed, u.overlap, u.failure_classes, u.took, u.lateness, c.probe, c.vantage, c.target, c.profile,"
               " c.cell FROM rollups u CROSS JOIN cells c ON c.cell_id = u.cell_id")
        .append(wanted.query());
}

/// What a cell says: its latest run that could say something, and how long it has been failing. A run of verdict
/// `error` shows too: a prober that cannot judge must not look like health.
class CellState {
public:
    CellState(Database& database, const StoreFilter& filter) : database_(database), filter_(filter) {}

    Result<void> read(std::int64_t cell_id, MatrixCell& cell) {
        if (const auto done = read_latest(cell_id, cell); !done) return done;
        const auto passed = time("SELECT max(started_at) FROM runs", "verdict IN ('pass', 'degraded')", cell_id);
        if (!passed) return std::unexpected(passed.error());
        cell.last_pass_at = *passed;
        if (cell.verdict.empty() || cell.verdict == "pass" || cell.verdict == "degraded") return {};
        const auto since = time("SELECT min(started_at) FROM runs", "verdict IN ('fail', 'error')", cell_id,
                                cell.last_pass_at ? to_micros(*cell.last_pass_at) : INT64_MIN);
        if (!since) return std::unexpected(since.error());
        cell.failing_since = *since;
        return {};
    }

private:
    Result<void> read_latest(std::int64_t cell_id, MatrixCell& cell) {
        Conditions wanted;
        wanted.require("cell_id = ?", {cell_id}).require("verdict NOT IN ('skipped', 'aborted')");
        if (filter_.from) wanted.require("started_at >= ?", {to_micros(*filter_.from)});
        if (filter_.until) wanted.require("started_at < ?", {to_micros(*filter_.until)});
        Result<Statement> statement = Query("SELECT verdict, failure_class, message, run_id, started_at FROM runs")
                                          .append(wanted.query())
                                          .add(" ORDER BY started_at DESC, run_id DESC LIMIT 1")
                                          .prepare(database_);
        if (!statement) return std::unexpected(statement.error());
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        cell.verdict = std::string(statement->text(0));
        cell.failure_class = std::string(statement->text(1));
        cell.message = std::string(statement->text(2));
        cell.run_id = std::string(statement->text(3));
        cell.last_run_at = wall_of(statement->integer(4));
        return {};
    }

    Result<std::optional<Wall>> time(const char* select, const char* verdicts, std::int64_t cell_id,
                                     std::int64_t later_than = INT64_MIN) {
        Conditions wanted;
        wanted.require("cell_id = ?", {cell_id}).require(verdicts).require("started_at > ?", {later_than});
        if (filter_.until) wanted.require("started_at < ?", {to_micros(*filter_.until)});
        Result<Statement> statement = Query(select).append(wanted.query()).prepare(database_);
        if (!statement) return std::unexpected(statement.error());
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row || statement->is_null(0)) return std::optional<Wall>();
        return std::optional(wall_of(statement->integer(0)));
    }

    Database& database_;
    const StoreFilter& filter_;
};

}  // namespace

Result<void> StoreReader::read_rollups(const StoreFilter& filter, bool in_order,
                                       const std::function<void(std::int64_t, const RollupRow&)>& see) {
    // Sorting copies every row; who adds up needs no order.
    Result<Statement> statement =
        rollups_query(filter)
            .add(in_order ? " ORDER BY u.minute, c.probe, c.vantage, c.target, c.profile, c.cell" : "")
            .prepare(impl_->database);
    if (!statement) return std::unexpected(statement.error());
    while (true) {
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        see(statement->integer(0),
            {.key = key_at(*statement, 14), .minute = wall_of(statement->integer(1)), .counts = counts_at(*statement)});
    }
}

void StoreReader::interrupt() {
    impl_->database.interrupt();
}

Result<void> StoreReader::each_rollup(const StoreFilter& filter, const std::function<void(const RollupRow&)>& see) {
    return read_rollups(filter, true, [&](std::int64_t, const RollupRow& row) { see(row); });
}

Result<std::vector<RollupRow>> StoreReader::rollups(const StoreFilter& filter) {
    std::vector<RollupRow> rows;
    const Result<void> done = each_rollup(filter, [&](const RollupRow& row) { rows.push_back(row); });
    if (!done) return std::unexpected(done.error());
    return rows;
}

Result<std::vector<MatrixCell>> StoreReader::matrix(const StoreFilter& filter) {
    Result<Statement> cells =
        Query("SELECT cell_id, probe, vantage, target, profile, cell FROM cells WHERE cell_id IN (")
            .append(cells_query(filter))
            .add(") ORDER BY probe, vantage, target, profile, cell")
            .prepare(impl_->database);
    if (!cells) return std::unexpected(cells.error());
    std::vector<MatrixCell> matrix;
    std::unordered_map<std::int64_t, std::size_t> places;
    CellState state(impl_->database, filter);
    while (true) {
        const Result<bool> row = cells->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) break;
        MatrixCell cell;
        cell.key = key_at(*cells, 1);
        if (const auto read = state.read(cells->integer(0), cell); !read) return std::unexpected(read.error());
        places[cells->integer(0)] = matrix.size();
        matrix.push_back(std::move(cell));
    }
    const Result<void> counted = read_rollups(filter, false, [&](std::int64_t cell_id, const RollupRow& row) {
        // A cell that was born a moment ago waits for the next look.
        const auto place = places.find(cell_id);
        if (place != places.end()) matrix[place->second].counts.add(row.counts);
    });
    if (!counted) return std::unexpected(counted.error());
    return matrix;
}

}  // namespace serin
