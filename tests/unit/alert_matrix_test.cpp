// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "reports/alerts/policy/matrix.hpp"

namespace serin::test {
namespace {

using Names = std::vector<std::string>;

/// A row a vantage (v1, v2, …), a column a target (a, b, …): 'F' fails, '.' works, '?' is not known. The last
/// `controls` columns are control targets.
std::vector<MatrixStanding> matrix(const std::vector<std::string>& rows, std::size_t controls = 0) {
    std::vector<MatrixStanding> standings;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < rows[row].size(); ++column) {
            const char cell = rows[row][column];
            standings.push_back({.vantage = "v" + std::to_string(row + 1),
                                 .target = std::string(1, static_cast<char>('a' + column)),
                                 .failing = cell == 'F',
                                 .control = column + controls >= rows[row].size(),
                                 .known = cell != '?'});
        }
    }
    return standings;
}

Blame of(const std::vector<std::string>& rows, std::size_t controls = 0, bool held = false) {
    return blame(matrix(rows, controls), held);
}

/// Every filling of `rows` × `columns` with the letters.
std::vector<std::vector<std::string>> fillings(std::size_t rows, std::size_t columns, const std::string& letters) {
    std::vector<std::vector<std::string>> all{{}};
    all.front().assign(rows, std::string(columns, letters.front()));
    for (std::size_t cell = 0; cell < rows * columns; ++cell) {
        const std::size_t before = all.size();
        for (std::size_t letter = 1; letter < letters.size(); ++letter) {
            for (std::size_t i = 0; i < before; ++i) {
                all.push_back(all[i]);
                all.back()[cell / columns][cell % columns] = letters[letter];
            }
        }
    }
    return all;
}

bool same(const Blame& a, const Blame& b) {
    return a.scope == b.scope && a.targets == b.targets && a.vantages == b.vantages &&
           a.vantages_failing == b.vantages_failing && a.vantages_reporting == b.vantages_reporting &&
           a.confirmed == b.confirmed && a.minority == b.minority;
}

std::string drawn(const std::vector<std::string>& rows) {
    std::string text;
    for (const std::string& row : rows) text += row + "\n";
    return text;
}

}  // namespace

TEST_CASE("a whole column is the target's fault") {
    const Blame found = of({"F..", "F..", "F.."});
    CHECK(found.scope == FaultScope::target);
    CHECK(found.targets == Names{"a"});
    CHECK(found.vantages == Names{"v1", "v2", "v3"});
    CHECK(found.vantages_failing == 3);
    CHECK(found.vantages_reporting == 3);
    CHECK(found.confirmed);
    CHECK_FALSE(found.minority);
}

TEST_CASE("one shard of twelve is the target's fault as well") {
    const Blame found = of({".......F....", ".......F...."});
    CHECK(found.scope == FaultScope::target);
    CHECK(found.targets == Names{"h"});
    CHECK(found.confirmed);
}

TEST_CASE("two of three vantages are a majority") {
    const Blame found = of({"F.", "F.", ".."});
    CHECK(found.scope == FaultScope::target);
    CHECK(found.vantages == Names{"v1", "v2"});
    CHECK(found.vantages_failing == 2);
    CHECK(found.vantages_reporting == 3);
    CHECK(found.confirmed);
}

TEST_CASE("a row with a failing control target is the vantage's fault") {
    const Blame found = of({"FFF", "...", "..."}, 1);
    CHECK(found.scope == FaultScope::vantage);
    CHECK(found.targets == Names{"a", "b"});
    CHECK(found.vantages == Names{"v1"});
    CHECK_FALSE(found.confirmed);
    CHECK_FALSE(found.minority);
}

TEST_CASE("a row without a failing control target is a minority") {
    const Blame found = of({"FF.", "...", "..."}, 1);
    CHECK(found.scope == FaultScope::cell);
    CHECK(found.targets == Names{"a", "b"});
    CHECK(found.vantages == Names{"v1"});
    CHECK(found.minority);
    CHECK_FALSE(found.confirmed);
}

