// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/client.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "scenarios/engine/headers.hpp"

namespace serin {
namespace {

const Target* target_named(const World& world, const std::string& name) {
    for (const Target& target : world.targets) {
        if (target.name == name) return &target;
    }
    return nullptr;
}

std::vector<std::string> target_names(const World& world) {
    std::vector<std::string> names;
    names.reserve(world.targets.size());
    for (const Target& target : world.targets) names.push_back(target.name);
    return names;
}

std::string without_slash(std::string url) {
    while (!url.empty() && url.back() == '/') url.pop_back();
    return url;
}

/// Fills a Client key by key; remembers the first Error, so that the caller reads as a list.
class Filling {
public:
    Filling(Evaluator& evaluator, const Scope& names, const std::string& actor)
        : evaluator_(evaluator), names_(names), actor_(actor) {}

    void text(const char* key, const std::optional<Template>& value, std::string& into) {
        if (!value || error_) return;
        Result<std::string> resolved = evaluator_.resolve_text(*value, names_);
        if (resolved) {
            into = *std::move(resolved);
        } else {
            remember(key, resolved.error());
        }
    }
    void texts(const char* key, const std::optional<Template>& value, std::vector<std::string>& into) {
        if (!value || error_) return;
        const Result<Json> resolved = evaluator_.resolve(*value, names_);
        if (!resolved) return remember(key, resolved.error());
        into.clear();
        if (resolved->is_string()) into.push_back(resolved->get<std::string>());
        if (!resolved->is_array()) return;
        for (const Json& item : *resolved) {
            if (item.is_string()) into.push_back(item.get<std::string>());
        }
    }
    void remember(const char* key, const Error& error) {
        if (error_) return;
        error_ = Error{
            .title = "actor `" + actor_ + "`, " + key + ": " + error.title, .remedy = error.remedy, .own_fault = false};
        if (error_->remedy.empty() && error.title.starts_with("target")) {
            error_->remedy = "give --target " + std::string(key) + "=URL, or --targets FILE";
        }
    }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

private:
    Evaluator& evaluator_;
    const Scope& names_;
    const std::string& actor_;
    std::optional<Error> error_;
};

void take_from_target(const Target& target, Client& client) {
    if (const std::string* api = target.find("api")) client.api = *api;
    if (const std::string* ws = target.find("ws")) client.ws = *ws;
    client.route.resolve = target.resolve;
    client.route.connect_to = target.connect_to;
    client.route.tls.ca = target.ca;
    client.route.tls.cert = target.cert;
    client.route.tls.key = target.key;
    client.route.proxy = target.proxy;
}

}  // namespace

Result<std::string> absolute_url(const std::string& url, const std::string& base, std::string_view base_key) {
    // A "://" in the query of a path makes no absolute URL.
    if (const std::size_t at = url.find("://"); at != std::string::npos && url.find_first_of("/?#") == at + 1)
        return url;
    if (base.empty()) {
        return fail(
            "`" + url + "` has no host, and neither the actor nor its target has `" + std::string(base_key) + "`",
            "write the whole URL, or give --target " + std::string(base_key) + "=URL");
    }
    return url.starts_with('/') || url.empty() || url.starts_with('?') ? base + url : base + "/" + url;
}

Result<Client> make_client(const Actor* actor, const World& world, const Target* default_target, Evaluator& evaluator,
                           const Scope& names, const std::string& folder) {
    Client client;
    if (actor == nullptr) {
        if (default_target != nullptr) take_from_target(*default_target, client);
        client.api = without_slash(std::move(client.api));
        client.ws = without_slash(std::move(client.ws));
        return client;
    }
    client.name = actor->name;
    Filling fill(evaluator, names, actor->name);
    std::string target_name;
    fill.text("target", actor->target, target_name);
    const Target* target = actor->target ? target_named(world, target_name) : default_target;
    if (actor->target && target == nullptr && !fill.error()) {
        fill.remember("target", Error{.title = "there is no target `" + target_name + "`",
                                      .remedy = did_you_mean(target_name, target_names(world), "targets")});
    }
    if (target != nullptr) take_from_target(*target, client);

    fill.text("api", actor->api, client.api);
    fill.text("ws", actor->ws, client.ws);
    fill.text("proxy", actor->proxy, client.route.proxy);
    fill.text("http", actor->http, client.http_version);
    fill.texts("resolve", actor->resolve, client.route.resolve);
    fill.texts("connect_to", actor->connect_to, client.route.connect_to);
    std::string ca, cert, key;
    fill.text("ca", actor->ca, ca);
    fill.text("cert", actor->cert, cert);
    fill.text("key", actor->key, key);
    const auto beside = [&](const std::string& path) {
        return std::filesystem::path(path).is_relative() ? (std::filesystem::path(folder) / path).string() : path;
    };
    if (!ca.empty()) client.route.tls.ca = beside(ca);
    if (!cert.empty()) client.route.tls.cert = beside(cert);
    if (!key.empty()) client.route.tls.key = beside(key);
    client.route.tls.verify = !actor->insecure;

    std::string bearer, user, password, reuse;
    fill.text("bearer", actor->bearer, bearer);
    fill.text("basic.user", actor->user, user);
    fill.text("basic.password", actor->password, password);
    fill.text("reuse", actor->reuse, reuse);
    client.reuse = reuse == "true";
    if (actor->bearer) client.headers.emplace_back("Authorization", "Bearer " + bearer);
    if (actor->user) client.headers.emplace_back("Authorization", "Basic " + base64(user + ":" + password));
    for (const TemplateEntry& header : actor->headers) {
        std::string value;
        fill.text(header.key.c_str(), header.value, value);
        put_header(client.headers, header.key, std::move(value));
    }
    if (fill.error()) return std::unexpected(*fill.error());
    client.api = without_slash(std::move(client.api));
    client.ws = without_slash(std::move(client.ws));
    return client;
}

}  // namespace serin
