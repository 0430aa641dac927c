// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/observation.hpp"

namespace serin {

/// Where the bytes of a request really go.
struct Destination {
    std::string host;
    std::uint16_t port = 0;
    std::vector<std::string> addresses;  ///< numeric; empty: ask the resolver

    bool operator==(const Destination&) const = default;
};

/// Applies `connect_to`, then `resolve`, by the rules of curl's options of the same name: "HOST1:PORT1:HOST2:PORT2",
/// where an empty HOST1 or PORT1 matches any and an empty HOST2 or PORT2 keeps what was asked for, and
/// "HOST:PORT:ADDRESS[,…]", where "*" matches any host. IPv6 stands in brackets. First match wins. Unexpected: the
/// entry that cannot be read.
[[nodiscard]] std::expected<Destination, std::string> destination_of(std::string_view host, std::uint16_t port,
                                                                     const Route& route);

}  // namespace serin