TEST_CASE("one cell is a path fault") {
    const Blame found = of({"...", ".F.", "..."});
    CHECK(found.scope == FaultScope::cell);
    CHECK(found.targets == Names{"b"});
    CHECK(found.vantages == Names{"v2"});
    CHECK(found.vantages_failing == 1);
    CHECK(found.vantages_reporting == 3);
    CHECK(found.minority);
}

TEST_CASE("all is global") {
    const Blame found = of({"FF", "FF", "FF"});
    CHECK(found.scope == FaultScope::global);
    CHECK(found.targets == Names{"a", "b"});
    CHECK(found.confirmed);
}

TEST_CASE("nothing is nobody's fault") {
    for (const auto& rows : {std::vector<std::string>{}, {"..", ".."}, {"??", ".?"}}) {
        const Blame found = of(rows);
        CHECK(found.targets.empty());
        CHECK(found.vantages.empty());
        CHECK(found.vantages_failing == 0);
        CHECK_FALSE(found.confirmed);
        CHECK_FALSE(found.minority);
    }
}

TEST_CASE("the word of a single vantage counts but is not confirmed") {
    const Blame one = of({"F."});
    CHECK(one.scope == FaultScope::target);
    CHECK_FALSE(one.confirmed);
    CHECK_FALSE(one.minority);
    const Blame all = of({"FF"});
    CHECK(all.scope == FaultScope::global);
    CHECK_FALSE(all.confirmed);
    const Blame others_silent = of({"F.", "??", "??"});
    CHECK(same(others_silent, one));
}

TEST_CASE("a single vantage whose control target fails is to blame itself") {
    CHECK(of({"FF"}, 1).scope == FaultScope::vantage);
    CHECK(of({"F."}, 1).scope == FaultScope::global);
    CHECK(of({"F?"}, 1).scope == FaultScope::global);
}

TEST_CASE("half is enough only where quorum was held before") {
    CHECK(of({"F.", ".."}).minority);
    const Blame held = of({"F.", ".."}, 0, true);
    CHECK(held.scope == FaultScope::target);
    CHECK(held.confirmed);
    CHECK_FALSE(held.minority);
    CHECK(of({"F", "F", ".", "."}).minority);
    CHECK(of({"F", "F", ".", "."}, 0, true).confirmed);
    CHECK(of({"F", ".", "."}, 0, true).minority);
    CHECK(of({".", "."}, 0, true).targets.empty());
}

TEST_CASE("a control target that fails from everywhere is down itself and doubts nobody") {
    const Blame found = of({"F.F", "F.F"}, 1);
    CHECK(found.scope == FaultScope::target);
    CHECK(found.targets == Names{"a"});
    CHECK(found.confirmed);
}

TEST_CASE("each vantage with a failing control target of its own is doubted") {
    const Blame found = of({"FF?", "F?F"}, 2);
    CHECK(found.scope == FaultScope::vantage);
    CHECK(found.vantages == Names{"v1", "v2"});
}

TEST_CASE("half of the control targets is no doubt") {
    CHECK(of({"FF.", "F.."}, 2).scope == FaultScope::global);
    CHECK(of({"FFF.", "F...", "...."}, 3).scope == FaultScope::cell);  // v1 is doubted: its word is nothing, v2 alone
    CHECK(of({"FFF.", "F...", "F..."}, 3).vantages == Names{"v2", "v3"});
}

TEST_CASE("what a doubted vantage sees working works") {
    const Blame found = of({"F.F", ".F.", "..."}, 1);
    CHECK(found.scope == FaultScope::cell);
    CHECK(found.vantages == Names{"v2"});
    CHECK(found.targets == Names{"b"});
    CHECK(found.vantages_reporting == 3);
}

TEST_CASE("a probe of control targets alone is judged like any other") {
    CHECK(of({"F", ".", "."}, 1).scope == FaultScope::vantage);
    CHECK(of({"F", "F", "F"}, 1).scope == FaultScope::global);
    CHECK(of({"F", "F", "F"}, 1).confirmed);
    CHECK(of({"F"}, 1).scope == FaultScope::vantage);
}

TEST_CASE("every target from a vantage of its own is confirmed by all of them together") {
    const Blame found = of({"F??", "?F?", "??F"});
    CHECK(found.scope == FaultScope::global);
    CHECK(found.confirmed);
    CHECK_FALSE(of({"F??", "?.?", "??."}).confirmed);
}

