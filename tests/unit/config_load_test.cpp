// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "core/drawing.hpp"
#include "runner/config/config.hpp"
#include "runner/config/file_kind.hpp"
#include "scenarios/language/units.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;
using Files = std::map<std::string, std::string>;

const std::string health =
    "version: 1\nname: health\ntimeout: 5s\nsteps:\n  - get: \"${target.api}/health\"\n    expect: status == 200\n";
const std::string probe = "probes:\n  health: { scenario: health.yaml, every: 10s }\n";
const std::string head = "version: 1\nvantage: here\n";

ReadFile reader(const Files& files) {
    return [files](const std::string& path) -> Result<std::string> {
        const auto found = files.find(path);
        if (found == files.end()) return fail("cannot read " + path, "check the path");
        return found->second;
    };
}
LoadedConfig load(const std::string& text, const Files& others = {}, const std::string& vantage = {}) {
    Files files = others;
    files.insert({{"etc/serin.yaml", text}, {"etc/health.yaml", health}});
    return load_config("etc/serin.yaml", reader(files), vantage);
}
Config good(const LoadedConfig& loaded) {
    INFO(draw(loaded.mistakes, Palette{}));
    REQUIRE(loaded.config);
    return *loaded.config;
}
std::vector<std::string> titles(const Mistakes& mistakes) {
    std::vector<std::string> all;
    for (const Mistake& mistake : mistakes) all.push_back(mistake.title);
    return all;
}
FileKind kind(const std::string& text) {
    Mistakes mistakes;
    const Document document = parse_document("f.yaml", text, mistakes);
    REQUIRE(document.root);
    return kind_of(*document.root);
}

}  // namespace

TEST_CASE("what a configuration leaves out has the documented defaults") {
    const Config config = good(load(head + probe));
    CHECK(config.vantage == "here");
    CHECK(config.store.path == "etc/serin.db");
    CHECK(config.store.retention.max_bytes == std::int64_t{4} << 30);
    CHECK(config.listen.address == "127.0.0.1");
    CHECK(config.listen.port == 9464);
    CHECK(config.listen.tokens.empty());
    CHECK(config.listen.cert.empty());
    CHECK(config.limits.workers == 0);
    CHECK(config.limits.stop_grace == 30s);
    CHECK(!config.log.json);
    CHECK(config.log.level == LogLevel::info);
    CHECK(config.discovery_every == 10s);
    const ProbeConfig& only = config.probes.at(0);
    CHECK(only.file == "etc/health.yaml");
    CHECK(only.scenario->name == "health");
    CHECK(only.every == 10s);
    CHECK(only.overlap == 1);
    CHECK(!only.confirm);
    CHECK(!only.timeout);
    CHECK(only.enabled);
    CHECK(only.targets.empty());
}

TEST_CASE("all keys of the daemon's blocks arrive") {
    const Config config = good(
        load(head + probe +
             "store: { path: /data/s.db, keep: { passes: 1d, failures: 2d, deliveries: 3d, rollups: 4d }, max_size: "
             "64MiB }\n"
             "listen: { address: localhost, port: 0, cert: c.pem, key: /k.pem, client_ca: ca.pem }\n"
             "limits: { workers: 3, max_in_flight: 4, target_concurrency: 5, max_series: 6000, stop_grace: 7s }\n"
             "log: { format: json, level: debug }\n"));
    CHECK(config.store.path == "/data/s.db");
    CHECK(config.store.retention.passes == 24h);
    CHECK(config.store.retention.failures == 48h);
    CHECK(config.store.retention.deliveries == 72h);
    CHECK(config.store.retention.rollups == 96h);
    CHECK(config.store.retention.max_bytes == 64 << 20);
    CHECK(config.listen.address == "127.0.0.1");
    CHECK(config.listen.port == 0);
    CHECK(config.listen.cert == "etc/c.pem");
    CHECK(config.listen.key == "/k.pem");
    CHECK(config.listen.client_ca == "etc/ca.pem");
    CHECK(config.limits.workers == 3);
    CHECK(config.limits.max_in_flight == 4);
    CHECK(config.limits.target_concurrency == 5);
    CHECK(config.limits.max_series == 6000);
    CHECK(config.limits.stop_grace == 7s);
    CHECK(config.log.json);
    CHECK(config.log.level == LogLevel::debug);
}

