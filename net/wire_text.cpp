// SPDX-License-Identifier: Apache-2.0
#include "net/wire_text.hpp"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>

namespace serin {

namespace http = boost::beast::http;

namespace {

bool bodiless(const ServerResponse& response) {
    return response.status == 204 || response.status == 304 || response.status < 200;
}

}  // namespace

std::string wire_head(const ServerResponse& response, Framing framing, bool keep_alive) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
    std::string text =
        fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
    for (const auto& [name, value] : response.headers) text.append(name).append(": ").append(value).append("\r\n");
    if (!bodiless(response)) {
        text += fmt::format("Content-Type: {}\r\n", response.content_type);
        if (framing == Framing::by_length) text += fmt::format("Content-Length: {}\r\n", response.body.size());
        if (framing == Framing::chunked) text += "Transfer-Encoding: chunked\r\n";
    }
    text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
    return text;
}

std::string wire_text(const ServerResponse& response, bool head_only, bool keep_alive) {
    std::string text = wire_head(response, Framing::by_length, keep_alive);
    if (!bodiless(response) && !head_only) text += response.body;
    return text;
}

ServerResponse plain_response(int status, std::string_view text) {
    return {.status = status,
            .headers = {},
            .body = std::string(text) + "\n",
            .content_type = "text/plain; charset=utf-8",
            .stream = nullptr};
}

}  // namespace serin
