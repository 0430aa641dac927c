// SPDX-License-Identifier: Apache-2.0
// How a vendor behaves today: the same bad manners for every stand-in of one.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/http_server.hpp"

namespace serin {

enum class Manner {
    ok,
    bad_request,      ///< 400
    unauthorized,     ///< 401, or what the vendor says instead
    too_many,         ///< 429 with Retry-After
    broken,           ///< 503
    hang,             ///< reads, and never answers
    reset,            ///< reads, and ends the connection
    accept_and_drop,  ///< says that all is well, and forgets it
    duplicate,        ///< takes everything twice
    lost_answer,      ///< takes it, and ends the connection
    delay,            ///< answers late, and is well otherwise
};
/// ok, 400, 401, 429, 5xx, hang, reset, accept_and_drop, duplicate, lost_answer, delay_30s.
[[nodiscard]] const char* name_of(Manner manner);
[[nodiscard]] std::optional<Manner> manner_of(std::string_view name);

/// The calls of the last `window`; more than `most` of them are too many.
class CallWindow {
public:
    CallWindow(int most, Duration window) : most_(most), window_(window) {}
    /// False: this one is too many. It does not count.
    [[nodiscard]] bool admit(Steady now);
    /// Until one more is admitted.
    [[nodiscard]] Duration until_free(Steady now) const;

private:
    int most_;
    Duration window_;
    std::vector<Steady> calls_;
};

/// An HTTP server with manners. `GET /__mode` says them, `POST /__mode` with a name as the body changes them, `GET
/// /__seen` gives what has arrived as JSON; everything else is the vendor's. One executor.
class MannerlyServer {
public:
    struct Vendor {
        /// A call in good manners; what it takes, it takes `copies` times (0: it drops it and says nothing of it).
        std::function<ServerResponse(const ServerRequest&, int copies)> take;
        /// What it says of a fault in its own words; null: a plain answer.
        std::function<ServerResponse(Manner)> refuse;
        std::function<std::string()> seen;  ///< JSON
        /// Calls that manners leave alone: read-back and the like. Null: none.
        std::function<bool(const ServerRequest&)> reads;
        std::int64_t max_body = 1 << 20;
    };
    static Result<std::unique_ptr<MannerlyServer>> listen(const boost::asio::any_io_executor& executor, Vendor vendor);
    ~MannerlyServer();
    [[nodiscard]] std::string url() const;  ///< "http://127.0.0.1:port"
    void set_mode(Manner manner);
    void set_delay(Duration delay);             ///< of Manner::delay; 30 s unless set
    void set_retry_after(std::string seconds);  ///< of Manner::too_many; "1" unless set
    [[nodiscard]] std::int64_t calls() const;   ///< all but those to /__…
    boost::asio::awaitable<void> serve();
    void stop();

private:
    struct Impl;
    explicit MannerlyServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// For stand-ins that check or make signatures: raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);
/// Takes as long for a near miss as for a far one.
[[nodiscard]] bool same_bytes(std::string_view a, std::string_view b);

}  // namespace serin
