// SPDX-License-Identifier: Apache-2.0
#include "net/destination.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "core/ascii.hpp"
#include "net/url.hpp"

namespace serin {

namespace {

/// Takes the next part off `rest`, up to `separator`; brackets protect colons and are taken off. nullopt: brackets
/// broken.
std::optional<std::string_view> next_part(std::string_view& rest, char separator) {
    std::string_view part;
    if (rest.starts_with('[')) {
        const auto bracket = rest.find(']');
        if (bracket == std::string_view::npos) return std::nullopt;
        part = rest.substr(1, bracket - 1);
        rest.remove_prefix(bracket + 1);
        if (!rest.empty() && rest.front() != separator) return std::nullopt;
    } else {
        part = rest.substr(0, rest.find(separator));
        rest.remove_prefix(part.size());
    }
    if (!rest.empty()) rest.remove_prefix(1);
    return part;
}

/// False: `entry` cannot be read. Sets `matched` when it was applied.
bool apply_connect_to(std::string_view entry, Destination& destination, bool& matched) {
    const auto host1 = next_part(entry, ':');
    const auto port1 = next_part(entry, ':');
    const auto host2 = next_part(entry, ':');
    if (!host1 || !port1 || !host2) return false;
    const std::string_view port2 = entry;
    if ((!port1->empty() && !parse_port(*port1)) || (!port2.empty() && !parse_port(port2))) return false;
    matched = (host1->empty() || equal_ignoring_case(*host1, destination.host)) &&
              (port1->empty() || parse_port(*port1) == destination.port);
    if (!matched) return true;
    if (!host2->empty()) destination.host = *host2;
    if (!port2.empty()) destination.port = *parse_port(port2);
    return true;
}

bool apply_resolve(std::string_view entry, Destination& destination, bool& matched) {
    const auto host = next_part(entry, ':');
    const auto port = next_part(entry, ':');
    if (!host || !port || !parse_port(*port) || entry.empty()) return false;
    std::vector<std::string> addresses;
    while (!entry.empty()) {
        // A lone IPv6 address may also come without brackets: nothing follows the port but addresses.
        const auto address = next_part(entry, ',');
        boost::system::error_code error;
        if (address) boost::asio::ip::make_address(std::string(*address), error);
        if (!address || error) return false;
        addresses.emplace_back(*address);
    }
    matched = (*host == "*" || equal_ignoring_case(*host, destination.host)) && parse_port(*port) == destination.port;
    if (matched) destination.addresses = std::move(addresses);
    return true;
}

}  // namespace

std::expected<Destination, std::string> destination_of(std::string_view host, std::uint16_t port, const Route& route) {
    Destination destination{.host = std::string(host), .port = port, .addresses = {}};
    bool matched = false;
    for (const std::string& entry : route.connect_to) {
        if (!apply_connect_to(entry, destination, matched)) return std::unexpected("connect_to " + entry);
        if (matched) break;
    }
    matched = false;
    for (const std::string& entry : route.resolve) {
        if (!apply_resolve(entry, destination, matched)) return std::unexpected("resolve " + entry);
        if (matched) break;
    }
    return destination;
}

}  // namespace serin
