// SPDX-License-Identifier: Apache-2.0
// How often one client may ask. Pure: every function takes the time as a value.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace serin {

/// A token bucket for each client, kept as one point in time (the generic cell rate algorithm, ITU-T I.371 §A): a
/// bucket of `burst` requests that fills at `per_second`. Memory is bounded: full buckets are forgotten, and when
/// `max_clients` are left, further ones share a bucket.
class RequestRate {
public:
    /// `per_second` 0 or less: no bound.
    RequestRate(double per_second, int burst, std::size_t max_clients = 10'000);
    /// Counts a request of `client` at `now`; set when it is one too many (then it is not counted): the time until the
    /// next one would be taken.
    [[nodiscard]] std::optional<Duration> refuse(std::string_view client, Steady now);
    [[nodiscard]] std::size_t clients() const { return full_at_.size(); }

private:
    Steady& bucket_of(std::string_view client, Steady now);

    Duration interval_{};  ///< in which one request is earned; zero: no bound
    Duration tolerance_{};
    std::size_t max_clients_;
    Steady next_sweep_{};
    std::map<std::string, Steady, std::less<>> full_at_;  ///< when the client's bucket is full again
    Steady shared_{};
};

/// What a client is known by: its IPv4 address, or the /64 of its IPv6 address, of which one client may have all.
/// `remote` is "address:port" or "[address]:port".
[[nodiscard]] std::string client_of(std::string_view remote);

}  // namespace serin
