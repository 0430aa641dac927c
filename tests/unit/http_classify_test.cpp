// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>
#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "core/failure_classes.hpp"
#include "probes/http.hpp"

namespace serin::test {
namespace {

using namespace std::chrono_literals;

const Steady start = Steady() + 1h;

HttpRequest request_within(Duration time) {
    HttpRequest request;
    request.url = "https://shop.test/cart";
    request.deadline.at = start + time;
    return request;
}

HttpReply failed(int curl_code) {
    HttpReply reply;
    reply.curl_code = curl_code;
    reply.curl_error = "libcurl's words";
    reply.seen.started = start;
    reply.seen.effective_url = "https://shop.test/cart";
    reply.seen.remote = "192.0.2.7:443";
    return reply;
}

HttpReply reached(int curl_code) {
    HttpReply reply = failed(curl_code);
    reply.connected = true;
    return reply;
}

HttpReply asked(int curl_code) {
    HttpReply reply = reached(curl_code);
    reply.request_sent = true;
    reply.seen.sent = start + 500ms;
    return reply;
}

std::string class_of(const HttpReply& reply) {
    const auto failure = classify(reply, request_within(2s));
    if (!failure) return "";
    CHECK(failure->own_fault == own_fault(failure->failure_class));
    CHECK_FALSE(failure->message.empty());
    return failure->failure_class;
}

std::string message_of(const HttpReply& reply) {
    return classify(reply, request_within(2s))->message;
}

TEST_CASE("a complete exchange is no failure, whatever its status") {
    HttpReply reply = asked(CURLE_OK);
    reply.seen.status = 500;
    CHECK(class_of(reply).empty());
}

TEST_CASE("a refused connection names the address") {
    HttpReply reply = failed(CURLE_COULDNT_CONNECT);
    reply.os_errno = ECONNREFUSED;
    CHECK(class_of(reply) == "connection_refused");
    CHECK(message_of(reply) == "connection refused by 192.0.2.7:443");
}

TEST_CASE("a socket that our own machine does not give is our own fault") {
    const auto with_errno = [](int number) {
        HttpReply reply = failed(CURLE_COULDNT_CONNECT);
        reply.os_errno = number;
        return class_of(reply);
    };
    CHECK(with_errno(EMFILE) == "prober_resources");
    CHECK(with_errno(ENFILE) == "prober_resources");
    CHECK(with_errno(ENOMEM) == "prober_resources");
    CHECK(with_errno(EADDRNOTAVAIL) == "no_route");
    CHECK(with_errno(ENETUNREACH) == "no_route");
    CHECK(with_errno(EHOSTUNREACH) == "unreachable");
    CHECK(with_errno(ETIMEDOUT) == "connect_timeout");
    CHECK(class_of(failed(CURLE_OUT_OF_MEMORY)) == "prober_resources");
}

TEST_CASE("a name that does not exist is the target's fault, a resolver that does not answer is ours") {
    const auto with_answer = [](int eai) {
        HttpReply reply = failed(CURLE_COULDNT_RESOLVE_HOST);
        reply.resolver_error = eai;
        return class_of(reply);
    };
    CHECK(with_answer(EAI_NONAME) == "dns_failure");
    CHECK(with_answer(EAI_AGAIN) == "resolver_failure");
    CHECK(with_answer(EAI_FAIL) == "resolver_failure");
    CHECK(with_answer(0) == "resolver_failure");
}

TEST_CASE("a deadline is named by what had not happened yet") {
    HttpReply reply = failed(CURLE_OPERATION_TIMEDOUT);
    reply.seen.remote.clear();
    CHECK(class_of(reply) == "resolver_failure");
    reply.seen.remote = "192.0.2.7:443";
    CHECK(class_of(reply) == "connect_timeout");
    reply.connected = reply.shaking_hands = true;
    CHECK(class_of(reply) == "tls_failure");
    CHECK(message_of(reply) == "the TLS handshake with 192.0.2.7:443 was not finished within 2 s");
    reply.shaking_hands = false;
    CHECK(class_of(reply) == "no_response");
    CHECK(message_of(reply) == "connected to 192.0.2.7:443, but the request could not be sent within 2 s");
    reply = asked(CURLE_OPERATION_TIMEDOUT);
    CHECK(class_of(reply) == "no_response");
    CHECK(message_of(reply) == "no answer within 1.5 s of the request");
    reply.any_byte = true;
    CHECK(class_of(reply) == "slow_headers");
    reply.headers_done = true;
    reply.seen.body = "12345";
    CHECK(class_of(reply) == "slow_body");
    CHECK(message_of(reply) == "the body was not complete within 2 s; 5 bytes had come");
}

TEST_CASE("a request whose time was over before it began timed out, and nothing is said of the resolver") {
    HttpReply reply = failed(CURLE_OPERATION_TIMEDOUT);
    reply.seen.remote.clear();
    CHECK(classify(reply, request_within(0s))->failure_class == "timeout");
}

TEST_CASE("a certificate is refused by name of its defect") {
    const auto with_error = [](int x509) {
        HttpReply reply = reached(CURLE_PEER_FAILED_VERIFICATION);
        reply.x509_error = x509;
        return class_of(reply);
    };
    CHECK(with_error(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) == "tls_untrusted");
    CHECK(with_error(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) == "tls_untrusted");
    CHECK(with_error(X509_V_ERR_CERT_HAS_EXPIRED) == "tls_expired");
    CHECK(with_error(X509_V_ERR_CERT_NOT_YET_VALID) == "tls_expired");
    CHECK(with_error(X509_V_OK) == "tls_name_mismatch");
    CHECK(class_of(reached(CURLE_SSL_CONNECT_ERROR)) == "tls_failure");
}

TEST_CASE("a server that asked for a certificate and then broke off refused ours") {
    for (const int code : {CURLE_SSL_CONNECT_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING}) {
        HttpReply reply = asked(code);
        CHECK(class_of(reply) != "tls_client_certificate");
        reply.certificate_asked = true;
        CHECK(class_of(reply) == "tls_client_certificate");
        reply.any_byte = reply.headers_done = true;
        CHECK(class_of(reply) != "tls_client_certificate");
    }
}

TEST_CASE("an answer that breaks off is named by how") {
    HttpReply reply = asked(CURLE_RECV_ERROR);
    reply.os_errno = ECONNRESET;
    CHECK(class_of(reply) == "connection_reset");
    CHECK(message_of(reply) == "192.0.2.7:443 reset the connection before any answer");
    CHECK(class_of(asked(CURLE_GOT_NOTHING)) == "empty_reply");
    CHECK(class_of(asked(CURLE_PARTIAL_FILE)) == "truncated_body");
    CHECK(class_of(asked(CURLE_TOO_MANY_REDIRECTS)) == "too_many_redirects");
    CHECK(class_of(asked(CURLE_ABORTED_BY_CALLBACK)) == "connection_reset");
}

TEST_CASE("limits tell headers from body") {
    HttpReply reply = asked(CURLE_WRITE_ERROR);
    reply.any_byte = true;
    CHECK(class_of(reply) == "headers_too_large");
    reply.headers_done = reply.body_limit_hit = true;
    CHECK(class_of(reply) == "body_too_large");
    HttpReply long_line = asked(CURLE_OUT_OF_MEMORY);
    long_line.any_byte = true;
    CHECK(class_of(long_line) == "headers_too_large");
}

TEST_CASE("a URL that cannot be requested is ours, one that a redirect gave is the target's") {
    for (const int code : {CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL}) {
        CHECK(class_of(failed(code)) == "invalid_request");
        CHECK(class_of(asked(code)) == "protocol_error");
    }
    CHECK(class_of(failed(CURLE_BAD_FUNCTION_ARGUMENT)) == "invalid_request");
}

TEST_CASE("what fails before a proxy let us through is the proxy's fault") {
    HttpReply reply = failed(CURLE_COULDNT_CONNECT);
    reply.os_errno = ECONNREFUSED;
    reply.via_proxy = true;
    CHECK(class_of(reply) == "proxy_failure");
    reply = asked(CURLE_GOT_NOTHING);
    reply.via_proxy = true;
    CHECK(class_of(reply) == "empty_reply");
    CHECK(class_of(failed(CURLE_COULDNT_RESOLVE_PROXY)) == "proxy_failure");
}

TEST_CASE("a file that cannot be read is ours") {
    HttpReply reply = failed(CURLE_SSL_CERTPROBLEM);
    reply.unreadable_file = "client.pem";
    reply.curl_error = "client.pem cannot be read";
    CHECK(class_of(reply) == "unreadable_file");
    CHECK(message_of(reply) == "client.pem cannot be read");
}

}  // namespace
}  // namespace serin::test
