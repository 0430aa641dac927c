// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "core/drawing.hpp"
#include "runner/config/config.hpp"
#include "scenarios/language/units.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const std::string scenario =
    "version: 1\nname: health\nowner: team-scenario\nrunbook: https://wiki.example/s\ntimeout: 5s\n"
    "steps:\n  - get: \"${target.api}/health\"\n    expect: status == 200\n";
const std::string head = "version: 1\nvantage: here\ntargets: { a: { api: https://a.example } }\n";
const std::string probes = "probes:\n  health: { scenario: health.yaml, every: 10s }\n";

LoadedConfig load(const std::string& text) {
    const ReadFile read = [&](const std::string& path) -> Result<std::string> {
        if (path == "etc/serin.yaml") return text;
        if (path == "etc/health.yaml") return scenario;
        return fail("cannot read " + path, "check the path");
    };
    return load_config("etc/serin.yaml", read);
}
Config good(const std::string& text) {
    const LoadedConfig loaded = load(text);
    INFO(draw(loaded.mistakes, Palette{}));
    REQUIRE(loaded.config);
    return *loaded.config;
}
std::string drawn(const std::string& text) {
    return draw(load(text).mistakes, Palette{});
}

Config with_channels(const std::string& channels, const std::string& rest = "") {
    return good(head + probes + "alerts:\n  channels:\n" + channels + rest);
}
const ChannelConfig& channel(const Config& config, const std::string& name) {
    const auto found = std::ranges::find(config.alerts.channels, name, &ChannelConfig::name);
    REQUIRE(found != config.alerts.channels.end());
    return *found;
}
ProbeRules rules(const std::string& alert, const std::string& defaults = "{}") {
    return good(head + "alerts: { defaults: " + defaults +
                " }\nprobes:\n  health: { scenario: health.yaml, every: 10s, alert: " + alert + " }\n")
        .probes.at(0)
        .rules;
}

}  // namespace

TEST_CASE("a configuration without alerts tells nobody and has the documented rules all the same") {
    const Config config = good(head + probes);
    CHECK(load(head + probes).mistakes.empty());
    CHECK(config.alerts.path == "etc/serin.alerts.db");
    CHECK(config.alerts.channels.empty());
    CHECK(tells_nobody(config.alerts));
    CHECK(config.alerts.status.folder.empty());
    CHECK(config.alerts.drill_every == Duration::zero());
    const ProbeRules& only = config.probes.at(0).rules;
    CHECK(only.probe == "health");
    CHECK(only.service == "health");
    CHECK(only.every == 10s);
    CHECK(only.owner == "team-scenario");
    CHECK(only.runbook == "https://wiki.example/s");
    CHECK(only.hard == OfLast{.failures = 2, .runs = 3});
    CHECK(only.soft == OfLast{.failures = 3, .runs = 5});
    CHECK(only.lost->share == 0.05);
    CHECK(only.late->share == 0.2);
    CHECK(only.latency->factor == 3);
    CHECK(!only.burn);
    CHECK(config.alerts.book.people.at("health").first == "team-scenario");
}

TEST_CASE("the alert database lies beside the store unless it is named") {
    CHECK(good(head + probes + "store: { path: /data/results.db }\n").alerts.path == "/data/results.alerts.db");
    CHECK(with_channels("    h: { webhook: { url: https://h.example } }\n",
                        "  levels: [{ channels: [h] }]\n  store: a/b.db\n")
              .alerts.path == "etc/a/b.db");
}

