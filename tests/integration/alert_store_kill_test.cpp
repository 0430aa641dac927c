// SPDX-License-Identifier: Apache-2.0
// A process that opens incidents and settles rows is killed at random moments. What it was acknowledged is there
// afterwards, and an incident is never there without its rows, nor a row without its incident.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <random>

#include "reports/alerts/outbox/alert_store.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::seconds;
using State = OutboxRow::State;

/// What the child tells once a write has returned.
struct Told {
    char kind = 0;  ///< 'o'pened, 's'ettled
    std::int64_t first_row = 0;
};

AlertBatch opening_of(std::int64_t first_row) {
    Incident incident;
    incident.id = "inc-" + std::to_string(first_row);
    incident.service = "chat";
    incident.failure_class = "timeout";
    incident.opened_at = noon;
    Notice notice;
    notice.id = incident.id + ".1";
    notice.incident = incident;
    notice.made_at = noon;
    notice.channels = {"pager", "chat"};
    notice.failover = {"mail"};
    notice.page = true;
    AlertBatch batch;
    batch.transitions.push_back(
        {.incident = incident,
         .timeline = {{.incident_id = incident.id, .at = noon, .event = "opened", .text = "it broke", .by = ""}},
         .notices = {notice}});
    batch.rows = SendPlan::rows_of(notice, first_row, seconds(60));
    return batch;
}

/// The life of a child; ends only by being killed.
[[noreturn]] void write_until_killed(const std::string& path, int pipe) {
    const auto store = AlertStore::open(path);
    if (!store) ::_exit(3);
    const auto state = (*store)->load(noon);
    if (!state) ::_exit(5);
    const auto tell = [pipe](char kind, std::int64_t first_row) {
        const Told told{.kind = kind, .first_row = first_row};
        if (::write(pipe, &told, sizeof told) < 0) ::_exit(4);
    };
    for (std::int64_t id = state->next_row_id;; id += 3) {
        AlertBatch batch = opening_of(id);
        if (!(*store)->write(batch)) ::_exit(6);
        tell('o', id);
        // What came of it: the incident is recovered and its rows are settled, in one transaction as well.
        batch.transitions[0].incident.state = IncidentState::watching;
        batch.transitions[0].timeline[0].event = "recovered";
        for (OutboxRow& row : batch.rows) {
            row.state = State::delivered;
            row.settled_at = noon;
        }
        if (!(*store)->write(batch)) ::_exit(7);
        tell('s', id);
    }
}

/// Starts a child, lets it live for `time` from its first word on, kills it. What it told.
std::vector<Told> one_life(const std::string& path, std::chrono::microseconds time) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        write_until_killed(path, ends[1]);
    }
    ::close(ends[1]);
    pollfd ready{.fd = ends[0], .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, 20'000);
    ::usleep(static_cast<useconds_t>(time.count()));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    std::vector<Told> all;
    Told one;
    while (::read(ends[0], &one, sizeof one) == static_cast<ssize_t>(sizeof one)) all.push_back(one);
    ::close(ends[0]);
    return all;
}

}  // namespace

TEST_CASE("a process that is killed leaves every incident with its rows and loses nothing that was written") {
    const TempFolder folder;
    const std::string path = folder.file("serin.alerts.db");
    std::mt19937 random(4);
    std::size_t opened = 0, settled = 0;
    std::int64_t lost = 0;
    for (int life = 0; life < 60; ++life) {
        const auto told = one_life(path, std::chrono::microseconds(random() % 40'000));
        REQUIRE_FALSE(told.empty());
        for (const Told& one : told) {
            const std::string id = "inc-" + std::to_string(one.first_row);
            const std::string rows_there = "SELECT count(*) FROM outbox WHERE incident_id = '" + id + "'";
            if (one.kind == 'o') {
                ++opened;
                lost += count(path, rows_there) == 3 ? 0 : 1;
            } else {
                ++settled;
                lost += count(path, rows_there + " AND state = 'delivered'") == 3 ? 0 : 1;
                lost +=
                    count(path, "SELECT count(*) FROM incidents WHERE state = 'watching' AND id = '" + id + "'") == 1
                        ? 0
                        : 1;
            }
        }
    }
    CHECK(lost == 0);
    CHECK(opened > 60);
    CHECK(settled > 60);
    const auto store = AlertStore::open(path);
    REQUIRE(store);
    CHECK((*store)->fault().empty());
    const auto state = (*store)->load(noon);
    REQUIRE(state);
    CHECK(rows(path, "PRAGMA integrity_check", 1) == std::vector<std::string>{"ok"});
    // Atomic: three rows, and as many entries as transitions, for every incident; nothing without one.
    CHECK(count(path,
                "SELECT count(*) FROM incidents i WHERE"
                " (SELECT count(*) FROM outbox o WHERE o.incident_id = i.id) <> 3") == 0);
    CHECK(count(path,
                "SELECT count(*) FROM incidents i WHERE (SELECT count(*) FROM timeline t WHERE"
                " t.incident_id = i.id) <> CASE i.state WHEN 'open' THEN 1 ELSE 2 END") == 0);
    CHECK(count(path,
                "SELECT count(*) FROM outbox o JOIN incidents i ON i.id = o.incident_id"
                " WHERE (i.state = 'watching') <> (o.settled_at IS NOT NULL)") == 0);
    CHECK(count(path, "SELECT count(*) FROM outbox WHERE incident_id NOT IN (SELECT id FROM incidents)") == 0);
    CHECK(count(path, "SELECT count(*) FROM outbox WHERE notice_id NOT IN (SELECT id FROM notices)") == 0);
    CHECK(state->next_row_id == count(path, "SELECT max(id) FROM outbox") + 1);
    // What was not settled is due again.
    CHECK(std::ssize(state->rows) == count(path, "SELECT count(*) FROM outbox WHERE settled_at IS NULL"));
}

}  // namespace serin::test
