// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/observation.hpp"
#include "net/http_client.hpp"
#include "net/http_handle.hpp"
#include "net/tls_trust.hpp"

struct curl_sockaddr;

namespace serin {

/// A jar is a libcurl share that holds nothing but cookies.
class CurlCookieJar final : public CookieJar {
public:
    CurlCookieJar();
    ~CurlCookieJar() override;
    CurlCookieJar(const CurlCookieJar&) = delete;
    CurlCookieJar& operator=(const CurlCookieJar&) = delete;

    [[nodiscard]] void* share() const { return share_; }  ///< a CURLSH*

private:
    void* share_;
};

/// One exchange on one handle: says to libcurl what HttpRequest asks, and takes down in HttpReply what comes. The
/// handle, the request and the stores must outlive it; its callbacks are libcurl's, so it never moves.
class HttpTransfer {
public:
    HttpTransfer(HttpHandle& handle, const HttpRequest& request, TrustStores& stores);
    /// Detaches the handle from everything of this exchange.
    ~HttpTransfer();
    HttpTransfer(const HttpTransfer&) = delete;
    HttpTransfer& operator=(const HttpTransfer&) = delete;

    /// Sets the handle up. False when the exchange cannot start; take_reply() then says why.
    [[nodiscard]] bool prepare(Steady now);
    /// Reads off the handle what the exchange came to.
    void finish(int curl_code, Steady started, Steady ended);
    [[nodiscard]] HttpReply take_reply() { return std::move(reply_); }

private:
    /// How far the current hop came (a redirect begins a new one).
    enum class Stage { resolving, connecting, handshaking, asking, answering, answered };

    bool refuse(int curl_code, std::string why);
    // Once for a handle, as long as requests are alike.
    bool shape_handle();
    void set_callbacks();
    bool set_method();
    bool set_route();
    bool set_connect_to();
    void set_tls();
    // For each exchange.
    void prepare_body();
    bool prepare_headers();
    bool prepare_trust();
    void prepare_cookies();
    void prepare_limits(Steady now);

    void read_timings(Steady started, Steady ended);
    void read_remote();
    void read_flags();

    // What libcurl calls while it works.
    static HttpTransfer& of(void* handle);
    int open_socket(const curl_sockaddr& address);
    void begin_tls(SSL_CTX* context);
    [[nodiscard]] bool may_ask();
    [[nodiscard]] bool take_header_line(std::string_view line);
    [[nodiscard]] bool take_body(std::string_view bytes);
    void end_headers();
    void hear(std::string_view words);
    [[nodiscard]] bool more_has_come() const;

    HttpHandle& handle_;
    void* easy_;  ///< of handle_
    const HttpRequest& request_;
    TrustStores& stores_;
    HttpReply reply_;

    Stage stage_ = Stage::resolving;
    int requests_ = 0;                 ///< begun, redirects and libcurl's own repetitions included
    int answers_ = 0;                  ///< final headers completed
    std::size_t header_bytes_ = 0;     ///< of the current answer
    std::int64_t announced_ = -1;      ///< bytes of the current answer's body; -1: unknown
    Steady tls_began_{};               ///< TCP of the current hop was established then
    Steady request_began_{};           ///< the first one
    int socket_errno_ = 0;             ///< why no socket could be opened
    int sockets_ = 0;                  ///< opened
    int socket_ = -1;                  ///< the first one
    sockaddr_storage tried_{};         ///< last address that a socket was opened for
    sockaddr_storage other_family_{};  ///< the last address tried of the family that `tried_` is not of
    TrustStore trusted_;  ///< a reference of our own: the file may change, and with it the cached store, meanwhile
    std::shared_ptr<CertificateReport> certificate_;
    std::shared_ptr<CookieJar> cookies_;
};

}  // namespace serin
