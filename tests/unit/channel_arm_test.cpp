// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "reports/alerts/channels/channel.hpp"
#include "tests/support/temp_folder.hpp"

namespace serin::test {
namespace {

MaybeSecret literal(const std::string& text) {
    return {.text = text};
}
MaybeSecret from_env(const std::string& name) {
    MaybeSecret secret;
    secret.reference.env = name;
    return secret;
}
MaybeSecret from_file(const std::string& name) {
    MaybeSecret secret;
    secret.reference.file = name;
    return secret;
}
void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

ChannelConfig slack(const MaybeSecret& url) {
    ChannelConfig config;
    config.name = "team";
    config.kind = ChannelKind::slack;
    config.urls = {url};
    return config;
}

/// The error's title; "" when all is well.
std::string complaint(const std::vector<ChannelConfig>& configs, const std::string& folder = ".") {
    Redactor redactor;
    const auto armed = arm_channels(configs, folder, redactor);
    return armed ? std::string() : armed.error().title;
}

TEST_CASE("a file's secret loses one line break and is found beside serin.yaml") {
    const TempFolder folder;
    write(folder.file("hook"), "https://hooks.example.com/services/T0/B0/XXXXXXXX\n");
    const std::string where = folder.file("");
    Redactor redactor;
    const auto armed = arm_channels({slack(from_file("hook"))}, where, redactor);
    REQUIRE(armed);
    CHECK(armed->front().urls.front().reveal() == "https://hooks.example.com/services/T0/B0/XXXXXXXX");
    CHECK(redactor.redact("GET https://hooks.example.com/services/T0/B0/XXXXXXXX") == "GET [secret team.url]");
    CHECK(redactor.redact("GET /services/T0/B0/XXXXXXXX") == "GET [secret team.url]");
    write(folder.file("hook"), "https://hooks.example.com/services/T0/B0/XXXXXXXX\r\n");
    CHECK(complaint({slack(from_file("hook"))}, where).empty());
    write(folder.file("hook"), "https://hooks.example.com/services/T0/B0/XXXXXXXX\n\n");
    CHECK_FALSE(complaint({slack(from_file("hook"))}, where).empty());
    write(folder.file("hook"), "\n");
    CHECK(complaint({slack(from_file("hook"))}, where).contains("is empty"));
    CHECK(complaint({slack(from_file("."))}, where).contains("cannot be read"));
}

TEST_CASE("one error names every secret that cannot be read and where") {
    ::unsetenv("SERIN_TEST_NO_SUCH");        // NOLINT(concurrency-mt-unsafe): tests have one thread here
    ::setenv("SERIN_TEST_EMPTY", "", 1);     // NOLINT(concurrency-mt-unsafe)
    ::setenv("SERIN_TEST_KEY", "key-1", 1);  // NOLINT(concurrency-mt-unsafe)
    ChannelConfig pager;
    pager.name = "pager";
    pager.kind = ChannelKind::pagerduty;
    pager.key = from_env("SERIN_TEST_NO_SUCH");
    pager.key.reference.place = {
        .source = std::make_shared<Source>(Source{.name = "serin.yaml", .text = "a\nb\n"}), .line = 2, .column = 1};
    pager.inbound_keys = {from_env("SERIN_TEST_KEY"), from_env("SERIN_TEST_EMPTY")};
    const std::string said = complaint({pager, slack(from_file("/no/such/file"))});
    CHECK(said.contains(
        "channel `pager`, routing_key: the environment variable SERIN_TEST_NO_SUCH is not set (serin.yaml:2:1)"));
    CHECK(said.contains("channel `pager`, webhook_keys: the environment variable SERIN_TEST_EMPTY is empty"));
    CHECK(said.contains("channel `team`, url: the file /no/such/file cannot be read"));
    ::unsetenv("SERIN_TEST_EMPTY");  // NOLINT(concurrency-mt-unsafe)
    ::unsetenv("SERIN_TEST_KEY");    // NOLINT(concurrency-mt-unsafe)
}

TEST_CASE("an address has to be http or https and a vendor's encrypted") {
    CHECK(complaint({slack(literal("https://hooks.slack.com/services/T/B/x"))}).empty());
    CHECK(complaint({slack(literal("http://127.0.0.1:8080/services/T/B/x"))}).empty());
    CHECK(complaint({slack(literal("http://hooks.slack.com/services/T/B/x"))}).contains("plain http"));
    CHECK(complaint({slack(literal("ftp://hooks.slack.com/"))}).contains("no http or https URL"));
    CHECK(complaint({slack(literal("hooks.slack.com"))}).contains("no http or https URL"));
    ChannelConfig own = slack(literal("http://alertmanager:9093"));
    own.kind = ChannelKind::alertmanager;
    CHECK(complaint({own}).empty());
    own.urls.clear();
    CHECK(complaint({own}).contains("channel `team`, urls: there is none"));
}

TEST_CASE("a complaint names the key of serin.yaml for each kind") {
    ::unsetenv("SERIN_TEST_NO_SUCH");  // NOLINT(concurrency-mt-unsafe)
    const MaybeSecret missing = from_env("SERIN_TEST_NO_SUCH");
    const auto keyed = [&](ChannelKind kind) {
        ChannelConfig config = slack(literal("https://x.example.com/"));
        config.kind = kind;
        config.key = missing;
        return complaint({config});
    };
    CHECK(keyed(ChannelKind::pagerduty).contains("channel `team`, routing_key: the"));
    CHECK(keyed(ChannelKind::webhook).contains("channel `team`, key: the"));
    CHECK(keyed(ChannelKind::grafana).contains("channel `team`, token: the"));
    CHECK(keyed(ChannelKind::statuspage).contains("channel `team`, token: the"));

    ChannelConfig mail = slack(literal("smtps://mail.example.com"));
    mail.kind = ChannelKind::mail;
    mail.user = mail.password = mail.imap_user = mail.imap_password = missing;
    mail.headers = {{"X-Token", missing}};
    mail.old_keys = mail.inbound_keys = {missing};
    mail.api_token = missing;
    for (const char* word : {"user", "password", "imap.user", "imap.password", "headers.X-Token", "old_keys",
                             "webhook_keys", "api.token"}) {
        INFO(word);
        CHECK(complaint({mail}).contains("channel `team`, " + std::string(word) + ": the"));
    }
}

TEST_CASE("what a command may see is redacted unless it can be no secret") {
    ::setenv("SERIN_TEST_TOKEN", "tok-4711-abc", 1);  // NOLINT(concurrency-mt-unsafe)
    ::setenv("SERIN_TEST_SHORT", "1", 1);             // NOLINT(concurrency-mt-unsafe)
    ::unsetenv("SERIN_TEST_NO_SUCH");                 // NOLINT(concurrency-mt-unsafe)
    ChannelConfig config;
    config.name = "script";
    config.kind = ChannelKind::exec;
    config.command = {"true"};
    config.environment = {"SERIN_TEST_TOKEN", "SERIN_TEST_SHORT", "SERIN_TEST_NO_SUCH", "PATH"};
    Redactor redactor;
    REQUIRE(arm_channels({config}, ".", redactor));
    CHECK(redactor.redact("token tok-4711-abc!") == "token [secret script.environment.SERIN_TEST_TOKEN]!");
    CHECK(redactor.redact("exit 1") == "exit 1");
    const std::string path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    CHECK(redactor.redact(path) == path);
    ::unsetenv("SERIN_TEST_TOKEN");  // NOLINT(concurrency-mt-unsafe)
    ::unsetenv("SERIN_TEST_SHORT");  // NOLINT(concurrency-mt-unsafe)
}

TEST_CASE("the address of a mail channel is a mail server's") {
    const auto mail = [](const std::string& url) {
        ChannelConfig config;
        config.name = "oncall";
        config.kind = ChannelKind::mail;
        config.urls = {literal(url)};
        return config;
    };
    for (const char* url : {"smtps://mail.example.com", "smtp://mail.example.com:587", "SMTP://127.0.0.1:2525"})
        CHECK(complaint({mail(url)}).empty());
    for (const char* url : {"https://mail.example.com", "mail.example.com", "smtp://", "imap://mail.example.com"})
        CHECK(complaint({mail(url)}).contains("no smtp or smtps URL"));
    CHECK(complaint({slack(literal("smtps://hooks.slack.com"))}).contains("no http or https URL"));
    Redactor redactor;
    REQUIRE(arm_channels({mail("smtps://serin:w0rd-of-mouth@mail.example.com")}, ".", redactor));
    CHECK(redactor.redact("AUTH w0rd-of-mouth") == "AUTH [secret oncall.url]");
}

TEST_CASE("a token of PagerDuty goes over https only") {
    ChannelConfig pager;
    pager.name = "pager";
    pager.kind = ChannelKind::pagerduty;
    CHECK(complaint({pager}).contains("channel `pager`, routing_key: there is none"));
    pager.key = literal("0123456789abcdef0123456789abcdef");
    CHECK(complaint({pager}).empty());
    for (const char* good : {"https://api.eu.pagerduty.com", "http://127.0.0.1:8080"}) {
        pager.api_url = good;
        CHECK(complaint({pager}).empty());
    }
    for (const char* wrong : {"http://api.pagerduty.com", "api.pagerduty.com", "ftp://127.0.0.1/"}) {
        pager.api_url = wrong;
        CHECK(complaint({pager}).contains("channel `pager`, api.url: "));
    }
}

TEST_CASE("an error shows no address that was a secret") {
    ::setenv("SERIN_TEST_URL", "hooks.slack.com/services/secret", 1);  // NOLINT(concurrency-mt-unsafe)
    Redactor redactor;
    const auto armed = arm_channels({slack(from_env("SERIN_TEST_URL"))}, ".", redactor);
    REQUIRE_FALSE(armed);
    CHECK_FALSE((armed.error().title + armed.error().remedy).contains("services"));
    ::unsetenv("SERIN_TEST_URL");  // NOLINT(concurrency-mt-unsafe)
}

TEST_CASE("certificates are always verified") {
    ChannelConfig config = slack(literal("https://hooks.slack.com/services/T/B/x"));
    config.tls.verify = false;
    CHECK(complaint({config}).contains("always verified"));
}

TEST_CASE("a signing key is checked before it is needed") {
    ChannelConfig config = slack(literal("https://hook.example.com/"));
    config.kind = ChannelKind::webhook;
    CHECK(complaint({config}).empty());
    config.key = literal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    CHECK(complaint({config}).empty());
    config.old_keys = {literal("whsec_short")};
    CHECK(complaint({config}).contains("signing key"));
    CHECK(complaint({config}).contains("channel `team`, old_keys: "));
    CHECK_FALSE(complaint({config}).contains("channel `team`, key: "));
    CHECK_FALSE(complaint({config}).contains("whsec_short"));
}

TEST_CASE("a secret in a header is one line and is redacted with and without its scheme") {
    ChannelConfig config = slack(literal("https://hook.example.com/"));
    config.headers = {{"Authorization", literal("Bearer token-4711")}, {"X-Team", literal("chat-team")}};
    Redactor redactor;
    REQUIRE(arm_channels({config}, ".", redactor));
    CHECK_FALSE(redactor.redact("you sent token-4711").contains("4711"));
    CHECK(redactor.redact("chat-team") == "chat-team");
    config.headers = {{"X-Team: x\r\nX-Evil", literal("1")}};
    CHECK(complaint({config}).contains("no name of a header"));
    config.headers = {{"Authorization", literal("Bearer a\r\nX-Evil: 1")}};
    CHECK(complaint({config}).contains("line break"));
}

TEST_CASE("two mistakes of one channel are told together and no remedy twice") {
    ChannelConfig config = slack(literal("nonsense"));
    config.tls.verify = false;
    Redactor redactor;
    const auto armed = arm_channels({config, config}, ".", redactor);
    REQUIRE_FALSE(armed);
    CHECK(armed.error().title.contains("no http or https URL"));
    CHECK(armed.error().title.contains("always verified"));
    const std::string& remedy = armed.error().remedy;
    CHECK(remedy.find("PEM") == remedy.rfind("PEM"));
}

}  // namespace
}  // namespace serin::test
