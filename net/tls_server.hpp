// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include "core/result.hpp"
#include "net/http_server.hpp"
#include "net/tls_client.hpp"

namespace serin {

/// A context with the server's certificate; one that asks for a client's, and insists, when `tls.client_ca` is set.
[[nodiscard]] Result<SslContext> make_tls_server(const ServerTls& tls);

}  // namespace serin
