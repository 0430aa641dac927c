// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/outbox/alert_store.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <limits>

#include "reports/store/reader.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using State = OutboxRow::State;

std::unique_ptr<AlertStore> open_alerts(const std::string& path) {
    auto store = AlertStore::open(path);
    if (!store) FAIL(store.error().title);
    return *std::move(store);
}

std::unique_ptr<AlertReader> read_alerts(const std::string& path) {
    auto reader = AlertReader::open(path);
    if (!reader) FAIL(reader.error().title);
    return *std::move(reader);
}

void write(AlertStore& store, const AlertBatch& batch) {
    const auto written = store.write(batch);
    if (!written) FAIL(written.error().title);
}

template <class Value>
Value need(Result<Value> result) {
    if (!result) FAIL(result.error().title);
    return *std::move(result);
}

Incident incident_of(const std::string& id, const std::string& service = "chat", Wall opened_at = noon) {
    Incident incident;
    incident.id = id;
    incident.service = service;
    incident.failure_class = "timeout";
    incident.opened_at = opened_at;
    incident.began_at = opened_at - minutes(2);
    incident.message = "messages are stored but not delivered \"live\" \xC3\xA9";
    return incident;
}

Notice notice_of(const Incident& incident, int number, NoticeKind kind) {
    Notice notice;
    notice.id = incident.id + "." + std::to_string(number);
    notice.kind = kind;
    notice.incident = incident;
    notice.made_at = noon;
    notice.channels = {"pager"};
    notice.failover = {"mail"};
    notice.page = kind == NoticeKind::opened;
    return notice;
}

/// What opens an incident: its transition, and the rows of the notice.
AlertBatch opening_of(const Incident& incident, std::int64_t first_id) {
    const Notice notice = notice_of(incident, 1, NoticeKind::opened);
    AlertBatch batch;
    batch.transitions.push_back(
        {.incident = incident,
         .timeline = {{.incident_id = incident.id, .at = noon, .event = "opened", .text = "it broke", .by = ""}},
         .notices = {notice}});
    batch.rows = SendPlan::rows_of(notice, first_id, seconds(60));
    return batch;
}

std::vector<std::string> ids_of(const std::vector<Incident>& incidents) {
    std::vector<std::string> ids;
    for (const Incident& incident : incidents) ids.push_back(incident.id);
    return ids;
}

