// SPDX-License-Identifier: Apache-2.0
// Who may ask, and over what.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"
#include "scenarios/language/units.hpp"

namespace serin {
namespace {

constexpr const char* how_to_hash = "its hash: printf %s TOKEN | sha256sum";

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}
std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
    return text;
}

/// The first word of the file, as sha256sum writes it: "HASH  NAME".
std::string hash_in_file(const YamlNode& path, ConfigReading& reading) {
    const Result<std::string> text = reading.read(reading.beside(path.text));
    if (!text && reading.only_checked) return {};
    if (!text) {
        reading.complaints.error(path.place, text.error().title, "", text.error().remedy);
        return {};
    }
    std::string hash = text->substr(0, text->find_first_of(" \t\r\n"));
    if (is_sha256(hash)) return hash;
    reading.complaints.error(path.place, "this file holds no SHA-256", "64 hexadecimal digits were expected",
                             fmt::format("it must hold the token's hash, never the token; {}", how_to_hash));
    return {};
}

std::set<TokenScope> scopes_of(const Fields& token) {
    std::set<TokenScope> scopes;
    for (const std::string& name : token.texts("scopes"))
        scopes.insert(name == "operate"  ? TokenScope::operate
                      : name == "change" ? TokenScope::change
                      : name == "report" ? TokenScope::report
                                         : TokenScope::read);
    return scopes;
}

void read_token(const YamlNode& node, const Place& owner, std::vector<Tokens::Entry>& tokens, ConfigReading& reading) {
    const Fields fields(node, config_type("token"), owner, reading.complaints);
    if (!node.is_map()) return;
    const bool direct = node.find("sha256") != nullptr, by_file = node.find("sha256_file") != nullptr;
    if (direct == by_file) {
        reading.complaints.error(node.place, direct ? "a token has one hash, found two" : "a token without its hash",
                                 "", fmt::format("give either `sha256` or `sha256_file`; {}", how_to_hash));
        return;
    }
    const YamlNode* path = fields.find("sha256_file");
    const std::string hash = lower(path != nullptr ? hash_in_file(*path, reading) : fields.text("sha256"));
    const std::string name = fields.text("name");
    if (std::ranges::find(tokens, name, &Tokens::Entry::name) != tokens.end())
        reading.complaints.error(fields.find("name")->place, fmt::format("a second token named `{}`", name), "",
                                 "give each its own name: the log tells them apart by it");
    const auto same = std::ranges::find(tokens, hash, &Tokens::Entry::sha256);
    if (!hash.empty() && same != tokens.end())
        reading.complaints.error(node.place, fmt::format("the same token as `{}`", same->name), "the hash is the same",
                                 "give one of the two another token, or remove it");
    tokens.push_back({.name = name, .sha256 = hash, .scopes = scopes_of(fields)});
}

void check_tls(const Fields& fields, ConfigReading& reading) {
    const bool cert = fields.find("cert") != nullptr, key = fields.find("key") != nullptr;
    if (cert != key)
        reading.complaints.error(fields.key_place(cert ? "cert" : "key"),
                                 fmt::format("`{}` without `{}`", cert ? "cert" : "key", cert ? "key" : "cert"), "",
                                 "TLS needs both; without either the server speaks plain HTTP");
    if (fields.find("client_ca") != nullptr && !cert)
        reading.complaints.error(fields.key_place("client_ca"), "`client_ca` without `cert`",
                                 "no certificate is asked for over plain HTTP", "add `cert` and `key`");
}

}  // namespace

bool is_loopback(const std::string& address) {
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six{};
    return inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

void read_listener(const Fields& file, ListenConfig& listen, ConfigReading& reading) {
    const std::optional<Fields> fields = block_of(file, "listen", "listen block", reading);
    if (!fields) return;
    const std::size_t before = reading.complaints.errors();
    std::vector<Tokens::Entry> tokens;
    if (const YamlNode* list = fields->find("tokens")) {
        for (const YamlNode& item : list->items) read_token(item, fields->key_place("tokens"), tokens, reading);
    }
    const bool tokens_fine = reading.complaints.errors() == before;
    listen.port = static_cast<std::uint16_t>(fields->count("port").value_or(listen.port));
    listen.cert = reading.beside(fields->text("cert"));
    listen.key = reading.beside(fields->text("key"));
    listen.client_ca = reading.beside(fields->text("client_ca"));
    check_tls(*fields, reading);
    if (const YamlNode* address = fields->find("address")) {
        listen.address = address->text == "localhost" ? "127.0.0.1" : address->text;
        if (!is_address(listen.address)) {
            reading.complaints.error(address->place,
                                     fmt::format("`address` must be an IP address, found {}", described(*address)), "",
                                     "write 127.0.0.1 or ::1 for this machine alone, 0.0.0.0 or \"::\" for all");
        } else if (!is_loopback(listen.address) && tokens.empty() && tokens_fine) {
            reading.complaints.error(
                address->place, "whoever reaches this address could ask, and nobody needs a token", "not loopback",
                fmt::format(
                    "add `tokens: [{{ name: grafana, sha256: …, scopes: [read] }}]`, or leave `address` out\n{}",
                    how_to_hash));
        }
    }
    listen.tokens = Tokens(std::move(tokens));
}

}  // namespace serin
