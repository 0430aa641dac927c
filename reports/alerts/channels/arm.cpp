// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <utility>

#include "core/ascii.hpp"
#include "net/url.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/signatures.hpp"

namespace serin {
namespace {

constexpr std::size_t longest_secret = 64 << 10;  // bytes; a mistaken path to something large must not be read whole
constexpr std::size_t shortest_path = 12;         // bytes of a path that is secret by itself

/// Collects what is wrong, so that one Error tells of all of it.
struct Arming {
    const std::string& folder;
    Redactor& redactor;
    Error wrong{};

    void complain(const std::string& title, const std::string& remedy) {
        wrong.title += (wrong.title.empty() ? "" : "; ") + title;
        if (!remedy.empty() && !wrong.remedy.contains(remedy))
            wrong.remedy += (wrong.remedy.empty() ? "" : "; ") + remedy;
    }
};

std::string at(const Place& place) {
    return place.known() ? " (" + place.text() + ")" : std::string();
}

Result<std::string> from_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read before any thread starts
    if (value == nullptr) return fail("the environment variable " + name + " is not set", "export " + name + "=…");
    if (*value == '\0') return fail("the environment variable " + name + " is empty", "give it its value");
    return std::string(value);
}

Result<std::string> from_file(const std::string& name, const std::string& folder) {
    std::filesystem::path path = name;
    if (path.is_relative()) path = std::filesystem::path(folder) / path;
    std::error_code error;
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path, error))
        return fail("the file " + path.string() + " cannot be read", "check its path and its permissions");
    std::string text(longest_secret + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    if (file.bad()) return fail("the file " + path.string() + " cannot be read", "check its permissions");
    if (text.size() > longest_secret) return fail("the file " + path.string() + " is too long for a secret");
    if (text.ends_with('\n')) text.pop_back();  // editors add one, `echo` too
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return fail("the file " + path.string() + " is empty", "write the secret into it");
    return text;
}

/// smtp://host[:port] or smtps://…, its generic parts as those of any URL with an authority; nullopt for others.
std::optional<Url> mail_server_in(std::string_view url) {
    const std::size_t end = std::min(url.find("://"), url.size());
    const std::string_view scheme = url.substr(0, end);
    if (!equal_ignoring_case(scheme, "smtp") && !equal_ignoring_case(scheme, "smtps")) return std::nullopt;
    return parse_url("http" + std::string(url.substr(end)));
}

bool is_reference(const MaybeSecret& secret) {
    return !secret.reference.env.empty() || !secret.reference.file.empty();
}

/// What serin.yaml calls a channel's own secret.
const char* key_word(ChannelKind kind) {
    switch (kind) {
        case ChannelKind::pagerduty:
            return "routing_key";
        case ChannelKind::grafana:
        case ChannelKind::statuspage:
            return "token";
        default:
            return "key";
    }
}

const char* url_word(ChannelKind kind) {
    return kind == ChannelKind::alertmanager ? "urls" : "url";
}

/// Variables that hold no secret by their very meaning: to redact them would only make messages unreadable.
bool is_harmless(std::string_view variable) {
    constexpr std::array<std::string_view, 9> harmless{"PATH",    "HOME",  "LANG",   "TZ", "USER",
                                                       "LOGNAME", "SHELL", "TMPDIR", "PWD"};
    return std::ranges::find(harmless, variable) != harmless.end();
}

/// One channel's secrets; `what` in messages is as in serin.yaml: "channel `pager`, routing_key".
class OneChannel {
public:
    OneChannel(Arming& arming, const ChannelConfig& config) : arming_(arming) { armed_.config = config; }