AlertCommand command_of(const std::string& kind) {
    AlertCommand command;
    command.kind = kind;
    command.incident_id = "inc-1";
    command.service = "chat";
    command.failure_class = "timeout";
    command.by = "an owner";
    command.note = "looking";
    command.lasts = minutes(30);
    command.usefulness = "actioned";
    command.began_at = noon;
    command.at = noon + seconds(1);
    command.ended_at = noon + seconds(2);
    return command;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("the alert database stands beside the store") {
    CHECK(alert_path_of("serin.db") == "serin.alerts.db");
    CHECK(alert_path_of("/var/lib.d/serin.db") == "/var/lib.d/serin.alerts.db");
    CHECK(alert_path_of("/var/lib.d/serin") == "/var/lib.d/serin.alerts.db");
    CHECK(alert_path_of("/var/.serin") == "/var/.serin.alerts.db");
}

TEST_CASE("what was written is there after a restart") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const Incident incident = incident_of("inc-1");
    {
        const auto store = open_alerts(path);
        CHECK(need(store->load(noon)).next_row_id == 1);
        write(*store, opening_of(incident, 1));
        AlertBatch more;
        more.mutes = {
            {.service = "chat", .failure_class = "", .owner = "o", .reason = "r", .at = noon, .until = noon + hours(1)},
            {.service = "old",
             .failure_class = "",
             .owner = "o",
             .reason = "r",
             .at = noon - hours(2),
             .until = noon - hours(1)}};
        more.heartbeats = {{.heartbeat = "import", .failed = true, .note = "exit 3", .at = noon},
                           {.heartbeat = "import", .failed = false, .note = "late", .at = noon - seconds(1)}};
        more.gauges = {{.gauge = "burst", .value = 12.5, .at = noon},
                       {.gauge = "burst", .value = 90, .at = noon - hours(25)},
                       {.gauge = "odd", .value = std::numeric_limits<double>::quiet_NaN(), .at = noon}};
        more.drills = {
            {.channel = "pager",
             .at = noon - hours(1),
             .good = true,
             .delivered_after = seconds(2),
             .resolved_after = {},
             .said = "202"},
            {.channel = "pager", .at = noon, .good = false, .delivered_after = {}, .resolved_after = {}, .said = "401"},
            {.channel = "pager",
             .at = noon - hours(2),
             .good = true,
             .delivered_after = {},
             .resolved_after = {},
             .said = "202"}};
        write(*store, more);
        write(*store, AlertBatch{});
    }
    const auto store = open_alerts(path);
    CHECK(store->fault().empty());
    const AlertState state = need(store->load(noon));
    REQUIRE(state.incidents.size() == 1);
    CHECK(state.incidents[0].id == "inc-1");
    CHECK(state.incidents[0].message == incident.message);
    CHECK(state.incidents[0].opened_at == noon);
    REQUIRE(state.rows.size() == 2);
    CHECK(state.rows[0].channel == "pager");
    CHECK(state.rows[0].state == State::pending);
    CHECK(state.rows[0].due_at == noon);
    CHECK(state.rows[0].notice.id == "inc-1.1");
    CHECK(state.rows[0].notice.page);
    CHECK(state.rows[0].notice.made_at == noon);
    CHECK(state.rows[0].notice.incident.service == "chat");
    CHECK(state.rows[1].state == State::waiting);
    CHECK(state.rows[1].order == 1);
    CHECK(state.next_row_id == 3);
    REQUIRE(state.mutes.size() == 1);
    CHECK(state.mutes[0].service == "chat");
    CHECK(state.mutes[0].until == noon + hours(1));
    REQUIRE(state.heartbeats.size() == 1);
    CHECK(state.heartbeats[0].failed);
    CHECK(state.heartbeats[0].note == "exit 3");
    REQUIRE(state.gauges.size() == 1);
    CHECK(state.gauges[0].value == 12.5);
    REQUIRE(state.drills.size() == 2);
    CHECK(state.drills[0].good);
    CHECK(state.drills[0].at == noon - hours(1));
    CHECK(state.drills[0].delivered_after == seconds(2));
    CHECK_FALSE(state.drills[0].resolved_after);
    CHECK_FALSE(state.drills[1].good);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
}

TEST_CASE("a row changes in how it fares and settled ones are loaded no more") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    AlertBatch batch = opening_of(incident_of("inc-1"), 1);
    write(*store, batch);
    batch.rows[0].state = State::accepted;
    batch.rows[0].attempts = 3;
    batch.rows[0].due_at = noon + seconds(9);
    batch.rows[0].first_attempt_at = noon + seconds(1);
    batch.rows[0].said = "202";
    batch.rows[0].reference = "Q1";
    AlertBatch change;
    change.rows = {batch.rows[0]};
    write(*store, change);
    auto state = need(store->load(noon));
    REQUIRE(state.rows.size() == 2);
    CHECK(state.rows[0].state == State::accepted);
    CHECK(state.rows[0].attempts == 3);
    CHECK(state.rows[0].due_at == noon + seconds(9));
    CHECK(state.rows[0].first_attempt_at == noon + seconds(1));
    CHECK(state.rows[0].said == "202");
    CHECK(state.rows[0].reference == "Q1");
    change.rows[0].state = State::delivered;
    change.rows[0].settled_at = noon + seconds(10);
    write(*store, change);
    write(*store, change);  // the same again does no harm
    state = need(store->load(noon));
    REQUIRE(state.rows.size() == 1);
    CHECK(state.rows[0].id == 2);
    const auto rows = need(read_alerts(path)->rows("inc-1"));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].settled_at == noon + seconds(10));
    CHECK(count(path, "SELECT count(*) FROM notices") == 1);
}

TEST_CASE("a transition is written with its rows or not at all") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    write(*store, opening_of(incident_of("inc-1"), 1));
    // The ids are taken by rows of another notice.
    const auto refused = store->write(opening_of(incident_of("inc-2"), 2));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().title.find(path) != std::string::npos);
    CHECK(count(path, "SELECT count(*) FROM incidents") == 1);
    CHECK(count(path, "SELECT count(*) FROM timeline") == 1);
    CHECK(count(path, "SELECT count(*) FROM notices") == 1);
    write(*store, opening_of(incident_of("inc-2"), 3));
    CHECK(count(path, "SELECT count(*) FROM incidents") == 2);
}

