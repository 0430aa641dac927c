// SPDX-License-Identifier: Apache-2.0
// What people read: first line, scope, and the post-mortem that lies in tests/golden/incidents. SERIN_APPROVE=1
// rewrites it; read the difference before you commit it.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "core/names.hpp"
#include "reports/alerts/incidents/post_mortem.hpp"
#include "reports/alerts/incidents/wording.hpp"
#include "tests/support/book_play.hpp"
#include "tests/support/golden_files.hpp"
#include "tests/support/incident_examples.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

Incident incident_of(FaultScope scope, std::vector<std::string> targets, std::vector<std::string> vantages) {
    Incident incident{.id = "inc-1",
                      .service = "messages",
                      .failure_class = "not_in_time",
                      .scope = scope,
                      .began_at = noon_play(),
                      .opened_at = noon_play() + 90s,
                      .wave_began_at = {noon_play()},
                      .message = "messages are not delivered live"};
    incident.targets = std::move(targets);
    incident.vantages = std::move(vantages);
    incident.vantages_failing = static_cast<int>(incident.vantages.size());
    incident.vantages_reporting = 3;
    return incident;
}
Suspect suspect_of(const std::string& id, Duration before) {
    return Suspect{.change = change_of(id, "deploy", noon_play() - before), .score = 0.8};
}
void check_golden(const char* name, const std::string& text) {
    const auto path = golden_folder("incidents") / name;
    if (std::getenv("SERIN_APPROVE") != nullptr)  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path, std::ios::binary) << text;
    CHECK(text != "");
    CHECK(text == contents(path));
}

}  // namespace

TEST_CASE("the first line says what users cannot do and where and since when and why") {
    Incident incident = incident_of(FaultScope::target, {"us-east-1"}, {"fra", "iad", "sin"});
    const Wall now = noon_play() + 5min;
    CHECK(headline(incident, now) == "messages are not delivered live on us-east-1 (3 of 3 vantages) since 11:42 UTC");
    incident.suspects = {suspect_of("deploy-4711", 4min)};
    CHECK(headline(incident, now) ==
          "messages are not delivered live on us-east-1 (3 of 3 vantages) since 11:42 UTC; likely deploy-4711 (4 min "
          "before)");
    incident.runbook = "https://runbooks.example.com/messages";
    CHECK(headline(incident, now).ends_with("; runbook https://runbooks.example.com/messages"));
    CHECK(headline(incident, now + 24h).find("since 21 Nov 11:42 UTC") != std::string::npos);
    CHECK(headline(incident, now + 24h * 400).find("since 2026-11-21 11:42 UTC") != std::string::npos);
}

TEST_CASE("a rejected or unlikely change is not in the first line") {
    Incident incident = incident_of(FaultScope::target, {"us-east-1"}, {"fra"});
    incident.suspects = {suspect_of("deploy-4711", 4min), suspect_of("flag-9", 30min)};
    incident.suspects[0].rejected = true;
    CHECK(headline(incident, noon_play()).ends_with("likely flag-9 (30 min before)"));
    incident.suspects[1].score = 0.1;
    CHECK(headline(incident, noon_play()).find("likely") == std::string::npos);
}

TEST_CASE("a change whose id a machine made is named by what it did") {
    CHECK(change_in_words(change_of("019ac1d2-7f00-7aaa-8bbb-0123456789ab", "deploy", noon_play())) ==
          "deploy of messages");
    CHECK(change_in_words(change_of("", "flag", noon_play())) == "flag of messages");
    CHECK(change_in_words(change_of("deploy-4711", "deploy", noon_play())) == "deploy-4711");
}

TEST_CASE("the first line tells a recovery and its wave") {
    Incident incident = incident_of(FaultScope::target, {"us-east-1"}, {"fra"});
    incident.waves = 2;
    incident.wave_began_at.push_back(noon_play() + 1h);
    incident.recovered_at = noon_play() + 2h;
    CHECK(headline(incident, noon_play() + 3h) ==
          "recovered: messages are not delivered live on us-east-1 (1 of 3 vantages) from 12:42 UTC to 13:42 UTC, wave "
          "2");
}

