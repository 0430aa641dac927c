// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reports/alerts/outbox/alert_schema.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/alerts/outbox/alert_tables.hpp"
#include "reports/store/reader_query.hpp"

namespace serin {
namespace {

constexpr Duration busy_timeout = std::chrono::seconds(5);

/// All rows of a query by `read`.
template <class Read>
auto all_of(Database& database, const Query& query, Read read) -> decltype(read_all(std::declval<Statement&>(), read)) {
    Result<Statement> statement = query.prepare(database);
    if (!statement) return std::unexpected(statement.error());
    return read_all(*statement, read);
}

std::optional<TimelineEntry> entry_at(const Statement& row) {
    return TimelineEntry{.incident_id = std::string(row.text(0)),
                         .at = wall_of(row.integer(1)),
                         .event = std::string(row.text(2)),
                         .text = std::string(row.text(3)),
                         .by = std::string(row.text(4))};
}

/// The first of what a question by id found.
template <class Value>
Result<std::optional<Value>> first_of(Result<std::vector<Value>> all) {
    if (!all) return std::unexpected(all.error());
    if (all->empty()) return std::optional<Value>();
    return std::optional<Value>(std::move(all->front()));
}

}  // namespace

struct AlertReader::Impl {
    Database database;
};

AlertReader::AlertReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AlertReader::~AlertReader() = default;

Result<std::unique_ptr<AlertReader>> AlertReader::open(const std::string& path) {
    DatabaseFault fault = DatabaseFault::none;
    Result<Database> database = Database::open(path, OpenMode::read_only, busy_timeout, &fault);
    if (!database) return std::unexpected(alert_database_error(path, "cannot be read", database.error(), fault));
    if (const auto ours = check_alert_database(*database, path); !ours)
        return std::unexpected(alert_database_error(path, "cannot be read", ours.error(), database->fault()));
    return std::unique_ptr<AlertReader>(
        new AlertReader(std::make_unique<Impl>(Impl{.database = *std::move(database)})));
}

Result<std::vector<Incident>> AlertReader::incidents(const Filter& filter) {
    if (const auto fine = check_limit(filter.limit); !fine) return std::unexpected(fine.error());
    Conditions wanted;
    if (!filter.service.empty()) wanted.require("service = ?", {filter.service});
    if (!filter.failure_class.empty()) wanted.require("failure_class = ?", {filter.failure_class});
    if (!filter.states.empty()) wanted.require_list("state IN (%)", filter.states);
    if (filter.from) wanted.require("opened_at >= ?", {to_micros(*filter.from)});
    if (filter.until) wanted.require("opened_at < ?", {to_micros(*filter.until)});
    if (!filter.drills) wanted.require("drill = 0");
    if (!filter.before_id.empty())
        wanted.require("(opened_at, id) < (SELECT b.opened_at, b.id FROM incidents b WHERE b.id = ?)",
                       {filter.before_id});
    Query query("SELECT json FROM incidents");
    query.append(wanted.query()).add(" ORDER BY opened_at DESC, id DESC LIMIT ?", {std::int64_t{filter.limit}});
    return all_of(impl_->database, query, [](const Statement& row) { return incident_at(row, 0); });
}

Result<std::optional<Incident>> AlertReader::incident(const std::string& id) {
    Query query("SELECT json FROM incidents WHERE id = ");
    return first_of(
        all_of(impl_->database, query.add("?", {id}), [](const Statement& row) { return incident_at(row, 0); }));
}

Result<std::vector<TimelineEntry>> AlertReader::timeline(const std::string& id) {
    Query query("SELECT incident_id, at, event, text, \"by\" FROM timeline WHERE incident_id = ");
    return all_of(impl_->database, query.add("? ORDER BY at, entry_id", {id}), entry_at);
}

Result<std::vector<OutboxRow>> AlertReader::rows(const std::string& incident_id) {
    Query query(fmt::format("SELECT {} FROM outbox o JOIN notices n ON n.id = o.notice_id WHERE o.incident_id = ",
                            outbox_columns));
    return all_of(impl_->database, query.add("? ORDER BY o.id", {incident_id}), outbox_row_at);
}

Result<std::vector<Mute>> AlertReader::mutes(Wall now) {
    Query query(fmt::format("SELECT {} FROM mutes WHERE \"until\" > ", mute_columns));
    return all_of(impl_->database, query.add("? ORDER BY service, failure_class", {to_micros(now)}), mute_at);
}

Result<std::vector<DrillRow>> AlertReader::drills() {
    const Query query(
        fmt::format("SELECT {} FROM drills d WHERE NOT EXISTS (SELECT 1 FROM drills n WHERE"
                    " n.channel = d.channel AND n.at > d.at) ORDER BY channel",
                    drill_columns));
    return all_of(impl_->database, query, drill_at);
}

Result<std::optional<AlertCommand>> AlertReader::command(std::int64_t id) {
    Query query(fmt::format("SELECT {} FROM commands WHERE id = ", command_columns));
    return first_of(all_of(impl_->database, query.add("?", {id}), command_at));
}

}  // namespace serin