TEST_CASE("a timeline entry that is written again is not doubled") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    write(*store, opening_of(incident_of("inc-1"), 1));
    AlertBatch again = opening_of(incident_of("inc-1"), 1);
    again.transitions[0].incident.waves = 2;
    again.transitions[0].timeline.push_back(
        {.incident_id = "inc-1", .at = noon, .event = "opened", .text = "it broke", .by = "a person"});
    write(*store, again);
    const auto reader = read_alerts(path);
    const auto timeline = need(reader->timeline("inc-1"));
    REQUIRE(timeline.size() == 2);
    CHECK(timeline[0].text == "it broke");
    CHECK(timeline[1].by == "a person");
    CHECK(need(reader->incident("inc-1"))->waves == 2);
    CHECK_FALSE(need(reader->incident("inc-2")));
}

TEST_CASE("row ids are never used again") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    {
        const auto store = open_alerts(path);
        Incident incident = incident_of("inc-1");
        incident.state = IncidentState::closed;
        incident.closed_at = noon;
        AlertBatch batch = opening_of(incident, 41);
        for (OutboxRow& row : batch.rows) row.settled_at = noon;
        write(*store, batch);
        REQUIRE(store->sweep(noon + seconds(1)));
        CHECK(count(path, "SELECT count(*) FROM outbox") == 0);
    }
    CHECK(need(open_alerts(path)->load(noon)).next_row_id == 43);
}

TEST_CASE("who was told by failover is known after a restart until a resolve is written") {
    const TempFolder folder;
    const auto store = open_alerts(folder.file("serin.alerts.db"));
    const Incident incident = incident_of("inc-1");
    AlertBatch batch = opening_of(incident, 1);
    write(*store, batch);
    CHECK(need(store->load(noon)).told_by_failover.empty());
    batch.rows[1].state = State::delivered;
    batch.rows[1].first_attempt_at = noon;
    batch.rows[1].settled_at = noon;
    write(*store, batch);
    const auto told = need(store->load(noon)).told_by_failover;
    REQUIRE(told.size() == 1);
    CHECK(told[0] == std::pair<std::string, std::string>("inc-1", "mail"));
    Notice resolved = notice_of(incident, 2, NoticeKind::resolved);
    resolved.channels = {"pager", "mail"};
    AlertBatch end;
    end.rows = SendPlan::rows_of(resolved, 3, seconds(60));
    write(*store, end);
    CHECK(need(store->load(noon)).told_by_failover.empty());
}

TEST_CASE("a mute is replaced and one that ends before it begins is removed") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    AlertBatch batch;
    batch.mutes = {{.service = "chat",
                    .failure_class = "late",
                    .owner = "o",
                    .reason = "one",
                    .at = noon,
                    .until = noon + hours(1)}};
    write(*store, batch);
    batch.mutes[0].reason = "two";
    write(*store, batch);
    const auto reader = read_alerts(path);
    REQUIRE(need(reader->mutes(noon)).size() == 1);
    CHECK(need(reader->mutes(noon))[0].reason == "two");
    CHECK(need(reader->mutes(noon + hours(1))).empty());
    batch.mutes[0].until = noon;
    write(*store, batch);
    CHECK(need(reader->mutes(noon - hours(1))).empty());
}

TEST_CASE("incidents are found by what is asked for and page by page") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    AlertBatch batch;
    for (int i = 0; i < 10; ++i) {
        Incident incident =
            incident_of("inc-" + std::to_string(i), i % 2 == 0 ? "chat" : "mail", noon + seconds(i / 2));
        if (i == 9) incident.drill = true;
        if (i < 3) incident.state = IncidentState::closed;
        if (i == 3) incident.state = IncidentState::watching;
        if (i == 4) incident.failure_class = "lost";
        batch.transitions.push_back({.incident = incident, .timeline = {}, .notices = {}});
    }
    write(*store, batch);
    const auto reader = read_alerts(path);
    AlertReader::Filter filter;
    CHECK(need(reader->incidents(filter)).size() == 9);
    filter.drills = true;
    CHECK(need(reader->incidents(filter)).size() == 10);
    CHECK(need(store->load(noon)).incidents.size() == 7);
    filter = {};
    filter.limit = 4;
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-8", "inc-7", "inc-6", "inc-5"});
    filter.before_id = "inc-5";
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-4", "inc-3", "inc-2", "inc-1"});
    filter.before_id = "inc-1";
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-0"});
    filter = {};
    filter.states = {"closed", "watching"};
    filter.service = "mail";
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-3", "inc-1"});
    filter = {};
    filter.failure_class = "lost";
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-4"});
    filter = {};
    filter.from = noon + seconds(1);
    filter.until = noon + seconds(2);
    CHECK(ids_of(need(reader->incidents(filter))) == Ids{"inc-3", "inc-2"});
    filter.limit = 0;
    CHECK_FALSE(reader->incidents(filter));
}

