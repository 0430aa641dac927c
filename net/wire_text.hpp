// SPDX-License-Identifier: Apache-2.0
// Internal to net/: answers as bytes (RFC 9112).
#pragma once
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace serin {

/// How the end of a body is told.
enum class Framing { by_length, chunked, until_close };

/// Status line, headers and the empty line after them.
[[nodiscard]] std::string wire_head(const ServerResponse& response, Framing framing, bool keep_alive);
/// Head and body of a response without a stream; the body is left out when `head_only`.
[[nodiscard]] std::string wire_text(const ServerResponse& response, bool head_only, bool keep_alive);

[[nodiscard]] ServerResponse plain_response(int status, std::string_view text);

}  // namespace serin
