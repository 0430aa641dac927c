// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <set>

#include "reports/store/change_writer.hpp"
#include "reports/store/reader.hpp"
#include "reports/store/reader_query.hpp"
#include "tests/support/stored.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const CellKey chat_a{.probe = "chat", .vantage = "us", .target = "a", .profile = {}, .cell = {}};
const CellKey chat_b{.probe = "chat", .vantage = "us", .target = "b", .profile = "heavy", .cell = "x=1"};
const CellKey login{.probe = "login", .vantage = "eu", .target = "a", .profile = {}, .cell = {}};

std::unique_ptr<StoreReader> opened(const std::string& path) {
    auto reader = StoreReader::open(path);
    if (!reader) FAIL(reader.error().title);
    return *std::move(reader);
}

std::vector<std::string> ids(const Result<Page<RunRow>>& page) {
    if (!page) FAIL(page.error().title);
    std::vector<std::string> all;
    for (const RunRow& row : page->rows) all.push_back(row.run_id);
    return all;
}

/// The ids of every page of at most `limit` rows, in order; `between` happens between two pages.
template <class Read, class Id, class Between>
std::vector<std::string> all_pages(Read read, Id id, int limit, Between between) {
    std::vector<std::string> all;
    std::string cursor;
    do {
        const auto page = read(PageRequest{.limit = limit, .cursor = cursor});
        if (!page) FAIL(page.error().title);
        REQUIRE(page->rows.size() <= static_cast<std::size_t>(limit));
        for (const auto& row : page->rows) all.push_back(id(row));
        cursor = page->next_cursor;
        if (!cursor.empty()) between();
    } while (!cursor.empty());
    return all;
}

StoreFilter of_target(const std::string& target) {
    StoreFilter filter;
    filter.target = target;
    return filter;
}
StoreFilter between(std::optional<Wall> from, std::optional<Wall> until) {
    StoreFilter filter;
    filter.from = from;
    filter.until = until;
    return filter;
}

std::string refusal(const std::string& path) {
    const auto reader = StoreReader::open(path);
    REQUIRE_FALSE(reader.has_value());
    CHECK_FALSE(reader.error().remedy.empty());
    return reader.error().title;
}

Change change(const std::string& id, Duration after, std::vector<std::string> shards = {}) {
    Change made;
    made.id = id;
    made.kind = "deploy";
    made.component = "api";
    made.shards = std::move(shards);
    made.started_at = midnight() + std::chrono::duration_cast<Wall::duration>(after);
    return made;
}

}  // namespace

TEST_CASE("what is no store of this version is refused with a remedy and left alone") {
    const TempFolder folder;
    CHECK_FALSE(refusal(folder.file("missing.db")).empty());
    CHECK_FALSE(std::filesystem::exists(folder.file("missing.db")));
    std::ofstream(folder.file("text.db"))
        << "this is no database, whatever its name says, and it is long enough to be one";
    CHECK_FALSE(refusal(folder.file("text.db")).empty());
    {
        StoredRows(folder.file("newer.db")).exec("PRAGMA user_version = 99");
    }
    CHECK(refusal(folder.file("newer.db")).contains("has version 99, this serin knows up to"));
    {
        StoredRows(folder.file("none.db")).exec("PRAGMA user_version = 0");
    }
    CHECK(refusal(folder.file("none.db")).contains("is no store of Serin"));
    {
        StoredRows(folder.file("other.db")).exec("DROP TABLE rollups");
    }
    CHECK(refusal(folder.file("other.db")).contains("is no store of Serin"));
    CHECK_FALSE(refusal("/").empty());
}

