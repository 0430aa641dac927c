// SPDX-License-Identifier: Apache-2.0
// Entries become rows: each kind, twice, across a restart.
#include "reports/store/store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "reports/store/sketch.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::seconds;
using Rows = std::vector<std::string>;

std::string micros(Wall t) {
    return std::to_string(to_micros(t));
}

Sketch sketch_in(const std::string& path, const std::string& column) {
    auto database = Database::open(path, OpenMode::read_only, seconds(5));
    auto statement = database->prepare("SELECT " + column + " FROM rollups");
    REQUIRE(*statement->step());
    return Sketch::decode(statement->blob(0)).value();
}

Delivery lost_on_the_way(const std::string& nonce) {
    Delivery delivery;
    delivery.nonce = nonce;
    delivery.sender = "alice";
    delivery.receiver = "bob";
    delivery.state = "lost";
    return delivery;
}

Change deploy(const std::string& id) {
    Change change;
    change.id = id;
    change.kind = "deploy";
    change.component = "gateway";
    change.shards = {"a", "b\"c"};
    change.started_at = noon;
    return change;
}

}  // namespace

TEST_CASE("a passing run is a thin row and a failing one keeps its evidence") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    store->append({record_of(cell_named("login"), "r-1", Verdict::pass),
                   record_of(cell_named("login"), "r-2", Verdict::fail, noon + seconds(10))});
    flush(*store);
    CHECK(rows(path, "SELECT run_id, took, start_lateness, verdict, failure_class, attempts FROM runs ORDER BY 1", 6) ==
          Rows{"r-1|100000|2000|pass||1", "r-2|100000|2000|fail|timeout|1"});
    CHECK(rows(path, "SELECT run_id, json_extract(outcome, '$.message') FROM evidence", 2) == Rows{"r-2|no answer"});
    CHECK(rows(path, "SELECT probe, vantage, target, profile, cell, last_scheduled_at FROM cells", 6) ==
          Rows{"login|here|shard-1||a=1|" + micros(noon + seconds(10))});
}

TEST_CASE("a pass that left something behind keeps its evidence") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    Record record = record_of(cell_named("login"), "r-1", Verdict::pass);
    auto outcome = std::make_shared<Outcome>(*record.outcome);
    outcome->cleanup_failed = true;
    outcome->leaked = {"DELETE /v1/messages/m-1"};
    record.outcome = outcome;
    store->append({record});
    flush(*store);
    CHECK(rows(folder.file("serin.db"), "SELECT json_extract(outcome, '$.leaked[0]') FROM evidence", 1) ==
          Rows{"DELETE /v1/messages/m-1"});
}

TEST_CASE("the same entries again change nothing") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    const auto cell = cell_named("login");
    const Gap gap{.key = cell,
                  .reason = GapReason::missed,
                  .first_scheduled_at = noon,
                  .last_scheduled_at = noon + seconds(20),
                  .count = 3};
    const std::vector<StoreEntry> entries{
        record_of(cell, "r-1", Verdict::fail),
        gap,
        Sending{.nonce = "n-1", .run_id = "r-1", .scenario = "s", .step = "post", .sender = "alice", .at = noon},
        lost_on_the_way("n-1"),
        Sighting{.nonce = "n-1", .receiver = "bob", .run_id = "r-2", .at = noon + seconds(70)},
        deploy("d-1")};
    store->append(entries);
    flush(*store);
    const auto everything = [&] {
        Rows all;
        for (const char* const sql :
             {"SELECT count(*), max(run_id) FROM runs", "SELECT count(*), max(outcome) FROM evidence",
              "SELECT sum(count), count(*) FROM gaps", "SELECT fail + missed, failure_classes FROM rollups",
              "SELECT count(*), hex(max(took)) FROM rollups", "SELECT count(*), max(sender) FROM sendings",
              "SELECT state, copies FROM deliveries", "SELECT count(*), max(run_id) FROM sightings",
              "SELECT count(*), max(shards) FROM changes", "SELECT count(*), max(last_scheduled_at) FROM cells"}) {
            const Rows some = rows(path, sql, 2);
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    };
    const Rows once = everything();
    CHECK(once[3] == R"(4|{"timeout":1})");
    CHECK(once[6] == "late|1");
    store->append(entries);
    store->append_durably(entries);
    flush(*store);
    CHECK(everything() == once);
}