TEST_CASE("all keys of a probe arrive") {
    const std::string scenario =
        "version: 1\nname: chat\nvars: { room: lobby, size: 1 }\nmatrix: { side: [left, right], port: [80, 443] }\n"
        "steps:\n  - get: \"https://x.example/${vars.room}/${vars.size}\"\n    expect: status == 200\n";
    const Config config = good(
        load("version: 1\nvantage: here\nvantages: { here: { labels: { cloud: aws } }, there: {} }\n"
             "targets:\n  a: { api: https://a.example, region: eu, cert: a.pem }\n  b: { api: https://b.example }\n"
             "profiles:\n  heavy: { vars: { size: 9 } }\n"
             "probes:\n  chat:\n    scenario: chat.yaml\n    every: 1m\n    jitter: 2s\n    confirm: 3s\n    timeout: "
             "110s\n"
             "    overlap: { allow: 2 }\n    target_concurrency: 5\n    vantages: [here]\n    targets: { labels: { "
             "region: eu } }\n"
             "    matrix: { port: [443] }\n    vars: { room: 7 }\n    profiles: [heavy]\n    owner: us\n    runbook: "
             "https://r\n"
             "    labels: { tier: gold }\n",
             {{"etc/chat.yaml", scenario}}));
    CHECK(config.labels == Labels{{"cloud", "aws"}});
    CHECK(config.targets.at(0).cert == "etc/a.pem");
    const ProbeConfig& chat = config.probes.at(0);
    CHECK(chat.jitter == 2s);
    CHECK(chat.confirm == Duration(3s));
    CHECK(chat.timeout == Duration(110s));
    CHECK(chat.overlap == 2);
    CHECK(chat.target_concurrency == 5);
    CHECK(chat.vantages == std::vector<std::string>{"here"});
    CHECK(chat.target_labels == Labels{{"region", "eu"}});
    CHECK(chat.matrix == std::vector<std::pair<std::string, std::vector<std::string>>>{{"port", {"443"}}});
    CHECK(chat.vars == Labels{{"room", "7"}});
    CHECK(chat.profiles == std::vector<std::string>{"heavy"});
    CHECK(chat.owner == "us");
    CHECK(chat.runbook == "https://r");
    CHECK(chat.labels == Labels{{"tier", "gold"}});
    CHECK(config.profiles.at(0).vars == Labels{{"size", "9"}});
}

