// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reports/store/retention.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::hours;
using Rows = std::vector<std::string>;

const Retention weeks{
    .passes = hours(24), .failures = hours(10 * 24), .deliveries = hours(5 * 24), .rollups = hours(20 * 24)};

/// A pass, a failure, a gap, a message with its delivery and a sighting, each day from `first` to `last` before noon.
void fill(const std::string& path, int first, int last, int runs_a_day = 1) {
    const auto store = open_store_at(path);
    const auto cell = cell_named("login");
    for (int day = first; day <= last; ++day) {
        const Wall at = noon - hours(24 * day);
        const std::string id = std::to_string(day);
        std::vector<StoreEntry> entries;
        for (int i = 0; i < runs_a_day; ++i) {
            entries.emplace_back(record_of(cell, "p-" + id + "-" + std::to_string(i), Verdict::pass, at));
            entries.emplace_back(record_of(cell, "f-" + id + "-" + std::to_string(i), Verdict::fail, at));
        }
        entries.emplace_back(
            Gap{.key = cell, .reason = GapReason::shed, .first_scheduled_at = at, .last_scheduled_at = at, .count = 1});
        entries.emplace_back(
            Sending{.nonce = id, .run_id = "f-" + id, .scenario = "s", .step = "post", .sender = "alice", .at = at});
        Delivery delivery;
        delivery.nonce = id;
        delivery.receiver = "bob";
        delivery.state = "lost";
        entries.emplace_back(delivery);
        entries.emplace_back(Sighting{.nonce = id, .receiver = "bob", .run_id = "other", .at = at});
        store->append(std::move(entries));
    }
}

/// Sweeps until there is nothing left to do; the number of portions.
int sweep(const std::string& path, const Retention& retention) {
    Database database = *Database::open(path, OpenMode::read_write, std::chrono::seconds(5));
    Sweeper sweeper = *Sweeper::prepare(database, retention);
    int portions = 1;
    for (auto more = sweeper.sweep(noon); more && *more; more = sweeper.sweep(noon)) ++portions;
    return portions;
}

}  // namespace

TEST_CASE("passes go first and failures stay longest") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    fill(path, 0, 29);
    sweep(path, weeks);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'pass'") == 2);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'fail'") == 11);
    CHECK(count(path, "SELECT count(*) FROM evidence") == 11);
    CHECK(count(path, "SELECT count(*) FROM gaps") == 2);
    CHECK(count(path, "SELECT count(*) FROM sendings") == 6);
    CHECK(count(path, "SELECT count(*) FROM deliveries") == 6);
    CHECK(count(path, "SELECT count(*) FROM sightings") == 6);
    // Its minute begins 15 s before noon: a little more than twenty days ago.
    CHECK(count(path, "SELECT count(*) FROM rollups") == 20);
}

TEST_CASE("a file that is too big loses passes first and failures last") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    fill(path, 0, 3, 1500);
    Retention small{.passes = hours(2'000'000),
                    .failures = hours(2'000'000),
                    .deliveries = hours(2'000'000),
                    .rollups = hours(2'000'000)};
    const std::int64_t full = count(path,
                                    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
                                    " pragma_freelist_count, pragma_page_size");
    small.max_bytes = full * 19 / 20;
    sweep(path, small);
    const std::int64_t passes = count(path, "SELECT count(*) FROM runs WHERE verdict = 'pass'");
    CHECK(passes < 6000);
    CHECK(passes > 0);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'fail'") == 6000);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE run_id LIKE 'p-0-%'") > 0);  // the newest stay
    small.max_bytes = full / 2;
    sweep(path, small);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'pass'") == 0);
    const std::int64_t failures = count(path, "SELECT count(*) FROM runs");
    CHECK(failures > 0);
    CHECK(failures < 6000);
    CHECK(count(path, "SELECT count(*) FROM evidence") == failures);
    CHECK(count(path, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") <
          full * 3 / 4 + std::int64_t{1000} * 4096);
    CHECK(rows(path, "PRAGMA integrity_check", 1) == Rows{"ok"});
}

TEST_CASE("sweeping works in portions and leaves what is young alone") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    fill(path, 5, 5, 2000);
    fill(path, 0, 0, 100);
    CHECK(sweep(path, weeks) > 4);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'pass'") == 100);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'fail'") == 2100);
    CHECK(sweep(path, weeks) > 1);  // looks once at the failures that stay, and finds nothing
    CHECK(count(path, "SELECT count(*) FROM runs") == 2200);
}

}  // namespace serin::test
