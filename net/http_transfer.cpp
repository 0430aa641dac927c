// SPDX-License-Identifier: Apache-2.0
#include "net/http_transfer.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace serin {
namespace {

constexpr std::size_t max_header_bytes = 256 * 1024;
// A thousand concurrent transfers must not cost a thousand times libcurl's 16 KiB; bodies are small or end at their
// limit.
constexpr long receive_buffer_bytes = 8 * 1024;
constexpr long upload_buffer_bytes = 16 * 1024;

static_assert(CURL_ERROR_SIZE == 256);

/// Options are fixed at build time and their values checked by prepare(): what is left to fail is memory.
template <class Value>
void set(void* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

void append(curl_slist*& list, const std::string& line) {
    curl_slist* const longer = curl_slist_append(list, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list = longer;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_https(std::string_view url) {
    return same_name(url.substr(0, 6), "https:");
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

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

/// "host:port:address" as the "host:port:address:port" of CONNECT_TO; empty when it is not of that form. libcurl's own
/// RESOLVE would stay in the multi's DNS cache and answer for other actors.
std::string connect_to_of_resolve(std::string_view entry) {
    const std::size_t host_end = entry.starts_with('[') ? entry.find("]:") : entry.find(':');
    if (host_end == std::string_view::npos) return {};
    const std::size_t port_begin = entry.find(':', host_end) + 1;
    const std::size_t port_end = entry.find(':', port_begin);
    if (port_end == std::string_view::npos) return {};
    const std::string_view host = entry.substr(0, port_begin - 1);
    const std::string_view port = entry.substr(port_begin, port_end - port_begin);
    std::string address(entry.substr(port_end + 1));
    if (host.empty() || address.empty() || port.empty() ||
        !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }))
        return {};
    if (!address.starts_with('[') && address.find(':') != std::string::npos) address = "[" + address + "]";
    const std::string_view any_or_host = host == "*" ? std::string_view() : host;
    return std::string(any_or_host) + ":" + std::string(port) + ":" + address + ":" + std::string(port);
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

std::int64_t microseconds_of(void* easy, CURLINFO info) {
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

HttpTransfer::HttpTransfer(void* easy, const HttpRequest& request, TrustStores& stores)
    : easy_(easy), request_(request), stores_(stores), cookies_(request.cookies) {
    reply_.via_proxy = !request.route.proxy.empty();
}

HttpTransfer::~HttpTransfer() {
    if (cookies_) {
        // A reset would leak the first and keep the second.
        curl_easy_setopt(easy_, CURLOPT_COOKIEFILE, nullptr);
        curl_easy_setopt(easy_, CURLOPT_SHARE, nullptr);
    }
    curl_easy_reset(easy_);
    curl_slist_free_all(headers_);
    curl_slist_free_all(connect_to_);
}

bool HttpTransfer::refuse(int curl_code, std::string why) {
    reply_.curl_code = curl_code;
    reply_.curl_error = std::move(why);
    return false;
}

bool HttpTransfer::prepare(Steady now) {
    reply_.seen.started = reply_.seen.ended = now;
    reply_.seen.effective_url = request_.url;
    if (request_.deadline.passed(now)) {
        reply_.deadline_hit = true;
        return refuse(CURLE_OPERATION_TIMEDOUT, "the deadline had passed before the request began");
    }
    set(easy_, CURLOPT_ERRORBUFFER, error_.data());
    set(easy_, CURLOPT_URL, request_.url.c_str());
    set(easy_, CURLOPT_NOSIGNAL, 1L);
    set(easy_, CURLOPT_QUICK_EXIT, 1L);  // or a cancel during name resolution would join the resolver's thread
    set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    prepare_callbacks();
    if (!prepare_method() || !prepare_headers() || !prepare_route() || !prepare_tls()) return false;
    if (cookies_) {
        if (const auto* jar = dynamic_cast<const CurlCookieJar*>(cookies_.get()))
            set(easy_, CURLOPT_SHARE, jar->share());
        set(easy_, CURLOPT_COOKIEFILE, "");  // no file: it only switches the cookie engine on
    }
    prepare_limits(now);
    return true;
}

void HttpTransfer::prepare_callbacks() {
    set(
        easy_, CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* address) -> curl_socket_t {
            return static_cast<HttpTransfer*>(self)->open_socket(*address);
        });
    set(easy_, CURLOPT_OPENSOCKETDATA, this);
    set(
        easy_, CURLOPT_PREREQFUNCTION, +[](void* self, char*, char*, int, int) {
            return static_cast<HttpTransfer*>(self)->may_ask() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
        });
    set(easy_, CURLOPT_PREREQDATA, this);
    set(
        easy_, CURLOPT_HEADERFUNCTION, +[](char* text, std::size_t size, std::size_t count, void* self) {
            return static_cast<HttpTransfer*>(self)->take_header_line({text, size * count}) ? size * count : 0;
        });
    set(easy_, CURLOPT_HEADERDATA, this);
    set(
        easy_, CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t size, std::size_t count, void* self) {
            return static_cast<HttpTransfer*>(self)->take_body({bytes, size * count}) ? size * count : 0;
        });
    set(easy_, CURLOPT_WRITEDATA, this);
}

bool HttpTransfer::prepare_method() {
    const std::string& method = request_.method;
    if (!is_token(method)) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + method + "` is not an HTTP method");
    const bool head = method == "HEAD";
    if (head && request_.body) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "a HEAD request carries no body");
    // These three say "Content-Length: 0" when they carry nothing (RFC 9110 §8.6).
    const bool carries = request_.body || method == "POST" || method == "PUT" || method == "PATCH";
    if (carries) {
        const std::size_t length = request_.body ? request_.body->size() : 0;
        set(easy_, CURLOPT_POST, 1L);
        set(easy_, CURLOPT_POSTFIELDS, request_.body ? request_.body->data() : "");
        set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(length));
        if (length > 64 * 1024) set(easy_, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
    }
    if (head) set(easy_, CURLOPT_NOBODY, 1L);
    if (method == "POST" || head || (method == "GET" && !carries)) return true;
    set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    // RFC 9110 §15.4: only POST may become GET on 301 and 302. For 303 see take_header().
    set(easy_, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    return true;
}

bool HttpTransfer::prepare_headers() {
    bool has_content_type = false;
    bool has_connection = false;
    for (const auto& [name, value] : request_.headers) {
        if (!is_token(name)) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + name + "` is not a header name");
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "header `" + name + "` contains a line break");
        }
        has_content_type = has_content_type || same_name(name, "Content-Type");
        has_connection = has_connection || same_name(name, "Connection");
        append(headers_, trimmed(value).empty() ? name + ";" : name + ": " + value);
    }
    if (request_.body) {
        append(headers_, "Expect:");
        if (!has_content_type) append(headers_, "Content-Type:");  // libcurl would claim it to be a form
    }
    // RFC 9112 §9.6: who will not keep the connection says so. HTTP/2 has no such header; libcurl leaves it out there.
    if (!request_.reuse && !has_connection) append(headers_, "Connection: close");
    if (headers_ != nullptr) set(easy_, CURLOPT_HTTPHEADER, headers_);
    return true;
}

