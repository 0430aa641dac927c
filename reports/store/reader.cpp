// SPDX-License-Identifier: Apache-2.0
#include "reports/store/reader.hpp"

#include <fmt/format.h>

#include "reports/store/reader_impl.hpp"
#include "reports/store/reader_query.hpp"
#include "reports/store/schema.hpp"

namespace serin {
namespace {

/// A filter that names this many cells or fewer is answered cell by cell, each in its own index; with more, the runs of
/// all cells are passed in order of time.
constexpr std::size_t few_cells = 32;

constexpr const char* run_columns =
    "r.run_id, c.probe, c.vantage, c.target, c.profile, c.cell, r.scheduled_at, r.started_at, r.start_lateness,"
    " r.took, r.verdict, r.failure_class, r.message, r.maintenance, r.on_request, r.cleanup_failed, r.attempts,"
    " EXISTS (SELECT 1 FROM evidence e WHERE e.run_id = r.run_id)";

RunRow run_row_at(const Statement& row) {
    return {.run_id = std::string(row.text(0)),
            .key = key_at(row, 1),
            .scheduled_at = wall_of(row.integer(6)),
            .started_at = wall_of(row.integer(7)),
            .start_lateness = duration_of(row.integer(8)),
            .took = duration_of(row.integer(9)),
            .verdict = std::string(row.text(10)),
            .failure_class = std::string(row.text(11)),
            .message = std::string(row.text(12)),
            .maintenance = row.integer(13) != 0,
            .on_request = row.integer(14) != 0,
            .cleanup_failed = row.integer(15) != 0,
            .attempts = static_cast<int>(row.integer(16)),
            .has_evidence = row.integer(17) != 0};
}

bool wants_passes(const StoreFilter& filter) {
    if (!filter.failure_class.empty()) return false;
    for (const std::string& verdict : filter.verdicts) {
        if (verdict == "pass") return true;
    }
    return filter.verdicts.empty();
}

/// What a run must satisfy, its cell aside.
Conditions run_conditions(const StoreFilter& filter, const std::optional<Mark>& after) {
    Conditions wanted;
    // Said in the words of the partial index on runs that did not pass, so that SQLite may use it.
    if (!wants_passes(filter)) wanted.require("r.verdict <> 'pass'");
    if (!filter.verdicts.empty()) wanted.require_list("r.verdict IN (%)", filter.verdicts);
    if (!filter.failure_class.empty()) wanted.require("r.failure_class = ?", {filter.failure_class});
    if (!filter.run_id.empty()) wanted.require("r.run_id = ?", {filter.run_id});
    if (filter.from) wanted.require("r.started_at >= ?", {to_micros(*filter.from)});
    if (filter.until) wanted.require("r.started_at < ?", {to_micros(*filter.until)});
    if (after) wanted.require("(r.started_at, r.run_id) < (?, ?)", {after->at, after->first});
    return wanted;
}

Result<std::vector<std::int64_t>> cell_ids(Database& database, const StoreFilter& filter) {
    Result<Statement> statement = cells_query(filter).prepare(database);
    if (!statement) return std::unexpected(statement.error());
    std::vector<std::int64_t> ids;
    while (true) {
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return ids;
        ids.push_back(statement->integer(0));
    }
}

/// run_id of the wanted runs, newest first, at most `limit`. One branch a cell when they are few.
Query wanted_runs(const StoreFilter& filter, const std::optional<Mark>& after,
                  const std::optional<std::vector<std::int64_t>>& cells, std::int64_t limit) {
    const std::string start = "SELECT r.run_id AS id, r.started_at AS at FROM runs r";
    const std::string order = " ORDER BY r.started_at DESC, r.run_id DESC LIMIT ?";
    if (!cells || cells->size() > few_cells || !wants_passes(filter)) {
        Conditions wanted = run_conditions(filter, after);
        // The plus keeps SQLite from sorting all runs of many cells.
        if (cells) wanted.require("+r.cell_id IN (", cells_query(filter), ")");
        return Query(start).append(wanted.query()).add(order, {limit});
    }
    Query all;
    for (const std::int64_t cell_id : *cells) {
        Conditions wanted = run_conditions(filter, after);
        wanted.require("r.cell_id = ?", {cell_id});
        all.add(all.empty() ? "SELECT * FROM (" : " UNION ALL SELECT * FROM (")
            .add(start)
            .append(wanted.query())
            .add(order + ")", {limit});
    }
    return all;
}

Error unreadable(const std::string& path, Error error, DatabaseFault fault) {
    error.title = "the store " + path + " cannot be read: " + error.title;
    if (!error.remedy.empty()) return error;
    if (fault == DatabaseFault::locked) {
        error.remedy = "another process holds it for longer than five seconds: try again";
    } else if (fault == DatabaseFault::corrupt) {
        error.remedy = "name the file that `serin serve` writes; a damaged one is set aside when the daemon starts";
    } else {
        error.remedy =
            "name the file that `serin serve` writes; reading it takes the right to write beside it (SQLite's -shm "
            "file)";
    }
    return error;
}

}  // namespace

StoreReader::StoreReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StoreReader::~StoreReader() = default;

Result<std::unique_ptr<StoreReader>> StoreReader::open(const std::string& path) {
    DatabaseFault fault = DatabaseFault::none;
    Result<Database> database = Database::open(path, OpenMode::read_only, std::chrono::seconds(5), &fault);
    if (!database) return std::unexpected(unreadable(path, database.error(), fault));
    const Result<std::int64_t> version = database->number("PRAGMA user_version");
    if (!version) return std::unexpected(unreadable(path, version.error(), database->fault()));
    const auto known = static_cast<std::int64_t>(migrations().size());
    if (*version <= 0) return fail(path + " is no store of Serin", "name the file that `serin serve` writes");
    if (*version > known) {
        return fail(fmt::format("the store {} has version {}, this serin knows up to {}", path, *version, known),
                    "use the newer serin that wrote it");
    }
    if (*version < known) {
        return fail(fmt::format("the store {} has version {}, this serin reads version {}", path, *version, known),
                    "start this version of `serin serve` on it once, which brings it up to date");
    }
    const Result<std::int64_t> ours = database->number("SELECT count(*) FROM sqlite_schema WHERE name = 'rollups'");
    if (!ours) return std::unexpected(ours.error());
    if (*ours == 0) return fail(path + " is no store of Serin", "name the file that `serin serve` writes");
    auto impl = std::make_unique<Impl>(Impl{.database = *std::move(database)});
    return std::unique_ptr<StoreReader>(new StoreReader(std::move(impl)));
}

Result<Page<RunRow>> StoreReader::runs(const StoreFilter& filter, const PageRequest& page) {
    if (const auto fine = check_limit(page.limit); !fine) return std::unexpected(fine.error());
    const auto after = mark_of(page.cursor, "r");
    if (!after) return std::unexpected(after.error());
    std::optional<std::vector<std::int64_t>> cells;
    if (names_cells(filter)) {
        Result<std::vector<std::int64_t>> ids = cell_ids(impl_->database, filter);
        if (!ids) return std::unexpected(ids.error());
        if (ids->empty()) return Page<RunRow>();
        cells = *std::move(ids);
    }
    // One more than asked for tells whether there is a next page.
    const std::int64_t limit = page.limit + 1;
    Query query(fmt::format("SELECT {} FROM (", run_columns));
    query.append(wanted_runs(filter, *after, cells, limit))
        .add(
            ") w CROSS JOIN runs r ON r.run_id = w.id CROSS JOIN cells c ON c.cell_id = r.cell_id"
            " ORDER BY w.at DESC, w.id DESC LIMIT ?",
            {limit});
    Result<Statement> statement = query.prepare(impl_->database);
    if (!statement) return std::unexpected(statement.error());
    Page<RunRow> result;
    while (true) {
        const Result<bool> row = statement->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return result;
        if (std::ssize(result.rows) == page.limit) {
            const RunRow& last = result.rows.back();
            result.next_cursor =
                cursor_of({.kind = 'r', .at = to_micros(last.started_at), .first = last.run_id, .second = {}});
            return result;
        }
        result.rows.push_back(run_row_at(*statement));
    }
}

Result<std::optional<RunDetail>> StoreReader::run(const std::string& run_id) {
    Query query(
        fmt::format("SELECT {}, (SELECT e.outcome FROM evidence e WHERE e.run_id = r.run_id)"
                    " FROM runs r CROSS JOIN cells c ON c.cell_id = r.cell_id WHERE r.run_id = ",
                    run_columns));
    Result<Statement> statement = query.add("?", {run_id}).prepare(impl_->database);
    if (!statement) return std::unexpected(statement.error());
    const Result<bool> row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::optional<RunDetail>();
    return std::optional(RunDetail{.row = run_row_at(*statement), .outcome_json = std::string(statement->text(18))});
}

}  // namespace serin
