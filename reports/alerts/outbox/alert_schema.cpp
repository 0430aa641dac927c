// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/alert_schema.hpp"

#include <fmt/format.h>

namespace serin {
namespace {

// Times: microseconds since the Unix epoch, UTC. Durations: microseconds. Texts: UTF-8. json: incident_json.hpp.
// 1400008257: alert_application_id.
constexpr const char* version_1 = R"sql(
PRAGMA application_id = 1400008257;

CREATE TABLE incidents (
  id TEXT PRIMARY KEY,
  service TEXT NOT NULL, failure_class TEXT NOT NULL,
  state TEXT NOT NULL, severity TEXT NOT NULL, drill INTEGER NOT NULL,
  opened_at INTEGER NOT NULL, closed_at INTEGER,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_by_time ON incidents (opened_at, id);
CREATE INDEX incidents_by_service ON incidents (service, opened_at, id);
CREATE INDEX incidents_active ON incidents (opened_at, id) WHERE state <> 'closed';

CREATE TABLE timeline (
  entry_id INTEGER PRIMARY KEY,
  incident_id TEXT NOT NULL, at INTEGER NOT NULL,
  event TEXT NOT NULL, text TEXT NOT NULL, "by" TEXT NOT NULL
) STRICT;
CREATE INDEX timeline_by_incident ON timeline (incident_id, at, entry_id);

-- What is told. Several rows of the outbox share one.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  made_at INTEGER NOT NULL,
  json TEXT NOT NULL
) STRICT;

-- settled_at: NULL as long as something is to be done about it. AUTOINCREMENT: an id is never used again.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  notice_id TEXT NOT NULL, incident_id TEXT NOT NULL, kind TEXT NOT NULL,
  channel TEXT NOT NULL, "order" INTEGER NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL, first_attempt_at INTEGER, settled_at INTEGER,
  said TEXT NOT NULL, reference TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_incident ON outbox (incident_id, id);
CREATE INDEX outbox_by_notice ON outbox (notice_id);
CREATE INDEX outbox_unsettled ON outbox (id) WHERE settled_at IS NULL;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE mutes (
  service TEXT NOT NULL, failure_class TEXT NOT NULL,
  owner TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, "until" INTEGER NOT NULL,
  PRIMARY KEY (service, failure_class)
) STRICT, WITHOUT ROWID;

CREATE TABLE heartbeats (
  heartbeat TEXT PRIMARY KEY,
  failed INTEGER NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gauges (
  gauge TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (gauge, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX gauges_by_time ON gauges (at);

CREATE TABLE drills (
  channel TEXT NOT NULL, at INTEGER NOT NULL,
  good INTEGER NOT NULL, delivered_after INTEGER, resolved_after INTEGER, said TEXT NOT NULL,
  PRIMARY KEY (channel, at)
) STRICT, WITHOUT ROWID;

-- outcome: empty until the daemon has taken it.
CREATE TABLE commands (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  incident_id TEXT NOT NULL, service TEXT NOT NULL, failure_class TEXT NOT NULL,
  "by" TEXT NOT NULL, note TEXT NOT NULL, lasts INTEGER, usefulness TEXT NOT NULL,
  began_at INTEGER NOT NULL, at INTEGER NOT NULL, ended_at INTEGER,
  outcome TEXT NOT NULL
) STRICT;
CREATE INDEX commands_open ON commands (id) WHERE outcome = '';
)sql";

constexpr const char* migration_table[] = {version_1};

const char* way_out(DatabaseFault fault) {
    switch (fault) {
        case DatabaseFault::full:
            return "make room on the disk";
        case DatabaseFault::locked:
            return "end the process that holds a lock on it";
        case DatabaseFault::input_output:
            return "see that this user may write to the file and its folder, and that the disk is sound";
        case DatabaseFault::corrupt:
            return "the damaged file is set aside when `serin serve` next opens it";
        case DatabaseFault::none:
        case DatabaseFault::refused:
            break;
    }
    return "name the alert database that `serin serve` writes";
}

}  // namespace

std::span<const char* const> alert_migrations() {
    return migration_table;
}

Error alert_database_error(const std::string& path, const char* what, Error error, DatabaseFault fault) {
    if (!error.remedy.empty()) return error;
    error.title = fmt::format("the alert database {} {}: {}", path, what, error.title);
    error.remedy = way_out(fault);
    return error;
}

Result<void> check_alert_database(Database& database, const std::string& path) {
    const Result<std::int64_t> version = database.number("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    const Result<std::int64_t> application = database.number("PRAGMA application_id");
    if (!application) return std::unexpected(application.error());
    if (*application != alert_application_id)
        return fail(path + " is no alert database of Serin", way_out(DatabaseFault::none));
    const auto known = static_cast<std::int64_t>(alert_migrations().size());
    if (*version == known) return {};
    return fail(fmt::format("the alert database {} has version {}, this serin knows version {}", path, *version, known),
                *version > known ? "use the newer serin that wrote it"
                                 : "start this version of `serin serve` on it once, which brings it up to date");
}

}  // namespace serin
