// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "core/observation.hpp"

namespace serin {

/// How far an exchange came, so that a failure can be named (see probes/http classify()).
struct HttpReply {
    HttpObservation seen;    ///< `failure` is left unset here
    int curl_code = 0;       ///< CURLcode; 0: complete
    std::string curl_error;  ///< libcurl's own words
    int os_errno = 0;        ///< CURLINFO_OS_ERRNO
    int x509_error = 0;      ///< X509_V_ERR_* of the verification, 0 when fine or not reached
    int resolver_error = 0;  ///< EAI_* that the system's resolver gives for the name; 0 unless curl could not resolve
    bool connected = false;  ///< TCP established
    bool shaking_hands = false;  ///< ended while TLS was being set up
    bool request_sent = false;   ///< request bytes left
    bool any_byte = false;       ///< a byte of the answer came
    bool headers_done = false;
    bool body_limit_hit = false;
    bool longer_than_announced = false;  ///< bytes came behind the announced length of the body
    bool deadline_hit = false;
    bool via_proxy = false;
    bool certificate_asked = false;  ///< the server asked for a client certificate
    std::string unreadable_file;     ///< a CA, certificate or key file that cannot be read
};

/// libcurl's multi interface on an Asio loop. One per worker thread; not thread-safe. Every perform() must have
/// returned before the client is destroyed. CPU per exchange on loopback is within ~25 % of a bare multi loop.
///
/// Defaults that a prober needs: TLS verified against one process-wide store; fresh connection unless `reuse`; only
/// http and https (also for redirects); environment proxies ignored; no `Expect: 100-continue`; response headers and
/// body bounded.
class HttpClient {
public:
    explicit HttpClient(const boost::asio::any_io_executor& executor);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// One exchange, redirects included, ended by `request.deadline` at the latest. Never throws for what the target
    /// does; throws operation_aborted when cancelled. `request` must outlive the await.
    boost::asio::awaitable<HttpReply> perform(const HttpRequest& request);

    [[nodiscard]] static std::shared_ptr<CookieJar> make_cookie_jar();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