bool HttpTransfer::prepare_connect_to() {
    for (const std::string& entry : request_.route.resolve) {
        const std::string translated = connect_to_of_resolve(entry);
        if (translated.empty())
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + entry + "` is not \"host:port:address\"");
        append(connect_to_, translated);
    }
    for (const std::string& entry : request_.route.connect_to) {
        if (std::ranges::count(entry, ':') < 3) {
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + entry + "` is not \"host:port:host:port\"");
        }
        append(connect_to_, entry);
    }
    if (connect_to_ != nullptr) set(easy_, CURLOPT_CONNECT_TO, connect_to_);
    return true;
}

bool HttpTransfer::prepare_route() {
    // Also when empty: otherwise http_proxy and no_proxy of the environment would decide.
    set(easy_, CURLOPT_PROXY, request_.route.proxy.c_str());
    set(easy_, CURLOPT_NOPROXY, "");
    set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!request_.reuse) {
        set(easy_, CURLOPT_FRESH_CONNECT, 1L);
        set(easy_, CURLOPT_FORBID_REUSE, 1L);
        set(easy_, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
        set(easy_, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    }
    if (request_.http_version == "1.1") {
        set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    } else if (request_.http_version == "2") {
        const bool tls = is_https(request_.url);
        set(easy_, CURLOPT_HTTP_VERSION,
            static_cast<long>(tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    } else if (!request_.http_version.empty()) {
        return refuse(CURLE_BAD_FUNCTION_ARGUMENT,
                      "`" + request_.http_version + "` is not an HTTP version that can be asked for");
    }
    if (request_.max_redirects > 0) {
        set(easy_, CURLOPT_FOLLOWLOCATION, 1L);
        set(easy_, CURLOPT_MAXREDIRS, static_cast<long>(request_.max_redirects));
    }
    return prepare_connect_to();
}

bool HttpTransfer::prepare_tls() {
    if (!is_https(request_.url) && request_.max_redirects == 0) return true;
    const TlsOptions& tls = request_.route.tls;
    for (const std::string* file : {&tls.ca, &tls.cert, &tls.key}) {
        if (file->empty() || ::access(file->c_str(), R_OK) == 0) continue;
        reply_.unreadable_file = *file;
        return refuse(CURLE_SSL_CERTPROBLEM, *file + " cannot be read");
    }
    // libcurl loads no roots of its own. The name of our CA file stands in CAPATH, so that a kept connection is only
    // used again by those who trust the same file.
    set<const char*>(easy_, CURLOPT_CAINFO, nullptr);
    set<const char*>(easy_, CURLOPT_CAPATH, tls.ca.empty() ? nullptr : tls.ca.c_str());
    if (!tls.verify) {
        set(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
        set(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (!tls.ca.empty()) {
        X509_STORE* const found = stores_.find(tls.ca);
        if (found != nullptr) X509_STORE_up_ref(found);
        trusted_.reset(found);
        if (trusted_ == nullptr) {
            reply_.unreadable_file = tls.ca;
            return refuse(CURLE_SSL_CACERT_BADFILE, tls.ca + " holds no PEM certificate");
        }
    }
    if (!tls.cert.empty()) {
        set(easy_, CURLOPT_SSLCERT, tls.cert.c_str());
        set(easy_, CURLOPT_SSLKEY, tls.key.empty() ? tls.cert.c_str() : tls.key.c_str());
    }
    set(
        easy_, CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* self) {
            static_cast<HttpTransfer*>(self)->begin_tls(static_cast<SSL_CTX*>(context));
            return CURLE_OK;
        });
    set(easy_, CURLOPT_SSL_CTX_DATA, this);
    return true;
}

void HttpTransfer::prepare_limits(Steady now) {
    set(easy_, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
    const Duration left = request_.deadline.left(now);
    if (left == Duration::max()) return;
    // Rounded up and one more: 0 means "no limit" to libcurl, its own clock may have been read a little before ours,
    // and a limit below the deadline would end an exchange that is still in time.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count() + 1;
    set(easy_, CURLOPT_TIMEOUT_MS,
        static_cast<long>(std::min<std::int64_t>(milliseconds, std::numeric_limits<int>::max())));
}

int HttpTransfer::open_socket(const curl_sockaddr& address) {
    stage_ = Stage::connecting;
    if (tried_.ss_family != AF_UNSPEC && tried_.ss_family != address.family) other_family_ = tried_;
    std::memcpy(&tried_, &address.addr, std::min<std::size_t>(address.addrlen, sizeof tried_));
    const int socket = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
    socket_errno_ = socket < 0 ? errno : 0;
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
    if (to_be_fetched) set<const char*>(easy_, CURLOPT_CUSTOMREQUEST, nullptr);
}

bool HttpTransfer::take_body(std::string_view bytes) {
    std::string& body = reply_.seen.body;
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(request_.max_body, 0)) - body.size();
    body.append(bytes.substr(0, room));
    reply_.body_limit_hit = bytes.size() > room;
    return !reply_.body_limit_hit;
}

void HttpTransfer::finish(int curl_code, Steady started, Steady ended) {
    reply_.curl_code = curl_code;
    if (curl_code != CURLE_OK)
        reply_.curl_error = error_[0] != '\0' ? error_.data() : curl_easy_strerror(static_cast<CURLcode>(curl_code));
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
        return Duration(std::chrono::microseconds(microseconds_of(easy_, info)));
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
    reply_.tls_done = tls_began_ != Steady{} && stage_ >= Stage::asking;
    reply_.request_sent = stage_ >= Stage::asking && number_of(easy_, CURLINFO_REQUEST_SIZE) > 0;
    reply_.any_byte =
        stage_ >= Stage::answering || (one_hop && microseconds_of(easy_, CURLINFO_STARTTRANSFER_TIME_T) > 0);
    reply_.headers_done = stage_ == Stage::answered;
    if (number_of(easy_, CURLINFO_REQUEST_SIZE) > 0) reply_.seen.sent = request_began_;
}

}  // namespace serin
