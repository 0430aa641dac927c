// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 and websocket (RFC 6455) bytes for the benchmark target: only what well-behaved clients of the benchmarks
// send. Pure functions; written by hand so that the target is much cheaper than what it measures, and shares no code
// with it.
#pragma once
#include <fmt/format.h>
#include <openssl/evp.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace serin::test {

/// One request; the views point into the bytes it was read from. An empty method means "not HTTP".
struct TargetRequest {
    std::string_view method, path, query, body, websocket_key;
    bool close = false;
    std::size_t size = 0;  ///< bytes that it took
};

[[nodiscard]] inline bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// The request at the start of `bytes`; nullopt while it is incomplete.
[[nodiscard]] inline std::optional<TargetRequest> read_request(std::string_view bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    TargetRequest request;
    std::string_view head = bytes.substr(0, end + 2);
    const auto take_line = [&head] {
        const auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(line.size() + 2);
        return line;
    };

    const std::string_view first = take_line();
    const auto method_end = first.find(' ');
    const auto target_end = first.rfind(' ');
    if (method_end == std::string_view::npos || target_end <= method_end) return TargetRequest{};
    request.method = first.substr(0, method_end);
    request.path = first.substr(method_end + 1, target_end - method_end - 1);
    if (const auto mark = request.path.find('?'); mark != std::string_view::npos) {
        request.query = request.path.substr(mark + 1);
        request.path = request.path.substr(0, mark);
    }

    std::size_t length = 0;
    while (!head.empty()) {
        const std::string_view line = take_line();
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return TargetRequest{};
        const std::string_view name = line.substr(0, colon);
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        if (same_word(name, "content-length")) std::from_chars(value.data(), value.data() + value.size(), length);
        if (same_word(name, "connection") && same_word(value, "close")) request.close = true;
        if (same_word(name, "sec-websocket-key")) request.websocket_key = value;
    }
    if (bytes.size() < end + 4 + length) return std::nullopt;
    request.body = bytes.substr(end + 4, length);
    request.size = end + 4 + length;
    return request;
}

inline void append_response(std::string& out, std::string_view status, std::string_view body) {
    if (status.starts_with("204")) {  // RFC 9110 §8.6: no Content-Length in a 204
        fmt::format_to(std::back_inserter(out), "HTTP/1.1 {}\r\n\r\n", status);
        return;
    }
    fmt::format_to(std::back_inserter(out),
                   "HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status, body.size(),
                   body);
}

/// RFC 6455 §4.2.2.
inline void append_upgrade(std::string& out, std::string_view key) {
    const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> accept{};
    EVP_EncodeBlock(accept.data(), digest.data(), static_cast<int>(size));
    fmt::format_to(std::back_inserter(out),
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: {}\r\n\r\n",
                   reinterpret_cast<const char*>(accept.data()));
}

enum class Opcode : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

/// A whole, unmasked frame. `payload` must be shorter than 64 KiB.
inline void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    out += payload;
}

struct ClientFrame {
    Opcode opcode{};
    std::string payload;   ///< unmasked
    std::size_t size = 0;  ///< bytes that it took
};

/// The client's frame at the start of `bytes`; nullopt while it is incomplete. Clients always mask (§5.1).
[[nodiscard]] inline std::optional<ClientFrame> read_frame(std::string_view bytes) {
    const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 6) return std::nullopt;
    std::uint64_t length = byte(1) & 0x7f;
    std::size_t at = 2;
    if (length >= 126) {
        const std::size_t extra = length == 126 ? 2 : 8;
        if (bytes.size() < at + extra + 4) return std::nullopt;
        length = 0;
        for (const std::size_t end = at + extra; at < end; ++at) length = length << 8 | byte(at);
    }
    if (length > bytes.size() || bytes.size() < at + 4 + length) return std::nullopt;
    ClientFrame frame{.opcode = static_cast<Opcode>(byte(0) & 0x0f),
                      .payload = std::string(bytes.substr(at + 4, length))};
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ bytes[at + i % 4]);
    }
    frame.size = at + 4 + length;
    return frame;
}

/// The text between the quotes of `"key": "…"` in a flat JSON object, escapes kept as they came; empty when absent.
[[nodiscard]] inline std::string_view raw_json_text(std::string_view object, std::string_view key) {
    const auto found = object.find(fmt::format("\"{}\"", key));
    if (found == std::string_view::npos) return {};
    const auto open = object.find('"', object.find(':', found + key.size() + 2));
    if (open == std::string_view::npos) return {};
    auto close = open + 1;
    while (close < object.size() && object[close] != '"') close += object[close] == '\\' ? 2 : 1;
    return object.substr(open + 1, std::min(close, object.size()) - open - 1);
}

}  // namespace serin::test
