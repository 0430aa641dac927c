// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/incidents.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

using namespace std::chrono_literals;
const Wall noon{std::chrono::seconds(1'800'000'000)};

MatrixCell cell(const std::string& probe, const std::string& target, const std::string& verdict,
                const std::string& failure_class, std::optional<Wall> since, const std::string& message = "m") {
    MatrixCell one;
    one.key = {.probe = probe, .vantage = "here", .target = target, .profile = "", .cell = ""};
    one.verdict = verdict;
    one.failure_class = failure_class;
    one.message = message;
    one.last_run_at = noon;
    one.failing_since = since;
    return one;
}

}  // namespace

TEST_CASE("cells of one probe that fail for one reason are one incident") {
    const auto incidents = open_incidents({cell("chat", "b", "fail", "lost", noon - 1min, "later"),
                                           cell("chat", "a", "fail", "lost", noon - 5min, "first"),
                                           cell("chat", "c", "pass", "", std::nullopt)});
    REQUIRE(incidents.size() == 1);
    CHECK(incidents[0].probe == "chat");
    CHECK(incidents[0].verdict == "fail");
    CHECK(incidents[0].failure_class == "lost");
    CHECK(incidents[0].state == "open");
    CHECK(incidents[0].since == noon - 5min);
    CHECK(incidents[0].message == "first");
    REQUIRE(incidents[0].cells.size() == 2);
    CHECK(incidents[0].cells[0].key.target == "a");
}

TEST_CASE("probes and reasons and whose fault it is are kept apart and the newest comes first") {
    const auto incidents = open_incidents(
        {cell("chat", "a", "fail", "lost", noon - 5min), cell("chat", "b", "fail", "late", noon - 4min),
         cell("mail", "a", "fail", "lost", noon - 3min), cell("mail", "b", "error", "lost", noon - 2min)});
    REQUIRE(incidents.size() == 4);
    CHECK(incidents[0].verdict == "error");
    CHECK(incidents[3].probe == "chat");
    CHECK(incidents[3].failure_class == "lost");
}

TEST_CASE("what did not fail opens nothing") {
    for (const char* verdict : {"", "pass", "degraded", "skipped", "aborted"})
        CHECK(open_incidents({cell("chat", "a", verdict, "lost", noon)}).empty());
    CHECK(open_incidents({}).empty());
}

TEST_CASE("an incident keeps its id while its streak goes on") {
    const auto id = [](const std::vector<MatrixCell>& cells) { return open_incidents(cells).at(0).id; };
    const auto first = id({cell("chat", "a", "fail", "lost", noon)});
    CHECK(first.size() == 16);
    // Another cell joins, and another message is told.
    CHECK(id({cell("chat", "a", "fail", "lost", noon, "other"), cell("chat", "b", "fail", "lost", noon + 1s)}) ==
          first);
    CHECK(id({cell("chat", "a", "fail", "lost", noon + 1us)}) != first);
    CHECK(id({cell("chat", "a", "fail", "late", noon)}) != first);
    CHECK(id({cell("chat", "a", "error", "lost", noon)}) != first);
    CHECK(id({cell("mail", "a", "fail", "lost", noon)}) != first);
}

TEST_CASE("a failing cell without a streak counts from its last run") {
    CHECK(open_incidents({cell("chat", "a", "fail", "lost", std::nullopt)}).at(0).since == noon);
}

}  // namespace serin::test
