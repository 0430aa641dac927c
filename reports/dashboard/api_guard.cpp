// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/api_guard.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.hpp"
#include "net/url.hpp"
#include "reports/dashboard/api_answers.hpp"

namespace serin {

namespace {

std::vector<std::string> headers_named(const ServerRequest& request, std::string_view wanted) {
    std::vector<std::string> values;
    for (const auto& [name, value] : request.headers) {
        if (equal_ignoring_case(name, wanted)) values.push_back(value);
    }
    return values;
}

/// "name" of "name:port", brackets of IPv6 kept; "" when it is neither.
std::string host_name(const std::string& authority) {
    const auto end_of_name = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
    std::string name = authority.substr(0, end_of_name);
    if (name.size() == authority.size()) return name;
    const std::string_view port = std::string_view(authority).substr(name.size());
    return port.starts_with(':') && parse_port(port.substr(1)) ? name : std::string();
}

}  // namespace

bool asks_this_machine(const ServerRequest& request) {
    const auto hosts = headers_named(request, "host");
    if (hosts.size() != 1) return false;
    const std::string name = host_name(hosts.front());
    return equal_ignoring_case(name, "localhost") || name == "127.0.0.1" || name == "[::1]";
}

bool comes_from_another_site(const ServerRequest& request) {
    const auto sites = headers_named(request, "sec-fetch-site");
    if (!sites.empty()) {
        return !std::ranges::all_of(sites, [](const auto& site) { return site == "same-origin" || site == "none"; });
    }
    const auto hosts = headers_named(request, "host");
    const std::string host = hosts.empty() ? std::string() : hosts.front();
    const auto origins = headers_named(request, "origin");
    return !std::ranges::all_of(origins, [&](const std::string& origin) {
        const auto scheme = origin.find("://");
        return scheme != std::string::npos && !host.empty() && equal_ignoring_case(origin.substr(scheme + 3), host);
    });
}

bool Caller::may(TokenScope scope) const {
    return everything || scopes.contains(scope);
}

Caller caller_of(const ServerRequest& request, const Tokens& tokens) {
    Caller caller;
    caller.everything = tokens.empty();
    const auto given = headers_named(request, "authorization");
    caller.presented_token = !given.empty();
    if (given.size() != 1) return caller;
    if (const Tokens::Entry* entry = tokens.find(given.front())) {
        caller.name = entry->name;
        for (const TokenScope scope : {TokenScope::read, TokenScope::operate, TokenScope::change, TokenScope::report}) {
            if (Tokens::allows(*entry, scope)) caller.scopes.insert(scope);
        }
    }
    return caller;
}

std::optional<ServerResponse> refuse(const Caller& caller, std::optional<TokenScope> scope) {
    if (!scope || caller.may(*scope)) return std::nullopt;
    if (caller.scopes.empty()) {
        ServerResponse response =
            caller.presented_token
                ? error_answer(401, "this token is not known here",
                               "send one whose SHA-256 stands under `listen.tokens` in serin.yaml")
                : error_answer(401, "a token is needed here", "send it as `Authorization: Bearer TOKEN`");
        response.headers.emplace_back("WWW-Authenticate", caller.presented_token
                                                              ? R"(Bearer realm="serin", error="invalid_token")"
                                                              : R"(Bearer realm="serin")");
        return response;
    }
    const std::string name = name_of(*scope);
    ServerResponse response =
        error_answer(403, "the token `" + caller.name + "` has no scope `" + name + "`", "use one that has it");
    response.headers.emplace_back("WWW-Authenticate",
                                  R"(Bearer realm="serin", error="insufficient_scope", scope=")" + name + "\"");
    return response;
}

bool has_json(const ServerRequest& request) {
    const auto types = headers_named(request, "content-type");
    if (types.size() != 1) return false;
    const std::string_view type = types.front();
    return equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "application/json");
}

}  // namespace serin
