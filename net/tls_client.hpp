// SPDX-License-Identifier: Apache-2.0
// Internal to net/: a client's TLS by OpenSSL, for streams that are not libcurl's.
#pragma once
#include <openssl/types.h>

#include <boost/system/error_code.hpp>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "core/observation.hpp"
#include "net/tls_trust.hpp"

namespace serin {

struct FreeSslContext {
    void operator()(SSL_CTX* context) const;
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

/// A context that verifies the peer against `options.ca` (or the system's roots), shows our certificate if there is
/// one, and writes into `report`. Unexpected: unreadable_file.
[[nodiscard]] std::expected<SslContext, WireFailure> make_tls_client(const TlsOptions& options,
                                                                     std::shared_ptr<CertificateReport> report);

/// Server name indication (RFC 6066 §3), and the name or address that the peer's certificate must be for.
void set_server_name(SSL* ssl, const std::string& host);

/// Names why TLS with `host` failed; nullopt when `error` is not one of TLS.
[[nodiscard]] std::optional<WireFailure> name_tls_failure(const boost::system::error_code& error,
                                                          const CertificateReport& report, const std::string& host);

}  // namespace serin