    ArmedChannel arm() {
        const ChannelConfig& config = armed_.config;
        for (const MaybeSecret& url : config.urls) armed_.urls.push_back(read_url(url));
        for (const auto& [name, value] : config.headers) armed_.headers.emplace_back(name, read_header(name, value));
        armed_.key = read(key_word(config.kind), config.key, Keep::always);
        armed_.api_token = read("api.token", config.api_token, Keep::always);
        armed_.password = read("password", config.password, Keep::always);
        armed_.imap_password = read("imap.password", config.imap_password, Keep::always);
        armed_.user = read("user", config.user, Keep::when_referred);
        armed_.imap_user = read("imap.user", config.imap_user, Keep::when_referred);
        for (const MaybeSecret& key : config.old_keys) armed_.old_keys.push_back(read("old_keys", key, Keep::always));
        for (const MaybeSecret& key : config.inbound_keys)
            armed_.inbound_keys.push_back(read("webhook_keys", key, Keep::always));
        for (const std::string& variable : config.environment) learn(variable);
        check();
        return std::move(armed_);
    }

private:
    enum class Keep { always, when_referred };

    [[nodiscard]] std::string who(const std::string& what) const {
        return "channel `" + armed_.config.name + "`, " + what;
    }
    [[nodiscard]] Place place_of(const MaybeSecret& secret) const {
        return secret.reference.place.known() ? secret.reference.place : armed_.config.place;
    }
    void complain(const std::string& what, const Place& place, const Error& error) {
        arming_.complain(who(what) + ": " + error.title + at(place), error.remedy);
    }

    /// Empty when it is not given, or cannot be read (which is complained of).
    Secret read(const std::string& what, const MaybeSecret& wanted, Keep keep) {
        if (!wanted.given()) return {};
        Result<std::string> text = wanted.text;
        if (!wanted.reference.env.empty())
            text = from_environment(wanted.reference.env);
        else if (!wanted.reference.file.empty())
            text = from_file(wanted.reference.file, arming_.folder);
        if (!text) {
            complain(what, place_of(wanted), text.error());
            return {};
        }
        if (std::ranges::any_of(*text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
            complain(what, place_of(wanted),
                     {.title = "it holds a line break or another control character",
                      .remedy = "a secret is one line of text"});
            return {};
        }
        Secret secret(*std::move(text));
        if (keep == Keep::always || is_reference(wanted)) arming_.redactor.add(armed_.config.name + "." + what, secret);
        return secret;
    }

    /// What a command may see it may also say. Values that are shorter than any secret ("1", "C") stand in messages of
    /// all kinds and stay readable.
    void learn(const std::string& variable) {
        const char* value = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe): as above
        if (value == nullptr || is_harmless(variable)) return;
        Secret secret{value};
        if (secret.reveal().size() >= Redactor::shortest_anywhere)
            arming_.redactor.add(armed_.config.name + ".environment." + variable, secret);
    }

    Secret read_header(const std::string& name, const MaybeSecret& wanted) {
        const auto speaks_of = [&](std::string_view word) {
            return std::ranges::search(name, word, [](char a, char b) {
                       return equal_ignoring_case({&a, 1}, {&b, 1});
                   }).size() == word.size();
        };
        constexpr std::array<std::string_view, 6> words{"authorization", "cookie", "key", "token", "secret", "auth"};
        const bool secret_by_name = std::ranges::any_of(words, speaks_of);
        Secret value = read("headers." + name, wanted, secret_by_name ? Keep::always : Keep::when_referred);
        // "Bearer abc": an answer would repeat "abc" alone.
        const std::size_t blank = value.reveal().find(' ');
        if (blank != std::string::npos && (secret_by_name || is_reference(wanted)))
            arming_.redactor.add(armed_.config.name + ".headers." + name, Secret(value.reveal().substr(blank + 1)));
        return value;
    }

