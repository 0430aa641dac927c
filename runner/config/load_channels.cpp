// SPDX-License-Identifier: Apache-2.0
// The channels: one reader a kind.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "reports/alerts/channels/rendering.hpp"
#include "runner/config/channel_checks.hpp"
#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/expression.hpp"
#include "scenarios/language/known_names.hpp"

namespace serin {
namespace {

constexpr std::initializer_list<std::string_view> web{"https", "http"};

/// Reads one channel; the getters name secrets after it.
class ChannelReader {
public:
    ChannelReader(const Fields& fields, ChannelConfig& channel, ConfigReading& reading)
        : fields_(fields), channel_(channel), reading_(reading) {}

    void pagerduty() {
        url("https://events.pagerduty.com");
        channel_.key = one(fields_, "routing_key");
        channel_.inbound_keys = list(fields_, "webhook_keys");
        channel_.changes = fields_.flag("changes", false);
        channel_.labels = pairs_of(fields_.find("labels"));
        const std::optional<Fields> api = block_of(fields_, "api", "pagerduty api", reading_);
        if (!api) return;
        channel_.api_token = one(*api, "token");
        channel_.api_url = plain_url(*api, web);
    }
    void alertmanager() {
        if (const YamlNode* urls = fields_.find("urls")) {
            for (const YamlNode& item : urls->items) check_url(item, "urls", web, reading_);
        }
        channel_.urls = list(fields_, "urls");
        channel_.labels = pairs_of(fields_.find("labels"));
    }
    void slack() { url(); }
    void webhook() {
        url();
        channel_.key = one(fields_, "key");
        channel_.old_keys = list(fields_, "old_keys");
        if (!channel_.old_keys.empty() && !channel_.key.given())
            reading_.complaints.error(fields_.key_place("old_keys"), "`old_keys` without `key`", "nothing is signed",
                                      "add the newest as `key: { env: NAME }`");
    }
    void mail() {
        url({}, {"smtps", "smtp"});
        channel_.user = one(fields_, "user");
        channel_.password = one(fields_, "password");
        channel_.from = fields_.text("from");
        channel_.to = fields_.texts("to");
        check_addresses(fields_, reading_);
        const std::optional<Fields> imap = block_of(fields_, "imap", "imap block", reading_);
        if (!imap) return;
        channel_.imap_url = plain_url(*imap, {"imaps", "imap"});
        channel_.imap_user = one(*imap, "user");
        channel_.imap_password = one(*imap, "password");
    }
    void exec() {
        namespace fs = std::filesystem;
        channel_.command = fields_.texts("command");
        channel_.environment = fields_.texts("environment");
        check_command(fields_, reading_);
        if (channel_.command.empty() || channel_.command.front().find('/') == std::string::npos) return;
        channel_.command.front() = fs::absolute(reading_.beside(channel_.command.front())).string();
    }
    void heartbeat() {
        url();
        channel_.every = fields_.duration("every").value_or(channel_.every);
        channel_.due_share = fields_.share("due_share").value_or(channel_.due_share);
    }
    void grafana() {
        url();
        channel_.key = one(fields_, "token");
        channel_.changes = fields_.flag("changes", false);
    }
    void statuspage() {
        url("https://api.statuspage.io");
        channel_.key = one(fields_, "token");
        channel_.page = fields_.text("page");
        channel_.publish = fields_.flag("publish", false);
    }