TEST_CASE("all keys of escalation arrive") {
    const Config config = with_channels(
        "    h: { webhook: { url: https://h.example } }\n    m: { mail: { url: smtp://m.example, from: a@b.example, "
        "to: [c@d.example] } }\n",
        "  levels: [{ channels: [h], failover: [m] }, { channels: [m] }, { after: 7m, channels: [h, m] }]\n"
        "  repeat: 0s\n  warnings: [m]\n  info: [h]\n  failover_after: 90s\n  acknowledge_for: 1h\n  watch: 2h\n"
        "  gather: 3s\n  suspect_within: 2d\n  drills: { every: 6h, channels: [h] }\n"
        "  external_url: https://serin.example//\n");
    const AlertsConfig& alerts = config.alerts;
    REQUIRE(alerts.book.levels.size() == 3);
    CHECK(alerts.book.levels[0].after == 0s);
    CHECK(alerts.book.levels[0].failover == std::vector<std::string>{"m"});
    CHECK(alerts.book.levels[1].after == 5min);
    CHECK(alerts.book.levels[2].after == 7min);
    CHECK(alerts.book.levels[2].channels == std::vector<std::string>{"h", "m"});
    CHECK(alerts.book.repeat == 0s);
    CHECK(alerts.book.warning_channels == std::vector<std::string>{"m"});
    CHECK(alerts.book.info_channels == std::vector<std::string>{"h"});
    CHECK(alerts.sending.failover_after == 90s);
    CHECK(alerts.book.ack_for == 1h);
    CHECK(alerts.book.watch == 2h);
    CHECK(alerts.book.gather == 3s);
    CHECK(alerts.book.suspect_within == 48h);
    CHECK(alerts.drill_every == 6h);
    CHECK(alerts.drill_channels == std::vector<std::string>{"h"});
    CHECK(alerts.external_url == "https://serin.example");
    CHECK(!tells_nobody(alerts));
}

TEST_CASE("a channel says where its secrets are read and never what they are") {
    const Config config = with_channels(
        "    pager: { pagerduty: { routing_key: { env: PD }, webhook_keys: [{ env: A }, { file: b }], api: { token: { "
        "env: T } }, changes: true, labels: { team: chat } } }\n"
        "    am: { alertmanager: { urls: [\"http://am-1:9093\", { env: AM }] } }\n"
        "    chat: { slack: { url: { file: slack-url }, title: \"${title}!\" } }\n"
        "    hook: { webhook: { url: https://h.example, key: { env: K }, old_keys: [{ env: O }], headers: { "
        "Authorization: { env: H }, X-From: serin }, tls: { ca: ca.pem }, timeout: 3s } }\n"
        "    page: { exec: { command: [bin/page, -v], environment: [TOKEN] } }\n"
        "    beat: { heartbeat: { url: { env: HC }, every: 30s, due_share: 75% } }\n",
        "  levels: [{ channels: [pager, am, chat, hook, page] }]\n");
    const ChannelConfig& pager = channel(config, "pager");
    CHECK(pager.kind == ChannelKind::pagerduty);
    CHECK(pager.key.reference.env == "PD");
    CHECK(pager.key.reference.name == "pager.routing_key");
    CHECK(pager.key.text.empty());
    CHECK(pager.urls.at(0).text == "https://events.pagerduty.com");
    CHECK(pager.inbound_keys.at(1).reference.file == "b");
    CHECK(pager.api_token.reference.env == "T");
    CHECK(pager.api_url.empty());
    CHECK(pager.changes);
    CHECK(pager.labels == Labels{{"team", "chat"}});
    CHECK(channel(config, "am").urls.at(0).text == "http://am-1:9093");
    CHECK(channel(config, "am").urls.at(1).reference.env == "AM");
    CHECK(channel(config, "chat").urls.at(0).reference.file == "slack-url");
    CHECK(channel(config, "chat").title->parts.size() == 2);
    CHECK(!channel(config, "chat").text);
    const ChannelConfig& hook = channel(config, "hook");
    CHECK(hook.key.reference.env == "K");
    CHECK(hook.old_keys.at(0).reference.env == "O");
    CHECK(hook.headers.at(0).second.reference.env == "H");
    CHECK(hook.headers.at(1).second.text == "serin");
    CHECK(hook.tls.ca == "etc/ca.pem");
    CHECK(hook.tls.verify);
    CHECK(hook.timeout == 3s);
    CHECK(channel(config, "page").command ==
          std::vector<std::string>{std::filesystem::absolute("etc/bin/page").string(), "-v"});
    CHECK(channel(config, "beat").every == 30s);
    CHECK(channel(config, "beat").due_share == 0.75);
}

TEST_CASE("a command without a slash is looked for in PATH") {
    const Config config = with_channels("    p: { exec: { command: [page] } }\n", "  levels: [{ channels: [p] }]\n");
    CHECK(channel(config, "p").command == std::vector<std::string>{"page"});
}