TEST_CASE("`targets: all` is every target by name") {
    const Config config = good(load(head + "targets: { a: { api: https://a.example }, b: { api: https://b.example } }\n"
                                           "probes: { h: { scenario: health.yaml, every: 10s, targets: all } }\n"));
    CHECK(config.probes.at(0).targets == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a secret of a profile lies beside the configuration and not beside the scenario") {
    const std::string scenario =
        "version: 1\nname: s\nsecrets: { t: { env: T } }\nactors: { a: { bearer: \"${secret.t}\" } }\n"
        "steps:\n  - get: https://x.example/\n    as: a\n    expect: status == 200\n";
    const Config config = good(load(head + "profiles: { p: { secrets: { t: { file: heavy.token } } } }\n"
                                           "probes: { s: { scenario: far/s.yaml, every: 60s, profiles: [p] } }\n",
                                    {{"etc/far/s.yaml", scenario}}));
    const std::string& file = config.profiles.at(0).secrets.at(0).file;
    CHECK(file.starts_with("/"));
    CHECK(file.ends_with("/etc/heavy.token"));
}

TEST_CASE("maintenance windows arrive with their scope") {
    const Config config =
        good(load(head + probe +
                  "maintenance:\n  - { name: w, zone: Europe/Berlin, weekdays: [mon, sun], month_days: [1, -1], at: "
                  "\"23:59\", lasts: 90m, probes: [health], vantages: [here], start: 2026-01-02T03:04:05 }\n"));
    const MaintenanceWindow& window = config.maintenance.at(0);
    CHECK(window.name == "w");
    CHECK(window.zone == "Europe/Berlin");
    CHECK(window.weekdays == std::vector<int>{1, 7});
    CHECK(window.month_days == std::vector<int>{1, -1});
    CHECK(window.at == 23 * 60 + 59);
    CHECK(window.lasts == 90min);
    CHECK(window.start == LocalTime{.year = 2026, .month = 1, .day = 2, .hour = 3, .minute = 4, .second = 5});
    CHECK(window.probes == std::vector<std::string>{"health"});
    CHECK(window.targets.empty());
}

TEST_CASE("the vantage may be given from outside") {
    const std::string shared = "version: 1\nvantages: { here: {}, there: { labels: { cloud: gcp } } }\n" + probe;
    CHECK(titles(load(shared).mistakes) == std::vector<std::string>{"`vantage` is missing in a configuration"});
    const Config there = good(load(shared, {}, "there"));
    CHECK(there.vantage == "there");
    CHECK(there.labels == Labels{{"cloud", "gcp"}});
    CHECK(titles(load(shared, {}, "nowhere").mistakes) == std::vector<std::string>{"unknown vantage `nowhere`"});
    CHECK(good(load(shared, {}, any_vantage)).vantage == "here");
    CHECK(good(load(head + probe, {}, "there")).vantage == "there");
}

TEST_CASE("any_vantage does not make up a vantage") {
    CHECK(titles(load("version: 1\n" + probe, {}, any_vantage).mistakes) ==
          std::vector<std::string>{"`vantage` is missing in a configuration"});
    CHECK(good(load(head + probe, {}, any_vantage)).vantage == "here");
}

TEST_CASE("every file that was read is told once for a watcher") {
    const std::string caller =
        "version: 1\nname: caller\nuse: [lib/f.yaml]\nsteps:\n  - call: f\n  - get: https://x.example/\n    expect: "
        "status == 200\n";
    const std::string fragment = "version: 1\nfragment: f\nsteps:\n  - get: https://x.example/\n";
    const LoadedConfig loaded = load(
        head + "listen: { tokens: [{ name: t, sha256_file: t.sha256, scopes: [read] }] }\n" +
            "probes:\n  a: { scenario: caller.yaml, every: 60s }\n  b: { scenario: caller.yaml, every: 60s }\n",
        {{"etc/caller.yaml", caller}, {"etc/lib/f.yaml", fragment}, {"etc/t.sha256", std::string(64, 'a') + "  -\n"}});
    const Config config = good(loaded);
    CHECK(config.probes.at(0).scenario == config.probes.at(1).scenario);
    std::vector<std::string> files = loaded.files;
    std::ranges::sort(files);
    CHECK(files == std::vector<std::string>{"etc/caller.yaml", "etc/lib/f.yaml", "etc/serin.yaml", "etc/t.sha256"});
}

TEST_CASE("a file that is not there is among the watched ones") {
    const LoadedConfig loaded = load(head + "probes: { a: { scenario: gone.yaml, every: 60s } }\n");
    CHECK(!loaded.config);
    CHECK(std::ranges::find(loaded.files, "etc/gone.yaml") != loaded.files.end());
}

TEST_CASE("loopback needs no token and any other address does") {
    const auto mistakes = [](const std::string& address) {
        return load(head + probe + "listen: { address: \"" + address + "\" }\n").mistakes.size();
    };
    for (const char* address : {"127.0.0.1", "127.255.0.9", "::1", "localhost"}) {
        INFO(address);
        CHECK(mistakes(address) == 0);
    }
    for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "fe80::1", "::ffff:127.0.0.1"}) {
        INFO(address);
        CHECK(mistakes(address) == 1);
    }
}

TEST_CASE("a token hash is lower case however it is written") {
    const Config config = good(load(head + probe + "listen: { address: 0.0.0.0, tokens: [{ name: t, sha256: \"" +
                                    std::string(64, 'A') + "\", scopes: [operate, change] }] }\n"));
    CHECK(!config.listen.tokens.empty());
}

TEST_CASE("a token hash that only the serving machine has is no mistake in a check") {
    const std::string text =
        head + probe +
        "listen: { address: 0.0.0.0, tokens: [{ name: t, sha256_file: /run/secrets/t, scopes: [read] }] }\n";
    CHECK(load(text).mistakes.size() == 1);
    CHECK(load(text, {}, any_vantage).mistakes.empty());
    CHECK(load(text, {{"/run/secrets/t", "the token itself"}}, any_vantage).mistakes.size() == 1);
}

TEST_CASE("with secrets that the matrix needs nothing is guessed about its cells") {
    const std::string scenario =
        "version: 1\nname: s\nsecrets: { list: { env: L } }\nvars: { all: \"${json_decode(secret.list)}\" }\n"
        "matrix: { x: \"${vars.all}\" }\nsteps:\n  - get: \"https://x.example/${matrix.x}\"\n    expect: status == "
        "200\n";
    good(load(head + "probes: { s: { scenario: s.yaml, every: 60s } }\n", {{"etc/s.yaml", scenario}}));
}

