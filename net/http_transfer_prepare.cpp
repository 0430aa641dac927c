// SPDX-License-Identifier: Apache-2.0
// From a request to the options of a libcurl handle. What happens then is in http_transfer.cpp.
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "core/ascii.hpp"
#include "net/http_transfer.hpp"

namespace serin {
namespace {

// A thousand concurrent transfers must not cost a thousand times libcurl's 16 KiB; bodies are small or end at their
// limit.
constexpr long receive_buffer_bytes = 8 << 10;
constexpr long upload_buffer_bytes = 16 << 10;

/// Options are fixed at build time and their values checked by prepare(): what is left to fail is memory.
template <class Value>
void set(void* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
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

}  // namespace

bool HttpTransfer::prepare(Steady now) {
    reply_.seen.started = reply_.seen.ended = now;
    reply_.seen.effective_url = request_.url;
    if (request_.deadline.passed(now)) {
        reply_.deadline_hit = true;
        return refuse(CURLE_OPERATION_TIMEDOUT, "the deadline had passed before the request began");
    }
    if (!handle_.fits(request_) && !shape_handle()) return false;
    handle_.error[0] = '\0';
    set(easy_, CURLOPT_URL, request_.url.c_str());
    set(easy_, CURLOPT_VERBOSE, 0L);  // end_headers() switches it on
    prepare_body();
    if (!prepare_headers() || !prepare_trust()) return false;
    prepare_cookies();
    prepare_limits(now);
    return true;
}

bool HttpTransfer::shape_handle() {
    handle_.reset();
    set(easy_, CURLOPT_ERRORBUFFER, handle_.error.data());
    set(easy_, CURLOPT_NOSIGNAL, 1L);
    set(easy_, CURLOPT_QUICK_EXIT, 1L);  // or a cancel during name resolution would join the resolver's thread
    set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(easy_, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
    set_callbacks();
    if (!set_method() || !set_route()) return false;
    set_tls();
    handle_.remember(request_);
    return true;
}

HttpTransfer& HttpTransfer::of(void* handle) {
    return *static_cast<HttpHandle*>(handle)->transfer;
}

void HttpTransfer::set_callbacks() {
    set(
        easy_, CURLOPT_OPENSOCKETFUNCTION, +[](void* handle, curlsocktype, curl_sockaddr* address) -> curl_socket_t {
            return of(handle).open_socket(*address);
        });
    set(easy_, CURLOPT_OPENSOCKETDATA, &handle_);
    set(
        easy_, CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* handle) {
            of(handle).begin_tls(static_cast<SSL_CTX*>(context));
            return CURLE_OK;
        });
    set(easy_, CURLOPT_SSL_CTX_DATA, &handle_);
    set(
        easy_, CURLOPT_PREREQFUNCTION, +[](void* handle, char*, char*, int, int) {
            return of(handle).may_ask() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
        });
    set(easy_, CURLOPT_PREREQDATA, &handle_);
    set(
        easy_, CURLOPT_HEADERFUNCTION, +[](char* text, std::size_t size, std::size_t count, void* handle) {
            return of(handle).take_header_line({text, size * count}) ? size * count : 0;
        });
    set(easy_, CURLOPT_HEADERDATA, &handle_);
    set(
        easy_, CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t size, std::size_t count, void* handle) {
            return of(handle).take_body({bytes, size * count}) ? size * count : 0;
        });
    set(easy_, CURLOPT_WRITEDATA, &handle_);
    set(
        easy_, CURLOPT_DEBUGFUNCTION, +[](CURL*, curl_infotype kind, char* words, std::size_t size, void* handle) {
            // After an exchange libcurl may still say what becomes of the connection.
            HttpTransfer* const transfer = static_cast<HttpHandle*>(handle)->transfer;
            if (kind == CURLINFO_TEXT && transfer != nullptr) transfer->hear({words, size});
            return 0;
        });
    set(easy_, CURLOPT_DEBUGDATA, &handle_);
}

bool HttpTransfer::set_method() {
    const std::string& method = request_.method;
    if (!is_token(method)) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + method + "` is not an HTTP method");
    const bool head = method == "HEAD";
    if (head && request_.body) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "a HEAD request carries no body");
    // These three say "Content-Length: 0" when they carry nothing (RFC 9110 §8.6).
    const bool carries = request_.body || method == "POST" || method == "PUT" || method == "PATCH";
    if (carries) {
        set(easy_, CURLOPT_POST, 1L);
        set(easy_, CURLOPT_POSTFIELDS, "");
        set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
        if (is_large(request_.body)) set(easy_, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
    }
    if (head) set(easy_, CURLOPT_NOBODY, 1L);
    if (method == "POST" || head || (method == "GET" && !carries)) return true;
    set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    // RFC 9110 §15.4: only POST may become GET on 301 and 302. For 303 see end_headers().
    set(easy_, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    return true;
}

bool HttpTransfer::set_connect_to() {
    for (const std::string& entry : request_.route.resolve) {
        const std::string translated = connect_to_of_resolve(entry);
        if (translated.empty())
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + entry + "` is not \"host:port:address\"");
        handle_.connect_to.add({translated});
    }
    for (const std::string& entry : request_.route.connect_to) {
        if (std::ranges::count(entry, ':') < 3) {
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + entry + "` is not \"host:port:host:port\"");
        }
        handle_.connect_to.add({entry});
    }
    if (curl_slist* const list = handle_.connect_to.list()) set(easy_, CURLOPT_CONNECT_TO, list);
    return true;
}

