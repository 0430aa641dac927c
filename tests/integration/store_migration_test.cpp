// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reports/store/migrate.hpp"
#include "reports/store/schema.hpp"
#include "tests/support/store_play.hpp"

namespace serin::test {
namespace {

Database writable(const std::string& path) {
    auto database = Database::open(path, OpenMode::read_write, std::chrono::seconds(1));
    if (!database) FAIL(database.error().title);
    return *std::move(database);
}

}  // namespace

TEST_CASE("a store of every older version comes up to the present one with its rows") {
    const auto steps = migrations();
    for (std::size_t older = 0; older <= steps.size(); ++older) {
        const TempFolder folder;
        const std::string path = folder.file("serin.db");
        {
            Database database = writable(path);
            REQUIRE(migrate(database, path, steps.first(older)));
            CHECK(*database.number("PRAGMA user_version") == static_cast<std::int64_t>(older));
            if (older > 0) REQUIRE(database.exec("INSERT INTO meta VALUES ('nonce_key', 'kept')"));
        }
        const auto store = open_store_at(path);
        CHECK((store->nonce_key() == "kept") == (older > 0));
        store->append({record_of(cell_named("login"), "r-1", Verdict::fail)});
        flush(*store);
        CHECK(count(path, "SELECT count(*) FROM runs") == 1);
        CHECK(count(path, "PRAGMA user_version") == std::ssize(steps));
        CHECK(count(path, "PRAGMA auto_vacuum") == 2);
    }
}

TEST_CASE("a newer store is refused with the remedy and not touched") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    {
        Database database = writable(path);
        REQUIRE(database.exec("CREATE TABLE from_the_future (x); PRAGMA user_version = 99"));
    }
    const auto store = Store::open(options_at(path));
    REQUIRE_FALSE(store);
    CHECK(store.error().title.find("version 99") != std::string::npos);
    CHECK_FALSE(store.error().remedy.empty());
    CHECK(count(path, "SELECT count(*) FROM sqlite_schema") == 1);
    CHECK(folder.names("corrupt").empty());
}

TEST_CASE("a database of another program is refused and not touched") {
    const TempFolder folder;
    const std::string path = folder.file("bookmarks.db");
    {
        Database database = writable(path);
        REQUIRE(database.exec("CREATE TABLE bookmarks (url TEXT)"));
    }
    const auto store = Store::open(options_at(path));
    REQUIRE_FALSE(store);
    CHECK(store.error().title.find("another program") != std::string::npos);
    CHECK(count(path, "SELECT count(*) FROM sqlite_schema") == 1);
}

TEST_CASE("a migration that fails on the way leaves the version before it") {
    const TempFolder folder;
    const std::string path = folder.file("serin.db");
    Database database = writable(path);
    const char* const steps[] = {"CREATE TABLE one (x)", "CREATE TABLE two (x); CREATE TABLE one (x)"};
    CHECK_FALSE(migrate(database, path, steps));
    CHECK_FALSE(database.in_transaction());
    CHECK(*database.number("PRAGMA user_version") == 1);
    CHECK(*database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'two'") == 0);
    const char* const mended[] = {"CREATE TABLE one (x)", "CREATE TABLE two (x)"};
    CHECK(migrate(database, path, mended));
    CHECK(*database.number("PRAGMA user_version") == 2);
}

}  // namespace serin::test