TEST_CASE("a command reaches the daemon and its outcome comes back") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    const auto id = need(write_command(path, command_of("acknowledge")));
    const auto second = need(write_command(path, command_of("close")));
    CHECK(second > id);
    auto taken = need(store->commands());
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].id == id);
    CHECK(taken[0].kind == "acknowledge");
    CHECK(taken[0].incident_id == "inc-1");
    CHECK(taken[0].by == "an owner");
    CHECK(taken[0].note == "looking");
    CHECK(taken[0].lasts == minutes(30));
    CHECK(taken[0].usefulness == "actioned");
    CHECK(taken[0].began_at == noon);
    CHECK(taken[0].at == noon + seconds(1));
    CHECK(taken[0].ended_at == noon + seconds(2));
    CHECK(taken[0].outcome.empty());
    AlertBatch batch;
    taken[0].outcome = "done";
    batch.commands = {taken[0]};
    write(*store, batch);
    REQUIRE(need(store->commands()).size() == 1);
    const auto reader = read_alerts(path);
    CHECK(need(reader->command(id))->outcome == "done");
    CHECK(need(reader->command(second))->outcome.empty());
    CHECK_FALSE(need(reader->command(99)));
    AlertCommand bare;
    bare.kind = "unmute";
    const auto third = need(write_command(path, bare));
    CHECK_FALSE(need(reader->command(third))->lasts);
    CHECK_FALSE(need(reader->command(third))->ended_at);
}

TEST_CASE("a command needs an alert database and waits for a lock only for two seconds") {
    const TempFolder folder;
    const auto nowhere = write_command(folder.file("serin.alerts.db"), command_of("close"));
    REQUIRE_FALSE(nowhere);
    CHECK_FALSE(nowhere.error().remedy.empty());
    CHECK(folder.names("serin").empty());
    const std::string store_path = folder.file("serin.db");
    open_store_at(store_path)->close();
    CHECK_FALSE(write_command(store_path, command_of("close")));
    const std::string path = folder.file("serin.alerts.db");
    open_alerts(path);
    Database holder = *Database::open(path, OpenMode::read_write, seconds(5));
    REQUIRE(holder.exec("BEGIN IMMEDIATE"));
    const auto locked = write_command(path, command_of("close"));
    REQUIRE_FALSE(locked);
    CHECK(locked.error().title.find(path) != std::string::npos);
    CHECK(locked.error().title.find("locked") != std::string::npos);
    CHECK_FALSE(locked.error().remedy.empty());
}

TEST_CASE("an alert database is not taken for a store nor a store for an alert database") {
    const TempFolder folder;
    const std::string alerts = folder.file("serin.alerts.db"), runs = folder.file("serin.db");
    write(*open_alerts(alerts), opening_of(incident_of("inc-1"), 1));
    open_store_at(runs)->close();
    const auto as_alerts = AlertStore::open(runs);
    REQUIRE_FALSE(as_alerts);
    CHECK(as_alerts.error().title.find("another kind") != std::string::npos);
    const auto as_store = Store::open(options_at(alerts));
    REQUIRE_FALSE(as_store);
    CHECK(as_store.error().title.find("another kind") != std::string::npos);
    CHECK_FALSE(AlertReader::open(runs));
    CHECK_FALSE(StoreReader::open(alerts));
    CHECK_FALSE(AlertReader::open(folder.file("none.db")));
    CHECK(folder.names("corrupt").empty());
    CHECK(count(alerts, "SELECT count(*) FROM incidents") == 1);
    open_store_at(runs)->close();
}

TEST_CASE("one process writes at a time and others read meanwhile") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    const auto second = AlertStore::open(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().title.find("another process") != std::string::npos);
    const auto reader = read_alerts(path);
    for (int i = 0; i < 20; ++i) {
        const std::string id = "inc-" + std::to_string(i);
        write(*store, opening_of(incident_of(id), 1 + i * 2));
        CHECK(need(reader->incident(id)));
    }
}