TEST_CASE("runs are read newest first, every column as it was written") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    RunRow odd = run_row("r-2", chat_b, 2s, "fail", "not_in_time");
    odd.maintenance = odd.on_request = odd.cleanup_failed = true;
    odd.attempts = 3;
    rows.run(run_row("r-1", chat_a, 1s));
    rows.run(odd, R"({"verdict": "fail"})");
    const auto reader = opened(folder.file("s.db"));
    const auto page = reader->runs({}, {});
    CHECK(ids(page) == std::vector<std::string>{"r-2", "r-1"});
    CHECK(page->next_cursor.empty());
    const RunRow& row = page->rows.front();
    CHECK(row.key == chat_b);
    CHECK(row.scheduled_at == odd.scheduled_at);
    CHECK(row.started_at == odd.started_at);
    CHECK(row.start_lateness == 2ms);
    CHECK(row.took == 100ms);
    CHECK(row.message == "message not delivered in time");
    CHECK((row.maintenance && row.on_request && row.cleanup_failed && row.has_evidence));
    CHECK(row.attempts == 3);
    CHECK_FALSE(page->rows.back().has_evidence);

    CHECK(reader->run("r-2").value()->outcome_json == R"({"verdict": "fail"})");
    CHECK(reader->run("r-1").value()->outcome_json.empty());
    CHECK_FALSE(reader->run("r-3").value().has_value());
    CHECK_FALSE(reader->run("' OR 1=1 --").value().has_value());
}

TEST_CASE("each filter of runs restricts, alone and with others") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    rows.run(run_row("r-1", chat_a, 1s));
    rows.run(run_row("r-2", chat_b, 2s, "fail", "not_in_time"));
    rows.run(run_row("r-3", login, 3s, "error", "prober_resources"));
    rows.run(run_row("r-4", login, 4s, "degraded", "flaky"));
    const auto reader = opened(folder.file("s.db"));
    using Ids = std::vector<std::string>;
    const auto with = [&](auto set) {
        StoreFilter filter;
        set(filter);
        return ids(reader->runs(filter, {}));
    };
    CHECK(with([](StoreFilter& f) { f.probe = "login"; }) == Ids{"r-4", "r-3"});
    CHECK(with([](StoreFilter& f) { f.vantage = "us"; }) == Ids{"r-2", "r-1"});
    CHECK(with([](StoreFilter& f) { f.target = "a"; }) == Ids{"r-4", "r-3", "r-1"});
    CHECK(with([](StoreFilter& f) { f.profile = "heavy"; }) == Ids{"r-2"});
    CHECK(with([](StoreFilter& f) { f.cell = "x=1"; }) == Ids{"r-2"});
    CHECK(with([](StoreFilter& f) { f.verdicts = {"fail", "error"}; }) == Ids{"r-3", "r-2"});
    CHECK(with([](StoreFilter& f) { f.verdicts = {"pass", "degraded"}; }) == Ids{"r-4", "r-1"});
    CHECK(with([](StoreFilter& f) { f.failure_class = "flaky"; }) == Ids{"r-4"});
    CHECK(with([](StoreFilter& f) { f.run_id = "r-3"; }) == Ids{"r-3"});
    CHECK(with([](StoreFilter& f) { f.probe = "login", f.verdicts = {"error"}; }) == Ids{"r-3"});
    CHECK(with([](StoreFilter& f) { f.probe = "' OR 1=1 --"; }).empty());
    CHECK(with([](StoreFilter& f) { f.verdicts = {"x') OR 1=1 --"}; }).empty());
    // from <= t < until
    CHECK(with([](StoreFilter& f) { f.from = midnight() + 2002ms; }) == Ids{"r-4", "r-3", "r-2"});
    CHECK(with([](StoreFilter& f) { f.until = midnight() + 2002ms; }) == Ids{"r-1"});
}

TEST_CASE("turning pages shows every run once, while new ones arrive and for each way to find them") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    std::set<std::string> expected;
    for (int i = 0; i < 60; ++i) {
        // Three runs share each instant, so that only the id tells them apart.
        const std::string id = "r-" + std::to_string(1000 + i);
        const CellKey key{
            .probe = "chat", .vantage = "v" + std::to_string(i % 40), .target = {}, .profile = {}, .cell = {}};
        rows.run(run_row(id, key, std::chrono::seconds(i / 3), i % 2 == 0 ? "pass" : "fail", i % 2 == 0 ? "" : "x"));
        expected.insert(id);
    }
    const auto reader = opened(folder.file("s.db"));
    int added = 0;
    const auto arrive = [&] {
        rows.run(run_row("new-" + std::to_string(added++), chat_a, 1h));
        rows.run(run_row("z-new-" + std::to_string(added++),
                         {.probe = "chat", .vantage = "v1", .target = {}, .profile = {}, .cell = {}},
                         1h + std::chrono::seconds(added), "fail", "x"));
    };
    const auto id = [](const RunRow& row) { return row.run_id; };
    for (const int limit : {1, 7, 30, 1000}) {
        // All runs, the runs of many cells, of one cell, and those that did not pass.
        StoreFilter many, one, failed;
        many.probe = "chat";
        one.vantage = "v1";
        failed.verdicts = {"fail"};
        failed.probe = "chat";
        for (const StoreFilter& filter : {StoreFilter{}, many, one, failed}) {
            StoreFilter old = filter;
            old.until = midnight() + 30min;
            const auto whole = ids(reader->runs(old, {.limit = 1000, .cursor = {}}));
            CHECK(std::set(whole.begin(), whole.end()).size() == whole.size());
            auto turned =
                all_pages([&](const PageRequest& page) { return reader->runs(filter, page); }, id, limit, arrive);
            std::erase_if(turned, [](const std::string& each) { return each.contains("new-"); });
            CHECK(turned == whole);
        }
    }
    const auto everything = ids(reader->runs(between({}, midnight() + 30min), {.limit = 1000, .cursor = {}}));
    CHECK(std::set(everything.begin(), everything.end()) == expected);
}

