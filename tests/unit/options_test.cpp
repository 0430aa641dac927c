// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <catch2/catch.hpp>

namespace serin::test {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

RunOptions good(const Arguments& arguments) {
    const Result<RunOptions> options = parse_run_options(arguments);
    INFO((options ? std::string() : options.error().title));
    REQUIRE(options);
    return *options;
}

std::string refusal(const Arguments& arguments) {
    const Result<RunOptions> options = parse_run_options(arguments);
    return options ? "accepted" : options.error().title;
}

}  // namespace

TEST_CASE("a command line of `serin run` is read whole, in any order") {
    const RunOptions options =
        good({"a.yaml", "--target", "api=http://h:1", "--target=ws=ws://h:1", "--set", "term=a,b=c", "b.yaml", "-v",
              "--curl", "-j", "3", "--only", "sender=a receiver=b", "--vantage", "eu", "--report", "tap"});
    CHECK(options.files == std::vector<std::string>{"a.yaml", "b.yaml"});
    CHECK(options.target == Pairs{{"api", "http://h:1"}, {"ws", "ws://h:1"}});
    CHECK(options.set == Pairs{{"term", "a,b=c"}});  // commas and further `=` belong to the value
    CHECK(options.only == std::vector<std::string>{"sender=a receiver=b"});
    CHECK(options.report == std::vector<std::string>{"tap"});
    CHECK(options.jobs == 3);
    CHECK(options.vantage == "eu");
    CHECK(options.verbose);
    CHECK(options.curl);
    CHECK_FALSE(options.no_colour);
}

TEST_CASE("a wrong command line is refused with what is wrong") {
    CHECK(refusal({}) == "no scenario file");
    CHECK(refusal({"a.yaml", "--jobs", "0"}) == "--jobs 0: not a whole number from 1 to 1000");
    CHECK(refusal({"a.yaml", "--jobs", "-1"}) == "--jobs -1: not a whole number from 1 to 1000");
    CHECK(refusal({"a.yaml", "--jobs", "many"}) == "--jobs many: not a whole number from 1 to 1000");
    CHECK(refusal({"a.yaml", "--set", "term"}) == "--set term: no `=`");
    CHECK(refusal({"a.yaml", "--target", "=x"}) == "--target =x: no name before the `=`");
    CHECK(refusal({"a.yaml", "b.yaml", "a.yaml"}) == "a.yaml is given twice");
    CHECK(refusal({"a.yaml", "--target", "api=http://h", "--shard", "b"})
              .starts_with("--shard chooses from --targets FILE"));
    CHECK(refusal({"a.yaml", "--target", "api=x", "--targets", "t.yaml"}) ==
          "--target and --targets exclude each other");
    CHECK(refusal({"a.yaml", "--colour"}).find("colour") != std::string::npos);
}

TEST_CASE("asking for help needs no file") {
    CHECK(good({"--help"}).help);
    CHECK(run_help().find("examples:") != std::string::npos);
}

}  // namespace serin::test
