// SPDX-License-Identifier: Apache-2.0
// Whom we trust in TLS, and what the verification of a server's certificate said. Shared by HTTP and websockets.
#pragma once
#include <openssl/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace serin {

struct FreeStore {
    void operator()(X509_STORE* store) const;
};
using TrustStore = std::unique_ptr<X509_STORE, FreeStore>;

/// The system's trusted roots, one store per process, made at the first call: parsing the bundle costs 25 ms of CPU,
/// and libcurl's own way costs 42 ms per handshake. SSL_CERT_FILE and SSL_CERT_DIR are honoured. Thread-safe; never
/// null.
[[nodiscard]] X509_STORE* system_trust();

/// Stores of CA files that scenarios name; a changed file (by time and size) is read again. One thread.
class TrustStores {
public:
    /// The store of the PEM file `ca`, or the system's when `ca` is empty; null when the file holds no readable
    /// certificate. Belongs to this object; take a reference (SSL_CTX_set1_cert_store) to keep it.
    [[nodiscard]] X509_STORE* find(const std::string& ca);

private:
    struct Loaded {
        std::filesystem::file_time_type written;
        std::uintmax_t size = 0;
        TrustStore store;
    };
    std::map<std::string, Loaded> loaded_;
};

/// What the handshake told about the server's certificate.
struct CertificateReport {
    int x509_error = 0;                 ///< X509_V_ERR_*; 0 when fine, not reached, or not asked for
    std::optional<double> expiry_days;  ///< of the leaf; negative when expired
    bool asked_for_ours = false;        ///< the server asked for a client certificate
};

/// Makes handshakes of `context` write into `report`, also when the chain is not trusted. The context shares the
/// report, because a connection may renegotiate long after the exchange that opened it.
void report_certificate(SSL_CTX* context, std::shared_ptr<CertificateReport> report);

}  // namespace serin