TEST_CASE("counts of a minute go on after a restart") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto cell = cell_named("login");
    for (int i = 0; i < 3; ++i) {
        const auto store = open_store_at(path);
        store->append({record_of(cell, "p-" + std::to_string(i), Verdict::pass),
                       record_of(cell, "f-" + std::to_string(i), Verdict::fail),
                       record_of(cell, "s-" + std::to_string(i), Verdict::skipped)});
    }
    CHECK(rows(path, "SELECT minute, pass, fail, skipped, failure_classes FROM rollups", 5) ==
          Rows{micros(noon - seconds(15)) + R"(|3|3|3|{"timeout":3})"});
    const Sketch took = sketch_in(path, "took");
    CHECK(took.count() == 6);  // a skipped run was not judged
    CHECK(took.max() == Approx(0.1));
    CHECK(sketch_in(path, "lateness").count() == 9);
}

TEST_CASE("a minute that has passed can still be counted into") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    const auto cell = cell_named("login");
    int number = 0;
    for (const int minute : {0, 5, 0, 1, 5, 0}) {
        store->append({record_of(cell, std::to_string(number++), Verdict::pass, noon + std::chrono::minutes(minute))});
        flush(*store);
    }
    CHECK(rows(path, "SELECT pass FROM rollups ORDER BY minute", 1) == Rows{"3", "1", "2"});
}

TEST_CASE("a run on request has no slot and counts where it started") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    Record record = record_of(cell_named("login"), "r-1", Verdict::pass);
    record.on_request = true;
    record.scheduled_at = {};
    store->append({record});
    flush(*store);
    CHECK(rows(path, "SELECT minute, pass FROM rollups", 2) == Rows{micros(noon - seconds(15)) + "|1"});
    CHECK(rows(path, "SELECT last_scheduled_at FROM cells", 1) == Rows{"0"});
    CHECK(sketch_in(path, "lateness").count() == 0);
}

TEST_CASE("a gap counts each slot in the minute in which it was due") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    // Every 10 s from 00:15: five until 00:55, six in each full minute.
    store->append({Gap{.key = cell_named("login"),
                       .reason = GapReason::shed,
                       .first_scheduled_at = noon,
                       .last_scheduled_at = noon + seconds(150),
                       .count = 16}});
    flush(*store);
    CHECK(rows(path, "SELECT shed FROM rollups ORDER BY minute", 1) == Rows{"5", "6", "5"});
    CHECK(rows(path, "SELECT reason, count FROM gaps", 2) == Rows{"shed|16"});
}

TEST_CASE("a gap of days touches few minutes and loses no slot") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    const std::int64_t slots = std::int64_t{30} * 24 * 3600 * 10;
    store->append({Gap{.key = cell_named("login"),
                       .reason = GapReason::missed,
                       .first_scheduled_at = noon,
                       .last_scheduled_at = noon + std::chrono::hours(30 * 24),
                       .count = slots}});
    flush(*store);
    CHECK(count(path, "SELECT sum(missed) FROM rollups") == slots);
    CHECK(count(path, "SELECT count(*) FROM rollups") <= 61);
}

TEST_CASE("a change with a known id is the change it was and one without an id gets one") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    Change ended = deploy("d-1");
    ended.ended_at = noon + seconds(5);
    store->append({deploy("d-1"), ended, deploy("")});
    flush(*store);
    CHECK(rows(path, "SELECT ended_at, shards FROM changes WHERE change_id = 'd-1'", 2) ==
          Rows{micros(noon + seconds(5)) + R"(|["a","b\"c"])"});
    CHECK(count(path, "SELECT count(*) FROM changes WHERE length(change_id) > 8") == 1);
}

TEST_CASE("the next start knows when each cell was last due and keeps the key of nonces") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    std::string key;
    {
        const auto store = open_store_at(path);
        key = store->nonce_key();
        CHECK(key.size() == 64);
        CHECK(store->last_scheduled().empty());
        store->append({record_of(cell_named("login"), "r-1", Verdict::pass),
                       Gap{.key = cell_named("chat"),
                           .reason = GapReason::missed,
                           .first_scheduled_at = noon,
                           .last_scheduled_at = noon + seconds(30) + std::chrono::nanoseconds(604),
                           .count = 2},
                       record_of(cell_named("login"), "r-0", Verdict::pass, noon - seconds(10))});
    }
    const auto store = open_store_at(path);
    CHECK(store->nonce_key() == key);
    auto last = store->last_scheduled();
    std::ranges::sort(last);
    REQUIRE(last.size() == 2);
    CHECK(last[0].first == *cell_named("chat"));
    CHECK(last[1].first == *cell_named("login"));
    // Never before the slot, or it would be played again; columns know microseconds only.
    const Wall slot = noon + seconds(30) + std::chrono::nanoseconds(604);
    CHECK(last[0].second >= slot);
    CHECK(last[0].second - slot < std::chrono::microseconds(1));
    CHECK(last[1].second >= noon);
    CHECK(last[1].second - noon < std::chrono::microseconds(1));
}

