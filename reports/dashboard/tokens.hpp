// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace serin {

/// What a bearer token may do. read: look; operate: run a probe now, reload, acknowledge, mute, drill; change: record
/// changes; report: heartbeats and gauges of jobs. Each scope is given by name; operate and change imply read, report
/// does not: a job that reports need not see anything.
enum class TokenScope { read, operate, change, report };
[[nodiscard]] const char* name_of(TokenScope scope);

/// Bearer tokens (RFC 6750 §2.1), known by their SHA-256 only.
class Tokens {
public:
    struct Entry {
        std::string name;    ///< for the log: who
        std::string sha256;  ///< 64 hex digits of the token
        std::set<TokenScope> scopes;
        bool operator==(const Entry&) const = default;
    };
    Tokens() = default;
    explicit Tokens(std::vector<Entry> entries) : entries_(std::move(entries)) {}
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// The entry that `authorization` ("Bearer …") proves, compared in constant time; null when none does.
    [[nodiscard]] const Entry* find(std::string_view authorization) const;
    [[nodiscard]] static bool allows(const Entry& entry, TokenScope scope);
    bool operator==(const Tokens&) const = default;

private:
    std::vector<Entry> entries_;
};

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace serin
