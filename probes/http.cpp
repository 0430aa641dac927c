// SPDX-License-Identifier: Apache-2.0
#include "probes/http.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/failure_classes.hpp"

namespace serin {
namespace {

WireFailure failure(std::string_view failure_class, std::string message) {
    return WireFailure{.failure_class = std::string(failure_class),
                       .message = std::move(message),
                       .own_fault = own_fault(failure_class)};
}

std::string words_of(int error_number) {
    return std::generic_category().message(error_number);
}

/// "https://user@shop.example:8443/cart?x" → "shop.example:8443"
std::string_view authority_of(std::string_view url) {
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const std::size_t user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
    return url;
}

/// Whom we talked to, as precisely as is known.
std::string peer_of(const HttpReply& reply) {
    return reply.seen.remote.empty() ? std::string(authority_of(reply.seen.effective_url)) : reply.seen.remote;
}

std::string time_allowed(const HttpReply& reply, const HttpRequest& request) {
    return human_duration(request.deadline.at - reply.seen.started);
}

bool says(const HttpReply& reply, std::string_view words) {
    return reply.curl_error.find(words) != std::string::npos;
}

/// errno, where libcurl met one in this step; the number of an earlier, harmless call must not be blamed for a TLS
/// alert.
bool is_socket_code(int curl_code) {
    return curl_code == CURLE_COULDNT_CONNECT || curl_code == CURLE_SEND_ERROR || curl_code == CURLE_RECV_ERROR;
}

/// What could not even be asked.
std::optional<WireFailure> of_the_request(const HttpReply& reply) {
    if (!reply.unreadable_file.empty()) return failure("unreadable_file", reply.curl_error);
    switch (reply.curl_code) {
        case CURLE_BAD_FUNCTION_ARGUMENT:
            return failure("invalid_request", reply.curl_error);
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            // After an answer it is the redirect's URL, and before one, but asked, an answer that is not HTTP.
            if (reply.request_sent) return std::nullopt;
            return failure("invalid_request",
                           fmt::format("`{}` cannot be requested: {}", reply.seen.effective_url, reply.curl_error));
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
            return failure(
                "unreadable_file",
                fmt::format("the client certificate, its key or the CA cannot be used: {}", reply.curl_error));
        default:
            return std::nullopt;
    }
}

std::optional<WireFailure> of_our_machine(const HttpReply& reply) {
    if (is_socket_code(reply.curl_code)) {
        switch (reply.os_errno) {
            case EMFILE:
            case ENFILE:
            case ENOMEM:
            case ENOBUFS:
                return failure("prober_resources", "the prober has no socket left: " + words_of(reply.os_errno));
            case EADDRNOTAVAIL:
            case ENETUNREACH:
            case ENETDOWN:
            case EACCES:
            case EPERM:
                return failure("no_route", fmt::format("the prober has no way to {}: {}", peer_of(reply),
                                                       words_of(reply.os_errno)));
            default:
                break;
        }
    }
    // libcurl also calls it "out of memory" when one header line exceeds its buffer; then bytes have come.
    const bool long_header = reply.any_byte && !reply.headers_done;
    if ((reply.curl_code == CURLE_OUT_OF_MEMORY && !long_header) || reply.curl_code == CURLE_FAILED_INIT) {
        return failure("prober_resources", "libcurl could not allocate what it needs: " + reply.curl_error);
    }
    return std::nullopt;
}

WireFailure of_resolving(const HttpReply& reply) {
    const std::string name(authority_of(reply.seen.effective_url));
    if (reply.resolver_error == EAI_NONAME)
        return failure("dns_failure", fmt::format("no such host: {}", reply.curl_error));
    if (reply.resolver_error == 0) {
        return failure("resolver_failure", fmt::format("the name of {} did not resolve, but did a moment later", name));
    }
    return failure("resolver_failure", fmt::format("the prober's resolver gave no answer for {}: {}", name,
                                                   gai_strerror(reply.resolver_error)));
}

/// With a proxy everything before the tunnel, or before a plain request, is the proxy's.
std::optional<WireFailure> of_the_proxy(const HttpReply& reply, const HttpRequest& request) {
    const bool at_proxy = reply.via_proxy && !reply.connected;
    if (!at_proxy && reply.curl_code != CURLE_COULDNT_RESOLVE_PROXY && reply.curl_code != CURLE_PROXY)
        return std::nullopt;
    return failure("proxy_failure", fmt::format("the proxy {} did not let us through: {}",
                                                authority_of(request.route.proxy), reply.curl_error));
}

WireFailure of_connecting(const HttpReply& reply, const HttpRequest& request) {
    const std::string peer = peer_of(reply);
    switch (reply.os_errno) {
        case ECONNREFUSED:
            return failure("connection_refused", "connection refused by " + peer);
        case ECONNRESET:
            return failure("connection_reset", fmt::format("{} reset the connection while it was made", peer));
        case EHOSTUNREACH:
            return failure("unreachable", peer + " is unreachable: " + words_of(reply.os_errno));
        case ETIMEDOUT:
            return failure("connect_timeout", fmt::format("no connection to {} within {}", peer,
                                                          human_duration(reply.seen.timings.total)));
        default:
            return failure("unreachable", fmt::format("no connection to {} within {}: {}", peer,
                                                      time_allowed(reply, request), reply.curl_error));
    }
}

bool is_tls_code(int curl_code) {
    switch (curl_code) {
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CLIENTCERT:
            return true;
        default:
            return false;
    }
}

/// TLS 1.3 clients learn that their certificate is refused only after the handshake, when they read: as an alert, or as
/// a reset when the alert was overtaken.
bool refused_our_certificate(const HttpReply& reply) {
    if (!reply.certificate_asked || reply.any_byte) return false;
    return is_tls_code(reply.curl_code)
               ? reply.x509_error == X509_V_OK && reply.curl_code != CURLE_PEER_FAILED_VERIFICATION
               : reply.curl_code == CURLE_RECV_ERROR || reply.curl_code == CURLE_SEND_ERROR ||
                     reply.curl_code == CURLE_GOT_NOTHING;
}

WireFailure of_tls(const HttpReply& reply) {
    const std::string peer = peer_of(reply);
    switch (reply.x509_error) {
        case X509_V_OK:
            break;
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return failure("tls_expired", fmt::format("{}: {}", peer, X509_verify_cert_error_string(reply.x509_error)));
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return failure("tls_name_mismatch",
                           fmt::format("{}: {}", peer, X509_verify_cert_error_string(reply.x509_error)));
        default:
            return failure("tls_untrusted",
                           fmt::format("{}: {}", peer, X509_verify_cert_error_string(reply.x509_error)));
    }
    // The chain is fine; libcurl checks the name itself, afterwards.
    if (reply.curl_code == CURLE_PEER_FAILED_VERIFICATION) {
        return failure("tls_name_mismatch", fmt::format("{}: {}", peer, reply.curl_error));
    }
    if (reply.os_errno == ECONNRESET && says(reply, "reset by peer")) {
        return failure("connection_reset", fmt::format("{} reset the connection during the TLS handshake", peer));
    }
    return failure("tls_failure", fmt::format("the TLS handshake with {} failed: {}", peer, reply.curl_error));
}

WireFailure of_lateness(const HttpReply& reply, const HttpRequest& request) {
    const std::string peer = peer_of(reply);
    const std::string allowed = time_allowed(reply, request);
    if (request.deadline.passed(reply.seen.started)) return failure("timeout", reply.curl_error);
    if (!reply.connected && reply.seen.remote.empty()) {
        return failure("resolver_failure",
                       fmt::format("the prober's resolver gave no address for {} within {}", peer, allowed));
    }
    if (!reply.connected)
        return failure("connect_timeout", fmt::format("no connection to {} within {}", peer, allowed));
    if (reply.shaking_hands) {
        return failure("tls_failure",
                       fmt::format("the TLS handshake with {} was not finished within {}", peer, allowed));
    }
    if (!reply.request_sent) {
        return failure("no_response",
                       fmt::format("connected to {}, but the request could not be sent within {}", peer, allowed));
    }
    if (!reply.any_byte) {
        return failure("no_response", fmt::format("no answer within {} of the request",
                                                  human_duration(request.deadline.at - reply.seen.sent)));
    }
    if (!reply.headers_done)
        return failure("slow_headers",
                       fmt::format("an answer began, but its headers were not complete within {}", allowed));
    return failure("slow_body", fmt::format("the body was not complete within {}; {} bytes had come", allowed,
                                            reply.seen.body.size()));
}

WireFailure of_a_broken_connection(const HttpReply& reply) {
    const std::string peer = peer_of(reply);
    if (reply.os_errno == EHOSTUNREACH)
        return failure("unreachable", peer + " is unreachable: " + words_of(reply.os_errno));
    if (reply.os_errno == ECONNRESET || reply.os_errno == EPIPE) {
        return failure("connection_reset", fmt::format("{} reset the connection {}", peer,
                                                       reply.headers_done ? "within the body"
                                                       : reply.any_byte   ? "within the headers"
                                                                          : "before any answer"));
    }
    if (says(reply, "chunked-encoding"))
        return failure("protocol_error", "the body is not validly chunked: " + reply.curl_error);
    if (says(reply, "unexpected eof")) {
        return reply.any_byte
                   ? failure("truncated_body", fmt::format("{} ended the TLS connection within the answer", peer))
                   : failure("empty_reply", fmt::format("{} ended the TLS connection without any answer", peer));
    }
    return failure("connection_reset", fmt::format("the connection to {} broke: {}", peer, reply.curl_error));
}

WireFailure of_the_answer(const HttpReply& reply, const HttpRequest& request) {
    const std::string peer = peer_of(reply);
    switch (reply.curl_code) {
        case CURLE_GOT_NOTHING:
            return failure("empty_reply", fmt::format("{} closed the connection without any answer", peer));
        case CURLE_PARTIAL_FILE:
            return failure("truncated_body", fmt::format("the connection ended after {} bytes of the body: {}",
                                                         reply.seen.body.size(), reply.curl_error));
        case CURLE_TOO_MANY_REDIRECTS:
            return failure("too_many_redirects", fmt::format("more than {} redirects", request.max_redirects));
        case CURLE_WRITE_ERROR:
            if (reply.body_limit_hit)
                return failure("body_too_large", fmt::format("the body exceeds {} bytes", request.max_body));
            [[fallthrough]];
        case CURLE_OUT_OF_MEMORY:
            return failure("headers_too_large", "the headers exceed what a client accepts");
        case CURLE_URL_MALFORMAT:
            return failure("protocol_error", "redirected to a URL that cannot be requested: " + reply.curl_error);
        case CURLE_UNSUPPORTED_PROTOCOL:
            return failure("protocol_error",
                           (reply.headers_done ? "redirected to another protocol: " : "the answer is not HTTP: ") +
                               reply.curl_error);
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
            return failure("protocol_error", "the answer is not valid HTTP: " + reply.curl_error);
        case CURLE_ABORTED_BY_CALLBACK:
            return failure("connection_reset",
                           fmt::format("{} closed the kept connection; a {} is not repeated", peer, request.method));
        default:
            return failure("internal_error", fmt::format("libcurl error {}: {}", reply.curl_code, reply.curl_error));
    }
}

class RealHttpProbe final : public HttpProbe {
public:
    explicit RealHttpProbe(HttpClient& client) : client_(client) {}

