// SPDX-License-Identifier: Apache-2.0
#include "runner/selection.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

/// What is said of `wishes` over the four cells of two regions.
std::optional<Error> unmet(const std::vector<std::string>& wishes) {
    Selection selection(wishes);
    for (const std::string sender : {"us-east-1", "eu-west-2"}) {
        for (const std::string receiver : {"us-east-1", "eu-west-2"}) {
            (void)selection.wants(Cell{.axes = {{"sender", sender}, {"receiver", receiver}}});
        }
    }
    return selection.unmet();
}

}  // namespace

TEST_CASE("a cell is selected when it has all pairs of an --only") {
    const Cell cell{.axes = {{"sender", "us-east-1"}, {"receiver", "eu-west-2"}}};
    CHECK(selects("sender=us-east-1", cell));
    CHECK(selects("receiver=eu-west-2 sender=us-east-1", cell));
    CHECK_FALSE(selects("sender=us-east-2", cell));
    CHECK_FALSE(selects("sender=us-east-1 receiver=us-east-1", cell));
    CHECK_FALSE(selects("us-east-1", cell));
    CHECK_FALSE(selects("", cell));
    CHECK(selects("region=x y", Cell{.axes = {{"region", "x y"}}}));
    CHECK_FALSE(selects("sender=us-east-1", Cell{}));
}

TEST_CASE("without a wish every cell is wanted and with several those that any of them selects") {
    const Cell east{.axes = {{"shard", "east"}}}, west{.axes = {{"shard", "west"}}},
        north{.axes = {{"shard", "north"}}};
    Selection all({});
    CHECK(all.wants(east));
    CHECK(all.wants(Cell{}));
    CHECK_FALSE(all.unmet());
    Selection two({"shard=east", "shard=west"});
    CHECK(two.wants(east));
    CHECK(two.unmet());
    CHECK(two.wants(west));
    CHECK_FALSE(two.wants(north));
    CHECK_FALSE(two.unmet());
}

TEST_CASE("a wish that selects nothing is told what may have been meant") {
    CHECK_FALSE(unmet({"sender=us-east-1 receiver=eu-west-2"}));
    const auto told = [](const std::string& only) {
        const std::optional<Error> error = unmet({"sender=us-east-1", only});
        return error ? error->title + " | " + error->remedy : "met";
    };
    CHECK(told("sendr=us-east-1") ==
          R"(--only "sendr=us-east-1" selects no cell: there is no axis `sendr` | did you mean `sender`?)");
    CHECK(told("shard=x") ==
          R"(--only "shard=x" selects no cell: there is no axis `shard` | known axes: receiver, sender)");
    CHECK(
        told("receiver=us-east-2") ==
        R"(--only "receiver=us-east-2" selects no cell: `receiver` is never `us-east-2` | did you mean `us-east-1`?)");
    CHECK(told("receiver=mars") ==
          R"(--only "receiver=mars" selects no cell: `receiver` is never `mars` | known values: eu-west-2, us-east-1)");
    CHECK(told("sender=us-east-1 sender=eu-west-2") ==
          R"(--only "sender=us-east-1 sender=eu-west-2" selects no cell | no cell has all of these at once)");
    CHECK(told("us-east-1").ends_with(" | write axis=value pairs of the matrix, as reports show them"));
    CHECK(told("").ends_with(" | write axis=value pairs of the matrix, as reports show them"));
}

TEST_CASE("a wish where there is no matrix is told so and thousands of values are not all listed") {
    Selection none({"sender=x"});
    CHECK_FALSE(none.wants(Cell{}));
    CHECK(none.unmet()->remedy == "leave --only out: there is no matrix");
    Selection many({"shard=unheard-of"});
    for (int i = 0; i < 5000; ++i) (void)many.wants(Cell{.axes = {{"shard", "s" + std::to_string(i)}}});
    CHECK(many.unmet()->remedy.size() < 400);
}

}  // namespace serin::test
