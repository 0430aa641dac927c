// SPDX-License-Identifier: Apache-2.0
// Ids and nonces. Everything here throws std::runtime_error when OpenSSL gives no randomness: a guessable id is worse
// than none.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace serin {

/// 16 random bytes as 32 lower-case hex digits (W3C Trace Context trace-id).
[[nodiscard]] std::string make_trace_id();
/// 8 random bytes as 16 hex digits (W3C Trace Context parent-id).
[[nodiscard]] std::string make_span_id();
/// A run id that sorts by the time of its start: UUID version 7 (RFC 9562 §5.7).
[[nodiscard]] std::string make_run_id(Wall now);

/// Makes and recognises nonces: "r" + 8 hex of the run + "-" + counter + "-" + 10 hex of an HMAC-SHA-256 over the two,
/// so that a stranger's echo cannot satisfy an expectation. The key is random per process unless given.
/// One thread.
class NonceMaker {
public:
    NonceMaker();
    explicit NonceMaker(const std::string& key);
    ~NonceMaker();
    NonceMaker(const NonceMaker&) = delete;
    NonceMaker& operator=(const NonceMaker&) = delete;

    [[nodiscard]] std::string make(std::string_view run_id, int counter) const;
    /// True when `nonce` was made with this key.
    [[nodiscard]] bool ours(std::string_view nonce) const;

private:
    struct Hmac;
    std::unique_ptr<Hmac> hmac_;
};

}  // namespace serin
