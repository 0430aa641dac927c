// SPDX-License-Identifier: Apache-2.0
#include "reports/store/schema.hpp"

namespace serin {
namespace {

// Times: microseconds since the Unix epoch, UTC. Durations: microseconds. Texts: UTF-8.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE cells (
  cell_id INTEGER PRIMARY KEY,
  probe TEXT NOT NULL, vantage TEXT NOT NULL, target TEXT NOT NULL, profile TEXT NOT NULL, cell TEXT NOT NULL,
  last_scheduled_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (probe, vantage, target, profile, cell)
) STRICT;

CREATE TABLE runs (
  run_id TEXT PRIMARY KEY,
  cell_id INTEGER NOT NULL REFERENCES cells,
  scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL,
  start_lateness INTEGER NOT NULL, took INTEGER NOT NULL,
  verdict TEXT NOT NULL, failure_class TEXT NOT NULL, message TEXT NOT NULL,
  attempts INTEGER NOT NULL, maintenance INTEGER NOT NULL, on_request INTEGER NOT NULL, cleanup_failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_start ON runs (started_at, run_id);
CREATE INDEX runs_by_cell ON runs (cell_id, started_at, verdict);
-- Failures among millions of passes.
CREATE INDEX runs_not_passed ON runs (started_at, run_id) WHERE verdict <> 'pass';

CREATE TABLE evidence (run_id TEXT PRIMARY KEY, outcome TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  cell_id INTEGER NOT NULL REFERENCES cells,
  reason TEXT NOT NULL,
  first_scheduled_at INTEGER NOT NULL, last_scheduled_at INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (cell_id, first_scheduled_at, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX gaps_by_time ON gaps (last_scheduled_at);

-- minute: start of the minute in which the slots were due (of a run on request: in which it started). took, lateness:
-- Sketch::encode(). failure_classes: a JSON object, class -> count.
CREATE TABLE rollups (
  cell_id INTEGER NOT NULL REFERENCES cells,
  minute INTEGER NOT NULL,
  pass INTEGER NOT NULL, degraded INTEGER NOT NULL, fail INTEGER NOT NULL, error INTEGER NOT NULL,
  skipped INTEGER NOT NULL, aborted INTEGER NOT NULL,
  missed INTEGER NOT NULL, shed INTEGER NOT NULL, overlap INTEGER NOT NULL,
  failure_classes TEXT NOT NULL,
  took BLOB NOT NULL, lateness BLOB NOT NULL,
  PRIMARY KEY (cell_id, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollups_by_minute ON rollups (minute);

CREATE TABLE sendings (
  nonce TEXT PRIMARY KEY,
  run_id TEXT NOT NULL, scenario TEXT NOT NULL, step TEXT NOT NULL, sender TEXT NOT NULL,
  sent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sendings_by_time ON sendings (sent_at);
CREATE INDEX sendings_by_run ON sendings (run_id);

-- state, copies: as reconciled with what other runs saw. first_state, first_copies: as the sender's run settled them;
-- first_state is empty when that run never told, but somebody saw the message.
CREATE TABLE deliveries (
  nonce TEXT NOT NULL, receiver TEXT NOT NULL,
  sender TEXT NOT NULL,
  state TEXT NOT NULL, first_state TEXT NOT NULL,
  copies INTEGER NOT NULL, first_copies INTEGER NOT NULL DEFAULT 0,
  send_to_receive INTEGER, ack_to_receive INTEGER,
  reclassified_at INTEGER,
  PRIMARY KEY (nonce, receiver)
) STRICT, WITHOUT ROWID;

-- What was seen by another run than the sender's: kept, so that a sighting that arrives before the verdict still counts.
CREATE TABLE sightings (
  nonce TEXT NOT NULL, receiver TEXT NOT NULL, run_id TEXT NOT NULL, seen_at INTEGER NOT NULL,
  PRIMARY KEY (nonce, receiver, run_id, seen_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_by_time ON sightings (seen_at);

CREATE TABLE changes (
  change_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL, component TEXT NOT NULL, title TEXT NOT NULL, shards TEXT NOT NULL,
  author TEXT NOT NULL, contact TEXT NOT NULL, rollback_plan TEXT NOT NULL, link TEXT NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_by_time ON changes (started_at, change_id);
)sql";

constexpr const char* migration_table[] = {version_1};

}  // namespace

std::span<const char* const> migrations() {
    return migration_table;
}

}  // namespace serin
