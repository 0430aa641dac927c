// SPDX-License-Identifier: Apache-2.0
#include "reports/store/retention.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

namespace serin {
namespace {

constexpr Duration longest = std::chrono::milliseconds(20);
constexpr std::int64_t smallest_portion = 20, largest_portion = 1000;
constexpr std::int64_t spare_pages = 1000;  ///< left free in the file for what comes next
constexpr std::int64_t always = std::numeric_limits<std::int64_t>::max();

// Every choice of rows runs along an index on time: a portion costs what it takes, however large the table is.
constexpr std::array remove_gaps{
    "DELETE FROM gaps WHERE (cell_id, first_scheduled_at, reason) IN"
    " (SELECT cell_id, first_scheduled_at, reason FROM gaps WHERE last_scheduled_at < ?1"
    "  ORDER BY last_scheduled_at LIMIT ?2)"};
constexpr std::array remove_messages{
    "DELETE FROM deliveries WHERE nonce IN"
    " (SELECT nonce FROM sendings WHERE sent_at < ?1 ORDER BY sent_at, nonce LIMIT ?2)",
    "DELETE FROM sightings WHERE nonce IN"
    " (SELECT nonce FROM sendings WHERE sent_at < ?1 ORDER BY sent_at, nonce LIMIT ?2)",
    "DELETE FROM sendings WHERE nonce IN"
    " (SELECT nonce FROM sendings WHERE sent_at < ?1 ORDER BY sent_at, nonce LIMIT ?2)"};
constexpr std::array remove_sightings{
    "DELETE FROM sightings WHERE (nonce, receiver, run_id, seen_at) IN"
    " (SELECT nonce, receiver, run_id, seen_at FROM sightings WHERE seen_at < ?1 ORDER BY seen_at LIMIT ?2)"};
constexpr std::array remove_rollups{
    "DELETE FROM rollups WHERE (cell_id, minute) IN"
    " (SELECT cell_id, minute FROM rollups WHERE minute < ?1 ORDER BY minute LIMIT ?2)"};
constexpr std::array remove_changes{
    "DELETE FROM changes WHERE change_id IN"
    " (SELECT change_id FROM changes WHERE started_at < ?1 ORDER BY started_at, change_id LIMIT ?2)"};
constexpr std::array remove_runs{
    "DELETE FROM evidence WHERE run_id IN"
    " (SELECT run_id FROM runs WHERE started_at < ?1 ORDER BY started_at, run_id LIMIT ?2)",
    "DELETE FROM runs WHERE run_id IN"
    " (SELECT run_id FROM runs WHERE started_at < ?1 ORDER BY started_at, run_id LIMIT ?2)"};

}  // namespace

Result<Sweeper> Sweeper::prepare(Database& database, const Retention& retention) {
    Sweeper sweeper(database);
    sweeper.keep_passes_ = retention.passes;
    sweeper.max_bytes_ = retention.max_bytes;
    const std::pair<Statement Sweeper::*, const char*> statements[] = {
        {&Sweeper::next_runs_,
         "SELECT started_at, run_id FROM runs WHERE (started_at, run_id) > (?1, ?2) AND started_at < ?3"
         " ORDER BY started_at, run_id LIMIT ?4"},
        {&Sweeper::drop_pass_evidence_,
         "DELETE FROM evidence WHERE run_id IN (SELECT run_id FROM runs WHERE (started_at, run_id) > (?1, ?2)"
         " AND (started_at, run_id) <= (?3, ?4) AND verdict = 'pass')"},
        {&Sweeper::drop_passes_,
         "DELETE FROM runs WHERE run_id IN (SELECT run_id FROM runs WHERE (started_at, run_id) > (?1, ?2)"
         " AND (started_at, run_id) <= (?3, ?4) AND verdict = 'pass')"},
    };
    for (const auto& [member, sql] : statements) {
        Result<Statement> statement = database.prepare(sql);
        if (!statement) return std::unexpected(statement.error());
        sweeper.*member = *std::move(statement);
    }
    Result<void> added = sweeper.add(remove_gaps, retention.passes);
    if (added) added = sweeper.add(remove_messages, retention.deliveries);
    if (added) added = sweeper.add(remove_sightings, retention.deliveries);
    if (added) added = sweeper.add(remove_rollups, retention.rollups);
    if (added) added = sweeper.add(remove_changes, retention.rollups);
    if (added) added = sweeper.add(remove_runs, retention.failures);
    if (!added) return std::unexpected(added.error());
    return sweeper;
}

Result<void> Sweeper::add(std::span<const char* const> removals, Duration keep) {
    Kind& kind = kinds_.emplace_back();
    kind.keep = keep;
    for (const char* const sql : removals) {
        Result<Statement> statement = database_->prepare(sql);
        if (!statement) return std::unexpected(statement.error());
        kind.removals.push_back(*std::move(statement));
    }
    return {};
}

Result<std::int64_t> Sweeper::remove(Kind& kind, std::int64_t before) {
    for (Statement& removal : kind.removals) {
        removal.bind(1, before).bind(2, portion_);
        if (const auto removed = removal.run(); !removed) return std::unexpected(removed.error());
    }
    return database_->changes();
}

Result<std::int64_t> Sweeper::remove_passes(std::int64_t before) {
    next_runs_.bind(1, passed_time_).bind(2, passed_id_).bind(3, before).bind(4, portion_);
    std::int64_t looked_at = 0, time = passed_time_;
    std::string id = passed_id_;
    Result<bool> row = next_runs_.step();
    for (; row && *row; row = next_runs_.step()) {
        ++looked_at;
        time = next_runs_.integer(0);
        id = std::string(next_runs_.text(1));
    }
    if (!row) return std::unexpected(row.error());
    if (looked_at == 0) return 0;
    for (Statement* const removal : {&drop_pass_evidence_, &drop_passes_}) {
        removal->bind(1, passed_time_).bind(2, passed_id_).bind(3, time).bind(4, id);
        if (const auto removed = removal->run(); !removed) return std::unexpected(removed.error());
    }
    passed_time_ = time;
    passed_id_ = id;
    return looked_at;
}

Result<bool> Sweeper::by_age(Wall now) {
    Result<std::int64_t> touched = remove_passes(to_micros(now - keep_passes_));
    for (auto kind = kinds_.begin(); touched && *touched == 0 && kind != kinds_.end(); ++kind)
        touched = remove(*kind, to_micros(now - kind->keep));
    if (!touched) return std::unexpected(touched.error());
    return *touched > 0;
}

Result<bool> Sweeper::by_size(Wall now) {
    const auto pages = database_->number("PRAGMA page_count");
    const auto free = database_->number("PRAGMA freelist_count");
    const auto page_size = database_->number("PRAGMA page_size");
    for (const auto* number : {&pages, &free, &page_size})
        if (!*number) return std::unexpected(number->error());
    if ((*pages - *free) * *page_size <= max_bytes_) return false;
    // A run that started earlier may be committed later: now and then the last hour is looked through again.
    if (now >= look_back_at_) {
        const std::int64_t an_hour_ago = to_micros(now - std::chrono::hours(1));
        if (passed_time_ > an_hour_ago) {
            passed_time_ = an_hour_ago;
            passed_id_.clear();
        }
        look_back_at_ = now + std::chrono::minutes(1);
    }
    Result<std::int64_t> touched = remove_passes(always);
    for (auto kind = kinds_.begin(); touched && *touched == 0 && kind != kinds_.end(); ++kind)
        touched = remove(*kind, always);
    if (!touched) return std::unexpected(touched.error());
    return *touched > 0;
}

Result<bool> Sweeper::give_back() {
    const auto pages = database_->number("PRAGMA page_count");
    const auto free = database_->number("PRAGMA freelist_count");
    if (!pages) return std::unexpected(pages.error());
    if (!free) return std::unexpected(free.error());
    if (*free <= std::max(spare_pages, *pages / 10)) return false;
    if (const auto given = database_->exec("PRAGMA incremental_vacuum(128)"); !given)
        return std::unexpected(given.error());
    return true;
}

Result<bool> Sweeper::sweep(Wall now) {
    const std::int64_t time_before = passed_time_;
    const std::string id_before = passed_id_;
    const Steady started = std::chrono::steady_clock::now();
    if (const auto begun = database_->exec("BEGIN IMMEDIATE"); !begun) return std::unexpected(begun.error());
    Result<bool> more = by_age(now);
    if (more && !*more) more = by_size(now);
    if (more && !*more) more = give_back();
    // Without the commit: what a disk takes to sync does not grow with the portion.
    const Duration took = std::chrono::steady_clock::now() - started;
    if (more) {
        if (const auto committed = database_->exec("COMMIT"); !committed) more = std::unexpected(committed.error());
    }
    if (!more) {
        passed_time_ = time_before;
        passed_id_ = id_before;
        if (database_->in_transaction()) (void)database_->exec("ROLLBACK");  // the Error to tell is the first one
        return more;
    }
    if (took > longest / 2) portion_ = std::max(smallest_portion, portion_ / 2);
    if (took < longest / 8 && *more) portion_ = std::min(largest_portion, portion_ * 2);
    return more;
}

}  // namespace serin