    boost::asio::awaitable<HttpObservation> observe(const HttpRequest& request) override {
        HttpReply reply = co_await client_.perform(request);
        reply.seen.failure = classify(reply, request);
        co_return std::move(reply.seen);
    }
    std::shared_ptr<CookieJar> make_cookie_jar() override { return HttpClient::make_cookie_jar(); }

private:
    HttpClient& client_;
};

}  // namespace

std::optional<WireFailure> classify(const HttpReply& reply, const HttpRequest& request) {
    if (reply.curl_code == CURLE_OK) {
        if (!reply.longer_than_announced) return std::nullopt;
        return failure("protocol_error", fmt::format("{} sent more than the {} bytes of body that Content-Length says",
                                                     peer_of(reply), reply.seen.body.size()));
    }
    if (auto ours = of_the_request(reply)) return ours;
    if (auto ours = of_our_machine(reply)) return ours;
    if (auto proxy = of_the_proxy(reply, request)) return proxy;
    if (refused_our_certificate(reply)) {
        return failure("tls_client_certificate",
                       fmt::format("{} asked for a client certificate and {}", peer_of(reply),
                                   request.route.tls.cert.empty() ? "got none" : "refused ours"));
    }
    if (is_tls_code(reply.curl_code)) return of_tls(reply);
    switch (reply.curl_code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return of_resolving(reply);
        case CURLE_COULDNT_CONNECT:
            return of_connecting(reply, request);
        case CURLE_OPERATION_TIMEDOUT:
            return of_lateness(reply, request);
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return of_a_broken_connection(reply);
        default:
            return of_the_answer(reply, request);
    }
}

std::unique_ptr<HttpProbe> make_http_probe(HttpClient& client) {
    return std::make_unique<RealHttpProbe>(client);
}

}  // namespace serin