TEST_CASE("bytes that are no UTF-8 and NUL bytes are stored and do not stop the store") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    Record record = record_of(cell_named("login"), "r-1", Verdict::fail);
    auto outcome = std::make_shared<Outcome>(*record.outcome);
    outcome->message = std::string("\xff\xfe\0bad", 6);
    record.outcome = outcome;
    store->append_durably({record});
    store->append({record_of(cell_named("login"), "r-2", Verdict::pass)});
    flush(*store);
    CHECK(count(path, "SELECT count(*) FROM runs") == 2);
    CHECK(store->status().faults == 0);
}

TEST_CASE("a record without cell or outcome is counted as dropped") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    store->append({Record{}, Gap{}, record_of(cell_named("login"), "r-1", Verdict::pass)});
    store->append_durably({Record{}});
    flush(*store);
    CHECK(store->status().dropped == 3);
    CHECK(store->status().committed == 1);
    CHECK(store->status().queued == 0);
}

TEST_CASE("status tells of a store that writes") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    CHECK(store->status().writing);
    store->append({record_of(cell_named("login"), "r-1", Verdict::pass)});
    flush(*store);
    const StoreStatus status = store->status();
    CHECK(status.writing);
    CHECK(status.fault.empty());
    CHECK(status.committed == 1);
    CHECK(status.faults == 0);
    CHECK(status.bytes > 4096);
    CHECK(status.last_commit_at > Wall{});
}

TEST_CASE("entries of many threads are all kept") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    {
        const auto store = open_store_at(path);
        std::vector<std::thread> threads;
        for (int t = 0; t < 12; ++t) {
            threads.emplace_back([&store, t] {
                const auto ledger = store->make_ledger();
                for (int i = 0; i < 50; ++i) {
                    const std::string id = std::to_string(t) + "-" + std::to_string(i);
                    ledger->sending(Sending{.nonce = id, .run_id = id, .scenario = "", .step = "", .sender = ""});
                    store->append_durably({record_of(cell_named("login"), id, Verdict::fail)});
                    (void)store->status();
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(count(path, "SELECT count(*) FROM runs") == 600);
    CHECK(count(path, "SELECT count(*) FROM sendings") == 600);
    CHECK(count(path, "SELECT fail FROM rollups") == 600);
    CHECK(folder.names("journal").empty());
}

TEST_CASE("a second writer is told who holds the store") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    const auto second = Store::open(options_at(folder.file("serin.db")));
    REQUIRE_FALSE(second);
    CHECK(second.error().title.find("another process") != std::string::npos);
    CHECK_FALSE(second.error().remedy.empty());
    store->close();
}

TEST_CASE("a folder that is not there and a path that is a folder are refused with a remedy") {
    const TempFolder folder;
    for (const std::string& path : {folder.file("no/such/serin.db"), folder.file(""), std::string()}) {
        const auto store = Store::open(options_at(path));
        REQUIRE_FALSE(store);
        CHECK_FALSE(store.error().remedy.empty());
    }
}

TEST_CASE("nobody else may read the store") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    store->append_durably({record_of(cell_named("login"), "r-1", Verdict::fail)});
    for (const std::string& name : folder.names("serin.db")) {
        struct stat status{};
        REQUIRE(::stat(folder.file(name).c_str(), &status) == 0);
        CHECK((status.st_mode & 077) == 0);
    }
}

TEST_CASE("what comes after close is counted or waits in the journal for the next start") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    {
        const auto store = open_store_at(path);
        store->close();
        store->close();
        store->append({record_of(cell_named("login"), "r-1", Verdict::pass)});
        store->append_durably({record_of(cell_named("login"), "r-2", Verdict::fail)});
        CHECK(store->status().dropped == 2);
        flush(*store);
    }
    const auto store = open_store_at(path);
    CHECK(rows(path, "SELECT run_id FROM runs", 1) == Rows{"r-2"});
}

}  // namespace serin::test
