// SPDX-License-Identifier: Apache-2.0
// What the engine needs of the wire. The real ones are probes/http and probes/websocket; tests have fakes.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "core/observation.hpp"
#include "net/websocket_client.hpp"

namespace serin {

class HttpProbe {
public:
    virtual ~HttpProbe() = default;
    /// Looks once. Refusals, resets and lateness are part of the Observation; throws only when cancelled. `request`
    /// must outlive the await.
    virtual boost::asio::awaitable<HttpObservation> observe(const HttpRequest& request) = 0;
    [[nodiscard]] virtual std::shared_ptr<CookieJar> make_cookie_jar() = 0;
};

/// Everything that was said on one websocket, in order, from the handshake on; only grows. A deque, so that references
/// to frames stay valid while it grows. Bounded: when `overflow` is set, later frames were dropped and the connection
/// closed.
struct FrameLog {
    std::deque<Frame> frames;
    std::int64_t bytes = 0;
    bool overflow = false;
    std::optional<CloseNote> closed;
};

/// One open websocket: a reader of its own appends every frame to the log, so that none is lost between steps.
class Conversation {
public:
    /// close() must have been awaited before.
    virtual ~Conversation() = default;
    [[nodiscard]] virtual const FrameLog& log() const = 0;
    virtual boost::asio::awaitable<std::optional<WireFailure>> send(std::string payload, bool binary,
                                                                    Deadline deadline) = 0;
    /// Waits until the log holds more than `seen` frames, or is closed, or `until`. True: look again. Several
    /// coroutines may wait at once.
    virtual boost::asio::awaitable<bool> wait_beyond(std::size_t seen, Steady until) = 0;
    /// Says goodbye (code 1000) and joins the reader; by `deadline` at the latest the connection is dropped.
    virtual boost::asio::awaitable<void> close(Deadline deadline) = 0;
};

struct Connected {
    std::unique_ptr<Conversation> conversation;  ///< null when `failure` is set
    std::optional<WireFailure> failure;
    Handshake handshake;
};

class WebsocketProbe {
public:
    virtual ~WebsocketProbe() = default;
    /// `request` must outlive the await.
    virtual boost::asio::awaitable<Connected> connect(const WebsocketRequest& request) = 0;
};

}  // namespace serin
