// SPDX-License-Identifier: Apache-2.0
// Disk full, locked, corrupt, gone: nothing that was written is lost, callers never wait, and status() says so.
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>

#include "core/log.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Rows = std::vector<std::string>;

/// Written by the store's thread; read when the store is closed.
class Lines final : public Log {
public:
    void write(LogLevel, std::string_view event, std::string_view, const LogFields&) override {
        events.emplace_back(event);
    }
    [[nodiscard]] std::int64_t times(const std::string& event) const {
        return std::count(events.begin(), events.end(), event);
    }
    std::vector<std::string> events;
};

/// A disk of a few MiB, where the test may mount one.
class SmallDisk {
public:
    explicit SmallDisk(const TempFolder& folder) : path_(folder.file("disk")) {
        std::filesystem::create_directory(path_);
        mounted_ = ::mount("none", path_.c_str(), "tmpfs", 0, "size=4m") == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
    bool mounted_ = false;
};

/// Holds a write lock until it goes.
class Blocker {
public:
    explicit Blocker(const std::string& path) : database_(*Database::open(path, OpenMode::read_write, seconds(5))) {
        const auto locked = database_.exec("BEGIN EXCLUSIVE");
        if (!locked) FAIL(locked.error().title);
    }

private:
    Database database_;
};

Sending sending_of(const std::string& nonce) {
    return Sending{.nonce = nonce, .run_id = "r", .scenario = "s", .step = "post", .sender = "alice", .at = noon};
}

std::string numbered(int i) {
    return "r-" + std::to_string(i);
}

}  // namespace

TEST_CASE("a locked database keeps nobody waiting and what came meanwhile is written afterwards") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    Lines log;
    StoreOptions options = options_at(path);
    options.log = &log;
    const auto store = open_store_at(options);
    const auto ledger = store->make_ledger();
    {
        const Blocker blocker(path);
        store->append({record_of(cell_named("login"), "r-1", Verdict::pass)});
        store->append_durably({record_of(cell_named("login"), "r-2", Verdict::fail)});
        ledger->sending(sending_of("n-1"));
        flush(*store);
        const StoreStatus status = store->status();
        CHECK_FALSE(status.writing);
        CHECK(status.fault.find("locked") != std::string::npos);
        CHECK(status.faults >= 1);
        CHECK(status.queued == 3);
        CHECK(status.committed == 0);
    }
    flush(*store);
    CHECK(store->status().writing);
    CHECK(store->status().fault.empty());
    CHECK(store->status().queued == 0);
    CHECK(rows(path, "SELECT run_id FROM runs ORDER BY 1", 1) == Rows{"r-1", "r-2"});
    CHECK(count(path, "SELECT count(*) FROM sendings") == 1);
    CHECK(count(path, "SELECT pass + fail FROM rollups") == 2);
    store->close();
    CHECK(log.times("store_fault") == 1);
    CHECK(log.times("store_recovered") == 1);
}

TEST_CASE("while commits fail passes are journaled as well") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    const Blocker blocker(path);
    store->append({record_of(cell_named("login"), "r-1", Verdict::pass)});
    flush(*store);
    CHECK(folder.names(".journal-").empty());
    store->append({record_of(cell_named("login"), "r-2", Verdict::pass)});
    CHECK(folder.names(".journal-").size() == 1);
}

TEST_CASE("a store that closes while it is locked leaves everything in the journal") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    {
        const auto store = open_store_at(path);
        const Blocker blocker(path);
        store->append({record_of(cell_named("login"), "r-1", Verdict::pass),
                       record_of(cell_named("login"), "r-2", Verdict::fail)});
        store->append_durably({record_of(cell_named("login"), "r-3", Verdict::fail)});
        store->close(milliseconds(20));
        CHECK_FALSE(folder.names(".journal-").empty());
    }
    const auto store = open_store_at(path);
    CHECK(rows(path, "SELECT run_id FROM runs ORDER BY 1", 1) == Rows{"r-1", "r-2", "r-3"});
    CHECK(count(path, "SELECT count(*) FROM evidence") == 2);
    CHECK(folder.names(".journal-").empty());
}

TEST_CASE("when memory has no room passes are dropped and everything else goes by way of the journal") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    StoreOptions options = options_at(path);
    options.max_queued = 20;
    const auto cell = cell_named("login");
    {
        const auto store = open_store_at(options);
        {
            const Blocker blocker(path);
            for (int i = 0; i < 100; ++i) store->append({record_of(cell, "p-" + numbered(i), Verdict::pass)});
            for (int i = 0; i < 100; ++i) store->append({record_of(cell, numbered(i), Verdict::fail)});
            for (int i = 0; i < 100; ++i) store->append_durably({record_of(cell, "d-" + numbered(i), Verdict::fail)});
            flush(*store);
            CHECK(store->status().queued <= 20);
            CHECK(store->status().dropped >= 80);
        }
        flush(*store);
        CHECK(store->status().queued == 0);
        CHECK(store->status().dropped <= 100);
    }
    const auto store = open_store_at(path);
    CHECK(count(path, "SELECT count(*) FROM runs WHERE verdict = 'fail'") == 200);
    CHECK(count(path, "SELECT fail FROM rollups") == 200);
    CHECK(folder.names(".journal-").empty());
}

