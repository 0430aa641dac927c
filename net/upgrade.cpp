// SPDX-License-Identifier: Apache-2.0
#include "net/upgrade.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/error.hpp>

#include "core/ascii.hpp"
#include "core/secret.hpp"
#include "net/http_answer.hpp"
#include "net/wire_errors.hpp"

namespace serin {

namespace {

using Failure = std::optional<WireFailure>;

/// Headers that are the handshake's own; a second one would make a good server's answer look wrong.
constexpr std::array own_headers{"upgrade",
                                 "connection",
                                 "sec-websocket-key",
                                 "sec-websocket-version",
                                 "sec-websocket-protocol",
                                 "sec-websocket-extensions",
                                 "sec-websocket-accept"};

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) == std::string_view::npos;
    });
}

const std::string* find_header(const Headers& headers, std::string_view name) {
    const auto found =
        std::ranges::find_if(headers, [&](const auto& each) { return equal_ignoring_case(each.first, name); });
    return found == headers.end() ? nullptr : &found->second;
}

}  // namespace

Failure find_mistake(const WebsocketRequest& request) {
    const auto mistake = [](std::string message) { return wire_failure("invalid_request", std::move(message)); };
    const std::optional<Url> url = parse_url(request.url);
    if (!url || (url->scheme != "ws" && url->scheme != "wss")) {
        return mistake(
            fmt::format("`{}` is no URL of a websocket; write ws://host/path or wss://host/path", request.url));
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || has_line_break(value)) return mistake(fmt::format("header `{}` cannot be sent", name));
        if (std::ranges::any_of(own_headers, [&](const char* own) { return equal_ignoring_case(own, name); })) {
            return mistake(
                fmt::format("header `{}` belongs to the handshake itself; use `protocols` or `compress`", name));
        }
    }
    for (const std::string& protocol : request.protocols) {
        if (!is_token(protocol))
            return mistake(fmt::format("sub-protocol `{}` is not a token (RFC 9110 §5.6.2)", protocol));
    }
    return std::nullopt;
}

WebsocketStream::Upgrade make_upgrade(const WebsocketRequest& request, const Url& url) {
    WebsocketStream::Upgrade upgrade{
        .host = url.authority(), .target = url.target, .headers = {}, .deflate = request.compress};
    for (const auto& header : request.headers) {
        if (equal_ignoring_case(header.first, "host")) {
            upgrade.host = header.second;
        } else {
            upgrade.headers.push_back(header);
        }
    }
    if (!url.credentials.empty() && find_header(request.headers, "authorization") == nullptr) {
        upgrade.headers.emplace_back("Authorization", "Basic " + base64(url.credentials));
    }
    if (!request.protocols.empty()) {
        upgrade.headers.emplace_back("Sec-WebSocket-Protocol", fmt::format("{}", fmt::join(request.protocols, ", ")));
    }
    return upgrade;
}

Failure check_agreement(const WebsocketRequest& request, Handshake& handshake) {
    if (const std::string* protocol = find_header(handshake.headers, "sec-websocket-protocol")) {
        handshake.protocol = *protocol;
        if (std::ranges::find(request.protocols, *protocol) == request.protocols.end()) {
            return wire_failure("websocket_handshake",
                                fmt::format("the server chose sub-protocol `{}`, which was not offered", *protocol));
        }
    }
    if (const std::string* extensions = find_header(handshake.headers, "sec-websocket-extensions")) {
        for (const auto& extension : boost::beast::http::ext_list{*extensions}) {
            const std::string name(extension.first);
            if (!request.compress || !equal_ignoring_case(name, "permessage-deflate")) {
                return wire_failure("websocket_handshake",
                                    fmt::format("the server uses extension `{}`, which was not offered", name));
            }
            handshake.deflate = true;
        }
    }
    return std::nullopt;
}

WireFailure name_upgrade_failure(const boost::system::error_code& error, std::string_view received,
                                 Handshake& handshake) {
    namespace beast = boost::beast;
    HttpAnswer answer = read_answer(received);
    using Head = HttpAnswer::Head;
    if (answer.head == Head::complete) {
        handshake.status = answer.status;
        handshake.headers = std::move(answer.headers);
        if (answer.status != 101) {
            handshake.body = std::move(answer.body);
            return wire_failure("websocket_refused",
                                fmt::format("the server answered {} instead of 101", answer.status));
        }
        return wire_failure("websocket_handshake",
                            fmt::format("the server's 101 cannot be accepted: {}", error.message()));
    }
    // Beast reads the answer first and has the smaller limit.
    if (answer.head == Head::too_large || error == beast::http::error::header_limit) {
        return wire_failure("headers_too_large", "the headers of the answer exceed 8 KiB");
    }
    if (answer.head == Head::not_http) return wire_failure("protocol_error", "the answer to the handshake is not HTTP");
    if (error == boost::asio::error::timed_out) {
        return received.empty()
                   ? wire_failure("no_response", "the handshake was not answered within the deadline")
                   : wire_failure("slow_headers", "the answer to the handshake was not complete within the deadline");
    }
    if (error == boost::asio::error::connection_reset || error == boost::asio::error::broken_pipe) {
        return wire_failure(
            "connection_reset",
            fmt::format("{} reset the connection instead of answering the handshake", handshake.remote));
    }
    if (received.empty()) {
        return wire_failure("empty_reply",
                            fmt::format("{} closed the connection without answering the handshake", handshake.remote));
    }
    return wire_failure("protocol_error", "the connection ended within the headers of the answer");
}

}  // namespace serin
