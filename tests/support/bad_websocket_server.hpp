// SPDX-License-Identifier: Apache-2.0
// Manners of a websocket server, good and bad, byte by byte; for BadServer.
#pragma once
#include <string>
#include <string_view>

#include "tests/support/bad_server.hpp"

namespace serin::test {

/// The first byte of a frame (RFC 6455 §5.2).
enum FrameStart : unsigned char {
    text = 0x81,
    binary = 0x82,
    goodbye = 0x88,
    ping = 0x89,
    first_text_fragment = 0x01,
    last_fragment = 0x80,
    middle_fragment = 0x00,
};

/// One frame of a server: unmasked, length honest.
[[nodiscard]] std::string frame(unsigned char start, std::string_view payload);
/// The payload of a close frame.
[[nodiscard]] std::string close_payload(int code, std::string_view reason);
/// The right 101 to `request`, with further header lines ("Name: value\r\n").
[[nodiscard]] std::string accepting(const std::string& request, const std::string& extra_headers = "");

enum class Afterwards {
    listens,  ///< says nothing more until the client goes
    ends,     ///< FIN, without a close frame
    resets,   ///< RST
    repeats,  ///< the same frames again and again until the client goes
};
/// Accepts the handshake and sends `frames`, all in one piece.
[[nodiscard]] Manners upgrades(std::string frames, Afterwards afterwards, std::string extra_headers = "");
/// A 101 whose Sec-WebSocket-Accept belongs to another key.
[[nodiscard]] Manners accepts_another_key();

}  // namespace serin::test
