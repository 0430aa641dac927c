// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace serin {

/// The parts of an absolute URL that a client needs to connect and to ask (RFC 3986, hierarchical ones with an
/// authority).
struct Url {
    std::string scheme;       ///< lower case
    std::string credentials;  ///< "user:password", percent-decoded; empty when there are none
    std::string host;         ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;   ///< as written, else that of http, https, ws, wss
    std::string target;       ///< path and query as written, at least "/"; the fragment is cut off
    bool default_port = true;

    /// "host:port" as in a Host header: brackets around IPv6, no default port.
    [[nodiscard]] std::string authority() const;
};

/// nullopt for anything that cannot be connected to: relative, another scheme without a port, control characters or
/// blanks.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

/// "[::1]:80" for an IPv6 address, "name:80" else.
[[nodiscard]] std::string host_and_port(std::string_view host, std::uint16_t port);

/// A whole decimal port number.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view digits);

/// `%41` to `A`; a `%` that starts no such pair stays. In forms and queries `+` is a blank.
enum class Plus { stays, blank };
[[nodiscard]] std::string percent_decode(std::string_view text, Plus plus);

}  // namespace serin
