// SPDX-License-Identifier: Apache-2.0
// The channels: one mapping type a kind.
#include <chrono>

#include "core/time.hpp"
#include "runner/config/table_parts.hpp"

namespace serin {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t ns(Duration duration) {
    return duration.count();
}

using Keys = std::vector<Key>;

Keys operator+(Keys keys, const Keys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

Key url(std::string_view meaning, std::string_view example, std::string_view fallback = {}) {
    return {.name = "url",
            .shape = Shape::words_or_secret,
            .required = fallback.empty(),
            .fallback = fallback,
            .meaning = meaning,
            .example = example,
            .of = "secret"};
}
Key plain_url(std::string_view meaning, std::string_view example, std::string_view fallback = {}) {
    return {.name = "url", .shape = Shape::words, .fallback = fallback, .meaning = meaning, .example = example};
}
Key secret(std::string_view name, std::string_view meaning, std::string_view example) {
    return {.name = name, .shape = Shape::secret, .meaning = meaning, .example = example, .of = "secret"};
}
Key required(Key key) {
    key.required = true;
    return key;
}

Key changes() {
    return {.name = "changes",
            .shape = Shape::flag,
            .fallback = "false",
            .meaning = "recorded changes are told too",
            .example = "true"};
}
Key timeout() {
    return {.name = "timeout",
            .shape = Shape::duration,
            .fallback = "10s",
            .meaning = "of one attempt",
            .example = "5s",
            .least = ns(100ms),
            .most = ns(60s)};
}
Key tls() {
    return {.name = "tls",
            .shape = Shape::mapping,
            .meaning = "certificates other than the system's",
            .example = "{ ca: tls/ca.pem }",
            .of = "channel's tls"};
}

Keys words() {
    return {
        {.name = "title",
         .shape = Shape::text,
         .fallback = "the built-in one",
         .meaning = "template of the one line, over `incident`, `kind`, `title`, `text`, `link` and `level`",
         .example = "\"${incident.service}: ${title}\""},
        {.name = "text",
         .shape = Shape::text,
         .fallback = "the built-in one",
         .meaning = "template of the lines below it",
         .example = "\"${text} ${link}\""},
    };
}
Keys http() {
    return {
        {.name = "headers",
         .shape = Shape::words_or_secret_map,
         .meaning = "further headers; `Authorization` and its like by reference only",
         .example = "{ Authorization: { env: HOOK_AUTH } }",
         .of = "secret"},
        timeout(),
        tls(),
        {.name = "proxy",
         .shape = Shape::words,
         .fallback = "none",
         .meaning = "of this channel; the environment's proxies are not used",
         .example = "http://proxy.example:3128"},
    };
}
Key labels(std::string_view meaning) {
    return {.name = "labels", .shape = Shape::scalars_by_name, .meaning = meaning, .example = "{ team: chat }"};
}

MappingType pagerduty() {
    return {.name = "pagerduty channel",
            .meaning = "PagerDuty's Events API v2: triggers, acknowledges, resolves.",
            .keys = Keys{required(secret("routing_key", "integration key of the service", "{ env: PD_KEY }")),
                         url("of the Events API", "https://events.eu.pagerduty.com", "https://events.pagerduty.com"),
                         {.name = "api",
                          .shape = Shape::mapping,
                          .fallback = "a page counts as accepted only",
                          .meaning = "REST API, which proves that an incident is there",
                          .example = "{ token: { env: PD_TOKEN } }",
                          .of = "pagerduty api"},
                         {.name = "webhook_keys",
                          .shape = Shape::secret_list,
                          .meaning = "of its v3 webhooks to us: who acknowledges there acknowledges here",
                          .example = "[{ env: PD_HOOK }]",
                          .of = "secret"},
                         changes(),
                         labels("added to the custom details")} +
                    words() + http()};
}

MappingType alertmanager() {
    return {.name = "alertmanager channel",
            .meaning = "Prometheus Alertmanager's API v2. Every instance is told, never a load balancer.",
            .keys = Keys{{.name = "urls",
                          .shape = Shape::words_or_secret_list,
                          .required = true,
                          .meaning = "of every instance",
                          .example = "[http://am-1:9093, http://am-2:9093]",
                          .of = "secret"},
                         labels("added to every alert")} +
                    words() + http()};
}

MappingType slack() {
    return {.name = "slack channel",
            .meaning = "A Slack incoming webhook. It cannot prove that anybody sees it.",
            .keys = Keys{url("of the webhook; a secret", "{ file: /run/secrets/slack-url }")} + words() + http()};
}

MappingType webhook() {
    return {.name = "webhook channel",
            .meaning = "A POST by Standard Webhooks 1.0.0.",
            .keys = Keys{url("that is posted to", "https://hooks.example/serin"),
                         secret("key", "signs; `whsec_` and base64", "{ env: HOOK_KEY }"),
                         {.name = "old_keys",
                          .shape = Shape::secret_list,
                          .meaning = "sign as well while keys change",
                          .example = "[{ env: HOOK_KEY_BEFORE }]",
                          .of = "secret"}} +
                    words() + http()};
}

MappingType mail() {
    return {.name = "mail channel",
            .meaning = "SMTP. Never the only way to be paged.",
            .keys = Keys{url("smtps:// of the server, or smtp:// and STARTTLS", "smtps://mail.example:465"),
                         {.name = "user",
                          .shape = Shape::words_or_secret,
                          .meaning = "to log in as",
                          .example = "serin",
                          .of = "secret"},
                         secret("password", "to log in with", "{ env: SMTP_PASSWORD }"),
                         {.name = "from",
                          .shape = Shape::words,
                          .required = true,
                          .meaning = "address of the sender",
                          .example = "serin@example.com"},
                         {.name = "to",
                          .shape = Shape::word_list,
                          .required = true,
                          .meaning = "addresses",
                          .example = "[oncall@example.com]"},
                         {.name = "imap",
                          .shape = Shape::mapping,
                          .fallback = "the server's 250 after the message is the proof",
                          .meaning = "a mailbox in which each mail must turn up to be proven",
                          .example = "{ url: imaps://mail.example, user: oncall, password: { env: IMAP_PASSWORD } }",
                          .of = "imap block"},
                         timeout(),
                         tls()} +
                    words()};
}

MappingType exec() {
    return {.name = "exec channel",
            .meaning = "A program of yours; the notice is JSON on its standard input. No shell.",
            .keys = Keys{{.name = "command",
                          .shape = Shape::word_list,
                          .required = true,
                          .meaning = "program and arguments; a path is relative to the folder of this file",
                          .example = "[/usr/local/bin/page, --loud]"},
                         {.name = "environment",
                          .shape = Shape::word_list,
                          .fallback = "only PATH",
                          .meaning = "names of variables that it may see",
                          .example = "[PAGE_TOKEN]"},
                         timeout()} +
                    words()};
}

MappingType heartbeat() {
    return {.name = "heartbeat channel",
            .meaning = "A dead man's switch outside, such as healthchecks.io: it tells when we fall silent.",
            .keys = Keys{url("that is asked while all is well", "{ env: HC_URL }"),
                         {.name = "every",
                          .shape = Shape::duration,
                          .fallback = "1m",
                          .meaning = "period; receivers may drop more than five a minute",
                          .example = "1m",
                          .least = ns(15s),
                          .most = ns(24h)},
                         {.name = "due_share",
                          .shape = Shape::share,
                          .fallback = "90%",
                          .meaning = "of the runs that were due must have run, or we stay silent",
                          .example = "90%",
                          .least = 10'000}} +
                    http()};
}

MappingType grafana() {
    return {.name = "grafana channel",
            .meaning = "Annotations on Grafana's dashboards. It pages nobody.",
            .keys = Keys{url("of Grafana", "https://grafana.example"),
                         required(secret("token", "of a service account with annotations:create", "{ env: GRAFANA }")),
                         changes()} +
                    words() + http()};
}

MappingType statuspage() {
    return {.name = "statuspage channel",
            .meaning = "States of components at Atlassian Statuspage; never an incident. It pages nobody.",
            .keys = Keys{{.name = "page",
                          .shape = Shape::label,
                          .required = true,
                          .meaning = "id of the page",
                          .example = "kctbh9vrtdwd"},
                         required(secret("token", "of its API", "{ env: STATUSPAGE }")),
                         url("of its API", "https://api.statuspage.io", "https://api.statuspage.io"),
                         {.name = "publish",
                          .shape = Shape::flag,
                          .fallback = "false",
                          .meaning = "true: states are changed there; false: only said in the log",
                          .example = "true"}} +
                    http()};
}

Key kind(std::string_view name, std::string_view of, std::string_view meaning, std::string_view example) {
    return {.name = name, .shape = Shape::mapping, .meaning = meaning, .example = example, .of = of};
}

MappingType channel() {
    return {.name = "channel",
            .meaning = "A way to reach people: exactly one kind.",
            .keys = {kind("pagerduty", "pagerduty channel", "pages", "{ routing_key: { env: PD_KEY } }"),
                     kind("alertmanager", "alertmanager channel", "pages", "{ urls: [http://am-1:9093] }"),
                     kind("slack", "slack channel", "pages, unproven", "{ url: { file: slack-url } }"),
                     kind("webhook", "webhook channel", "pages", "{ url: https://hooks.example/serin }"),
                     kind("mail", "mail channel", "pages",
                          "{ url: smtps://mail.example, from: serin@example.com, to: [oncall@example.com] }"),
                     kind("exec", "exec channel", "pages", "{ command: [/usr/local/bin/page] }"),
                     kind("heartbeat", "heartbeat channel", "dead man's switch", "{ url: { env: HC_URL } }"),
                     kind("grafana", "grafana channel", "annotations",
                          "{ url: https://grafana.example, token: { env: GRAFANA } }"),
                     kind("statuspage", "statuspage channel", "component states",
                          "{ page: kctbh9vrtdwd, token: { env: STATUSPAGE } }")},
            .exactly_one = true};
}

MappingType file_type(std::string_view name, std::string_view meaning, Keys keys) {
    return {.name = name, .meaning = meaning, .keys = std::move(keys)};
}

}  // namespace

std::vector<MappingType> channel_types() {
    return {
        channel(),
        pagerduty(),
        file_type(
            "pagerduty api", "PagerDuty's REST API, for reading back.",
            {required(secret("token", "a read-only key", "{ env: PD_TOKEN }")),
             plain_url("of the API", "https://api.eu.pagerduty.com", "that of the region of the channel's `url`")}),
        alertmanager(),
        slack(),
        webhook(),
        mail(),
        file_type(
            "imap block", "The mailbox that mails are looked for in.",
            {required(plain_url("imaps:// or imap:// of the server, and the mailbox", "imaps://mail.example/INBOX")),
             required({.name = "user",
                       .shape = Shape::words_or_secret,
                       .meaning = "to log in as",
                       .example = "oncall",
                       .of = "secret"}),
             required(secret("password", "to log in with", "{ env: IMAP_PASSWORD }"))}),
        exec(),
        heartbeat(),
        grafana(),
        statuspage(),
        file_type("channel's tls", "PEM files, relative to the folder of this file.",
                  {{.name = "ca",
                    .shape = Shape::words,
                    .fallback = "the system's",
                    .meaning = "roots that are trusted",
                    .example = "tls/ca.pem"},
                   {.name = "cert", .shape = Shape::words, .meaning = "our certificate", .example = "tls/us.pem"},
                   {.name = "key", .shape = Shape::words, .meaning = "its key", .example = "tls/us.key"}})};
}

}  // namespace serin
