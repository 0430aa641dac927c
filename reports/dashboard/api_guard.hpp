// SPDX-License-Identifier: Apache-2.0
// Who may ask what. Pure: every function looks at one request only.
#pragma once
#include <optional>

#include "net/http_server.hpp"
#include "reports/dashboard/tokens.hpp"

namespace serin {

/// True when the request names this machine (localhost, 127.0.0.1 or [::1], any port) in one Host header. Without
/// tokens anything else is refused: a web page whose name is made to resolve to 127.0.0.1 (DNS rebinding) may read
/// answers that only local users should see, but it cannot choose the Host header.
[[nodiscard]] bool asks_this_machine(const ServerRequest& request);

/// True when a browser sent this on behalf of another site (Fetch Metadata's Sec-Fetch-Site; in browsers without it,
/// an Origin that is not the Host). Programs that are no browsers send neither.
[[nodiscard]] bool comes_from_another_site(const ServerRequest& request);

/// What the caller may do.
struct Caller {
    std::string name;              ///< of the token; empty: without one
    std::set<TokenScope> scopes;   ///< as far as asked for: see may()
    bool everything = false;       ///< no tokens are configured
    bool presented_token = false;  ///< right or wrong
    [[nodiscard]] bool may(TokenScope scope) const;
};
[[nodiscard]] Caller caller_of(const ServerRequest& request, const Tokens& tokens);

/// 401 or 403 with their WWW-Authenticate (RFC 6750 §3); nullopt when the caller may. No scope: everybody may.
[[nodiscard]] std::optional<ServerResponse> refuse(const Caller& caller, std::optional<TokenScope> scope);

/// Content-Type is application/json, whatever its parameters.
[[nodiscard]] bool has_json(const ServerRequest& request);

}  // namespace serin
