// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/outcome_reading.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/formats/failure_block.hpp"
#include "reports/formats/reporter.hpp"
#include "reports/formats/store_json.hpp"
#include "tests/support/outcome_examples.hpp"

namespace serin::test {
namespace {

using Json = nlohmann::json;

/// Without the places, which a stored outcome has as words only.
void forget_places(Json& json) {
    if (json.is_object()) {
        if (json.contains("place")) json["place"] = nullptr;
        if (json.contains("explanation")) json["explanation"] = Json::array();
    }
    for (Json& each : json) {
        if (each.is_structured()) forget_places(each);
    }
}

Outcome read(const Outcome& outcome) {
    return read_outcome(json_text(outcome_json(outcome))).value();
}

}  // namespace

TEST_CASE("an outcome comes back from its JSON whole") {
    for (const Outcome& outcome :
         {passed_run(), undelivered_message(), flaky_run(), unjudged_run(), littering_run(), skipped_run()}) {
        Json before = outcome_json(outcome);
        Json after = outcome_json(read(outcome));
        forget_places(before);
        forget_places(after);
        CHECK(after == before);
    }
}

TEST_CASE("a stored failure is told in the words of a fresh one, its place as words") {
    const std::string block = failure_block(read(undelivered_message()), {});
    CHECK(block.contains("in chat-delivery.yaml:23:5"));
    CHECK(block.contains("error: message not delivered in time: stored, not pushed"));
    CHECK(block.contains("POST /v1/messages → 201 in 87 ms"));
    CHECK_FALSE(block.contains("^"));
}

TEST_CASE("steps are numbered in their order, children included") {
    const Outcome outcome = read(undelivered_message());
    REQUIRE_FALSE(outcome.steps.empty());
    CHECK(outcome.steps.front().number == 1);
    CHECK(outcome.steps.back().number >= static_cast<int>(outcome.steps.size()));
}

TEST_CASE("evidence of another version or another hand is read as far as it goes") {
    CHECK_FALSE(read_outcome("").has_value());
    CHECK_FALSE(read_outcome("[]").has_value());
    CHECK_FALSE(read_outcome("{\"verdict\": ").has_value());
    const Outcome empty = read_outcome("{}").value();
    CHECK(empty.verdict == Verdict::error);
    const Outcome odd =
        read_outcome(R"({"verdict": "passed", "took_ms": 1e300, "steps": [7, {"http": [], "took_ms": "x",
        "findings": {"a": 1}, "children": 3}], "cell": [1], "attempts": null, "started_at": 5, "leaked": [1, "x"]})")
            .value();
    CHECK(odd.verdict == Verdict::error);
    CHECK(odd.took == Duration::zero());
    CHECK(odd.steps.size() == 2);
    CHECK(odd.leaked == std::vector<std::string>{"", "x"});
}

TEST_CASE("children that go too deep are passed over") {
    std::string text = R"({"steps": [)";
    for (int i = 0; i < 500; ++i) text += R"({"kind": "repeat", "children": [)";
    for (int i = 0; i < 500; ++i) text += "]}";
    int depth = 0;
    const Outcome outcome = read_outcome(text + "]}").value();
    const std::vector<StepResult>* steps = &outcome.steps;
    for (; !steps->empty(); steps = &steps->front().children) ++depth;
    CHECK(depth == 33);
}

}  // namespace serin::test