TEST_CASE("a cell that is named twice fails when one of them does") {
    std::vector<MatrixStanding> standings = matrix({"F"});
    standings.push_back({.vantage = "v1", .target = "a", .failing = false});
    standings.push_back({.vantage = "v2", .target = "a", .failing = false});
    CHECK(blame(standings, false).vantages_reporting == 2);
    CHECK(blame(standings, false).minority);
    std::ranges::reverse(standings);
    CHECK(blame(standings, false).minority);
}

TEST_CASE("every small matrix obeys the rules") {
    struct Size {
        std::size_t rows, columns;
    };
    for (const auto [row_count, column_count] : {Size{2, 2}, Size{3, 2}, Size{2, 3}}) {
        for (const auto& rows : fillings(row_count, column_count, ".F?")) {
            const std::vector<MatrixStanding> standings = matrix(rows);
            const Blame found = blame(standings, false);
            std::set<std::string> failing, reporting;
            for (const MatrixStanding& each : standings) {
                if (each.known) reporting.insert(each.target);
                if (each.known && each.failing) failing.insert(each.target);
            }
            INFO(drawn(rows));
            CHECK(found.targets.empty() == failing.empty());
            CHECK(found.targets.size() <= failing.size());
            CHECK(found.vantages.size() == static_cast<std::size_t>(found.vantages_failing));
            CHECK(found.vantages_failing <= found.vantages_reporting);
            CHECK(found.scope != FaultScope::vantage);  // there is no control target
            CHECK((found.scope == FaultScope::global && !failing.empty()) ==
                  (found.targets.size() == reporting.size() && !failing.empty() && !found.minority));
            if (found.confirmed) CHECK(found.vantages_reporting >= 2);
            if (found.minority) CHECK_FALSE(found.confirmed);
            if (found.minority) CHECK(found.scope == FaultScope::cell);

            // Unknown is as if it were not there.
            std::vector<MatrixStanding> known = standings;
            std::erase_if(known, [](const MatrixStanding& each) { return !each.known; });
            CHECK(same(blame(known, false), found));
            // The order of the standings says nothing.
            std::ranges::reverse(known);
            CHECK(same(blame(known, false), found));
            // Hysteresis never finds less.
            const Blame held = blame(standings, true);
            if (!found.minority && !failing.empty()) CHECK_FALSE(held.minority);
            if (found.confirmed) CHECK(held.confirmed);
        }
    }
}

TEST_CASE("names do not matter to who is to blame") {
    for (const auto& rows : fillings(3, 2, ".F")) {
        std::vector<MatrixStanding> renamed = matrix(rows, 1);
        for (MatrixStanding& each : renamed) {
            each.vantage = std::string("w") + static_cast<char>('9' - each.vantage.back());
            each.target = each.target == "a" ? "z" : "y";
        }
        const Blame found = of(rows, 1), other = blame(renamed, false);
        INFO(drawn(rows));
        CHECK(found.scope == other.scope);
        CHECK(found.targets.size() == other.targets.size());
        CHECK(found.vantages.size() == other.vantages.size());
        CHECK(found.vantages_failing == other.vantages_failing);
        CHECK(found.vantages_reporting == other.vantages_reporting);
        CHECK(found.confirmed == other.confirmed);
        CHECK(found.minority == other.minority);
    }
}

TEST_CASE("a vantage whose control target fails while it works elsewhere is never a witness") {
    for (const auto& rows : fillings(3, 3, ".F")) {
        const Blame found = of(rows, 1);
        const auto control_fails = [&](std::size_t row) { return rows[row].back() == 'F'; };
        if (control_fails(0) && control_fails(1) && control_fails(2)) continue;
        INFO(drawn(rows));
        for (std::size_t row = 0; row < 3; ++row) {
            const bool named = std::ranges::find(found.vantages, "v" + std::to_string(row + 1)) != found.vantages.end();
            if (control_fails(row) && found.scope != FaultScope::vantage) CHECK_FALSE(named);
            if (!control_fails(row) && found.scope == FaultScope::vantage) CHECK_FALSE(named);
        }
    }
}

}  // namespace serin::test