    /// What several kinds have; absent from the others' tables.
    void common() {
        channel_.timeout = fields_.duration("timeout").value_or(channel_.timeout);
        channel_.proxy = fields_.text("proxy");
        if (const YamlNode* proxy = fields_.find("proxy")) check_url(*proxy, "proxy", web, reading_);
        if (const std::optional<Fields> tls = block_of(fields_, "tls", "channel's tls", reading_)) {
            channel_.tls.ca = reading_.beside(tls->text("ca"));
            channel_.tls.cert = reading_.beside(tls->text("cert"));
            channel_.tls.key = reading_.beside(tls->text("key"));
        }
        if (const YamlNode* headers = fields_.find("headers")) {
            for (const YamlEntry& header : headers->entries) {
                if (!check_header(header, reading_)) continue;
                const std::string name = fmt::format("{}.{}", channel_.name, header.key);
                channel_.headers.emplace_back(header.key, maybe_secret(header.value, header.key_place, name, reading_));
            }
        }
        channel_.title = words("title");
        channel_.text = words("text");
        check_encryption(channel_, fields_, reading_);
    }

private:
    void url(std::string fallback = {}, std::initializer_list<std::string_view> schemes = web) {
        channel_.urls.assign(1, MaybeSecret{.text = std::move(fallback), .reference = {}});
        const YamlNode* node = fields_.find("url");
        if (node == nullptr || !check_url(*node, "url", schemes, reading_)) return;
        channel_.urls.front() = one(fields_, "url");
    }
    /// Of a URL that holds no secret.
    std::string plain_url(const Fields& fields, std::initializer_list<std::string_view> schemes) {
        if (const YamlNode* node = fields.find("url")) check_url(*node, "url", schemes, reading_);
        return fields.text("url");
    }
    MaybeSecret one(const Fields& fields, std::string_view key) {
        const YamlNode* node = fields.find(key);
        if (node == nullptr) return {};
        return maybe_secret(*node, fields.key_place(key), fmt::format("{}.{}", channel_.name, key), reading_);
    }
    std::vector<MaybeSecret> list(const Fields& fields, std::string_view key) {
        std::vector<MaybeSecret> all;
        const YamlNode* node = fields.find(key);
        if (node == nullptr) return all;
        for (const YamlNode& item : node->items) {
            const std::string name = fmt::format("{}.{}.{}", channel_.name, key, all.size() + 1);
            all.push_back(maybe_secret(item, fields.key_place(key), name, reading_));
        }
        return all;
    }
    std::optional<Text> words(std::string_view key) {
        const YamlNode* node = fields_.find(key);
        if (node == nullptr) return std::nullopt;
        Mistakes mistakes;
        Text text = parse_text(node->text, node->content, notice_names(), mistakes);
        reading_.complaints.add(std::move(mistakes));
        return text;
    }

    const Fields& fields_;
    ChannelConfig& channel_;
    ConfigReading& reading_;
};

struct Kind {
    std::string_view key, type;
    ChannelKind kind;
    void (ChannelReader::*read)();
};
constexpr std::array kinds{
    Kind{"pagerduty", "pagerduty channel", ChannelKind::pagerduty, &ChannelReader::pagerduty},
    Kind{"alertmanager", "alertmanager channel", ChannelKind::alertmanager, &ChannelReader::alertmanager},
    Kind{"slack", "slack channel", ChannelKind::slack, &ChannelReader::slack},
    Kind{"webhook", "webhook channel", ChannelKind::webhook, &ChannelReader::webhook},
    Kind{"mail", "mail channel", ChannelKind::mail, &ChannelReader::mail},
    Kind{"exec", "exec channel", ChannelKind::exec, &ChannelReader::exec},
    Kind{"heartbeat", "heartbeat channel", ChannelKind::heartbeat, &ChannelReader::heartbeat},
    Kind{"grafana", "grafana channel", ChannelKind::grafana, &ChannelReader::grafana},
    Kind{"statuspage", "statuspage channel", ChannelKind::statuspage, &ChannelReader::statuspage},
};

std::optional<ChannelConfig> read_channel(const YamlEntry& entry, ConfigReading& reading) {
    const Fields outer(entry.value, config_type("channel"), entry.key_place, reading.complaints);
    const auto kind = std::ranges::find_if(kinds, [&](const Kind& each) { return outer.find(each.key) != nullptr; });
    if (kind == kinds.end()) return std::nullopt;
    ChannelConfig channel;
    channel.name = entry.key;
    channel.place = entry.key_place;
    channel.kind = kind->kind;
    const Fields fields(*outer.find(kind->key), config_type(kind->type), outer.key_place(kind->key),
                        reading.complaints);
    ChannelReader reader(fields, channel, reading);
    (reader.*kind->read)();
    reader.common();
    return channel;
}

}  // namespace

std::vector<ChannelConfig> read_channels(const Fields& alerts, ConfigReading& reading) {
    std::vector<ChannelConfig> channels;
    const YamlNode* all = alerts.find("channels");
    if (all == nullptr) return channels;
    for (const YamlEntry& entry : all->entries) {
        if (std::optional<ChannelConfig> channel = read_channel(entry, reading))
            channels.push_back(*std::move(channel));
    }
    return channels;
}

}  // namespace serin
