// SPDX-License-Identifier: Apache-2.0
// Journals: what a killed process left is taken in once, and a running one keeps them small.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "reports/store/entry.hpp"
#include "reports/store/journal.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using Rows = std::vector<std::string>;

std::string line_of(const std::string& nonce) {
    return journal_line(Sending{
        .nonce = nonce, .run_id = "r-" + nonce, .scenario = "s", .step = "post", .sender = "alice", .at = noon});
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::uintmax_t bytes_of_journals(const TempFolder& folder) {
    std::uintmax_t bytes = 0;
    for (const std::string& name : folder.names(".journal-")) bytes += std::filesystem::file_size(folder.file(name));
    return bytes;
}

Sending sending_of(int i) {
    return Sending{.nonce = "n-" + std::to_string(i),
                   .run_id = "r",
                   .scenario = std::string(200, 's'),
                   .step = "post",
                   .sender = "alice",
                   .at = noon};
}

}  // namespace

TEST_CASE("journals of a killed process are taken in whole and removed") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    write_file(path + ".journal-2", journal_record(line_of("b")) + journal_record(line_of("c")).substr(0, 30));
    write_file(path + ".journal-10", journal_record(line_of("d")) + journal_record(line_of("b")));
    write_file(path + ".journal-3", "");
    write_file(path + ".journal-old.txt", "somebody else's");
    {
        const auto store = open_store_at(path);
        CHECK(rows(path, "SELECT nonce FROM sendings ORDER BY 1", 1) == Rows{"b", "d"});
        CHECK(folder.names("journal") == Rows{"serin.db.journal-old.txt"});
        store->make_ledger()->sending(sending_of(1));
        CHECK(folder.names("journal-11").size() == 1);  // never a number that was in use
    }
    CHECK(folder.names("journal") == Rows{"serin.db.journal-old.txt"});
}

TEST_CASE("the newest word on a change wins when journals are taken in") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    Change change;
    change.id = "c";
    change.title = "first";
    const std::string first = journal_record(journal_line(change));
    change.title = "second";
    write_file(path + ".journal-9", first);
    write_file(path + ".journal-10", journal_record(journal_line(change)));
    const auto store = open_store_at(path);
    CHECK(rows(path, "SELECT title FROM changes", 1) == Rows{"second"});
}

TEST_CASE("a journal that holds more than a torn tail is kept for people") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    write_file(path + ".journal-1", "garbage\n" + journal_record(line_of("a")) + "more garbage\n");
    write_file(path + ".journal-2", journal_record(R"({"entry":"teapot"})"));
    const auto store = open_store_at(path);
    CHECK(rows(path, "SELECT nonce FROM sendings", 1) == Rows{"a"});
    CHECK(folder.names("unread") == Rows{"serin.db.unread-1", "serin.db.unread-2"});
    CHECK(folder.names(".journal-").empty());
}

TEST_CASE("what a ledger was told is in its journal before the call returns") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    const auto ledger = store->make_ledger();
    CHECK(folder.names(".journal-").empty());  // one that writes nothing has none
    ledger->sending(sending_of(1));
    std::stringstream bytes;
    bytes << std::ifstream(folder.file(folder.names(".journal-").at(0))).rdbuf();
    CHECK(read_records(bytes.str()).lines == Rows{journal_line(sending_of(1))});
}

TEST_CASE("journals stay small while everything is committed") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    const auto ledger = store->make_ledger();
    for (int i = 0; i < 6000; ++i) {
        ledger->sending(sending_of(i));
        if (i % 500 == 0) flush(*store);
    }
    flush(*store);
    ledger->sending(sending_of(6000));
    CHECK(bytes_of_journals(folder) < std::uintmax_t{1} << 18);
    CHECK(folder.names(".journal-").size() <= 2);
}

TEST_CASE("a journal that grows too large goes on in another and goes when it is committed") {
    const TempFolder folder;
    const auto store = open_store_at(folder.file("serin.db"));
    std::atomic<std::uint64_t> numbers{100};
    std::vector<std::shared_ptr<JournalFile>> files;
    std::vector<std::string> lines(100, std::string(1000, 'x'));
    {
        Journal journal(folder.file("serin.db"), numbers);
        for (int i = 0; i < 25; ++i) files.push_back(*journal.append(lines));
    }
    CHECK(folder.names(".journal-1").size() == 3);
    for (const auto& file : files)
        for (int i = 0; i < 100; ++i) file->committed();
    files.clear();
    CHECK(folder.names(".journal-1").empty());
}

TEST_CASE("a journal with an entry that was not committed stays") {
    const TempFolder folder;
    std::atomic<std::uint64_t> numbers{1};
    const std::vector<std::string> lines{"a", "b"};
    {
        Journal journal(folder.file("serin.db"), numbers);
        const auto file = *journal.append(lines);
        file->committed();
    }
    CHECK(folder.names(".journal-1").size() == 1);
}

}  // namespace serin::test
