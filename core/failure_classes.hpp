// SPDX-License-Identifier: Apache-2.0
// Every failure class that Serin itself gives; a scenario's `diagnose` may name others. The table makes
// docs/failures.md.
#pragma once
#include <array>
#include <string_view>

namespace serin {

struct FailureClass {
    std::string_view name;
    bool own_fault;  ///< the prober could not judge: verdict `error`, never blamed on the target
    std::string_view meaning;
};

inline constexpr std::array failure_classes{
    // name resolution and connecting
    FailureClass{"dns_failure", false, "the name does not resolve (the resolver answered: no such host, no address)"},
    FailureClass{"resolver_failure", true,
                 "the prober's own resolver did not answer, so nothing can be said of the name"},
    FailureClass{"connection_refused", false, "nobody listens on the port"},
    FailureClass{"connection_reset", false, "the connection was reset while in use"},
    FailureClass{"unreachable", false, "the network says the host cannot be reached"},
    FailureClass{"no_route", true, "the prober's own machine has no route, no address or no port left"},
    FailureClass{"connect_timeout", false, "the connection was not established within the deadline"},
    FailureClass{"proxy_failure", false, "the proxy refused, could not be reached or spoke no HTTP"},
    // TLS
    FailureClass{"tls_untrusted", false, "the certificate chain does not end in a trusted root"},
    FailureClass{"tls_expired", false, "a certificate of the chain is expired or not yet valid"},
    FailureClass{"tls_name_mismatch", false, "the certificate is for another host name"},
    FailureClass{"tls_client_certificate", false,
                 "the server asked for a client certificate and refused ours, or got none"},
    FailureClass{"tls_failure", false,
                 "the TLS handshake failed for another reason, or was not finished within the deadline"},
    // HTTP
    FailureClass{"no_response", false, "connected and asked, but not one byte came back within the deadline"},
    FailureClass{"slow_headers", false, "an answer began, but its headers were not complete within the deadline"},
    FailureClass{"slow_body", false, "headers came, but the body was not complete within the deadline"},
    FailureClass{"body_too_large", false, "the body exceeds max_body"},
    FailureClass{"headers_too_large", false, "the headers exceed what a client accepts"},
    FailureClass{"truncated_body", false, "the connection ended before the announced length"},
    FailureClass{"empty_reply", false, "the connection was closed without any answer"},
    FailureClass{"protocol_error", false, "the answer is not valid HTTP"},
    FailureClass{"too_many_redirects", false, "more redirects than allowed"},
    FailureClass{"invalid_utf8", false, "a text that must be UTF-8 is not"},
    FailureClass{"invalid_json", false, "JSON was expected and the body or frame is not JSON"},
    // websocket
    FailureClass{"websocket_refused", false, "the server answered the handshake with another status than 101"},
    FailureClass{"websocket_handshake", false,
                 "the 101 answer breaks RFC 6455 (wrong accept key, unasked sub-protocol or extension)"},
    FailureClass{"websocket_protocol", false, "a frame breaks RFC 6455"},
    FailureClass{"websocket_closed", false, "the peer closed the connection while the scenario still needed it"},
    FailureClass{"websocket_dropped", false, "the connection ended without a close frame"},
    FailureClass{"frame_too_large", false, "one message exceeds max_frame"},
    FailureClass{"frame_log_overflow", true,
                 "more frames or bytes came than the log may hold, so nothing can be said of what was dropped"},
    // judgement
    FailureClass{"expectation_failed", false, "an `expect` line is false"},
    FailureClass{"match_failed", false, "`match` found a difference"},
    FailureClass{"not_in_time", false, "the awaited frame or state did not come within its time"},
    FailureClass{"duplicated", false, "more copies came than `exactly` allows"},
    FailureClass{"reordered", false, "the messages came in another order than they were sent"},
    FailureClass{"corrupted", false, "the message came with its nonce, but not as it was sent"},
    FailureClass{"misdelivered", false, "the message reached a client that must not get it"},
    FailureClass{"unexpected_frame", false, "a frame came that `none` forbids"},
    FailureClass{"flaky", false, "passed, but only after a retry (verdict: degraded)"},
    FailureClass{"timeout", false, "the scenario's or the step's time was over before it could finish"},
    // ours
    FailureClass{"expression_error", true, "an expression or template could not be evaluated"},
    FailureClass{"script_error", true, "a `lua` step broke its sandbox or failed in itself"},
    FailureClass{"unreadable_file", true, "a file that a step sends, or a certificate or key, cannot be read"},
    FailureClass{"invalid_request", true, "a URL or option that the step resolved to cannot be used"},
    FailureClass{"prober_resources", true,
                 "the prober ran out of file descriptors, memory or another resource of its own"},
    FailureClass{"internal_error", true, "a defect of Serin"},
    FailureClass{"aborted", true, "a signal ended the run"},
};

[[nodiscard]] constexpr bool own_fault(std::string_view failure_class) {
    for (const FailureClass& each : failure_classes) {
        if (each.name == failure_class) return each.own_fault;
    }
    return false;
}

}  // namespace serin