TEST_CASE("mistakes of serin.yaml and of its scenario are told together") {
    const LoadedConfig loaded = load(head + "probes: { s: { scenario: s.yaml, evry: 60s } }\nlog: { level: loud }\n",
                                     {{"etc/s.yaml", "version: 1\nname: s\nsteps: []\n"}});
    CHECK(loaded.mistakes.size() == 4);
    CHECK(!loaded.config);
}

TEST_CASE("a file is what most of its top-level keys say") {
    CHECK(kind("version: 1\nname: a\nsteps: []\n") == FileKind::scenario);
    CHECK(kind("version: 1\n") == FileKind::scenario);
    CHECK(kind("- a\n") == FileKind::scenario);
    CHECK(kind("version: 1\nstpes: []\n") == FileKind::scenario);
    CHECK(kind("version: 1\nfragment: a\nsteps: []\n") == FileKind::fragment);
    CHECK(kind("version: 1\ntargets: {}\n") == FileKind::targets);
    CHECK(kind("version: 1\nprobes: {}\n") == FileKind::config);
    CHECK(kind("version: 1\nprobs: {}\n") == FileKind::config);
    CHECK(kind("version: 1\nvantage: a\ntargets: {}\n") == FileKind::config);
    CHECK(kind("version: 1\ntargets: {}\nprobes: {}\n") == FileKind::config);
}

TEST_CASE("a fragment is checked by itself without knowing its callers") {
    const auto check = [](const std::string& steps) {
        return titles(check_file("f.yaml", reader({{"f.yaml", "version: 1\nfragment: f\nsteps:\n" + steps}})));
    };
    CHECK(
        check("  - get: \"/${vars.a}/${secret.b}/${matrix.c}\"\n    as: anybody\n    expect: status == 200\n").empty());
    CHECK(check("  - call: another\n    with: { x: 1 }\n").empty());
    CHECK(check("  - receive: { a: 1 }\n    as: anybody\n    within: 1s\n").empty());
    CHECK(check("  - get: /x\n    expect: statsu == 200\n") == std::vector<std::string>{"unknown name `statsu`"});
    CHECK(check("  - gte: /x\n") == std::vector<std::string>{"unknown step kind `gte`"});
}

TEST_CASE("a script with a Lua mistake is found before it runs") {
    const auto check = [](const std::string& script) {
        return check_file("s.yaml", reader({{"s.yaml", "version: 1\nname: s\nsteps:\n  - lua: |\n" + script +
                                                           "  - get: /x\n    expect: status == 200\n"}}));
    };
    CHECK(check("      local r = get('/x')\n").empty());
    const Mistakes mistakes = check("      local r = get('/x')\n      if r then\n      x = = 1\n      end\n");
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes[0].place.line == 7);
    CHECK(mistakes[0].place.column == 7);
    CHECK(mistakes[0].note == "unexpected symbol near '='");
    CHECK(check("      if r then\n").size() == 1);
}

TEST_CASE("sizes have a unit") {
    CHECK(parse_byte_size("100B") == 100);
    CHECK(parse_byte_size("1KB") == 1000);
    CHECK(parse_byte_size("1KiB") == 1024);
    CHECK(parse_byte_size("1.5GiB") == (std::int64_t{3} << 29));
    CHECK(parse_byte_size("8388607TiB") == std::int64_t{8388607} << 40);
    for (const char* text :
         {"", "4", "GiB", "4 GiB", "-1GiB", ".5GiB", "1.GiB", "1.2.3GiB", "4gib", "4GiBs", "99999999TiB", "1e3GiB"}) {
        INFO(text);
        CHECK(!parse_byte_size(text));
    }
}

TEST_CASE("times of day and local times have one form") {
    CHECK(parse_time_of_day("00:00") == 0);
    CHECK(parse_time_of_day("23:59") == 1439);
    for (const char* text : {"", "2:00", "24:00", "12:60", "12:00:00", "ab:cd", "12.00"}) {
        INFO(text);
        CHECK(!parse_time_of_day(text));
    }
    CHECK(looks_like_local_time("2026-11-22T02:00"));
    CHECK(looks_like_local_time("2026-11-22T02:00:30"));
    for (const char* text : {"", "2026-11-22", "2026-11-22 02:00", "2026-11-22T02:00Z", "2026-11-22T02:00+01:00"}) {
        INFO(text);
        CHECK(!looks_like_local_time(text));
    }
}

}  // namespace serin::test