TEST_CASE("a full disk loses nothing that was written and is told") {
    const TempFolder folder;
    const SmallDisk disk(folder);
    if (!disk.mounted()) {
        WARN("skipped: this user may not mount a small disk");
        return;
    }
    const std::string path = disk.file("serin.db"), ballast = disk.file("ballast");
    const auto cell = cell_named("login");
    StoreOptions options = options_at(path);
    const auto store = open_store_at(options);
    store->append({record_of(cell, "before", Verdict::fail)});
    flush(*store);
    // 4 KiB at a time: not a byte is left then.
    std::ofstream filler(ballast, std::ios::binary);
    while (filler << std::string(4096, 'x') << std::flush) {
    }
    filler.close();
    const auto ledger = store->make_ledger();
    for (int i = 0; i < 300; ++i) {
        store->append_durably({record_of(cell, numbered(i), Verdict::fail)});
        ledger->sending(sending_of(numbered(i)));
    }
    flush(*store);
    const StoreStatus full = store->status();
    CHECK_FALSE(full.writing);
    CHECK_FALSE(full.fault.empty());
    CHECK(full.faults >= 1);
    CHECK(full.queued == 600);
    CHECK(count(path, "SELECT count(*) FROM runs") == 1);
    std::filesystem::remove(ballast);
    flush(*store);
    CHECK(store->status().writing);
    CHECK(count(path, "SELECT count(*) FROM runs") == 301);
    CHECK(count(path, "SELECT count(*) FROM sendings") == 300);
    CHECK(rows(path, "PRAGMA integrity_check", 1) == Rows{"ok"});
    // The next entry that the journal takes ends its fault too.
    store->append_durably({record_of(cell, "after", Verdict::fail)});
    ledger->sending(sending_of("after"));
    flush(*store);
    CHECK(store->status().fault.empty());
}

TEST_CASE("a corrupt database is set aside and a new one begun with what the journals hold") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const std::string garbage(10'000, 'g');
    std::ofstream(path) << garbage;
    std::ofstream(path + "-wal") << "x";
    Lines log;
    StoreOptions options = options_at(path);
    options.log = &log;
    {
        const auto store = open_store_at(options);
        CHECK(store->status().writing);
        CHECK(store->status().fault.find("set aside") != std::string::npos);
        store->append({record_of(cell_named("login"), "r-1", Verdict::fail)});
        flush(*store);
        CHECK(store->status().fault.find("set aside") != std::string::npos);
    }
    CHECK(log.times("store_set_aside") == 1);
    const Rows aside = folder.names("corrupt");
    REQUIRE_FALSE(aside.empty());
    CHECK(std::filesystem::file_size(folder.file(aside.front())) == garbage.size());
    const auto store = open_store_at(path);
    CHECK(store->status().fault.empty());
    CHECK(count(path, "SELECT count(*) FROM runs") == 1);
    CHECK(folder.names("corrupt") == aside);
}

TEST_CASE("damage that shows only while running is found at the next start and journals are kept") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto cell = cell_named("login");
    {
        const auto store = open_store_at(path);
        std::vector<StoreEntry> entries;
        for (int i = 0; i < 2000; ++i) entries.emplace_back(record_of(cell, numbered(i), Verdict::fail));
        store->append(entries);
    }
    {
        // Every page but the first ones of the schema.
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
        constexpr std::streamoff sound = std::streamoff{20} * 4096;
        file.seekp(sound);
        file << std::string(static_cast<std::size_t>(size - sound), '\x7f');
    }
    {
        const auto store = open_store_at(path);
        for (int i = 0; i < 50; ++i) store->append_durably({record_of(cell, "new-" + numbered(i), Verdict::fail)});
        flush(*store);
        CHECK_FALSE(store->status().writing);
        CHECK(store->status().fault.find("damaged") != std::string::npos);
        store->close(milliseconds(10));
    }
    const auto store = open_store_at(path);
    CHECK(store->status().writing);
    CHECK(count(path, "SELECT count(*) FROM runs") == 50);
    CHECK_FALSE(folder.names("corrupt").empty());
    CHECK(folder.names("suspect").empty());
}

TEST_CASE("an entry that the database refuses does not hold up the others") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    Lines log;
    StoreOptions options = options_at(path);
    options.log = &log;
    const auto store = open_store_at(options);
    {
        Database database = *Database::open(path, OpenMode::read_write, seconds(5));
        REQUIRE(
            database.exec("CREATE TRIGGER no BEFORE INSERT ON runs WHEN new.run_id = 'r-7'"
                          " BEGIN SELECT raise(ABORT, 'not this one'); END"));
    }
    std::vector<StoreEntry> entries;
    for (int i = 0; i < 20; ++i) entries.emplace_back(record_of(cell_named("login"), numbered(i), Verdict::pass));
    store->append(entries);
    flush(*store);
    CHECK(count(path, "SELECT count(*) FROM runs") == 19);
    CHECK(count(path, "SELECT pass FROM rollups") == 19);
    CHECK(store->status().writing);
    CHECK(store->status().queued == 0);
    CHECK(store->status().dropped == 1);
    store->close();
    CHECK(log.times("store_entry_refused") == 1);
}

TEST_CASE("files that may not grow any more are a fault and not the end") {
    // Of the whole process, so the limit stands only around the calls that have to meet it.
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    const auto store = open_store_at(path);
    struct rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit none = before;
    none.rlim_cur = 16;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
    store->append_durably({record_of(cell_named("login"), "r-1", Verdict::fail)});
    flush(*store);
    const StoreStatus status = store->status();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, old);
    CHECK_FALSE(status.writing);
    CHECK(status.queued == 1);
    flush(*store);
    CHECK(count(path, "SELECT count(*) FROM runs") == 1);
}

}  // namespace serin::test