TEST_CASE("the scope is told in words for each kind of it") {
    const auto words = [](FaultScope scope, std::vector<std::string> targets, std::vector<std::string> vantages) {
        return scope_in_words(incident_of(scope, std::move(targets), std::move(vantages)));
    };
    CHECK(words(FaultScope::target, {"us-east-1", "us-east-2"}, {"a", "b", "c"}) ==
          "on us-east-1 and us-east-2, seen from 3 of 3 vantages");
    CHECK(words(FaultScope::cell, {"us-east-1"}, {"a"}) == "on us-east-1, seen from 1 of 3 vantages");
    CHECK(words(FaultScope::global, {"a", "b"}, {"a", "b", "c"}) ==
          "on all targets (a and b), seen from 3 of 3 vantages");
    CHECK(words(FaultScope::global, {""}, {"a", "b", "c"}) == "everywhere, seen from 3 of 3 vantages");
    CHECK(words(FaultScope::target, {""}, {"a"}) == "seen from 1 of 3 vantages");
    CHECK(words(FaultScope::vantage, {"a", "b"}, {"fra"}) == "the prober itself at fra");
    CHECK(words(FaultScope::schedule, {}, {}) == "the prober itself");
    CHECK(words(FaultScope::target, {"a", "b", "c", "d", "e"}, {"a"}) ==
          "on a, b, c and 2 more, seen from 1 of 3 vantages");
    Incident gauge = incident_of(FaultScope::named, {}, {});
    gauge.cells.push_back(AffectedCell{.cell = CellKey{.probe = "disk-free"}});
    CHECK(scope_in_words(gauge) == "disk-free");
}

TEST_CASE("the first line names the service once and a gauge or job not twice") {
    Incident incident = incident_of(FaultScope::target, {"us-east-1"}, {"fra"});
    incident.service = "chat";
    const std::string rest = "messages are not delivered live on us-east-1 (1 of 3 vantages) since 11:42 UTC";
    CHECK(headline(incident, noon_play()) == "chat: " + rest);
    incident.message = "chat is down";
    CHECK(headline(incident, noon_play()).starts_with("chat is down on us-east-1"));
    Incident job = incident_of(FaultScope::named, {}, {});
    job.service = "mail-import";
    job.message = "nightly-import does not report any more";
    job.cells.push_back(AffectedCell{.cell = CellKey{.probe = "nightly-import"}});
    CHECK(headline(job, noon_play()) == "mail-import: nightly-import does not report any more since 11:42 UTC");
}

TEST_CASE("the first line is one line of bounded length whatever stands in it") {
    const std::string flood = std::string(5000, 'x') + "\n\xff\xfe" + std::string(5000, 'y');
    Incident incident = incident_of(FaultScope::global, std::vector<std::string>(500, flood), {flood});
    incident.message = flood;
    incident.service = flood;
    incident.runbook = flood;
    incident.suspects = {suspect_of(flood, 4min)};
    incident.muted = Mute{.owner = flood};
    incident.confirmed = true;
    CHECK(headline(incident, noon_play()).size() < 1000);
    CHECK(scope_in_words(incident).size() < 500);
    incident.message = "two\nlines\rand \x1b[31m colour";
    const std::string line = headline(incident, noon_play());
    for (const char c : line) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
}

TEST_CASE("without a message the first line still says what it is about") {
    Incident incident = incident_of(FaultScope::target, {"us-east-1"}, {"fra"});
    incident.message.clear();
    CHECK(headline(incident, noon_play()).starts_with("messages: not_in_time on us-east-1"));
    incident.drill = true;
    CHECK(headline(incident, noon_play()).starts_with("drill: "));
}

TEST_CASE("a post-mortem holds everything that is known and asks for the rest") {
    check_golden("post_mortem.md", post_mortem(example_incident(), example_timeline(), noon_play() + 24h));
}

TEST_CASE("a post-mortem of what is hostile is still a post-mortem") {
    Incident incident = incident_of(FaultScope::target, {"<img src=x>", "a|b"}, {"`fra`"});
    incident.message = "](javascript:alert(1)) **bold** | @everyone\n# heading <script>";
    incident.owner = "[click](https://evil.example.com)";
    incident.runbook = "javascript:alert(1)";
    incident.cells.push_back(AffectedCell{
        .cell = CellKey{.probe = "p|q", .vantage = "v"}, .since = noon_play(), .message = "\x1b[2J```\n| x |"});
    incident.declared = true;
    incident.deliveries = {{"lost|<b>", 3}};
    const std::string text = post_mortem(incident, {}, noon_play());
    check_golden("post_mortem_hostile.md", text);
    CHECK(text.find("<script>") == std::string::npos);
    CHECK(text.find("<img") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("@everyone") == std::string::npos);
    CHECK(valid_utf8(text));
}

}  // namespace serin::test