TEST_CASE("a component that is published names the services whose incidents change it") {
    const Config config = with_channels(
        "    h: { webhook: { url: https://h.example } }\n    public: { statuspage: { page: p, token: { env: SP } } }\n",
        "  levels: [{ channels: [h] }]\nstatus_page:\n  folder: out\n  url: https://status.example/\n  components:\n"
        "    Shop & more: { services: [health], statuspage_id: c1, about: All of it }\n"
        "    Inner: { services: [health] }\n");
    CHECK(channel(config, "public").components == Labels{{"health", "c1"}});
    CHECK(config.alerts.status.folder == "etc/out");
    CHECK(config.alerts.status.title == "Status");
    CHECK(config.alerts.status.url == "https://status.example");
    CHECK(config.alerts.status.components.at(0).name == "Shop & more");
    CHECK(config.alerts.status.components.at(0).about == "All of it");
}

TEST_CASE("a probe's rules stand over the defaults of all probes") {
    const ProbeRules given = rules("{ hard: 4 of 5, lost: { least: 9 }, latency: { factor: 2 } }",
                                   "{ hard: 1 of 2, soft: off, lost: { share: 1% }, latency: off, recover: 7 }");
    CHECK(given.hard == OfLast{.failures = 4, .runs = 5});
    CHECK(!given.soft);
    CHECK(given.lost->share == 0.01);
    CHECK(given.lost->least == 9);
    CHECK(given.latency->factor == 2);
    CHECK(given.latency->least == 30);  // switched off above, so it begins with the documented ones
    CHECK(given.recover == 7);
}

TEST_CASE("each rule can be switched off and given again") {
    const ProbeRules off =
        rules("{ hard: off, soft: off, lost: off, late: off, duplicated: off, latency: off, burn: off, missed: off }",
              "{ burn: { objective: 99% } }");
    CHECK((!off.hard && !off.soft && !off.lost && !off.late && !off.duplicated && !off.latency && !off.burn &&
           !off.missed));
    const ProbeRules on =
        rules("{ late: {}, burn: { objective: 99.5% }, missed: 1 of 4 }", "{ late: off, burn: off, missed: off }");
    CHECK(on.late->share == 0.2);
    CHECK(on.burn->objective == Approx(0.995));
    CHECK(on.burn->severity == AlertSeverity::warning);
    CHECK(on.missed == OfLast{.failures = 1, .runs = 4});
}

TEST_CASE("what all depend on does not depend on itself") {
    const Config config = good(head +
                               "alerts: { defaults: { depends_on: [login] } }\nprobes:\n"
                               "  login: { scenario: health.yaml, every: 10s }\n"
                               "  front: { scenario: health.yaml, every: 10s, alert: { service: login } }\n"
                               "  chat: { scenario: health.yaml, every: 10s }\n");
    CHECK(config.probes.at(0).rules.depends_on.empty());
    CHECK(config.probes.at(1).rules.depends_on.empty());
    CHECK(config.probes.at(2).rules.depends_on == std::vector<std::string>{"login"});
}

TEST_CASE("owner and runbook of a service are those of the first that has them") {
    const Config config = good(head +
                               "probes:\n"
                               "  a: { scenario: health.yaml, every: 10s, owner: one, alert: { service: s } }\n"
                               "  b: { scenario: health.yaml, every: 10s, owner: two, alert: { service: s } }\n"
                               "gauges: { g: { owner: three, service: t }, h: { runbook: https://r, service: t } }\n"
                               "heartbeats: { j: { every: 1h, owner: four } }\n");
    CHECK(config.alerts.book.people.at("s").first == "one");
    CHECK(config.alerts.book.people.at("t") == std::pair<std::string, std::string>{"three", "https://r"});
    CHECK(config.alerts.book.people.at("j").first == "four");
}

TEST_CASE("gauges and heartbeats arrive with their defaults") {
    const Config config = good(head + probes +
                               "gauges: { disk: { exhausted_at: 95.5, severity: info, stale_after: 1h } }\n"
                               "heartbeats: { job: { every: 2h } }\n");
    const GaugeRules& disk = config.alerts.gauges.at(0);
    CHECK(disk.gauge == "disk");
    CHECK(disk.service == "disk");
    CHECK(disk.exhausted_at == 95.5);
    CHECK(disk.within == 1h);
    CHECK(disk.least == 8);
    CHECK(disk.severity == AlertSeverity::info);
    CHECK(disk.stale_after == Duration(1h));
    const HeartbeatRules& job = config.alerts.heartbeats.at(0);
    CHECK(job.heartbeat == "job");
    CHECK(job.service == "job");
    CHECK(job.every == 2h);
    CHECK(job.grace == 1min);
    CHECK(job.severity == AlertSeverity::critical);
}