TEST_CASE("a cursor that this program did not make is an error, and so is a limit out of range") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    for (int i = 0; i < 3; ++i) rows.run(run_row("r-" + std::to_string(i), chat_a, std::chrono::seconds(i)));
    const auto reader = opened(folder.file("s.db"));
    const std::string good = reader->runs({}, {.limit = 1, .cursor = {}})->next_cursor;
    REQUIRE_FALSE(good.empty());
    CHECK(reader->runs({}, {.limit = 1, .cursor = good}).has_value());
    std::vector<std::string> garbage{"x",
                                     "1",
                                     "0" + good.substr(1),
                                     good + "00",
                                     good.substr(0, good.size() - 2),
                                     std::string(100'000, 'a'),
                                     "1' OR 1=1",
                                     std::string("1\0ab", 4)};
    for (std::size_t at = 1; at < good.size(); at += 3) {
        std::string flipped = good;
        flipped[at] = flipped[at] == '0' ? '1' : '0';
        garbage.push_back(flipped);
    }
    for (const std::string& cursor : garbage) {
        INFO(cursor.substr(0, 200));
        CHECK_FALSE(reader->runs({}, {.limit = 1, .cursor = cursor}).has_value());
    }
    CHECK(reader->changes({}, {.limit = 1, .cursor = good}).error().title == "the cursor belongs to another list");
    CHECK_FALSE(reader->deliveries({}, {.limit = 1, .cursor = good}).has_value());
    for (const int limit : {-1, 0, 1001}) CHECK_FALSE(reader->runs({}, {.limit = limit, .cursor = {}}).has_value());
    const Mark mark{.kind = 'r', .at = -5, .first = "a 1", .second = std::string("\0\xff 9", 4)};
    const auto back = mark_of(cursor_of(mark), "r").value();
    CHECK((back->at == -5 && back->first == mark.first && back->second == mark.second));
}

