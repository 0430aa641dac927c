// SPDX-License-Identifier: Apache-2.0
// The listeners of GET /api/v1/stream. One thread.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "net/http_server.hpp"
#include "reports/dashboard/event_log.hpp"

namespace serin {

/// A comment is sent when nothing else was for this long, so that proxies keep the connection and a dead one is found.
inline constexpr Duration heartbeat_time = std::chrono::seconds(15);
/// How long events are kept for listeners that may come back.
inline constexpr Duration return_time = std::chrono::seconds(60);

class EventStream {
public:
    EventStream(Clock& clock, std::size_t max_events, std::size_t max_listeners);

    /// `make_data` is called only when somebody listens or has lately: one line of text.
    void publish(std::string_view type, const std::function<std::string()>& make_data);

    /// The answer to a listener, 200 or 503. `last_event_id`: of the listener's request; empty: from here on.
    [[nodiscard]] ServerResponse join(const std::string& last_event_id);
    /// Ends every stream that is open; new ones may come.
    void end_all();
    /// … and none may come.
    void stop();
    [[nodiscard]] std::size_t listeners() const { return seats_.size(); }

private:
    /// A listener's place, from the answer to the end of its stream.
    class Seat;
    boost::asio::awaitable<void> tell(ResponseStream& out, std::shared_ptr<Seat> seat);

    Clock& clock_;
    std::size_t max_listeners_;
    EventLog log_;
    std::vector<Seat*> seats_;
    Steady last_left_;
    bool anybody_left_ = false;
    bool stopped_ = false;
};

}  // namespace serin
