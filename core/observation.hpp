// SPDX-License-Identifier: Apache-2.0
// What a client asks and what it saw on the wire. What a target does wrong is data here, never an exception.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/outcome.hpp"
#include "core/time.hpp"

namespace serin {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct TlsOptions {
    bool verify = true;
    std::string ca, cert, key;  ///< PEM files; empty ca: the system's bundle
    bool operator==(const TlsOptions&) const = default;
};

/// How an actor reaches its target.
struct Route {
    TlsOptions tls;
    std::string proxy;                    ///< "http://host:port"; empty: none (environment proxies are not used)
    std::vector<std::string> resolve;     ///< "host:port:address"
    std::vector<std::string> connect_to;  ///< "host:port:host:port"
    bool operator==(const Route&) const = default;
};

/// Cookies of one actor in one run (RFC 6265, kept by libcurl). Implemented in net/.
class CookieJar {
public:
    virtual ~CookieJar() = default;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;  ///< absolute, http or https
    Headers headers;
    std::optional<std::string> body;
    Route route;
    std::shared_ptr<CookieJar> cookies;  ///< may be null
    std::string http_version;            ///< "", "1.1" or "2"
    bool reuse = false;                  ///< false: a fresh connection that is closed afterwards
    int max_redirects = 0;
    std::int64_t max_body = 1 << 20;
    Deadline deadline;
};

/// A failure on the wire. `failure_class` is one of the words of docs/failures.md.
struct WireFailure {
    std::string failure_class;
    std::string message;     ///< "connection refused by 127.0.0.1:9"
    bool own_fault = false;  ///< the prober could not judge (no file descriptor, no resolver, …)
};

struct HttpObservation {
    std::optional<WireFailure> failure;  ///< set: the exchange did not complete; the rest is what was seen until then
    int status = 0;
    Headers headers;   ///< of the last answer, names as they came
    std::string body;  ///< at most max_body bytes
    std::string version, remote, effective_url;
    HttpTimings timings;
    Steady started{}, sent{}, ended{};  ///< sent: the first request byte left; zero when none did
    int redirects = 0;
    std::optional<double> certificate_expiry_days;
};

struct WebsocketRequest {
    std::string url;  ///< absolute, ws or wss
    Headers headers;
    std::vector<std::string> protocols;
    bool compress = true;
    Route route;
    std::int64_t max_frame = 1 << 20;
    int max_frames = 10'000;
    std::int64_t max_bytes = 16 << 20;
    Deadline deadline;  ///< of the handshake
};

struct Frame {
    Steady at{};
    bool outgoing = false;
    bool binary = false;
    std::string payload;
};

/// How a websocket ended.
struct CloseNote {
    Steady at{};
    int code = 0;  ///< RFC 6455 §7.4; 0: no close frame came
    std::string reason;
    std::optional<WireFailure> failure;  ///< unset after a clean close (ours or theirs)
};

}  // namespace serin