TEST_CASE("a newer alert database is refused and not touched") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    open_alerts(path);
    {
        Database database = *Database::open(path, OpenMode::read_write, seconds(5));
        REQUIRE(database.exec("PRAGMA user_version = 99"));
    }
    const auto store = AlertStore::open(path);
    REQUIRE_FALSE(store);
    CHECK(store.error().title.find("99") != std::string::npos);
    CHECK_FALSE(AlertReader::open(path));
    CHECK(folder.names("corrupt").empty());
}

TEST_CASE("a damaged alert database is set aside at the start") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    SECTION("no database at all") {
        std::ofstream(path) << std::string(10'000, 'g');
    }
    SECTION("a table is gone") {
        open_alerts(path);
        Database database = *Database::open(path, OpenMode::read_write, seconds(5));
        REQUIRE(database.exec("DROP TABLE outbox"));
    }
    {
        const auto store = open_alerts(path);
        CHECK(store->fault().find("set aside") != std::string::npos);
        write(*store, opening_of(incident_of("inc-1"), 1));
    }
    CHECK_FALSE(folder.names("corrupt").empty());
    const auto store = open_alerts(path);
    CHECK(store->fault().empty());
    CHECK(need(store->load(noon)).incidents.size() == 1);
}

TEST_CASE("damage that shows while it is written is an error and the next write begins anew") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    {
        const auto store = open_alerts(path);
        for (int i = 0; i < 200; ++i) write(*store, opening_of(incident_of("inc-" + std::to_string(i)), 1 + i * 2));
    }
    const auto store = open_alerts(path);
    {
        // Every page but the first ones of the schema.
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
        constexpr std::streamoff sound = std::streamoff{4} * 4096;
        file.seekp(sound);
        file << std::string(static_cast<std::size_t>(size - sound), '\x7f');
    }
    Result<void> written;
    for (int i = 0; i < 5 && written; ++i) written = store->write(opening_of(incident_of("inc-1"), 1001));
    REQUIRE_FALSE(written);
    CHECK(written.error().title.find(path) != std::string::npos);
    CHECK_FALSE(written.error().remedy.empty());
    write(*store, opening_of(incident_of("inc-new"), 1001));
    CHECK(store->fault().find("set aside") != std::string::npos);
    CHECK(ids_of(need(store->load(noon)).incidents) == Ids{"inc-new"});
    CHECK_FALSE(folder.names("corrupt").empty());
}

TEST_CASE("a file that was removed is made again") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    write(*store, opening_of(incident_of("inc-1"), 1));
    for (const char* const part : {"", "-wal", "-shm"}) std::filesystem::remove(path + part);
    write(*store, opening_of(incident_of("inc-2"), 3));
    CHECK(store->fault().find("removed") != std::string::npos);
    CHECK(count(path, "SELECT count(*) FROM incidents") == 1);
    CHECK(need(store->load(noon)).next_row_id == 5);
}

TEST_CASE("a lock is an error after a second and the next write works again") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    {
        Database holder = *Database::open(path, OpenMode::read_write, seconds(5));
        REQUIRE(holder.exec("BEGIN IMMEDIATE"));
        const auto locked = store->write(opening_of(incident_of("inc-1"), 1));
        REQUIRE_FALSE(locked);
        CHECK(locked.error().title.find("locked") != std::string::npos);
        CHECK(locked.error().remedy.find("lock") != std::string::npos);
        CHECK(need(store->load(noon)).incidents.empty());
    }
    write(*store, opening_of(incident_of("inc-1"), 1));
    CHECK(need(store->load(noon)).rows.size() == 2);
}

TEST_CASE("a full disk is an error with the way out and the next write works again") {
    const TempFolder folder;
    const std::string disk = folder.file("disk"), path = disk + "/serin.alerts.db", ballast = disk + "/ballast";
    std::filesystem::create_directory(disk);
    if (::mount("none", disk.c_str(), "tmpfs", 0, "size=4m") != 0) {
        WARN("skipped: this user may not mount a small disk");
        return;
    }
    {
        const auto store = open_alerts(path);
        write(*store, opening_of(incident_of("inc-1"), 1));
        std::ofstream filler(ballast, std::ios::binary);
        while (filler << std::string(4096, 'x') << std::flush) {
        }
        filler.close();
        Result<void> written;
        std::int64_t id = 3;
        for (; id < 3000 && written; id += 2)
            written = store->write(opening_of(incident_of("inc-" + std::to_string(id)), id));
        REQUIRE_FALSE(written);
        CHECK(written.error().title.find(path) != std::string::npos);
        CHECK_FALSE(written.error().remedy.empty());
        std::filesystem::remove(ballast);
        write(*store, opening_of(incident_of("inc-after"), id));
        CHECK(store->fault().empty());
        CHECK(rows(path, "PRAGMA integrity_check", 1) == Ids{"ok"});
    }
    ::umount2(disk.c_str(), MNT_DETACH);
}

