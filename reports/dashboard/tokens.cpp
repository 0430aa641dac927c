// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "core/ascii.hpp"

namespace serin {

namespace {

/// Longer ones are no tokens; hashing them would be work for whoever sends them.
constexpr std::size_t longest_token = 512;

/// The token of "Bearer TOKEN" (RFC 6750 §2.1; the scheme's case does not matter, RFC 9110 §11.1), "" when there is
/// none.
std::string_view bearer_token(std::string_view authorization) {
    const auto blank = authorization.find(' ');
    if (blank == std::string_view::npos || !equal_ignoring_case(authorization.substr(0, blank), "bearer")) return {};
    const auto begin = authorization.find_first_not_of(' ', blank);
    if (begin == std::string_view::npos) return {};
    const std::string_view token = authorization.substr(begin);
    return token.size() > longest_token || token.find_first_of(" \t") != std::string_view::npos ? std::string_view()
                                                                                                : token;
}

}  // namespace

const char* name_of(TokenScope scope) {
    switch (scope) {
        case TokenScope::read:
            return "read";
        case TokenScope::operate:
            return "operate";
        case TokenScope::change:
            return "change";
        case TokenScope::report:
            return "report";
    }
    return "?";
}

const Tokens::Entry* Tokens::find(std::string_view authorization) const {
    const std::string_view token = bearer_token(authorization);
    if (token.empty()) return nullptr;
    const std::string hash = sha256_hex(token);
    const Entry* found = nullptr;
    // All entries, whichever is right: the time taken tells nothing.
    for (const Entry& entry : entries_) {
        if (entry.sha256.size() == hash.size() && CRYPTO_memcmp(entry.sha256.data(), hash.data(), hash.size()) == 0)
            found = &entry;
    }
    return found;
}

bool Tokens::allows(const Entry& entry, TokenScope scope) {
    if (entry.scopes.contains(scope)) return true;
    return scope == TokenScope::read &&
           (entry.scopes.contains(TokenScope::operate) || entry.scopes.contains(TokenScope::change));
}

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest.at(i) >> 4U];
        hex += digits[digest.at(i) & 15U];
    }
    return hex;
}

}  // namespace serin
