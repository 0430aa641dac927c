// SPDX-License-Identifier: Apache-2.0
// A process that writes at a high rate is killed at random moments. What it was acknowledged is there afterwards:
// failures and ledger entries once the call returned, passes once 200 ms old.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <iterator>
#include <random>
#include <set>

#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::milliseconds;

/// What the child tells of an entry, after the call that gave it to the store has returned.
struct Told {
    char kind = 0;  ///< 'p'ass, 'f'ailure, 's'ending, 'd'elivery
    std::uint32_t life = 0, number = 0;
    std::int64_t at = 0;  ///< steady nanoseconds: one clock for all processes of a machine
};

std::string id_of(const Told& told) {
    return std::string(1, told.kind) + "-" + std::to_string(told.life) + "-" + std::to_string(told.number);
}

/// The life of a child; ends only by being killed.
[[noreturn]] void write_until_killed(const std::string& path, std::uint32_t life, int pipe) {
    auto store = Store::open(options_at(path));
    if (!store) ::_exit(3);
    const auto ledger = (*store)->make_ledger();
    const auto cell = cell_named("login");
    for (std::uint32_t number = 0;; ++number) {
        std::vector<Told> told;
        const auto tell = [&](char kind) -> std::string {
            told.push_back(Told{.kind = kind, .life = life, .number = number, .at = 0});
            return id_of(told.back());
        };
        const std::string sent = tell('s');
        ledger->sending(
            Sending{.nonce = sent, .run_id = sent, .scenario = "s", .step = "post", .sender = "alice", .at = noon});
        Delivery delivery;
        delivery.nonce = tell('d');
        delivery.receiver = "bob";
        delivery.state = "delivered";
        ledger->settled(delivery);
        (*store)->append({record_of(cell, tell('p'), Verdict::pass)});
        (*store)->append_durably({record_of(cell, tell('f'), Verdict::fail)});
        for (Told& one : told) one.at = std::chrono::steady_clock::now().time_since_epoch().count();
        if (::write(pipe, told.data(), told.size() * sizeof(Told)) < 0) ::_exit(4);
        ::usleep(300);
    }
}

/// Everything that came through the pipe before it was closed.
std::vector<Told> read_all(int pipe) {
    std::vector<Told> told;
    Told one;
    while (::read(pipe, &one, sizeof one) == static_cast<ssize_t>(sizeof one)) told.push_back(one);
    return told;
}

/// Starts a child, lets it live for `time` from its first word on, kills it. Gives what it told, and when it died.
std::pair<std::vector<Told>, std::int64_t> one_life(const std::string& path, std::uint32_t life, milliseconds time) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        write_until_killed(path, life, ends[1]);
    }
    ::close(ends[1]);
    pollfd ready{.fd = ends[0], .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, 20'000);
    ::usleep(static_cast<useconds_t>(std::chrono::microseconds(time).count()));
    const std::int64_t died_at = std::chrono::steady_clock::now().time_since_epoch().count();
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    std::pair<std::vector<Told>, std::int64_t> result{read_all(ends[0]), died_at};
    ::close(ends[0]);
    return result;
}

std::set<std::string> ids(const std::string& path, const std::string& sql) {
    const auto found = rows(path, sql, 1);
    return {found.begin(), found.end()};
}

/// `kills` lives in each of five stores, each ended at some moment up to `longest` after its first word.
void kill_loop(std::uint32_t kills, unsigned longest, unsigned seed) {
    constexpr int stores = 5;
    std::mt19937 random(seed);
    std::size_t acknowledged = 0;
    for (int s = 0; s < stores; ++s) {
        const TempFolder folder;
        const std::string path = folder.file("serin.db");
        std::set<std::string> runs, sendings, deliveries;
        for (std::uint32_t life = 0; life < kills; ++life) {
            const milliseconds time(random() % longest);
            const auto [told, died_at] = one_life(path, life, time);
            for (const Told& one : told) {
                const bool old = died_at - one.at > 200'000'000;
                if (one.kind == 's') sendings.insert(id_of(one));
                if (one.kind == 'd') deliveries.insert(id_of(one));
                if (one.kind == 'f' || (one.kind == 'p' && old)) runs.insert(id_of(one));
            }
        }
        acknowledged += runs.size() + sendings.size() + deliveries.size();
        open_store_at(path)->close();
        const auto missing = [](const std::set<std::string>& wanted, const std::set<std::string>& there) {
            std::vector<std::string> gone;
            std::ranges::set_difference(wanted, there, std::back_inserter(gone));
            return gone;
        };
        CHECK(missing(runs, ids(path, "SELECT run_id FROM runs")).empty());
        CHECK(missing(sendings, ids(path, "SELECT nonce FROM sendings")).empty());
        CHECK(missing(deliveries, ids(path, "SELECT nonce FROM deliveries")).empty());
        CHECK(rows(path, "PRAGMA integrity_check", 1) == std::vector<std::string>{"ok"});
        // Rows and counts agree at every moment.
        CHECK(count(path, "SELECT sum(pass + fail) FROM rollups") == count(path, "SELECT count(*) FROM runs"));
        CHECK(count(path, "SELECT count(*) FROM evidence") ==
              count(path, "SELECT count(*) FROM runs WHERE verdict = 'fail'"));
        CHECK(folder.names(".journal-").empty());
    }
    CHECK(acknowledged > 1000);  // it did write
}

}  // namespace

// Together more than two hundred kills.
TEST_CASE("a process killed soon after its start loses no failure and no ledger entry") {
    kill_loop(28, 40, 1);
}

TEST_CASE("a process killed while it commits loses no failure and no ledger entry and no pass older than 200 ms") {
    kill_loop(14, 300, 2);
}

}  // namespace serin::test
