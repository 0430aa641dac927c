// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/change_json.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

const Wall now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 1h;

Json deploy() {
    return {{"kind", "deploy"}, {"component", "api"}};
}
Error refused(const Json& json) {
    const Result<Change> change = change_from_json(json, now);
    REQUIRE_FALSE(change.has_value());
    return change.error();
}
Error refused_with(const char* key, const Json& value) {
    Json json = deploy();
    json[key] = value;
    return refused(json);
}

}  // namespace

TEST_CASE("a change needs a kind and a component and the rest is made or left empty") {
    const Change change = change_from_json(deploy(), now).value();
    CHECK(change.id.size() == 36);
    CHECK(change.kind == "deploy");
    CHECK(change.component == "api");
    CHECK(change.started_at == now);
    CHECK_FALSE(change.ended_at.has_value());
    CHECK(change.shards.empty());
    CHECK(change_from_json(deploy(), now).value().id != change.id);
}

TEST_CASE("a change comes back from its JSON as it was") {
    Json json = deploy();
    json.update(Json{{"id", "deploy-4711"},
                     {"title", "rolling upgrade é"},
                     {"shards", {"b", "a"}},
                     {"author", "pipeline"},
                     {"contact", "#chat"},
                     {"rollback_plan", "one\ntwo"},
                     {"link", "https://deploys.example.com/4711"},
                     {"started_at", "-10m"},
                     {"ended_at", "2026-11-22T01:00:00+00:00"}});
    const Change change = change_from_json(json, now).value();
    CHECK(change.started_at == now - 10min);
    CHECK(change.ended_at == now);
    const Change again = change_from_json(change_json(change), now + 5h).value();
    CHECK(change_json(again) == change_json(change));
    CHECK(again.shards == std::vector<std::string>{"b", "a"});
    CHECK(again.rollback_plan == "one\ntwo");
    CHECK(change_json(change)["started_at"] == "2026-11-22T00:50:00.000Z");
}

TEST_CASE("null stands for what is not known") {
    Json json = deploy();
    for (const char* key : {"id", "title", "shards", "started_at", "ended_at", "link"}) json[key] = nullptr;
    const Change change = change_from_json(json, now).value();
    CHECK(change.started_at == now);
    CHECK_FALSE(change.id.empty());
}

TEST_CASE("all mistakes of a change are told at once, each with its way out") {
    const Error error = refused({{"kind", "depoly"},
                                 {"componnet", "api"},
                                 {"link", "javascript:alert(1)"},
                                 {"started_at", "-10m"},
                                 {"ended_at", "-20m"}});
    for (const char* part : {"unknown key `componnet`", "unknown kind `depoly`", "`component` is missing",
                             "`link` is no web address", "`ended_at` is before `started_at`"}) {
        INFO(part);
        CHECK(error.title.contains(part));
    }
    CHECK(error.remedy.contains("did you mean `component`?"));
    CHECK(error.remedy.contains("did you mean `deploy`?"));
}

TEST_CASE("what is no change is refused") {
    CHECK(refused(Json::array({deploy()})).title == "a change is an object");
    CHECK(refused("deploy").title == "a change is an object");
    CHECK(refused(Json::object()).title == "`kind` is missing; `component` is missing");
    CHECK(refused_with("kind", "").title == "`kind` is missing");
    CHECK(refused_with("kind", 7).title == "`kind` is no text");
    CHECK(refused_with("title", "two\nlines").title == "`title` holds control characters or line breaks");
    CHECK(refused_with("title", "\x1b[31m").title == "`title` holds control characters or line breaks");
    CHECK(refused_with("author", "\xff\xfe").title == "`author` is not UTF-8");
    CHECK(refused_with("id", "two words").title == "`id` holds a blank");
    CHECK(refused_with("shards", "b").title == "`shards` is no list");
    CHECK(refused_with("shards", {1}).title == "`shards` is no text");
    CHECK(refused_with("shards", {""}).title == "`shards` holds an empty name");
    CHECK(refused_with("started_at", 1763773323).title == "`started_at` is no text");
    CHECK(refused_with("started_at", "2026-11-22T00:00:00").title ==
          "`started_at`: `2026-11-22T00:00:00` does not say in which zone");
    CHECK(refused_with("\xff", 1).title == "unknown key `?`");
}

TEST_CASE("texts of a change are bounded to the byte") {
    Json json = deploy();
    json["component"] = std::string(128, 'x');
    CHECK(change_from_json(json, now).has_value());
    json["component"] = std::string(129, 'x');
    CHECK(refused(json).title == "`component` has 129 bytes");
    CHECK(refused_with("rollback_plan", std::string(4001, 'x')).remedy == "at most 4000");
    CHECK(refused_with("shards", std::vector<std::string>(201, "b")).title == "`shards` names 201 shards");
    json = deploy();
    json["shards"] = std::vector<std::string>(200, "b");
    CHECK(change_from_json(json, now).value().shards == std::vector<std::string>{"b"});
}

TEST_CASE("every kind of change is taken") {
    for (const std::string_view kind : change_kinds) {
        Json json = deploy();
        json["kind"] = kind;
        CHECK(change_from_json(json, now).has_value());
    }
}

}  // namespace serin::test