TEST_CASE("the account of messages begins with the sending, so that nothing is missing") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    rows.run(run_row("r-1", chat_a, 1s));
    rows.run(run_row("r-2", chat_b, 2s));
    rows.sending("n-1", "r-1", midnight() + 1s);
    rows.delivery("n-1", "bob", "delivered", "delivered");
    rows.delivery("n-1", "carol", "late", "lost");
    rows.sending("n-2", "r-2", midnight() + 2s);
    rows.sending("n-3", "killed", midnight() + 3s);  // its run never told
    rows.delivery("n-0", "bob", "lost", "lost");     // nothing is known of its sending
    const auto reader = opened(folder.file("s.db"));
    using Counts = std::map<std::string, std::int64_t>;
    CHECK(reader->delivery_counts({}).value() == Counts{{"delivered", 1}, {"late", 1}, {"lost", 1}, {"unknown", 2}});

    const auto page = reader->deliveries({}, {}).value();
    REQUIRE(page.rows.size() == 5);
    CHECK(page.rows[0].nonce == "n-3");
    CHECK(page.rows[0].state == "unknown");
    CHECK(page.rows[0].receiver.empty());
    CHECK_FALSE(page.rows[0].key.has_value());
    CHECK(page.rows[1].key == chat_b);
    CHECK(page.rows[2].receiver == "carol");
    CHECK(page.rows[2].first_state == "lost");
    CHECK(page.rows[3].send_to_receive == 87ms);
    CHECK(page.rows[3].ack_to_receive == -2ms);
    CHECK(page.rows[3].sender == "alice");
    CHECK(page.rows[3].scenario == "chat");
    CHECK(page.rows[4].nonce == "n-0");

    const auto states = [&](auto set) {
        StoreFilter filter;
        set(filter);
        return reader->delivery_counts(filter).value();
    };
    CHECK(states([](StoreFilter& f) { f.probe = "chat"; }) == Counts{{"delivered", 1}, {"late", 1}, {"unknown", 1}});
    CHECK(states([](StoreFilter& f) { f.profile = "heavy"; }) == Counts{{"unknown", 1}});
    CHECK(states([](StoreFilter& f) { f.run_id = "killed"; }) == Counts{{"unknown", 1}});
    CHECK(states([](StoreFilter& f) { f.nonce = "n-0"; }) == Counts{{"lost", 1}});
    CHECK(states([](StoreFilter& f) { f.state = "late"; }) == Counts{{"late", 1}});
    CHECK(states([](StoreFilter& f) { f.except_state = "delivered"; }) ==
          Counts{{"late", 1}, {"lost", 1}, {"unknown", 2}});
    CHECK(states([](StoreFilter& f) { f.from = midnight() + 2s; }) == Counts{{"unknown", 2}});
    CHECK(states([](StoreFilter& f) { f.until = midnight() + 2s; }) ==
          Counts{{"delivered", 1}, {"late", 1}, {"lost", 1}});
}

TEST_CASE("turning pages shows every message once, those without a sending last") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    for (int i = 0; i < 12; ++i) {
        const std::string nonce = "n-" + std::to_string(100 + i);
        rows.sending(nonce, "r", midnight() + std::chrono::seconds(i / 4));
        if (i % 3 == 0) continue;
        rows.delivery(nonce, "bob", "delivered", "delivered");
        if (i % 3 == 2) rows.delivery(nonce, "carol", "lost", "lost");
    }
    for (int i = 0; i < 5; ++i) rows.delivery("orphan-" + std::to_string(i), "bob", "lost", "lost");
    const auto reader = opened(folder.file("s.db"));
    const auto id = [](const DeliveryRow& row) { return row.nonce + ">" + row.receiver; };
    const auto read = [&](const PageRequest& page) { return reader->deliveries({}, page); };
    const auto whole = all_pages(read, id, 1000, [] {});
    REQUIRE(whole.size() == 21);
    CHECK(std::set(whole.begin(), whole.end()).size() == 21);
    CHECK(whole[16] == "orphan-4>bob");
    int added = 0;
    const auto arrive = [&] { rows.sending("new-" + std::to_string(added++), "r", midnight() + 1h); };
    for (const int limit : {1, 2, 3, 16, 17, 20, 21}) {
        auto turned = all_pages(read, id, limit, arrive);
        std::erase_if(turned, [](const std::string& each) { return each.starts_with("new-"); });
        INFO(limit);
        CHECK(turned == whole);
    }
}

TEST_CASE("changes are found by time and by shard") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    Change long_one = change("long", 1h, {"b"});
    long_one.ended_at = midnight() + 5h;
    rows.change(long_one);
    rows.change(change("everywhere", 2h));
    rows.change(change("on-a", 3h, {"a", "c"}));
    const auto reader = opened(folder.file("s.db"));
    const auto found = [&](const StoreFilter& filter) {
        return all_pages([&](const PageRequest& page) { return reader->changes(filter, page); },
                         [](const Change& each) { return each.id; }, 1, [] {});
    };
    using Ids = std::vector<std::string>;
    CHECK(found({}) == Ids{"on-a", "everywhere", "long"});
    CHECK(found(of_target("a")) == Ids{"on-a", "everywhere"});
    CHECK(found(of_target("b")) == Ids{"everywhere", "long"});
    CHECK(found(between(midnight() + 150min, {})) == Ids{"on-a", "long"});
    CHECK(found(between({}, midnight() + 2h)) == Ids{"long"});
    const Change back = reader->changes(of_target("b"), {})->rows.back();
    CHECK(back.shards == Ids{"b"});
    CHECK(back.ended_at == long_one.ended_at);
}