    Secret read_url(const MaybeSecret& wanted) {
        const std::string word = url_word(armed_.config.kind);
        const std::string label = armed_.config.name + "." + word;
        Secret url = read(word, wanted, Keep::when_referred);
        if (url.reveal().empty()) return url;
        const bool mail = armed_.config.kind == ChannelKind::mail;
        const std::optional<Url> parsed = mail ? mail_server_in(url.reveal()) : parse_url(url.reveal());
        if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")) {
            if (mail)
                complain(word, place_of(wanted),
                         {.title = "that is no smtp or smtps URL", .remedy = "write smtps://host"});
            else
                complain(word, place_of(wanted),
                         {.title = "that is no http or https URL", .remedy = "write https://host/path"});
            return url;
        }
        if (parsed->scheme == "http" && of_a_vendor() && !loopback(parsed->host))
            complain(word, place_of(wanted),
                     {.title = "plain http would show its secret to everybody on the way", .remedy = "write https://"});
        const ChannelKind kind = armed_.config.kind;
        const bool secret_path = is_reference(wanted) || kind == ChannelKind::slack || kind == ChannelKind::heartbeat ||
                                 kind == ChannelKind::webhook;
        if (secret_path && parsed->target.size() >= shortest_path) arming_.redactor.add(label, Secret(parsed->target));
        if (!parsed->credentials.empty())
            arming_.redactor.add(label, Secret(parsed->credentials.substr(parsed->credentials.find(':') + 1)));
        return url;
    }

    [[nodiscard]] bool of_a_vendor() const {
        const ChannelKind kind = armed_.config.kind;
        return kind == ChannelKind::slack || kind == ChannelKind::pagerduty || kind == ChannelKind::statuspage;
    }
    [[nodiscard]] static bool loopback(const std::string& host) {
        return host == "localhost" || host == "::1" || host.starts_with("127.");
    }

    /// What only the values can show.
    void check() {
        const ChannelConfig& config = armed_.config;
        if (!config.tls.verify)
            complain("tls", config.place,
                     {.title = "certificates are always verified", .remedy = "name the authority's PEM file as `ca`"});
        using enum ChannelKind;
        const auto is_one_of = [&](std::initializer_list<ChannelKind> kinds) {
            return std::ranges::find(kinds, config.kind) != kinds.end();
        };
        if (config.urls.empty() && is_one_of({alertmanager, slack, webhook, heartbeat, grafana}))
            complain(url_word(config.kind), config.place,
                     {.title = "there is none",
                      .remedy = config.kind == alertmanager ? "name every instance: `urls: [http://…]`"
                                                            : "say where it is: `url: https://…`"});
        if (!config.key.given() && is_one_of({pagerduty, grafana, statuspage}))
            complain(key_word(config.kind), config.place,
                     {.title = "there is none", .remedy = "name the variable or file it is in"});
        for (const auto& [name, value] : config.headers) {
            const bool token =
                std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
            if (name.empty() || !token)
                complain("headers", config.place,
                         {.title = "that is no name of a header", .remedy = "write letters, digits, `-` and `_` only"});
        }
        if (config.kind == pagerduty && !config.api_url.empty()) check_api_url();
        if (config.kind != webhook) return;
        check_signing_key("key", config.key, armed_.key);
        for (std::size_t i = 0; i < armed_.old_keys.size(); ++i)
            check_signing_key("old_keys", config.old_keys[i], armed_.old_keys[i]);
    }

    void check_signing_key(const std::string& what, const MaybeSecret& wanted, const Secret& key) {
        if (key.reveal().empty()) return;
        if (const Result<std::string> bytes = signing_key_of(key); !bytes)
            complain(what, place_of(wanted), bytes.error());
    }

    /// The token goes there.
    void check_api_url() {
        const std::optional<Url> parsed = parse_url(armed_.config.api_url);
        const bool safe = parsed && (parsed->scheme == "https" || (parsed->scheme == "http" && loopback(parsed->host)));
        if (!safe)
            complain("api.url", armed_.config.place,
                     {.title = "that is no https URL", .remedy = "write https://api.pagerduty.com"});
    }

    Arming& arming_;
    ArmedChannel armed_{};
};

}  // namespace

Result<std::vector<ArmedChannel>> arm_channels(const std::vector<ChannelConfig>& configs, const std::string& folder,
                                               Redactor& redactor) {
    Arming arming{.folder = folder, .redactor = redactor};
    std::vector<ArmedChannel> armed;
    armed.reserve(configs.size());
    for (const ChannelConfig& config : configs) armed.push_back(OneChannel(arming, config).arm());
    if (!arming.wrong.title.empty()) return std::unexpected(arming.wrong);
    return armed;
}

}  // namespace serin
