// SPDX-License-Identifier: Apache-2.0
#include "runner/report_files.hpp"

#include <catch2/catch.hpp>

#include "tests/support/golden_files.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {
namespace {

Outcome passed() {
    Outcome outcome;
    outcome.scenario = "search";
    return outcome;
}

}  // namespace

TEST_CASE("text goes to standard output unless another report does, and files get theirs as runs end") {
    const TempFolder folder;
    std::string printed;
    Result<ReportFiles> reports =
        ReportFiles::open({"tap=" + folder.file("runs.tap")}, {}, [&](std::string_view text) { printed += text; });
    REQUIRE(reports);
    reports->begin(1);
    reports->outcome(passed());
    CHECK(contents(folder.file("runs.tap")).find("ok 1") !=
          std::string::npos);  // before end(): a kill loses nothing known
    Totals totals;
    totals.count(passed());
    CHECK(reports->end(totals).empty());
    CHECK(printed.find("PASS search") != std::string::npos);
}

TEST_CASE("a report that cannot be opened is refused before anything runs") {
    const TempFolder folder;
    const auto refused = [](const std::vector<std::string>& wanted) {
        const Result<ReportFiles> reports = ReportFiles::open(wanted, {}, [](std::string_view) {});
        return reports ? std::string("accepted") : reports.error().title;
    };
    CHECK(refused({"junit=" + folder.file("none/there.xml")}).find("No such file or directory") != std::string::npos);
    CHECK(refused({"text", "json"}) == "two reports would go to standard output");
    CHECK(refused({"tap=" + folder.file("a"), "json=" + folder.file("a")}).starts_with("two reports would go to "));
    CHECK(refused({"junit="}) == "--report junit=: no path after `=`");
    CHECK(refused({"jnuit=x"}).find("jnuit") != std::string::npos);
}

TEST_CASE("a full disk is told, and the other reports are whole") {
    const TempFolder folder;
    Result<ReportFiles> reports =
        ReportFiles::open({"json=/dev/full", "tap=" + folder.file("runs.tap")}, {}, [](std::string_view) {});
    REQUIRE(reports);
    reports->begin(1);
    reports->outcome(passed());
    Totals totals;
    totals.count(passed());
    const std::vector<std::string> lost = reports->end(totals);
    REQUIRE(lost.size() == 1);
    CHECK(lost.front() == "the json report is incomplete: /dev/full: No space left on device");
    CHECK(contents(folder.file("runs.tap")).find("1..1") != std::string::npos);
}

}  // namespace serin::test
