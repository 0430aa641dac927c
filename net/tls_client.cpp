// SPDX-License-Identifier: Apache-2.0
#include "net/tls_client.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <new>

#include "net/wire_errors.hpp"

namespace serin {

namespace {

std::unexpected<WireFailure> unreadable(std::string_view what, const std::string& file) {
    ERR_clear_error();
    return std::unexpected(wire_failure("unreadable_file", fmt::format("the {} {} cannot be used", what, file)));
}

X509_STORE* trust_of(const std::string& ca) {
    // A store may be used by one thread only, and reading a CA file for each connection would cost more than the
    // handshake.
    static thread_local TrustStores stores;
    return stores.find(ca);
}

/// The alerts by which a server says that our certificate, or the lack of one, is the reason (RFC 8446 §6.2).
bool is_about_our_certificate(int reason, const CertificateReport& report) {
    switch (reason) {
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return true;
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2's word for "no certificate", and for much else
            return report.asked_for_ours;
        default:
            return false;
    }
}

WireFailure name_verification_failure(int x509_error, const std::string& host) {
    const auto named = [&](std::string_view failure_class) {
        return wire_failure(failure_class, fmt::format("the certificate of {} is not accepted: {}", host,
                                                       X509_verify_cert_error_string(x509_error)));
    };
    switch (x509_error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return named("tls_expired");
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return named("tls_name_mismatch");
        default:
            return named("tls_untrusted");
    }
}

}  // namespace

void FreeSslContext::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

std::expected<SslContext, WireFailure> make_tls_client(const TlsOptions& options,
                                                       std::shared_ptr<CertificateReport> report) {
    SslContext context(SSL_CTX_new(TLS_client_method()));
    if (!context) throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    // A server that also speaks HTTP/2 might choose it otherwise, and RFC 6455 asks over HTTP/1.1.
    static constexpr unsigned char http_1_1[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context.get(), http_1_1, sizeof(http_1_1) - 1);
    report_certificate(context.get(), std::move(report));

    X509_STORE* const trust = trust_of(options.ca);
    if (trust == nullptr) return unreadable("CA file", options.ca);
    SSL_CTX_set1_cert_store(context.get(), trust);
    if (!options.cert.empty()) {
        const std::string& key = options.key.empty() ? options.cert : options.key;
        if (SSL_CTX_use_certificate_chain_file(context.get(), options.cert.c_str()) != 1) {
            return unreadable("client certificate", options.cert);
        }
        if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
            return unreadable("client key", key);
        }
    }
    return context;
}

void set_server_name(SSL* ssl, const std::string& host) {
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
        return;
    }
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
}

std::optional<WireFailure> name_tls_failure(const boost::system::error_code& error, const CertificateReport& report,
                                            const std::string& host) {
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    const bool of_openssl = error.category() == boost::asio::error::get_ssl_category();
    if (of_openssl && reason == SSL_R_CERTIFICATE_VERIFY_FAILED && report.x509_error != X509_V_OK) {
        return name_verification_failure(report.x509_error, host);
    }
    if (of_openssl && is_about_our_certificate(reason, report)) {
        return wire_failure(
            "tls_client_certificate",
            fmt::format("{} refused our client certificate, or that we have none: {}", host, error.message()));
    }
    if (of_openssl) {
        return wire_failure("tls_failure", fmt::format("TLS with {} failed: {}", host, error.message()));
    }
    return std::nullopt;
}

}  // namespace serin
