// SPDX-License-Identifier: Apache-2.0
#include "runner/config/channel_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/language/known_names.hpp"

namespace serin {
namespace {

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return made;
}
bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

/// A token of RFC 9110 §5.6.2.
bool is_header_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return alphanumeric || others.find(c) != std::string_view::npos;
    });
}
bool names_a_secret(std::string_view header) {
    const std::string name = lower(header);
    constexpr std::array words{"authorization", "cookie", "token", "secret", "password", "key"};
    return std::ranges::any_of(words, [&](const char* word) { return name.find(word) != std::string::npos; });
}

bool is_here(std::string_view host) {
    const std::string name = lower(host);
    return name == "localhost" || name.ends_with(".localhost") || is_loopback(name);
}

/// Is anything sent that others must not read? A webhook's key signs and never leaves.
bool sends_secrets(const ChannelConfig& channel) {
    const bool key = channel.key.given() && channel.kind != ChannelKind::webhook;
    return key || channel.api_token.given() ||
           std::ranges::any_of(channel.headers, [](const auto& header) { return header.second.text.empty(); });
}

bool same(const MaybeSecret& one, const MaybeSecret& other) {
    return one.given() && one.text == other.text && one.reference.env == other.reference.env &&
           one.reference.file == other.reference.file;
}

void warn_of_plain_http(std::string_view url, const Place& place, ConfigReading& reading) {
    const std::string host = host_in(url);
    if (!url.starts_with("http://") || is_here(host)) return;
    reading.complaints.warning(place, fmt::format("secrets would travel to `{}` unencrypted", host), "plain HTTP",
                               "use https://");
}

}  // namespace

bool check_header(const YamlEntry& header, ConfigReading& reading) {
    if (!is_header_name(header.key)) {
        reading.complaints.error(header.key_place, fmt::format("`{}` is no name of a header", header.key), "",
                                 "use letters, digits and `-`");
        return false;
    }
    if (!header.value.is_scalar()) return true;
    if (names_a_secret(header.key)) {
        reading.complaints.error(masked(header.value.place), "a secret must not stand in the file", "not shown",
                                 fmt::format("say where it is read, as `{}: {{ env: NAME }}`", header.key));
        return false;
    }
    if (!has_control(header.value.text)) return true;
    reading.complaints.error(header.value.place, fmt::format("the value of `{}` holds a line break", header.key), "",
                             "write it on one line");
    return false;
}

void check_addresses(const Fields& mail, ConfigReading& reading) {
    const auto check = [&](const YamlNode& node, std::string_view key) {
        const std::size_t at = node.text.rfind('@');
        const bool fine = at != std::string::npos && at > 0 && at + 1 < node.text.size() && !has_control(node.text);
        if (!fine)
            reading.complaints.error(node.place,
                                     fmt::format("`{}` must be a mail address, found {}", key, described(node)), "",
                                     "write one, as `oncall@example.com`");
    };
    if (const YamlNode* from = mail.find("from")) check(*from, "from");
    const YamlNode* to = mail.find("to");
    if (to == nullptr) return;
    if (to->items.empty())
        reading.complaints.error(mail.key_place("to"), "`to` is empty", "nobody would read it",
                                 "name somebody, as `to: [oncall@example.com]`");
    for (const YamlNode& item : to->items) check(item, "to");
}

void check_command(const Fields& exec, ConfigReading& reading) {
    if (const YamlNode* command = exec.find("command"); command != nullptr && command->items.empty())
        reading.complaints.error(exec.key_place("command"), "`command` is empty", "nothing would run",
                                 "name a program, as `command: [/usr/local/bin/page]`");
    const YamlNode* environment = exec.find("environment");
    if (environment == nullptr) return;
    for (const YamlNode& name : environment->items) {
        if (is_identifier(name.text)) continue;
        reading.complaints.error(masked(name.place), "`environment` takes names of variables only", "not shown",
                                 "name the variable; its value comes from the daemon's own environment");
    }
}

void check_encryption(const ChannelConfig& channel, const Fields& fields, ConfigReading& reading) {
    const YamlNode* url = fields.find("url");
    if (channel.kind == ChannelKind::slack && url != nullptr && url->is_scalar() &&
        lower(host_in(url->text)) == "hooks.slack.com")
        reading.complaints.error(masked(url->place), "a secret must not stand in the file",
                                 "whoever knows this URL can post",
                                 "say where it is read, as `url: { env: SLACK_URL }`");
    if (!sends_secrets(channel)) return;
    if (url != nullptr && url->is_scalar()) warn_of_plain_http(url->text, url->place, reading);
    if (const YamlNode* urls = fields.find("urls")) {
        for (const YamlNode& each : urls->items) warn_of_plain_http(each.text, each.place, reading);
    }
    const YamlNode* api = fields.find("api");
    if (const YamlNode* of_api = api == nullptr ? nullptr : api->find("url"))
        warn_of_plain_http(of_api->text, of_api->place, reading);
}

bool pages(const ChannelConfig& channel) {
    return channel.kind != ChannelKind::grafana && channel.kind != ChannelKind::statuspage &&
           channel.kind != ChannelKind::heartbeat;
}

bool proves(const ChannelConfig& channel) {
    if (channel.kind == ChannelKind::pagerduty) return channel.api_token.given() || !channel.inbound_keys.empty();
    return pages(channel) && channel.kind != ChannelKind::slack;
}

std::string shared_fate(const ChannelConfig& one, const ChannelConfig& other) {
    if (one.name == other.name) return "the same channel";
    if (one.kind != other.kind) return {};
    if (one.kind == ChannelKind::exec) return one.command == other.command ? "the same command" : "";
    const bool shared = std::ranges::any_of(one.urls, [&](const MaybeSecret& url) {
        return std::ranges::any_of(other.urls, [&](const MaybeSecret& its) { return same(url, its); });
    });
    return shared ? "the same URL" : "";
}

}  // namespace serin
