// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ranges>
#include <span>
#include <stdexcept>

namespace serin {
namespace {

/// `count` fresh random bytes of this thread's pool: OpenSSL's set-up for each draw costs more than the bytes.
template <std::size_t count>
std::array<unsigned char, count> random_bytes() {
    static thread_local std::array<unsigned char, 2048> pool;
    static thread_local std::size_t used = pool.size();
    if (used + count > pool.size()) {
        // Guessable ids would let a stranger's echo pass as ours: without randomness nothing may go on.
        if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1) {
            throw std::runtime_error("no randomness from OpenSSL");
        }
        used = 0;
    }
    std::array<unsigned char, count> bytes{};
    std::copy_n(pool.begin() + static_cast<std::ptrdiff_t>(used), count, bytes.begin());
    used += count;
    return bytes;
}

std::string hex(std::span<const unsigned char> bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text(2 * bytes.size(), '0');
    auto to = text.begin();
    for (const unsigned char byte : bytes) {
        *to++ = digits[byte >> 4U];
        *to++ = digits[byte & 15U];
    }
    return text;
}

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// The last 8 hex digits of a run id: its random end, for the front of a UUID 7 is the same for a minute.
std::string run_part(std::string_view run_id) {
    std::string digits(8, '0');
    auto to = digits.rbegin();
    for (const char c : std::views::reverse(run_id)) {
        if (to == digits.rend()) break;
        if (is_hex_digit(c)) *to++ = c;
    }
    return digits;
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

/// HMAC-SHA-256 with its key set up once: fetching the algorithm for each nonce would cost more than the sealing.
struct NonceMaker::Hmac {
    explicit Hmac(std::string_view key) : mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context(EVP_MAC_CTX_new(mac)) {
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                         OSSL_PARAM_construct_end()};
        const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
        if (context == nullptr || EVP_MAC_init(context, bytes, key.size(), parameters) != 1) fail_loudly();
    }
    ~Hmac() {
        EVP_MAC_CTX_free(context);
        EVP_MAC_free(mac);
    }
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;

    /// The first 10 hex digits of the MAC of `text`.
    [[nodiscard]] std::string seal(std::string_view text) const {
        constexpr std::size_t sealed_bytes = 5;
        std::array<unsigned char, EVP_MAX_MD_SIZE> sealed{};
        std::size_t size = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        // Without a key, init begins a new MAC under the old one.
        if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1 || EVP_MAC_update(context, bytes, text.size()) != 1 ||
            EVP_MAC_final(context, sealed.data(), &size, sealed.size()) != 1) {
            fail_loudly();
        }
        return hex(std::span(sealed).first(sealed_bytes));
    }

    [[noreturn]] static void fail_loudly() { throw std::runtime_error("no HMAC-SHA-256 from OpenSSL"); }

    EVP_MAC* mac;
    EVP_MAC_CTX* context;
};

namespace {
std::string random_key() {
    const auto bytes = random_bytes<32>();
    return {bytes.begin(), bytes.end()};
}
}  // namespace

NonceMaker::NonceMaker() : NonceMaker(random_key()) {}
NonceMaker::NonceMaker(const std::string& key) : hmac_(std::make_unique<Hmac>(key)) {}
NonceMaker::~NonceMaker() = default;

std::string NonceMaker::make(std::string_view run_id, int counter) const {
    std::string nonce = "r" + run_part(run_id) + "-" + std::to_string(counter);
    const std::string sealed = hmac_->seal(nonce);
    return nonce + "-" + sealed;
}

bool NonceMaker::ours(std::string_view nonce) const {
    const std::size_t dash = nonce.rfind('-');
    if (dash == std::string_view::npos) return false;
    const std::string expected = hmac_->seal(nonce.substr(0, dash));
    const std::string_view found = nonce.substr(dash + 1);
    return found.size() == expected.size() && CRYPTO_memcmp(found.data(), expected.data(), expected.size()) == 0;
}

}  // namespace serin