TEST_CASE("a change is written beside the daemon, and the same id again updates it") {
    const TempFolder folder;
    const std::string path = folder.file("s.db");
    StoredRows rows(path);
    const auto reader = opened(path);
    Change first = change("c-1", 1h, {"b"});
    REQUIRE(write_changes(path, std::vector{first, change("c-2", 2h)}).has_value());
    first.title = "done";
    first.ended_at = midnight() + 2h;
    REQUIRE(write_changes(path, std::vector{first}).has_value());
    const auto page = reader->changes({}, {}).value();
    REQUIRE(page.rows.size() == 2);
    CHECK(page.rows[1].title == "done");
    CHECK(page.rows[1].ended_at == first.ended_at);
    CHECK_FALSE(write_changes(folder.file("mistyped.db"), std::vector{first}).has_value());
    CHECK_FALSE(std::filesystem::exists(folder.file("mistyped.db")));
}

TEST_CASE("the matrix says what each cell says now, and what its window held") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    rows.run(run_row("r-1", chat_a, 1min));
    rows.run(run_row("r-2", chat_a, 2min, "fail", "x"));
    rows.run(run_row("r-3", chat_a, 3min, "skipped"));
    rows.run(run_row("r-4", chat_a, 4min, "error", "y"));
    rows.run(run_row("r-5", chat_a, 5min, "aborted"));
    rows.run(run_row("r-6", chat_b, 1min, "fail", "x"));
    rows.run(run_row("r-7", chat_b, 2min, "degraded", "flaky"));
    rows.cell(login);
    CellCounts counts;
    counts.pass = 3;
    counts.fail = 1;
    counts.missed = 2;
    counts.failure_classes["x"] = 1;
    counts.took.add(0.5);
    for (const int minute : {0, 1, 9}) rows.rollup(chat_a, midnight() + std::chrono::minutes(minute), counts);
    const auto reader = opened(folder.file("s.db"));

    const auto matrix = reader->matrix(between(midnight() + 90s, midnight() + 9min)).value();
    REQUIRE(matrix.size() == 3);
    CHECK(matrix[0].key == chat_a);
    CHECK(matrix[0].verdict == "error");
    CHECK(matrix[0].run_id == "r-4");
    CHECK(matrix[0].failing_since == midnight() + 2min + 2ms);
    CHECK(matrix[0].last_pass_at == midnight() + 1min + 2ms);
    // Of the minutes that the window touches: the first is one of them, the ninth is not.
    CHECK(matrix[0].counts.pass == 3);
    CHECK(matrix[0].counts.missed == 2);
    CHECK(matrix[0].counts.failure_classes.at("x") == 1);
    CHECK(matrix[0].counts.took.count() == 1);
    CHECK(matrix[1].verdict == "degraded");
    CHECK_FALSE(matrix[1].failing_since.has_value());
    CHECK(matrix[2].key == login);
    CHECK(matrix[2].verdict.empty());
    CHECK_FALSE(matrix[2].last_pass_at.has_value());
    CHECK(matrix[2].counts.slots() == 0);

    // A verdict of before the window is no news: silence must not look like health.
    const auto later = reader->matrix(between(midnight() + 1h, {})).value();
    REQUIRE(later.size() == 3);
    CHECK(later[0].verdict.empty());
    CHECK(later[1].verdict.empty());
    CHECK(reader->matrix({}).value()[0].counts.pass == 9);
    CHECK(reader->rollups(of_target("a")).value().size() == 3);
    CHECK(reader->rollups(of_target("b")).value().empty());
}

TEST_CASE("a cell that never passed has been failing since its first failure") {
    const TempFolder folder;
    StoredRows rows(folder.file("s.db"));
    rows.run(run_row("r-1", login, 1min, "skipped"));
    rows.run(run_row("r-2", login, 2min, "fail", "x"));
    rows.run(run_row("r-3", login, 3min, "fail", "x"));
    const auto matrix = opened(folder.file("s.db"))->matrix({}).value();
    REQUIRE(matrix.size() == 1);
    CHECK(matrix[0].failing_since == midnight() + 2min + 2ms);
    CHECK_FALSE(matrix[0].last_pass_at.has_value());
}

}  // namespace serin::test
