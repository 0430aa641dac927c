// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bad_websocket_server.hpp"

#include <openssl/sha.h>

#include <utility>

#include "core/secret.hpp"

namespace serin::test {

namespace {

namespace asio = boost::asio;

std::string header_of(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string accept_for(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    return base64({reinterpret_cast<const char*>(digest), sizeof(digest)});
}

std::string switching(const std::string& key, const std::string& extra_headers) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           accept_for(key) + "\r\n" + extra_headers + "\r\n";
}

asio::awaitable<void> serve(std::shared_ptr<Line> line, std::string frames, Afterwards afterwards,
                            std::string extra_headers) {
    const std::string request = co_await line->read_request();
    bool there = co_await line->write(accepting(request, extra_headers) + frames);
    switch (afterwards) {
        case Afterwards::ends:
            break;
        case Afterwards::listens:
            co_await line->outlast();
            break;
        case Afterwards::resets:
            line->reset();
            break;
        case Afterwards::repeats:
            while (there) there = co_await line->write(frames);
            break;
    }
}

}  // namespace

std::string frame(unsigned char start, std::string_view payload) {
    std::string bytes(1, static_cast<char>(start));
    const std::size_t size = payload.size();
    if (size < 126) {
        bytes += static_cast<char>(size);
    } else if (size < 65536) {
        bytes += {126, static_cast<char>(size >> 8), static_cast<char>(size)};
    } else {
        bytes += static_cast<char>(127);
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
    }
    return bytes += payload;
}

std::string close_payload(int code, std::string_view reason) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} += reason;
}

std::string accepting(const std::string& request, const std::string& extra_headers) {
    return switching(header_of(request, "Sec-WebSocket-Key"), extra_headers);
}

Manners upgrades(std::string frames, Afterwards afterwards, std::string extra_headers) {
    return {.serve = [said = std::move(frames), afterwards, headers = std::move(extra_headers)](
                         std::shared_ptr<Line> line) { return serve(std::move(line), said, afterwards, headers); },
            .tls = {},
            .client_ca = {}};
}

Manners accepts_another_key() {
    return answers(switching("AAAAAAAAAAAAAAAAAAAAAA==", ""));
}

}  // namespace serin::test
