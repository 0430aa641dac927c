// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/status/status_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/golden_files.hpp"
#include "tests/support/status_example.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {
namespace {

namespace fs = std::filesystem;
const std::string base = "https://status.example/";

/// Tells a file that was replaced from one that was left alone.
ino_t inode_of(const std::string& path) {
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_ino;
}

}  // namespace

TEST_CASE("the three forms are written into a folder that is made for them") {
    const TempFolder folder;
    const std::string place = folder.file("a/b");
    REQUIRE(write_status_files(place, status_example(), base));
    CHECK(contents(place + "/status.json") == status_json(status_example()));
    CHECK(contents(place + "/index.html") == status_html(status_example()));
    CHECK(contents(place + "/feed.atom") == status_atom(status_example(), base));
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(place)) files += entry.is_regular_file() ? 1 : 0;
    CHECK(files == 3);
}

TEST_CASE("what has not changed is not written and what has is replaced as a whole") {
    const TempFolder folder;
    const std::string place = folder.file("status");
    StatusPage page = status_example();
    REQUIRE(write_status_files(place, page, base));
    // A second name keeps the file alive, so that a new one cannot get its number.
    const std::string json = place + "/status.json", feed = place + "/feed.atom";
    fs::create_hard_link(json, folder.file("old.json"));
    fs::create_hard_link(feed, folder.file("old.atom"));
    const ino_t json_before = inode_of(json), feed_before = inode_of(feed);
    page.at += std::chrono::seconds(20);  // the same minute
    REQUIRE(write_status_files(place, page, base));
    CHECK(inode_of(json) == json_before);

    page.at += std::chrono::minutes(1);
    REQUIRE(write_status_files(place, page, base));
    CHECK(inode_of(json) != json_before);
    CHECK(contents(json) == status_json(page));
    CHECK(contents(folder.file("old.json")) == status_json(status_example()));  // a reader keeps the whole old one
    CHECK(inode_of(feed) == feed_before);
}

TEST_CASE("what a killed process left beside a file is in nobody's way") {
    const TempFolder folder;
    const std::string place = folder.file("status");
    fs::create_directories(place);
    std::ofstream(place + "/status.json.new") << "half of a fi";
    std::ofstream(folder.file("precious")) << "precious";
    fs::create_symlink(folder.file("precious"), place + "/index.html.new");
    REQUIRE(write_status_files(place, status_example(), base));
    CHECK(contents(place + "/status.json") == status_json(status_example()));
    CHECK_FALSE(fs::exists(place + "/status.json.new"));
    CHECK(contents(folder.file("precious")) == "precious");
}

TEST_CASE("an error names the path and the way out and leaves nothing half-written") {
    const TempFolder folder;
    std::ofstream(folder.file("file")) << "in the way";
    const Result<void> no_folder = write_status_files(folder.file("file"), status_example(), base);
    REQUIRE_FALSE(no_folder);
    CHECK(no_folder.error().title.contains(folder.file("file")));
    CHECK_FALSE(no_folder.error().remedy.empty());

    fs::create_directories(folder.file("status/index.html/occupied"));
    const Result<void> no_file = write_status_files(folder.file("status"), status_example(), base);
    REQUIRE_FALSE(no_file);
    CHECK(no_file.error().title.contains("index.html"));
    CHECK_FALSE(no_file.error().remedy.empty());
    CHECK_FALSE(fs::exists(folder.file("status/index.html.new")));
}

TEST_CASE("a folder that may not be written to is named") {
    if (::geteuid() == 0) return;  // root may write anywhere
    const TempFolder folder;
    const std::string place = folder.file("locked");
    fs::create_directories(place);
    fs::permissions(place, fs::perms::owner_read | fs::perms::owner_exec);
    const Result<void> written = write_status_files(place, status_example(), base);
    fs::permissions(place, fs::perms::owner_all);
    REQUIRE_FALSE(written);
    CHECK(written.error().title.contains(place));
    CHECK(written.error().remedy.contains("may write"));
}

TEST_CASE("the written files may be read by everybody") {
    const TempFolder folder;
    REQUIRE(write_status_files(folder.file("status"), status_example(), base));
    struct stat facts{};
    REQUIRE(::stat(folder.file("status/index.html").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0400U) != 0);
    CHECK((facts.st_mode & 0022U) == 0);
}

}  // namespace serin::test