TEST_CASE("a window covers the failure classes that it names") {
    const Config config =
        good(head + probes + "maintenance: [{ name: w, at: \"02:00\", lasts: 1h, failure_classes: [slow, ours] }]\n");
    const MaintenanceWindow& window = config.maintenance.at(0);
    CHECK(window.failure_classes == std::vector<std::string>{"slow", "ours"});
    CHECK(in_scope(window, "health", "a", "here"));
    CHECK(in_scope(window, "health", "a", "here", "ours"));
    CHECK(!in_scope(window, "health", "a", "here", "http_status"));
    CHECK(in_scope(MaintenanceWindow{}, "health", "a", "here", "http_status"));
}

TEST_CASE("a secret that stands in the file is not drawn by any mistake on its line") {
    for (const std::string slip :
         {"pager: { pagerduty: { routing_key: hunter2hunter2, chnages: true } }",
          "hook: { webhook: { url: \"https://me:hunter2hunter2@h.example\", timeout: soon } }",
          "hook: { webhook: { url: https://h.example, headers: { X-Api-Key: hunter2hunter2 }, retries: 5 } }",
          "pager: { pagerduty: { routingkey: hunter2hunter2 } }",
          "chat: { slack: { url: { env: S }, routing_key: hunter2hunter2, title: \"${x}\" } }",
          "run: { exec: { command: [x], environment: [TOKEN=hunter2hunter2], shell: true } }",
          "chat: { slack: { url: https://hooks.slack.com/services/hunter2hunter2, chanel: ops } }"}) {
        INFO(slip);
        const std::string text = drawn(head + probes + "alerts:\n  channels:\n    " + slip + "\n");
        CHECK(text.find("2 errors") != std::string::npos);
        CHECK(text.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("what has the wrong form is told once") {
    const std::string text =
        drawn(head +
              "alerts: { levels: [7, { channels: [[a]], failover: x }], drills: [], defaults: 3 }\n"
              "probes: { p: { scenario: health.yaml, every: 10s, alert: { depends_on: [[a], 2] } } }\n"
              "status_page: { folder: f, components: { C: { services: { a: b } }, D: 7 } }\n"
              "gauges: { g: [] }\nheartbeats: { h: off }\n");
    CHECK(text.find("``") == std::string::npos);
    CHECK(text.find("11 errors, 1 warning") != std::string::npos);
    CAPTURE(text);
    CHECK(load(head + probes + "alerts: 5\nstatus_page: []\ngauges: 1\nheartbeats: x\n").mistakes.size() == 4);
}

TEST_CASE("a token may report without seeing anything") {
    const Config config = good(head + probes +
                               "listen: { tokens: [{ name: cron, scopes: [report], sha256: "
                               "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }] }\n");
    CHECK(config.listen.tokens.find("Bearer test")->scopes == std::set<TokenScope>{TokenScope::report});
}

TEST_CASE("shares are written with a percent sign") {
    CHECK(parse_share("5%") == 0.05);
    CHECK(parse_share("0%") == 0.0);
    CHECK(parse_share("100%") == 1.0);
    CHECK(*parse_share("99.95%") == Approx(0.9995));
    for (const char* bad :
         {"", "%", "5", "0.05", "-1%", "100.1%", "5 %", ".5%", "5.%", "1.2.3%", "1e1%", "5%%", "nan%"}) {
        INFO(bad);
        CHECK(!parse_share(bad));
    }
}

TEST_CASE("x of y is at least one of at most a hundred") {
    CHECK(parse_x_of_y("2 of 3")->x == 2);
    CHECK(parse_x_of_y("2 of 3")->y == 3);
    CHECK(parse_x_of_y("1 of 1"));
    CHECK(parse_x_of_y("100 of 100"));
    for (const char* bad : {"", "2", "2 of", "of 3", "0 of 3", "4 of 3", "1 of 101", "2 in 3", "2  of 3", "-1 of 3",
                            "2 of 3 ", "1 of 9999999999", "two of 3"}) {
        INFO(bad);
        CHECK(!parse_x_of_y(bad));
    }
}

}  // namespace serin::test
