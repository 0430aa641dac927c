// SPDX-License-Identifier: Apache-2.0
#include "runner/server_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "net/real_clock.hpp"
#include "net/url.hpp"
#include "reports/formats/escaping.hpp"

namespace serin {

using Json = nlohmann::json;

namespace {

using Answers = std::expected<std::vector<Json>, ServerRefusal>;

Json parsed(const std::string& text) {
    constexpr bool throwing = false;
    return Json::parse(text, nullptr, throwing);
}

std::string in_words(const HttpReply& reply, Duration timeout) {
    if (reply.deadline_hit) return "no answer within " + human_duration(timeout);
    if (!reply.curl_error.empty()) return reply.curl_error;
    return "no answer";
}

ServerRefusal refusal_of(const HttpReply& reply, const Server& server, const ServerCall& call) {
    const std::string place = without_userinfo(server.url + call.path) + " did not take " + call.what;
    if (reply.curl_code != 0)
        return {.error = {.title = place + ": " + printable(in_words(reply, call.timeout)),
                          .remedy = "the same command again is harmless"},
                .status = 0};
    const Json body = parsed(reply.seen.body);
    const Json error = body.is_object() ? body.value("error", Json()) : Json();
    const auto text = [&](const char* key) {
        const bool there = error.is_object() && error.contains(key) && error[key].is_string();
        return there ? error[key].get<std::string>() : std::string();
    };
    const std::string said = text("title").empty() ? reply.seen.body : text("title");
    std::string remedy = text("remedy");
    if (remedy.empty() && (reply.seen.status == 401 || reply.seen.status == 403))
        remedy = std::string("name a variable with a token of scope `") + call.scope + "`: --token-env NAME";
    return {.error = {.title = place + ": " + std::to_string(reply.seen.status) + " " + printable(clipped(said, 500)),
                      .remedy = printable(remedy)},
            .status = reply.seen.status};
}

boost::asio::awaitable<void> ask_all(HttpClient& client, const Clock& clock, const Server& server,
                                     const std::vector<ServerCall>& calls, Answers& answers) {
    for (const ServerCall& call : calls) {
        HttpRequest request;
        request.method = call.method;
        request.url = server.url + call.path;
        if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
        if (server.token) request.headers.emplace_back("Authorization", "Bearer " + server.token->reveal());
        request.body = call.body;
        request.route.tls.ca = server.ca;
        request.reuse = true;
        request.deadline = deadline_after(clock.now(), call.timeout);
        const HttpReply reply = co_await client.perform(request);
        if (reply.curl_code != 0 || reply.seen.status < 200 || reply.seen.status >= 300) {
            answers = std::unexpected(refusal_of(reply, server, call));
            co_return;
        }
        answers->push_back(parsed(reply.seen.body));
    }
}

}  // namespace

Result<Server> server_of(const CommandLine& line) {
    std::string url = line.one("server");
    const std::optional<Url> parts = parse_url(url);
    if (!parts || (parts->scheme != "http" && parts->scheme != "https"))
        return fail("--server " + clipped(without_userinfo(url), 200) + ": that is no URL",
                    "write https://serin.example.com");
    if (parts->target.find('?') != std::string::npos)
        return fail("--server: the URL has a query", "name the server only; the path is added");
    while (url.ends_with('/')) url.pop_back();
    Server server{.url = url, .ca = line.one("ca"), .token = {}};
    if (!line.has("token-env")) return server;
    const std::string name = line.one("token-env");
    const char* token = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): there is one thread
    if (token == nullptr || *token == '\0')
        return fail("--token-env " + clipped(name, 80) + ": the environment has no such variable, or it is empty");
    server.token = Secret(token);
    return server;
}

Answers ask_server(const Server& server, const std::vector<ServerCall>& calls) {
    Loop loop;
    const RealClock clock(loop.executor());
    HttpClient client(loop.executor());
    Answers answers;
    loop.run(ask_all(client, clock, server, calls, answers));
    return answers;
}

std::string path_segment(const std::string& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string segment;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                c == '-' || c == '_' || c == '~' || c == '.';
        if (unreserved) {
            segment += c;
        } else {
            segment.append("%").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        }
    }
    return segment;
}

}  // namespace serin
