// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/signatures.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "reports/alerts/channels/channel.hpp"

namespace serin {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t shortest_key = 24, longest_key = 64;  // bytes, Standard Webhooks 1.0.0 "Signature scheme"

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace

std::string hmac_of(std::string_view key, std::string_view message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(message),
                                     message.size(), digest.data(), &size);
    if (made == nullptr || size != 32) throw std::runtime_error("no HMAC-SHA-256 from OpenSSL");
    return {digest.begin(), digest.begin() + size};
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    std::string bytes;
    unsigned int bits = 0;
    int held = 0;
    for (const char c : digits) {
        const int value = base64_value(c);
        if (value < 0) return std::nullopt;
        bits = (bits << 6U) | static_cast<unsigned int>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>((bits >> static_cast<unsigned int>(held)) & 0xffU);
    }
    // What is left over has to be zero, or one value would have several spellings (RFC 4648 §3.5).
    if ((bits & ((1U << static_cast<unsigned int>(held)) - 1U)) != 0) return std::nullopt;
    return bytes;
}

Result<std::string> signing_key_of(const Secret& key) {
    const std::string remedy = "a key is `whsec_` and the base64 of 24 to 64 random bytes";
    const std::string_view text = key.reveal();
    if (!text.starts_with(secret_prefix)) return fail("the signing key does not begin with `whsec_`", remedy);
    std::optional<std::string> bytes = from_base64(text.substr(secret_prefix.size()));
    if (!bytes) return fail("the signing key is no base64", remedy);
    if (bytes->size() < shortest_key || bytes->size() > longest_key)
        return fail("the signing key has " + std::to_string(bytes->size()) + " bytes", remedy);
    return *std::move(bytes);
}

Result<std::string> standard_webhook_signature(const Secret& key, const std::string& id, std::int64_t timestamp,
                                               const std::string& body) {
    if (id.empty() || id.contains('.')) return fail("the id of a signed webhook is empty or holds a full stop");
    const Result<std::string> bytes = signing_key_of(key);
    if (!bytes) return std::unexpected(bytes.error());
    return "v1," + base64(hmac_of(*bytes, id + "." + std::to_string(timestamp) + "." + body));
}

}  // namespace serin
