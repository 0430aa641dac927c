// SPDX-License-Identifier: Apache-2.0
// What proves who sent a webhook. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace serin {

/// HMAC-SHA-256 (RFC 2104), 32 bytes. Throws std::runtime_error when OpenSSL gives none.
[[nodiscard]] std::string hmac_of(std::string_view key, std::string_view message);

/// Lower-case hex.
[[nodiscard]] std::string hex(std::string_view bytes);

/// In a time that does not depend on where they differ; their lengths may show.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Base64 (RFC 4648 §4) with its padding; nullopt for anything else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// The bytes of a Standard Webhooks secret, "whsec_" and the base64 of 24 to 64 bytes.
[[nodiscard]] Result<std::string> signing_key_of(const Secret& key);

}  // namespace serin
