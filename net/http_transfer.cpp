// SPDX-License-Identifier: Apache-2.0
#include "net/http_transfer.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "core/ascii.hpp"

namespace serin {
namespace {

constexpr std::size_t max_header_bytes = 256 << 10;

std::string with_port(const std::string& address, long port) {
    return (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" + std::to_string(port);
}

/// "address:port", or "" when there is none.
std::string text_of(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
        inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        return with_port(text.data(), ntohs(v4->sin_port));
    }
    if (address.ss_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
        inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
        return with_port(text.data(), ntohs(v6->sin6_port));
    }
    return {};
}

/// True when this machine knows a way to `address`. Connecting a datagram socket asks the routing table and sends
/// nothing.
bool has_route(const sockaddr_storage& address) {
    const int probe = ::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    const socklen_t length = address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const bool found = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), length) == 0;
    ::close(probe);
    return found;
}

std::int64_t long_number_of(void* easy, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

long number_of(void* easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

}  // namespace

CurlCookieJar::CurlCookieJar() : share_(curl_share_init()) {
    if (share_ == nullptr || curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) != CURLSHE_OK)
        throw std::bad_alloc();
}
CurlCookieJar::~CurlCookieJar() {
    curl_share_cleanup(share_);
}

HttpTransfer::HttpTransfer(HttpHandle& handle, const HttpRequest& request, TrustStores& stores)
    : handle_(handle), easy_(handle.easy), request_(request), stores_(stores), cookies_(request.cookies) {
    handle_.transfer = this;
    reply_.via_proxy = !request.route.proxy.empty();
}

HttpTransfer::~HttpTransfer() {
    if (cookies_) {
        curl_easy_setopt(easy_, CURLOPT_COOKIEFILE, nullptr);
        curl_easy_setopt(easy_, CURLOPT_SHARE, nullptr);
    }
    handle_.transfer = nullptr;
}

bool HttpTransfer::refuse(int curl_code, std::string why) {
    reply_.curl_code = curl_code;
    reply_.curl_error = std::move(why);
    return false;
}

int HttpTransfer::open_socket(const curl_sockaddr& address) {
    stage_ = Stage::connecting;
    if (tried_.ss_family != AF_UNSPEC && tried_.ss_family != address.family) other_family_ = tried_;
    std::memcpy(&tried_, &address.addr, std::min<std::size_t>(address.addrlen, sizeof tried_));
    const int socket = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    socket_errno_ = socket < 0 ? errno : 0;
    if (sockets_++ == 0) socket_ = socket;
    return socket;
}

void HttpTransfer::begin_tls(SSL_CTX* context) {
    stage_ = Stage::handshaking;
    tls_began_ = std::chrono::steady_clock::now();
    if (request_.route.tls.verify) SSL_CTX_set1_cert_store(context, trusted_ ? trusted_.get() : system_trust());
    certificate_ = std::make_shared<CertificateReport>();
    report_certificate(context, certificate_);
}

bool HttpTransfer::may_ask() {
    // libcurl repeats a request by itself when a kept connection turns out to be dead. A write that may have arrived is
    // never repeated behind the scenario's back.
    const bool repeated = requests_ > answers_;
    const std::string& method = request_.method;
    if (repeated && method != "GET" && method != "HEAD" && method != "OPTIONS") return false;
    stage_ = Stage::asking;
    header_bytes_ = 0;
    if (!repeated) ++requests_;
    if (request_began_ == Steady{}) request_began_ = std::chrono::steady_clock::now();
    return true;
}

bool HttpTransfer::take_header_line(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes) return false;
    HttpObservation& seen = reply_.seen;
    if (stage_ == Stage::asking) stage_ = Stage::answering;
    if (stage_ == Stage::answering && line.starts_with("HTTP/")) {
        seen.headers.clear();
        seen.status = static_cast<int>(number_of(easy_, CURLINFO_RESPONSE_CODE));
        return true;
    }
    const std::string_view text = trimmed(line);
    if (text.empty()) {
        const bool informational = seen.status >= 100 && seen.status < 200;
        if (stage_ == Stage::answering && !informational) end_headers();
        return true;
    }
    const bool folded = line.front() == ' ' || line.front() == '\t';  // obs-fold (RFC 9112 §5.2)
    if (folded && !seen.headers.empty()) {
        seen.headers.back().second.append(" ").append(text);
        return true;
    }
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        seen.headers.emplace_back(trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1)));
    }
    return true;
}

void HttpTransfer::end_headers() {
    stage_ = Stage::answered;
    ++answers_;
    // RFC 9110 §15.4.4: whatever the method was, what a 303 points to is fetched by GET. libcurl would keep a custom
    // method.
    const bool to_be_fetched = reply_.seen.status == 303 && request_.max_redirects > 0 && request_.method != "HEAD";
    if (to_be_fetched) {
        curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, nullptr);
        handle_.shape.reset();
    }
    const bool framed = number_of(easy_, CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0;  // a lie breaks the stream
    announced_ = framed ? -1 : long_number_of(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
    // What libcurl reads beyond the announced length it drops, and only its diary says so. Opened here, the diary costs
    // one line more; for the whole exchange it would cost as much as the rest of us.
    if (announced_ >= 0) curl_easy_setopt(easy_, CURLOPT_VERBOSE, 1L);
}

void HttpTransfer::hear(std::string_view words) {
    if (words.starts_with("Excess found")) reply_.longer_than_announced = true;
}

/// What libcurl has not read: behind a body that came in several pieces it reads no byte too many.
bool HttpTransfer::more_has_come() const {
    const curl_tlssessioninfo* tls = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_TLS_SSL_PTR, &tls);
    if (tls != nullptr && tls->internals != nullptr) return SSL_pending(static_cast<const SSL*>(tls->internals)) > 0;
    // libcurl tells its socket only afterwards. With several opened, or several hops, ours may not be the one.
    int waiting = 0;
    return sockets_ == 1 && answers_ == 1 && ::ioctl(socket_, FIONREAD, &waiting) == 0 && waiting > 0;
}