TEST_CASE("files that may not grow are an error of the alert database and not its end") {
    // Of the whole process, so the limit stands only around the call that has to meet it.
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    struct rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit none = before;
    none.rlim_cur = 16;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
    const auto written = store->write(opening_of(incident_of("inc-1"), 1));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, old);
    REQUIRE_FALSE(written);
    CHECK_FALSE(written.error().remedy.empty());
    write(*store, opening_of(incident_of("inc-1"), 1));
    CHECK(count(path, "SELECT count(*) FROM outbox") == 2);
}

TEST_CASE("a row that cannot be read does not keep the others from being told") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    write(*store, opening_of(incident_of("inc-1"), 1));
    write(*store, opening_of(incident_of("inc-2"), 3));
    write(*store, opening_of(incident_of("inc-3"), 5));
    {
        Database database = *Database::open(path, OpenMode::read_write, seconds(5));
        REQUIRE(
            database.exec("UPDATE incidents SET json = '{' WHERE id = 'inc-1';"
                          "UPDATE notices SET json = '[1]' WHERE id = 'inc-2.1'"));
    }
    const AlertState state = need(store->load(noon));
    CHECK(state.incidents.size() == 2);
    CHECK(state.rows.size() == 4);
    CHECK(store->fault().find("cannot be read") != std::string::npos);
    CHECK(need(read_alerts(path)->incidents({})).size() == 2);
}

TEST_CASE("what is old goes and what is open stays") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    const auto store = open_alerts(path);
    const Wall old = noon - hours(1000);
    for (const bool closed : {true, false}) {
        Incident incident = incident_of(closed ? "inc-closed" : "inc-open", "chat", old);
        AlertBatch batch = opening_of(incident, closed ? 1 : 3);
        if (closed) {
            batch.transitions[0].incident.state = IncidentState::closed;
            batch.transitions[0].incident.closed_at = old;
        }
        batch.transitions[0].timeline[0].at = old;
        for (OutboxRow& row : batch.rows) {
            row.notice.made_at = old;
            row.settled_at = old;
        }
        write(*store, batch);
    }
    AlertBatch more;
    more.mutes = {
        {.service = "chat", .failure_class = "", .owner = "o", .reason = "r", .at = old, .until = old + hours(1)}};
    more.gauges = {{.gauge = "g", .value = 1, .at = noon},
                   {.gauge = "g", .value = 1, .at = noon - hours(47)},
                   {.gauge = "g", .value = 1, .at = noon - hours(49)}};
    for (const bool good : {true, false, true, false})
        more.drills.push_back({.channel = "pager",
                               .at = old + seconds(std::ssize(more.drills)),
                               .good = good,
                               .delivered_after = {},
                               .resolved_after = {},
                               .said = ""});
    more.heartbeats = {{.heartbeat = "import", .failed = false, .note = "", .at = old}};
    write(*store, more);
    AlertCommand command = command_of("close");
    command.at = old;
    command.id = need(write_command(path, command));
    need(write_command(path, command));
    command.outcome = "done";
    AlertBatch taken;
    taken.commands = {command};
    write(*store, taken);
    REQUIRE(store->sweep(noon - hours(900)));
    CHECK(rows(path, "SELECT id FROM incidents", 1) == Ids{"inc-open"});
    CHECK(rows(path, "SELECT incident_id FROM timeline", 1) == Ids{"inc-open"});
    CHECK(rows(path, "SELECT DISTINCT incident_id FROM outbox", 1) == Ids{"inc-open"});
    CHECK(rows(path, "SELECT id FROM notices", 1) == Ids{"inc-open.1"});
    CHECK(count(path, "SELECT count(*) FROM mutes") == 0);
    CHECK(count(path, "SELECT count(*) FROM gauges") == 2);
    CHECK(rows(path, "SELECT good FROM drills ORDER BY at", 1) == Ids{"1", "0"});
    CHECK(count(path, "SELECT count(*) FROM heartbeats") == 1);
    CHECK(need(store->commands()).size() == 1);
    CHECK(count(path, "SELECT count(*) FROM commands") == 1);
}

}  // namespace serin::test
