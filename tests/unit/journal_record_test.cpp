// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "reports/store/entry.hpp"
#include "reports/store/journal.hpp"

namespace serin::test {
namespace {

const Wall noon{std::chrono::hours(500'000)};

std::vector<StoredEntry> one_of_each() {
    const auto key = std::make_shared<const CellKey>(
        CellKey{.probe = "p", .vantage = "v", .target = "t", .profile = "heavy", .cell = "a=1\nb=2"});
    StoredRun run;
    run.key = key;
    run.run_id = "r-1";
    run.scheduled_at = noon;
    run.started_at = noon + std::chrono::milliseconds(3);
    run.start_lateness = std::chrono::milliseconds(3);
    run.took = std::chrono::seconds(2);
    run.verdict = Verdict::degraded;
    run.failure_class = "timeout";
    run.message = "no \"answer\"\n";
    run.attempts = 2;
    run.maintenance = run.on_request = run.cleanup_failed = true;
    run.evidence = R"({"message":"x"})";
    Gap gap;
    gap.key = key;
    gap.reason = GapReason::overlap;
    gap.first_scheduled_at = noon;
    gap.last_scheduled_at = noon + std::chrono::seconds(9);
    gap.count = 10;
    Delivery delivery;
    delivery.nonce = "n";
    delivery.sender = "alice";
    delivery.receiver = "bob";
    delivery.state = "late";
    delivery.ack_to_receive = std::chrono::milliseconds(-4);
    delivery.copies = 1;
    Change change;
    change.id = "c-1";
    change.kind = "flag";
    change.component = "gateway";
    change.title = "on";
    change.shards = {"a", "b"};
    change.author = "author";
    change.contact = "contact";
    change.rollback_plan = "off again";
    change.link = "https://example.test/1";
    change.started_at = noon;
    change.ended_at = noon + std::chrono::seconds(1);
    return {run,
            gap,
            Sending{.nonce = "n", .run_id = "r-1", .scenario = "s", .step = "post", .sender = "alice", .at = noon},
            Sighting{.nonce = "n", .receiver = "bob", .run_id = "r-2", .at = noon},
            delivery,
            change};
}

}  // namespace

TEST_CASE("every kind of entry comes back from the journal as it was") {
    for (const StoredEntry& entry : one_of_each()) {
        const std::string line = journal_line(entry);
        CHECK(line.find('\n') == std::string::npos);
        const auto back = entry_of(line);
        REQUIRE(back);
        CHECK(back->index() == entry.index());
        CHECK(journal_line(*back) == line);
    }
    const auto run = std::get<StoredRun>(*entry_of(journal_line(one_of_each()[0])));
    CHECK(run.key->cell == "a=1\nb=2");
    CHECK(run.verdict == Verdict::degraded);
    CHECK(run.started_at == noon + std::chrono::milliseconds(3));
    const auto delivery = std::get<Delivery>(*entry_of(journal_line(one_of_each()[4])));
    CHECK_FALSE(delivery.send_to_receive);
    CHECK(delivery.ack_to_receive == Duration(std::chrono::milliseconds(-4)));
}

TEST_CASE("a line that is no entry is none") {
    for (const char* const line :
         {"", "null", "[]", "{}", "{", R"({"entry":"run"})", R"({"entry":"gap","key":["a"],"reason":"missed"})",
          R"({"entry":"run","key":["","","","",""],"run_id":"r","verdict":99})", R"({"entry":"sending","nonce":7})",
          R"({"entry":"teapot"})"})
        CHECK_FALSE(entry_of(line));
}

TEST_CASE("a line of a later version with more keys is still understood") {
    const auto entry = entry_of(R"({"entry":"sighting","nonce":"n","receiver":"bob","run_id":"r","at":5,"new":[1]})");
    REQUIRE(entry);
    CHECK(std::get<Sighting>(*entry).receiver == "bob");
}

TEST_CASE("records are read back and a torn tail costs only itself") {
    const std::string bytes = journal_record("first") + journal_record("") + journal_record("third line");
    CHECK(read_records(bytes).lines == std::vector<std::string>{"first", "", "third line"});
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        const JournalContents contents = read_records(std::string_view(bytes).substr(0, length));
        const std::size_t whole = static_cast<std::size_t>(
            std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length), '\n'));
        CHECK(contents.lines.size() == whole);
        CHECK(contents.damaged <= 1);
    }
}

TEST_CASE("what follows a record that was cut short is read") {
    const std::string torn = journal_record("lost for good").substr(0, 12);
    const JournalContents contents = read_records(journal_record("a") + torn + "\n" + journal_record("b"));
    CHECK(contents.lines == std::vector<std::string>{"a", "b"});
    CHECK(contents.damaged == 1);
}

TEST_CASE("a record with one wrong byte is not taken for a whole one") {
    const std::string good = journal_record("the quick brown fox");
    for (std::size_t i = 0; i + 1 < good.size(); ++i) {
        std::string bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ 1);
        for (const std::string& line : read_records(bytes).lines) CHECK(line != "the quick brown fox");
        CHECK(read_records(bytes).lines.empty());
    }
    CHECK(read_records("deadbeef 99999999999999999999999 x\n").lines.empty());
    // The check value of the CRC's definition (ISO 3309) for "123456789".
    CHECK(journal_record("123456789") == "cbf43926 9 123456789\n");
}

}  // namespace serin::test