bool HttpTransfer::set_route() {
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
    return set_connect_to();
}

void HttpTransfer::set_tls() {
    const TlsOptions& tls = request_.route.tls;
    // libcurl loads no roots of its own. The name of our CA file stands in CAPATH, so that a kept connection is only
    // used again by those who trust the same file.
    set<const char*>(easy_, CURLOPT_CAINFO, nullptr);
    set<const char*>(easy_, CURLOPT_CAPATH, tls.ca.empty() ? nullptr : tls.ca.c_str());
    if (!tls.verify) {
        set(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
        set(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!tls.cert.empty()) {
        set(easy_, CURLOPT_SSLCERT, tls.cert.c_str());
        set(easy_, CURLOPT_SSLKEY, tls.key.empty() ? tls.cert.c_str() : tls.key.c_str());
    }
}

void HttpTransfer::prepare_body() {
    if (!request_.body) return;
    set(easy_, CURLOPT_POSTFIELDS, request_.body->data());
    set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body->size()));
}

bool HttpTransfer::prepare_headers() {
    CurlLines& lines = handle_.headers;
    lines.clear();
    bool has_content_type = false;
    bool has_connection = false;
    for (const auto& [name, value] : request_.headers) {
        if (!is_token(name)) return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "`" + name + "` is not a header name");
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            return refuse(CURLE_BAD_FUNCTION_ARGUMENT, "header `" + name + "` contains a line break");
        }
        has_content_type = has_content_type || equal_ignoring_case(name, "Content-Type");
        has_connection = has_connection || equal_ignoring_case(name, "Connection");
        if (trimmed(value).empty()) {
            lines.add({name, ";"});
        } else {
            lines.add({name, ": ", value});
        }
    }
    if (request_.body) {
        lines.add({"Expect:"});
        if (!has_content_type) lines.add({"Content-Type:"});  // libcurl would claim it to be a form
    }
    // RFC 9112 §9.6: who will not keep the connection says so. HTTP/2 has no such header; libcurl leaves it out there.
    if (!request_.reuse && !has_connection) lines.add({"Connection: close"});
    set(easy_, CURLOPT_HTTPHEADER, lines.list());
    return true;
}

bool HttpTransfer::prepare_trust() {
    if (!is_https(request_.url) && request_.max_redirects == 0) return true;
    const TlsOptions& tls = request_.route.tls;
    for (const std::string* file : {&tls.ca, &tls.cert, &tls.key}) {
        if (file->empty() || ::access(file->c_str(), R_OK) == 0) continue;
        reply_.unreadable_file = *file;
        return refuse(CURLE_SSL_CERTPROBLEM, *file + " cannot be read");
    }
    if (!tls.verify || tls.ca.empty()) return true;
    X509_STORE* const found = stores_.find(tls.ca);
    if (found != nullptr) X509_STORE_up_ref(found);
    trusted_.reset(found);
    if (trusted_ != nullptr) return true;
    reply_.unreadable_file = tls.ca;
    return refuse(CURLE_SSL_CACERT_BADFILE, tls.ca + " holds no PEM certificate");
}

void HttpTransfer::prepare_cookies() {
    if (!cookies_) return;
    if (const auto* jar = dynamic_cast<const CurlCookieJar*>(cookies_.get())) set(easy_, CURLOPT_SHARE, jar->share());
    set(easy_, CURLOPT_COOKIEFILE, "");  // no file: it only switches the cookie engine on
}

void HttpTransfer::prepare_limits(Steady now) {
    const Duration left = request_.deadline.left(now);
    if (left == Duration::max()) return set(easy_, CURLOPT_TIMEOUT_MS, 0L);
    // Rounded up and one more: 0 means "no limit" to libcurl, its own clock may have been read a little before ours,
    // and a limit below the deadline would end an exchange that is still in time.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count() + 1;
    set(easy_, CURLOPT_TIMEOUT_MS,
        static_cast<long>(std::min<std::int64_t>(milliseconds, std::numeric_limits<int>::max())));
}

}  // namespace serin
