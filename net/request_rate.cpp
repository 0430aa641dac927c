// SPDX-License-Identifier: Apache-2.0
#include "net/request_rate.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace serin {

namespace {

/// The slowest rate, and the longest time that a burst may be ahead of the rate: more would overflow, and mean "never"
/// and "always" anyway.
constexpr double min_per_second = 1e-4;
constexpr Duration max_tolerance = std::chrono::hours(24 * 365);

}  // namespace

RequestRate::RequestRate(double per_second, int burst, std::size_t max_clients) : max_clients_(max_clients) {
    if (!(per_second > 0)) return;
    const double nanoseconds = 1e9 / std::max(per_second, min_per_second);
    interval_ = std::max(Duration(1), Duration(static_cast<Duration::rep>(nanoseconds)));
    tolerance_ = interval_ * std::min<Duration::rep>(std::max(burst, 1) - 1, max_tolerance / interval_);
}

std::optional<Duration> RequestRate::refuse(std::string_view client, Steady now) {
    if (interval_ == Duration::zero()) return std::nullopt;
    Steady& full_at = bucket_of(client, now);
    const Steady counted_from = std::max(full_at, now);
    if (counted_from - now > tolerance_) return counted_from - now - tolerance_;
    full_at = counted_from + interval_;
    return std::nullopt;
}

Steady& RequestRate::bucket_of(std::string_view client, Steady now) {
    const auto known = full_at_.find(client);
    if (known != full_at_.end()) return known->second;
    if (full_at_.size() >= max_clients_) {
        if (now >= next_sweep_) {
            std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
            // Not at every request: who floods us with addresses must not make us walk through all of them each time.
            next_sweep_ = now + std::chrono::seconds(1);
        }
        if (full_at_.size() >= max_clients_) return shared_;
    }
    return full_at_.emplace(client, now).first->second;
}

std::string client_of(std::string_view remote) {
    const std::string_view host = remote.substr(0, remote.rfind(':'));
    if (!host.starts_with('[') || !host.ends_with(']')) return std::string(host);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), error);
    if (error) return std::string(host);
    if (address.is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address).to_string();
    auto bytes = address.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

}  // namespace serin
