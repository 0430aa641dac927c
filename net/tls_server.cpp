// SPDX-License-Identifier: Apache-2.0
#include "net/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <new>

namespace serin {

Result<SslContext> make_tls_server(const ServerTls& tls) {
    const auto unreadable = [](const char* what, const std::string& file) {
        ERR_clear_error();
        return fail(std::string("cannot use the ") + what + " `" + file + "`",
                    "name a PEM file that this process may read");
    };
    SslContext context(SSL_CTX_new(TLS_server_method()));
    if (!context) throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.c_str()) != 1) {
        return unreadable("certificate", tls.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return unreadable("key", tls.key);
    if (!tls.client_ca.empty()) {
        if (SSL_CTX_load_verify_file(context.get(), tls.client_ca.c_str()) != 1)
            return unreadable("CA file", tls.client_ca);
        SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(tls.client_ca.c_str()));
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        // Without an id, OpenSSL refuses to resume sessions that carry a client certificate.
        static constexpr unsigned char session_id[] = "serin";
        SSL_CTX_set_session_id_context(context.get(), session_id, sizeof(session_id) - 1);
    }
    return context;
}

}  // namespace serin
