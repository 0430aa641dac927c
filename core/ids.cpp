// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace serin {
namespace {

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
    std::array<unsigned char, size> bytes{};
    // Guessable ids would let a stranger's echo pass as ours: without randomness nothing may go on.
    if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) throw std::runtime_error("no randomness from OpenSSL");
    return bytes;
}

std::string hex(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// The last 8 hex digits of a run id: its random end, for the front of a UUID 7 is the same for a minute.
std::string run_part(std::string_view run_id) {
    std::string digits;
    for (const char c : run_id) {
        if (is_hex_digit(c)) digits += c;
    }
    digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
    return digits.substr(digits.size() - 8);
}

std::string seal(std::string_view key, std::string_view text) {
    constexpr std::size_t sealed_bytes = 5;
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), mac.data(), &size) ==
        nullptr) {
        throw std::runtime_error("no HMAC-SHA-256 from OpenSSL");
    }
    return hex(std::span(mac).first(sealed_bytes));
}

}  // namespace

std::string make_trace_id() {
    return hex(random_bytes<16>());
}

std::string make_span_id() {
    return hex(random_bytes<8>());
}

std::string make_run_id(Wall now) {
    using namespace std::chrono;
    const auto since_epoch = std::max(duration_cast<nanoseconds>(now.time_since_epoch()), nanoseconds::zero());
    const auto whole = duration_cast<milliseconds>(since_epoch);
    const auto ms = static_cast<std::uint64_t>(whole.count());
    // RFC 9562 §6.2, method 3: the 12 bits after the version count fractions of the millisecond, so that runs started
    // in one millisecond still sort by their start.
    const auto fraction = static_cast<std::uint64_t>((since_epoch - whole).count()) * 4096 / 1'000'000;

    auto bytes = random_bytes<16>();
    for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
    bytes[6] = static_cast<unsigned char>(0x70U | fraction >> 8U);
    bytes[7] = static_cast<unsigned char>(fraction);
    bytes[8] = static_cast<unsigned char>(0x80U | (bytes[8] & 0x3fU));

    std::string text = hex(bytes);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
    return text;
}

NonceMaker::NonceMaker() {
    const auto bytes = random_bytes<32>();
    key_.assign(bytes.begin(), bytes.end());
}

NonceMaker::NonceMaker(std::string key) : key_(std::move(key)) {}

std::string NonceMaker::make(std::string_view run_id, int counter) const {
    const std::string open = fmt::format("r{}-{}", run_part(run_id), counter);
    return open + "-" + seal(key_, open);
}

bool NonceMaker::ours(std::string_view nonce) const {
    const std::size_t dash = nonce.rfind('-');
    if (dash == std::string_view::npos) return false;
    const std::string expected = seal(key_, nonce.substr(0, dash));
    const std::string_view found = nonce.substr(dash + 1);
    return found.size() == expected.size() && CRYPTO_memcmp(found.data(), expected.data(), expected.size()) == 0;
}

}  // namespace serin