bool HttpTransfer::take_body(std::string_view bytes) {
    std::string& body = reply_.seen.body;
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(request_.max_body, 0)) - body.size();
    body.append(bytes.substr(0, room));
    if (announced_ == std::ssize(body) && more_has_come()) reply_.longer_than_announced = true;
    reply_.body_limit_hit = bytes.size() > room;
    return !reply_.body_limit_hit;
}

void HttpTransfer::finish(int curl_code, Steady started, Steady ended) {
    reply_.curl_code = curl_code;
    if (curl_code != CURLE_OK)
        reply_.curl_error =
            handle_.error[0] != '\0' ? handle_.error.data() : curl_easy_strerror(static_cast<CURLcode>(curl_code));
    reply_.os_errno = socket_errno_ != 0 ? socket_errno_ : static_cast<int>(number_of(easy_, CURLINFO_OS_ERRNO));
    // libcurl tells the error of the last address it tried. Where the other family has a route, it is the target that
    // did not answer there; that we lack IPv6 (or IPv4) is then no excuse.
    const bool ours = reply_.os_errno == ENETUNREACH || reply_.os_errno == EADDRNOTAVAIL;
    if (ours && other_family_.ss_family != AF_UNSPEC && has_route(other_family_)) reply_.os_errno = 0;
    reply_.deadline_hit = curl_code == CURLE_OPERATION_TIMEDOUT;
    if (certificate_) {
        reply_.x509_error = request_.route.tls.verify ? certificate_->x509_error : 0;
        reply_.certificate_asked = certificate_->asked_for_ours;
        reply_.seen.certificate_expiry_days = certificate_->expiry_days;
    }
    HttpObservation& seen = reply_.seen;
    seen.redirects = static_cast<int>(number_of(easy_, CURLINFO_REDIRECT_COUNT));
    char* url = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_EFFECTIVE_URL, &url);
    if (url != nullptr) seen.effective_url = url;
    switch (number_of(easy_, CURLINFO_HTTP_VERSION)) {
        case CURL_HTTP_VERSION_1_0:
            seen.version = "1.0";
            break;
        case CURL_HTTP_VERSION_1_1:
            seen.version = "1.1";
            break;
        case CURL_HTTP_VERSION_2_0:
            seen.version = "2";
            break;
        default:
            break;
    }
    // A redirect whose host is still being looked up has left no other trace than the counter.
    if (reply_.deadline_hit && stage_ == Stage::answered && seen.redirects >= requests_) {
        stage_ = Stage::resolving;
        tried_ = {};
    }
    read_remote();
    read_timings(started, ended);
    read_flags();
}

void HttpTransfer::read_remote() {
    char* address = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &address);
    const bool reached = address != nullptr && *address != '\0' && stage_ >= Stage::handshaking;
    reply_.seen.remote = reached ? with_port(address, number_of(easy_, CURLINFO_PRIMARY_PORT)) : text_of(tried_);
}

void HttpTransfer::read_timings(Steady started, Steady ended) {
    const auto mark = [this](CURLINFO info) {
        return Duration(std::chrono::microseconds(long_number_of(easy_, info)));
    };
    const Duration resolved = mark(CURLINFO_NAMELOOKUP_TIME_T);
    const Duration connected = mark(CURLINFO_CONNECT_TIME_T);
    const Duration secured = mark(CURLINFO_APPCONNECT_TIME_T);
    const Duration asked = mark(CURLINFO_PRETRANSFER_TIME_T);
    const Duration answered = mark(CURLINFO_STARTTRANSFER_TIME_T);
    const auto span = [](Duration from, Duration to) { return to > from ? to - from : Duration::zero(); };
    HttpTimings& timings = reply_.seen.timings;
    timings.dns = resolved;
    // libcurl leaves the connect mark at zero when the handshake that follows fails.
    timings.connect = connected > Duration::zero() ? span(resolved, connected)
                      : tls_began_ != Steady{}     ? span(resolved, tls_began_ - started)
                                                   : Duration::zero();
    timings.tls = span(connected, secured);
    timings.first_byte = span(asked, answered);
    timings.total = ended - started;
    reply_.seen.started = started;
    reply_.seen.ended = ended;
}

void HttpTransfer::read_flags() {
    const bool one_hop = reply_.seen.redirects == 0;
    reply_.connected = stage_ >= Stage::handshaking;
    reply_.shaking_hands = stage_ == Stage::handshaking;
    reply_.request_sent = stage_ >= Stage::asking && number_of(easy_, CURLINFO_REQUEST_SIZE) > 0;
    reply_.any_byte =
        stage_ >= Stage::answering || (one_hop && long_number_of(easy_, CURLINFO_STARTTRANSFER_TIME_T) > 0);
    reply_.headers_done = stage_ == Stage::answered;
    if (number_of(easy_, CURLINFO_REQUEST_SIZE) > 0) reply_.seen.sent = request_began_;
}

}  // namespace serin
